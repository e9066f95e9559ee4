"""What people type: every command is answered, with and without a plan."""

from __future__ import annotations

from bot.chat.render.replies import COMMANDS
from tests.e2e.phone import toast_of
from tests.e2e.stage import Stage

ANSWERS = {
    "start": "Hello Ada",
    "portfolio": "Weights",
    "drift": "BTC",
    "risk": "Guards",
    "venues": "lies there",
    "correlation": "How your coins move together",
    "costs": "Nothing has been traded yet",
    "trade": "No order has been sent yet",
    "tax": "Nothing was sold in this year",
    "lots": "Cost in",
    "import": "Send me a CSV file",
    "basis": "write /basis ID 12000",
    "plan": "No plan is open",
    "plans": "plan",
    "why": "No new plan",
    "rebalance": "No new plan",
    "models": "Targets are static",
    "approve": "No plan is open",
    "reject": "No plan is open",
    "stop": "there is nothing to stop",
    "kill": "Everything is stopped",
    "pause": "Everything is stopped already",
    "resume": "Shall trading begin again?",
    "questions": "Nothing waits for your word",
    "answer": "write /answer ID deposit",
    "moved": "write /moved 500 USDT to VENUE",
    "notify": "What I tell, and how loudly",
    "quiet": "Quiet hours: none",
    "health": "last poll of Telegram",
    "cancel": "nothing to cancel",
    "whoami": "Your id is 1001",
    "help": "/rebalance",
}


async def test_every_command_is_answered_without_a_plan(stage: Stage) -> None:
    """None fails but those that need words, which say so, and none is forgotten here."""
    await stage.start_bot()
    assert {command.word for command in COMMANDS} == set(ANSWERS)
    for word, answer in ANSWERS.items():
        said = await stage.ada.asks(f"/{word}", answer)
        assert "failed" not in said.text or word in ("answer", "moved", "basis"), word
    assert stage.ada.messages("I do not understand") == []


async def test_correlations_are_a_picture(stage: Stage) -> None:
    """From the exchanges' daily candles, with the figures as its caption."""
    await stage.start_bot()
    answer = await stage.ada.asks("/correlation", "Most alike", "Independent bets")
    stored = stage.telegram.state.files.find(answer.photo or "")
    assert stored is not None and stored.upload.content.startswith(b"\x89PNG")


async def test_words_that_are_no_command_are_answered_with_the_nearest_one(stage: Stage) -> None:
    """A slip of the finger is no dead end."""
    await stage.start_bot()
    await stage.ada.asks("/portfolo", "I do not understand “/portfolo”", "Did you mean /portfolio?")
    await stage.ada.asks("Drfit", "Did you mean /drift?")
    await stage.ada.asks("<b>what</b> & why", "I do not understand “<b>what</b> & why”", "/help lists what I do")
    await stage.ada.asks("/pause soon", "the hours were not understood", "write /pause, or /pause 4")
    await stage.ada.asks("/plan nonsense", "No plan has the id “nonsense”")
    await stage.ada.asks("/trade 0815", "has an id that begins with 0815")


async def test_planning_is_paused_for_some_hours_and_resumed(stage: Stage) -> None:
    """Drift is told of meanwhile with the reason why no plan follows; after /resume it does."""
    await stage.start_bot()
    await stage.ada.asks("/pause 4", "No new plans until", "A plan under way goes on")
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.ada.shows("has reached its limit", "No plan follows. Planning is paused until")
    await stage.ada.asks("/health", "planning", "paused")
    await stage.ada.asks("/why", "Planning is paused until")
    assert stage.ada.messages("waits for approval") == []
    await stage.ada.asks("/resume", "Planning goes on")
    await stage.ada.shows("waits for approval")


async def test_a_plan_is_shown_explained_and_approved_by_typing(stage: Stage) -> None:
    """/plan repeats the card, /why gives the reasons leg by leg; only with its id is /approve more than the card."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    plan = card.text.split("Plan ")[1].split(" ")[0]
    again = await stage.ada.asks("/plan", plan, "waits for approval")
    assert again.labels == card.labels
    why = await stage.ada.asks("/why", "What called for it", "L1 sell", "ETH on binance")
    assert why.labels == (("↩ Back to card",),)
    await stage.ada.asks("/rebalance", plan, "waits for approval")
    await stage.ada.asks("/approve", plan, "waits for approval")
    await stage.ada.asks(f"/approve {plan}", "Approved.")
    await stage.ada.shows("completed after")
    await stage.ada.asks(f"/approve {plan}", "Too late: it was completed at")
    await stage.ada.asks("/plan", plan, "🏁 completed")
    await stage.ada.asks(f"/plan {plan}", plan, "🏁 completed")
    await stage.ada.asks(f"/why {plan}.1", "What called for it")
    await stage.ada.asks("/plans", plan, "completed")
    await stage.ada.asks("/stop", "there is nothing to stop")


async def test_a_plan_is_rejected_by_typing(stage: Stage) -> None:
    """The card shows it; a second word comes too late."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    plan = card.text.split("Plan ")[1].split(" ")[0]
    await stage.ada.asks(f"/reject {plan}", "Rejected.")
    await stage.ada.becomes(card.id, "✖️ rejected by Ada")
    await stage.ada.asks(f"/approve {plan}", "Already rejected by Ada at")
    assert stage.accounts.orders() == []


async def test_buttons_lead_from_view_to_view_and_back_to_the_card(stage: Stage) -> None:
    """Views replace each other in place; the reasons of a plan lead back to what it is now."""
    await stage.start_bot()
    view = await stage.ada.asks("/portfolio", "Weights")
    await stage.ada.presses("Drift", view.id)
    await stage.ada.becomes(view.id, "📏 Drift")
    await stage.shock(ETH="1.16", BTC="0.90")
    card = await stage.ada.shows("waits for approval")
    await stage.ada.presses("Why", card.id)
    why = await stage.ada.shows("What called for it")
    await stage.ada.presses("Back to card", why.id)
    await stage.ada.becomes(why.id, "waits for approval")
    unknown = await toast_of(stage.telegram, await stage.ada.forges("v0:from:another:version", card.id))
    assert unknown.startswith("This button is from another version")
