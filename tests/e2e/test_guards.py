"""The guards in front of a person: a crash, a lost peg and a halted venue, from the first word to the last."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bot.sandbox.exchange.orders import Side
from engine.model import events as ev
from tests.e2e.cards import legs_of
from tests.e2e.records import facts_of
from tests.e2e.stage import Stage

SHORT: Mapping[str, object] = {
    "stop_loss": {"confirm": "0s"},
    "depeg": {"lasting": "0s", "back_for": "0s"},
    "exchange_health": {"withdrawals_closed_for": "1s", "recover_after": "0s"},
    "daily_loss": {"stance": "off"},
    "caps": {"daily_stance": "off"},
}
"""What takes minutes and hours in earnest."""


def with_control(stage: Stage) -> dict[str, Mapping[str, object] | None]:
    return {"risk": SHORT, "sandbox": {"control": stage.base}}


async def test_a_crash_is_sold_half_and_not_bought_back_before_it_is_armed_again(stage: Stage) -> None:
    """Alert, card, fills; a plan that is asked for buys none of it; armed again, it does."""
    await stage.start_bot(with_control(stage))
    await stage.looks(3)
    before = stage.accounts.balances()
    await stage.ada.asks("/sandbox crash BTC 30", "BTC fell by 30 %")
    alert = await stage.ada.shows("Stop-loss: BTC", "A plan follows.")
    card = await stage.ada.shows("waits for approval", "BTC")
    assert card.id > alert.id
    assert {(leg.side, leg.base) for leg in legs_of(card)} == {(Side.SELL, "BTC")}
    await stage.ada.presses("Approve", card.id)
    report = await stage.ada.shows("completed after", after=card.id)
    after = stage.accounts.balances()
    held, left = (sum(n for (_, asset), n in b.items() if asset == "BTC") for b in (before, after))
    assert abs(left / held - Decimal("0.5")) < Decimal("0.01")

    await stage.ada.writes("/rebalance")
    await stage.looks(4)
    await stop_whatever_sells(stage, report.id)
    bought = [o for o in stage.accounts.orders() if o.side is Side.BUY and o.instrument.base == "BTC"]
    assert bought == []

    await stage.ada.asks("/risk", "Its plan was carried out", "50.0 % of the target is kept")
    since = (await stage.ada.asks("/risk rearm BTC", "Stop-loss: BTC is armed again")).id
    plan = await stage.ada.shows("waits for approval", after=since)
    assert (Side.BUY, "BTC") in {(leg.side, leg.base) for leg in legs_of(plan)}


async def stop_whatever_sells(stage: Stage, after: int) -> None:
    """A plan of other assets may have come of the request: carry it out too, by the last card that shows it."""
    cards = [card for card in stage.ada.messages("waits for approval") if card.id > after and card.labels]
    if cards:
        await stage.ada.presses("Approve", cards[-1].id)
        await stage.ada.shows("completed after", after=cards[0].id)


async def test_a_lost_peg_is_told_and_what_has_it_is_swapped(stage: Stage) -> None:
    """USDC is sold for what stands, and none is left."""
    for venue in ("binance", "kraken"):
        await stage.control("balance", venue=venue, asset="USDC", delta="3000", silent=True)
    tables = with_control(stage) | {
        "targets": {"BTC": 0.40, "ETH": 0.20, "SOL": 0.05, "cash": 0.35},
        "buckets": {"cash": ["USDT", "USD", "USDC"]},
        "trigger": {"threshold": 0.9},
    }
    await stage.start_bot(tables)
    await stage.looks(3)
    await stage.ada.asks("/sandbox depeg USDC 0.93", "USDC goes from", "0.93")
    alert = await stage.ada.shows("Stablecoins: USDC", "A plan follows.")
    card = await stage.ada.shows("waits for approval", after=alert.id)
    await stage.ada.presses("Approve", card.id)
    await stage.ada.shows("completed after", after=card.id)
    left = {venue: n for (venue, asset), n in stage.accounts.balances().items() if asset == "USDC"}
    assert max(left.values()) < 10
    since = (await stage.ada.asks("/sandbox recover", "prices are what they would have been")).id
    await stage.ada.shows("Stablecoins: USDC: over.", after=since)


async def test_a_halted_venue_is_left_out_until_somebody_resumes_it(stage: Stage) -> None:
    """Degraded, then halted with what lies there; a plan uses the other alone; a word lets it in again."""
    await stage.holds_ether_on_kraken()
    await stage.start_bot(with_control(stage))
    await stage.looks(3)
    await stage.ada.asks("/sandbox halt kraken", "kraken has closed the withdrawals")
    halted = await stage.ada.shows("kraken is halted.", "At risk there")
    assert halted.labels == (("▶ Use kraken again",),)
    await stage.shock(ETH="1.30")
    card = await stage.ada.shows("waits for approval", after=halted.id)
    assert {leg.venue for leg in legs_of(card)} == {"binance"}
    await stage.ada.presses("Reject", card.id)
    await stage.ada.asks("/venues", "kraken · halted", "withdrawals")
    await stage.ada.asks("/sandbox recover", "prices are what they would have been")
    await stage.looks(3)
    since = (await stage.ada.asks("/venues resume kraken", "kraken is used again.")).id
    await stage.shock(ETH="1.50")
    both = await stage.ada.shows("waits for approval", "kraken", after=since)
    assert {leg.venue for leg in legs_of(both)} == {"binance", "kraken"}
    states = await facts_of(stage, ev.VenueHealthChanged)
    told = [(f.venue, f.health.value) for e in states if isinstance(f := e.fact, ev.VenueHealthChanged)]
    assert told == [("kraken", "degraded"), ("kraken", "halted"), ("kraken", "healthy")]
