"""The life of a plan in front of a person: drift, card, approval, fills, report; and every way in which it may end."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from bot.sandbox.exchange.orders import OrderStatus, Side
from bot.sandbox.telegram.people import ADA
from engine.model.events import OrderSubmitting
from tests.e2e.cards import legs_of, payload_of
from tests.e2e.phone import toast_of
from tests.e2e.records import facts_of
from tests.e2e.stage import Stage, second_binance_order_waits


async def test_drift_becomes_a_plan_and_an_approved_plan_becomes_fills_on_both_exchanges(stage: Stage) -> None:
    """Alert, card, approval, progress in place, report; what the bot says is what the exchanges say."""
    await stage.holds_ether_on_kraken()
    before = stage.accounts.balances()
    await stage.start_bot()
    await stage.looks()
    assert stage.ada.messages() == []

    await stage.shock(ETH="1.16", BTC="0.90")
    card = await stage.ada.shows("waits for approval")
    drifts = ("BTC 40.7 % against 45.0 %: −4.3 points", "ETH 29.1 % against 25.0 %: +4.1 points")
    alert = await stage.ada.shows("🔴 BTC has reached its limit of 3.0 points", "A plan follows.")
    assert all(words in card.text and words in alert.text for words in drifts)
    assert card.labels == (("✅ Approve", "✖ Reject"), ("Snooze 4 h", "Why"))

    legs = legs_of(card)
    stage.sandbox.exchanges.faults.add(second_binance_order_waits())
    assert (await stage.ada.presses("Approve")).startswith("Approved.")
    done = f"{legs[0].done}\n   ▰▰▰▰▰▰▰▰▰▰ 100 %"
    halfway = await stage.ada.becomes(card.id, "▶️ executing", done, f"0/{legs[-1].quantity}")
    assert halfway.labels == (("⏸ Pause", "⏹ Stop"), ("Why",))
    stage.sandbox.exchanges.faults.clear()

    report = await stage.ada.shows("completed after", "Weights now")
    after = await stage.ada.becomes(card.id, "🏁 completed", "✅ approved by Ada", "▶️ executing, until")
    kept = card.text.split("\n\n", 1)[1].split("Asked again")[0]
    assert kept in after.text
    assert after.labels == (("Why",),)
    assert [m.id for m in stage.ada.messages("Plan ")] == [card.id, report.id]

    orders = stage.accounts.orders()
    assert {order.status for order in orders} == {OrderStatus.FILLED}
    assert all(f"{leg.quantity} (100 %)" in report.text for leg in legs)
    for leg in legs:
        assert sum(leg.is_order(leg.venue, order) for order in stage.accounts.orders(leg.venue)) == 1
    assert len(orders) == len(legs)
    assert {leg.venue for leg in legs} == {"binance", "kraken"}
    changes = {key: now - before.get(key, Decimal(0)) for key, now in stage.accounts.balances().items()}
    for venue in ("binance", "kraken"):
        sold = sum(o.quantity for o in stage.accounts.orders(venue) if o.instrument.base == "ETH")
        assert changes[venue, "ETH"] == -sold
    assert changes["binance", "ETH"] < 0
    assert changes["binance", "BTC"] > 0

    await stage.looks()
    assert [m.id for m in stage.ada.messages("Plan ")] == [card.id, report.id]
    await stage.ada.asks("/costs", "what trades came to", "binance", "against")
    listed = await stage.ada.asks("/trade", "Newest orders", legs[0].venue)
    assert all(order.client_id[:8] in listed.text for order in orders)
    await stage.ada.asks(f"/trade {orders[0].client_id[:8]}", orders[0].client_id, "filled", "Against the marks")
    targets = {"BTC": "0.45", "ETH": "0.25", "SOL": "0.10", "cash": "0.20"}
    assert all(abs(stage.accounts.weights()[n] - Decimal(t)) < Decimal("0.0005") for n, t in targets.items())
    intents = [e.fact.order.client_order_id for e in await facts_of(stage, OrderSubmitting)]  # type: ignore[union-attr]
    assert sorted(intents) == sorted(order.client_id for order in orders)


async def test_a_refused_plan_comes_back_only_when_drift_has_grown_by_a_fifth_of_its_threshold(stage: Stage) -> None:
    """Nothing is traded, the card keeps its text, and a little more drift is not worth asking again."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    assert (await stage.ada.presses("Reject")).startswith("Rejected.")
    after = await stage.ada.becomes(card.id, "✖️ rejected by Ada")
    assert after.labels == (("Why",),)
    assert "ETH 29.1 % against 25.0 %" in after.text

    await stage.shock(ETH="1.01")
    await stage.looks(3)
    assert stage.ada.messages("waits for approval") == []
    await stage.shock(ETH="1.05")
    fresh = await stage.ada.shows("waits for approval", after=card.id)
    assert "ETH 30.4 % against 25.0 %" in fresh.text
    assert stage.accounts.orders() == []


async def test_a_snoozed_plan_stays_away_however_far_the_market_goes(stage: Stage) -> None:
    """Only a person who asks gets one sooner."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    assert (await stage.ada.presses("Snooze")).startswith("Snoozed until")
    await stage.ada.becomes(card.id, "💤 snoozed by Ada until")
    await stage.shock(ETH="1.3")
    await stage.looks(3)
    assert stage.ada.messages("waits for approval") == []
    await stage.ada.asks("/rebalance", "waits for approval", "One of you asked for a plan")
    assert stage.accounts.orders() == []


async def test_a_plan_that_nobody_answers_expires(stage: Stage) -> None:
    """Its card says so and has no Approve any more; a press on what a phone still showed is answered so."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot({"approval": {"plan_ttl": "1s"}})
    card = await stage.ada.shows("waits for approval")
    approve = payload_of(stage.telegram, ADA, card.id, "Approve")
    after = await stage.ada.becomes(card.id, "⌛ expired: nobody approved it in time")
    assert after.labels == (("Why",),)
    assert (await toast_of(stage.telegram, await stage.ada.forges(approve, card.id))).startswith(
        "Too late: it expired at"
    )
    await stage.looks()
    assert stage.ada.messages("waits for approval") == []
    assert stage.accounts.orders() == []


async def test_two_quick_presses_are_one_approval(stage: Stage) -> None:
    """Both arrive; the plan is executed once, every order is placed once, and the second press is told what is."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    toasts = sorted(await asyncio.gather(stage.ada.presses("Approve"), stage.ada.presses("Approve")))
    assert toasts[0].startswith("Already approved by Ada at")
    assert toasts[1].startswith("Approved.")
    await stage.ada.shows("completed after")
    await stage.looks()
    orders = stage.accounts.orders()
    assert len({order.client_id for order in orders}) == len(orders) == len(legs_of(card))
    assert len(stage.ada.messages("completed after")) == 1


async def test_a_plan_that_the_market_has_outrun_is_asked_for_again(stage: Stage) -> None:
    """The approval of the old figures does not count; the old card says what replaced it; the new one executes."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    old = await stage.ada.shows("rev 1 · 🟡 waits for approval")
    approve = payload_of(stage.telegram, ADA, old.id, "Approve")
    await stage.shock(BTC="1.01")
    await stage.ada.presses("Approve", old.id)
    fresh = await stage.ada.shows("rev 2 · 🟡 waits for approval", "It replaces rev 1", after=old.id)
    gone = await stage.ada.becomes(old.id, "🔁 replaced by rev 2", "moved 100 bps against us, more than the 60 bps")
    assert gone.labels == (("Why",),)
    late = await toast_of(stage.telegram, await stage.ada.forges(approve, old.id))
    assert late == "This card is out of date: the plan is now rev 2."
    await stage.looks()
    assert stage.accounts.orders() == []

    await stage.ada.presses("Approve", fresh.id)
    await stage.ada.shows("rev 2 · 🏁 completed after")
    bought = [order for order in stage.accounts.orders() if order.side is Side.BUY]
    assert all(order.price is not None and order.price > 54_540 for order in bought)


async def test_a_plan_under_way_is_stopped(stage: Stage) -> None:
    """A leg whose price has left its bound waits; Stop ends the plan, and the report says what was left."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    stage.sandbox.exchanges.faults.add(second_binance_order_waits())
    await stage.ada.presses("Approve")
    first, *_, last = legs_of(card)
    await stage.ada.becomes(card.id, first.done)
    await stage.shock(**{last.base: "1.02"})
    stage.sandbox.exchanges.faults.clear()
    await stage.ada.becomes(card.id, f"{last.id} waits: the best price is 55,", "beyond the approved bound")

    await stage.ada.writes("/stop")
    report = await stage.ada.shows("⏹ stopped after", "Left over", f"{last.id} buy {last.quantity} BTC: stopped by Ada")
    after = await stage.ada.becomes(card.id, "⏹ stop asked for by Ada", "⏹ stopped; what was traded stays traded")
    assert after.labels == (("Why",),)
    assert report.id > card.id
    assert {order.side for order in stage.accounts.orders()} == {Side.SELL}


async def test_a_policy_that_asks_nobody_executes_by_itself(stage: Stage) -> None:
    """approval.policy = "never": the card never asks, and the report comes without a press."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot({"approval": {"policy": "never"}})
    await stage.ada.shows("completed after", "Weights now")
    card = await stage.ada.shows("🏁 completed", "✅ approved by policy (never)")
    sent = [str(c.parameters) for c in stage.telegram.state.calls if c.method in ("sendMessage", "editMessageText")]
    assert not any("Approve" in message for message in sent)
    assert len(stage.accounts.orders()) == len(legs_of(card))
