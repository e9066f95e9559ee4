"""Who may do what: strangers, members, two approvers, and how the first owner is found."""

from __future__ import annotations

import pytest

from bot.app import CannotStart
from bot.chat.members import CODE_LIFE, Members
from bot.sandbox.telegram.people import ADA, BEN, MALLORY, TREASURY
from engine.clock import SystemClock
from engine.model.events import MemberAdded, PairingCodeIssued
from tests.e2e.cards import legs_of, payload_of
from tests.e2e.records import facts_of, journal_of
from tests.e2e.stage import Stage, Tables

NOBODY: Tables = {"telegram": {"allowed_users": []}}


async def test_a_stranger_gets_no_answer_but_their_own_id(stage: Stage) -> None:
    """Commands, words and presses of others do nothing; neither does a member in a group."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    mallory = stage.meet(MALLORY)
    await mallory.writes("/portfolio")
    await mallory.writes("hello")
    await mallory.writes("/pause")
    query = await mallory.forges(payload_of(stage.telegram, ADA, card.id, "Approve"), card.id, owner=ADA)
    await stage.telegram.user_sends("/portfolio@equipoise_sandbox_bot", ADA, TREASURY)
    answer = await mallory.asks("/whoami", str(MALLORY))
    await stage.looks()
    assert answer.text == f"Your id is {MALLORY}."
    assert [m.id for m in mallory.messages()] == [answer.id]
    assert query not in [press.query_id for press in stage.telegram.state.presses.answers()]
    assert not any(message.from_bot for message in stage.telegram.screen(TREASURY))
    assert "waits for approval" in stage.ada.message(card.id).text
    assert stage.accounts.orders() == []
    assert "planning" in (await stage.ada.asks("/health", "Health")).text
    assert "paused" not in stage.ada.messages("Health")[-1].text


async def test_two_people_must_agree_where_the_policy_says_two(stage: Stage) -> None:
    """The first approval is counted on everybody's card, once; the second one starts the plan."""
    ben = stage.meet(BEN)
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot({"approval": {"approvers": 2}, "telegram": {"allowed_users": [ADA, BEN]}})
    hers, his = await stage.ada.shows("waits for approval"), await ben.shows("waits for approval")
    assert "👥 0 of 2 approvals." in his.text
    assert (await stage.ada.presses("Approve")).startswith("Counted: 1 of 2 approvals.")
    await ben.becomes(his.id, "👥 1 of 2 approvals: Ada.", "👍 Ada approves (1 of 2)")
    assert (await stage.ada.presses("Approve")).startswith("Yours is counted already: 1 of 2")
    await stage.looks()
    assert stage.accounts.orders() == []

    assert (await ben.presses("Approve")).startswith("Approved.")
    await stage.ada.becomes(hers.id, "🏁 completed", "✅ approved by Ada, Ben")
    await ben.becomes(his.id, "🏁 completed")
    await ben.shows("completed after")
    assert len(stage.accounts.orders()) == len(legs_of(hers))


async def test_the_first_to_send_the_pairing_code_becomes_the_owner(stage: Stage) -> None:
    """Whoever guesses gets no answer, the code works once, and its owner keeps the bot over a restart."""
    code = await _issue_code(stage)
    await stage.start_bot(NOBODY)
    ben, mallory = stage.meet(BEN), stage.meet(MALLORY)
    await mallory.writes("ABCDEFGHJK")
    await mallory.asks("/whoami", str(MALLORY))
    greeting = await ben.asks(f" {code.lower()} ", "Hello Ben", "SANDBOX")
    await ben.shows("💼 Portfolio", after=greeting.id)
    await mallory.writes(code)
    await mallory.asks("/whoami", str(MALLORY))
    assert all("Your id is" in message.text for message in mallory.messages())
    await ben.asks("/portfolio", "Portfolio")

    await stage.stop_bot()
    await stage.start_bot(NOBODY)
    await ben.asks("/portfolio", "Portfolio")
    added = await facts_of(stage, MemberAdded, PairingCodeIssued)
    assert [type(event.fact) for event in added] == [PairingCodeIssued, MemberAdded]
    assert code not in (stage.folder / "journal.sqlite").read_bytes().decode("latin-1")


async def test_a_bot_that_nobody_could_use_does_not_start(stage: Stage) -> None:
    """An empty list never means everybody; the sentence names both remedies."""
    with pytest.raises(CannotStart, match=r"allowed_users is empty.*run `equipoise pair CONFIG`.*numeric id"):
        await stage.start_bot(NOBODY)


async def _issue_code(stage: Stage) -> str:
    """What `equipoise pair` does."""
    async with journal_of(stage) as journal:
        members = Members(journal, SystemClock(), stage.settings().portfolio, ())
        await members.load()
        assert CODE_LIFE.total_seconds() > 0
        return await members.issue_code()
