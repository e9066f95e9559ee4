"""Golden files of /risk, /venues, and of what people are told of guards and of venues that are halted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.chat.message import Message
from bot.chat.render import alerts, conditions, risk, venues
from engine.model import events as ev
from engine.model.conditions import ChangeKind, Level, Step, StopMark
from engine.model.decision import Pause, Standing
from engine.model.guards import Rule, Stance
from engine.model.health import VenueStanding
from engine.model.ids import Asset, VenueName
from engine.model.money import Price
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason, reason
from engine.model.reasons import ReasonCode as R
from tests.chat import builders as a
from tests.chat import guard_builders as g
from tests.chat.golden_file import assert_golden

FRAME = a.a_frame()


def hit(asset: str) -> Reason:
    return g.stop(asset, "47000", R.STOP_HIT)


STOPPED = g.condition(Rule.STOP_LOSS, "BTC", hit("BTC"))
FALLEN = g.condition(Rule.DEPEG, "USDC", g.peg(), keeps=Decimal(0))
ARMED = (
    g.finding(Rule.STOP_LOSS, "BTC", g.stop()),
    g.finding(Rule.DEPEG, "USDC", g.peg(worth="0.9997", code=R.AT_PEG)),
    g.finding(Rule.CORRELATION, "average", g.average(R.AVERAGE_CORRELATION_USUAL)),
    g.finding(Rule.CONCENTRATION, "BTC", g.weight(code=R.NOT_CONCENTRATED, of="0.47"), stance=Stance.ALERT),
    g.finding(Rule.DAILY_LOSS, "portfolio", g.day("0.031", R.NOT_LOST_IN_A_DAY), stance=Stance.ALERT),
    g.finding(Rule.EXCHANGE_HEALTH, "kraken", g.judged(), stance=Stance.ACT),
)


def test_every_guard_armed() -> None:
    """Each with its distance from speaking up."""
    assert_golden("risk_armed", risk.guards(g.view(*ARMED), FRAME))


def test_fired_waived_and_unarmed() -> None:
    """What stands with what became of its plan, and what cannot tell with what is missing."""
    waived = g.condition(Rule.STOP_LOSS, "ETH", hit("ETH"), Step.WAIVED)
    resting = replace(FALLEN, rest_until=a.T0 + timedelta(hours=3))
    found = (
        g.finding(Rule.STOP_LOSS, "BTC", hit("BTC"), Level.HOLD),
        g.finding(Rule.STOP_LOSS, "ETH", hit("ETH"), Level.HOLD),
        g.finding(Rule.STOP_LOSS, "SOL", reason(R.NO_BASIS, asset="SOL"), Level.UNARMED),
        g.finding(Rule.STOP_LOSS, "XMR", reason(R.NOT_HELD, asset="XMR"), Level.UNARMED),
        g.finding(Rule.STOP_LOSS, "ADA", g.stop("ADA", "40000", R.STOP_BELOW_AT_FIRST), Level.UNARMED),
        g.finding(Rule.STOP_LOSS, "DOT", reason(R.PRICE_MISSING, asset="DOT"), Level.UNARMED),
        g.finding(Rule.STOP_LOSS, "LTC", g.stop("LTC"), stance=Stance.OFF),
        g.finding(Rule.DEPEG, "USDC", g.peg(), Level.HIT),
        g.finding(Rule.DEPEG, "EURC", reason(R.NO_PEG, asset="EURC"), Level.UNARMED),
    )
    done = replace(STOPPED, step=Step.DONE)
    assert_golden("risk_fired", risk.guards(g.view(*found, conditions=(done, waived, resting)), FRAME))


def test_what_may_act_is_signed_or_asks_to_be() -> None:
    """With the size that it was signed for, and a button for the opposite."""
    acts = (
        g.finding(Rule.STOP_LOSS, "BTC", g.stop(), stance=Stance.ACT),
        g.finding(Rule.DEPEG, "USDC", g.peg(worth="0.9997", code=R.AT_PEG), stance=Stance.ACT),
    )
    assert_golden("risk_acts", risk.guards(g.view(*acts, signatures=(g.SIGNED,), act_up_to="5000"), FRAME))


def test_twenty_assets() -> None:
    """All of them fit; what is left out is counted."""
    found = tuple(g.finding(Rule.STOP_LOSS, f"COIN{n}", g.stop(f"COIN{n}", str(50_000 + n * 1000))) for n in range(20))
    standing = tuple(g.condition(Rule.STOP_LOSS, f"COIN{n}", hit(f"COIN{n}"), Step.DONE) for n in range(9))
    assert_golden("risk_twenty", risk.guards(g.view(*found, conditions=standing), FRAME))


def test_venues() -> None:
    """Healthy, degraded, halted, unreachable, and one that tells nothing of itself."""
    fails = reason(R.HEALTH_CALLS_FAIL, venue="okx", failed=4, looked_at=10, fault="network")
    shut = g.signals(coins=tuple(replace(coin, withdraw=False) for coin in g.signals().coins))
    kraken = g.line("kraken", VenueHealth.HALTED, 100, reasons=(g.CLOSED, g.AWAITS), signals=shut)
    okx = g.line("okx", VenueHealth.DEGRADED, 50, reasons=(fails,), signals=g.signals(calls=g.FAILING))
    gone = g.line("bybit", VenueHealth.UNREACHABLE, 0, problem="no route", worth=None)
    blind = g.line("kucoin", score=None, signals=g.BLIND)
    assert_golden("venues", venues.venues((g.line("binance"), okx, kraken, gone, blind), FRAME))
    assert_golden("venues_none", venues.venues((), FRAME))


# --- alerts ----------------------------------------------------------------------------------------------------------

ALERTS = {
    "stop": STOPPED,
    "stop_told": replace(STOPPED, step=Step.NONE, assets=()),
    "stop_trailing": replace(STOPPED, reason=g.stop(price="47000", code=R.STOP_HIT, kind="trailing")),
    "depeg": FALLEN,
    "depeg_told": g.condition(Rule.DEPEG, "USDC", g.peg(by="USDT"), Step.NONE),
    "correlation": g.condition(Rule.CORRELATION, "average", g.average(), assets=(Asset("BTC"), Asset("ETH"))),
    "correlation_told": g.condition(Rule.CORRELATION, "average", g.average(), Step.NONE),
    "concentration": g.condition(Rule.CONCENTRATION, "BTC", g.weight()),
    "concentration_told": g.condition(Rule.CONCENTRATION, "BTC", g.weight(), Step.NONE),
    "daily_loss": g.condition(Rule.DAILY_LOSS, "portfolio", g.day(), Step.NONE),
}


def told(*changes: g.ConditionChange, standing: Standing | None = None) -> Message:
    message = conditions.conditions_changed(g.changed(*changes), FRAME, standing or Standing())
    assert message is not None
    return message


@pytest.mark.parametrize("name", ALERTS)
def test_what_is_found(name: str) -> None:
    """With the figures, what a plan will do, and what holds until then."""
    assert_golden(f"guard_{name}", told(g.change(ALERTS[name])))


def test_what_becomes_of_it() -> None:
    """Worse, worse while its plan waits, and over; the last without a sound."""
    worse = g.change(replace(FALLEN, grade=2), ChangeKind.WORSE, g.peg(worth="0.914"))
    waits = Standing(open_plan=a.PLAN_ID, guards=g.standing(in_plan=(FALLEN.key,)))
    assert_golden("guard_worse", told(worse), told(worse, standing=waits))
    again = g.change(replace(STOPPED, step=Step.NONE), ChangeKind.RESOLVED, g.stop(price="57000"))
    back = g.change(replace(FALLEN, step=Step.NONE), ChangeKind.RESOLVED, g.peg(worth="0.9996", code=R.AT_PEG))
    assert_golden("guard_over", told(again), told(back))


def test_while_no_plan_is_made() -> None:
    """The word that ends that is named."""
    paused = told(g.change(STOPPED), standing=Standing(pause=Pause(a.ADA, a.T0)))
    assert_golden("guard_no_plan", paused, told(g.change(STOPPED), standing=Standing(killed=Pause(a.ADA, a.T0))))


def test_what_is_only_remembered_is_not_told() -> None:
    """A first sign, and what is forgotten."""
    silent = (ChangeKind.NOTICED, ChangeKind.KEPT, ChangeKind.FORGOTTEN)
    assert conditions.conditions_changed(g.changed(*(g.change(STOPPED, k) for k in silent)), FRAME, Standing()) is None


def test_what_people_said() -> None:
    """Signed, taken back, armed again by price and without one."""
    mark = StopMark(Asset("BTC"), Price(Decimal(47_000)), True, Price(Decimal(47_000)))
    assert_golden(
        "guard_said",
        conditions.signed(ev.GuardSigned(g.SIGNED), FRAME),
        conditions.unsigned(ev.GuardUnsigned(Rule.STOP_LOSS, a.ADA, a.HOSTILE)),
        conditions.rearmed(ev.GuardRearmed(Rule.STOP_LOSS, "BTC", mark, a.ADA, "Ada")),
        conditions.rearmed(ev.GuardRearmed(Rule.DEPEG, "USDC", None, a.ADA, "Ada")),
    )


def test_a_venue_is_halted_and_used_again() -> None:
    """What lies there, with closed withdrawals and with open ones; nothing there; and the word that ends it."""
    far = reason(R.HEALTH_PRICE_OFF, venue="kraken", deviation=Decimal("0.041"), since=a.T0)
    standing = VenueStanding(VenueName("kraken"), VenueHealth.HEALTHY, a.T0)
    assert_golden(
        "venue_halted",
        alerts.venue_health(g.halted(), FRAME),
        alerts.venue_health(g.halted(reasons=(far,)), FRAME),
        alerts.venue_health(g.halted(held=(), unpriced=True), FRAME),
        venues.venue_resumed(ev.VenueResumed(standing, a.ADA, "Ada")),
    )
