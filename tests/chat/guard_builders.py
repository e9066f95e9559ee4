"""Small builders of what guards find, and of venues as they are judged."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from engine.api import GuardView, VenueLine
from engine.model import events as ev
from engine.model.conditions import (
    ChangeKind,
    Condition,
    ConditionChange,
    Finding,
    GuardStanding,
    Level,
    Signature,
    Stage,
    Step,
)
from engine.model.errors import Fault
from engine.model.guards import Rule, Stance
from engine.model.ids import Asset, Digest, VenueName
from engine.model.money import Money, Quantity
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.venue_signals import CallOutcomes, CoinState, Signal, VenueSignals
from tests.chat import builders as a

R: Final = ReasonCode
AN_HOUR: Final = timedelta(hours=1)
SIGNED: Final = Signature(Rule.STOP_LOSS, Money(Decimal(5_000)), Digest("d" * 64), a.ADA, "Ada", a.T0 - AN_HOUR)


def stop(asset: str = "BTC", price: str = "60000", code: R = R.STOP_ARMED, kind: str = "fixed") -> Reason:
    """A price beside its stop, which is a quarter below 64,000."""
    figures = {"price": Decimal(price), "reference": Decimal(64_000), "stop": Decimal(48_000)}
    return reason(code, asset=asset, kind=kind, drop=Decimal("0.25"), fraction=Decimal("0.5"), **figures)


def peg(asset: str = "USDC", worth: str = "0.962", code: R = R.DEPEGGED, by: str = "USD") -> Reason:
    """How far a stablecoin is from its peg."""
    off = abs(Decimal(worth) - 1) * 10_000
    return reason(code, asset=asset, worth=Decimal(worth), off_bps=off, limit_bps=Decimal(100), by=by)


def weight(name: str = "BTC", code: R = R.CONCENTRATED, of: str = "0.63") -> Reason:
    """A weight beside its target of 45 %."""
    return reason(code, name=name, weight=Decimal(of), target=Decimal("0.45"), points=Decimal("0.15"))


def day(loss: str = "0.124", code: R = R.LOST_IN_A_DAY) -> Reason:
    """What a day has cost."""
    figures = {"worth": Decimal(87_600), "best": Decimal(100_000), "limit": Decimal("0.1")}
    return reason(code, loss=Decimal(loss), **figures)


def average(code: R = R.AVERAGE_CORRELATION_HIGH) -> Reason:
    """Coins that fall together."""
    figures = {"average": Decimal("0.912"), "limit": Decimal("0.85"), "level": Decimal("0.95")}
    most = {"first": "BTC", "second": "ETH", "pair": Decimal("0.97")}
    return reason(code, coins=4, usual_limit=Decimal("0.88"), **figures, **most)


def judged(venue: str = "kraken", health: str = "healthy", score: int = 0) -> Reason:
    """A venue's verdict as it is listed."""
    return reason(R.VENUE_JUDGED, venue=venue, health=health, score=score)


def finding(rule: Rule, subject: str, why: Reason, level: Level = Level.CLEAR, **more: Any) -> Finding:
    """What a rule sees of a subject; it asks before it sells."""
    return Finding(rule, subject, level, why, more.pop("stance", Stance.PROPOSE), **more)


def condition(rule: Rule, subject: str, why: Reason, step: Step = Step.WANTED, **more: Any) -> Condition:
    """What a rule has found and stands."""
    raised = {"stage": Stage.RAISED, "since": a.T0 - AN_HOUR, "raised_at": a.T0 - AN_HOUR}
    own = {"assets": (Asset(subject),), "keeps": Decimal("0.5")} if step is not Step.NONE else {}
    return Condition(rule, subject, reason=why, step=step, **(raised | own | more))


def change(of: Condition, kind: ChangeKind = ChangeKind.RAISED, why: Reason | None = None) -> ConditionChange:
    """What has become of a condition."""
    return ConditionChange(kind, of, why or of.reason)


def changed(*changes: ConditionChange) -> ev.ConditionsChanged:
    """A fact of several changes."""
    return ev.ConditionsChanged(changes)


def standing(**more: Any) -> GuardStanding:
    """What guards left behind."""
    return GuardStanding(**more)


def view(*findings: Finding, conditions: tuple[Condition, ...] = (), **more: Any) -> GuardView:
    """What /risk shows; `more`: signatures, act_up_to."""
    return GuardView(findings, conditions, more.get("signatures", ()), Money(Decimal(more.get("act_up_to", 0))))


def signals(**more: Any) -> VenueSignals:
    """A venue that is well and tells everything."""
    known: dict[str, Any] = {
        "calls": CallOutcomes(10),
        "latency_p95": timedelta(milliseconds=212),
        "latency_usual": timedelta(milliseconds=80),
        "clock_skew": timedelta(milliseconds=-30),
        "online": True,
        "status": "online",
        "coins": (CoinState(Asset("BTC"), True, True), CoinState(Asset("ETH"), True, True)),
        "unavailable": (),
    }
    return VenueSignals(**(known | more))


def line(name: str, health: VenueHealth = VenueHealth.HEALTHY, score: int | None = 0, **more: Any) -> VenueLine:
    """A venue as /venues shows it; `more`: reasons, problem, signals, worth."""
    state = ev.VenueHealthChanged(VenueName(name), health, more.get("problem", ""), more.get("reasons", ()))
    worth = more.get("worth", "41998.58")
    return VenueLine(state, score, more.get("signals", signals()), None if worth is None else Money(Decimal(worth)))


FAILING: Final = CallOutcomes(10, ((Fault.NETWORK, 3), (Fault.OTHER, 1)))
BLIND: Final = signals(
    calls=None,
    latency_p95=None,
    latency_usual=None,
    clock_skew=None,
    online=None,
    coins=(),
    unavailable=tuple(Signal),
)
CLOSED: Final = reason(R.HEALTH_WITHDRAWALS_CLOSED, venue="kraken", assets="BTC, ETH", since=a.T0 - AN_HOUR)
AWAITS: Final = reason(R.HEALTH_AWAITS_PERSON, venue="kraken", since=a.T0 - AN_HOUR / 2)


def halted(name: str = "kraken", **more: Any) -> ev.VenueHealthChanged:
    """A venue that is halted, with what lies there."""
    named = more.get("held", (("BTC", "0.3"), ("USD", "6000")))
    held = tuple((Asset(asset), Quantity(Decimal(n))) for asset, n in named)
    worth = None if more.get("unpriced") else Money(Decimal("24000.5"))
    reasons = more.get("reasons", (CLOSED, AWAITS))
    return ev.VenueHealthChanged(VenueName(name), VenueHealth.HALTED, "", reasons, holdings=held, worth=worth)
