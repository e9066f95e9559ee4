"""What guards the portfolio: the rules, how far each may go, what it finds, and what of that is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.model.errors import InvalidValue
from engine.model.health import HealthLimits
from engine.model.ids import Asset
from engine.model.money import ZERO, Bps, Money, Weight


class Rule(StrEnum):
    """The guards, in the order in which they are looked at."""

    STOP_LOSS = "stop_loss"
    DEPEG = "depeg"
    CORRELATION = "correlation"
    CONCENTRATION = "concentration"
    DAILY_LOSS = "daily_loss"
    LIQUIDITY = "liquidity"
    EXCHANGE_HEALTH = "exchange_health"
    DAILY_TURNOVER = "daily_turnover"
    PLAN_SIZE = "plan_size"


RISK_TARGETS: Final = frozenset({Rule.STOP_LOSS, Rule.DEPEG, Rule.CORRELATION, Rule.CONCENTRATION})
"""The rules that set lower targets, and call for a plan of their own. All others only shrink or stop what plans do."""


class Stance(StrEnum):
    """How far a guard goes.

    A rule that sets lower targets: told of; a plan is proposed; the plan is carried out under a signed cap. A rule that
    only shrinks or stops: told of; plans wait for a person whatever the approval policy says; it shrinks or stops them.
    """

    OFF = "off"
    ALERT = "alert"
    PROPOSE = "propose"
    ACT = "act"


class StopKind(StrEnum):
    """What a stop is measured from."""

    FIXED = "fixed"
    """The average purchase price of the lots that are held."""
    TRAILING = "trailing"
    """The highest price since the purchase."""


@dataclass(frozen=True, slots=True)
class OwnStop:
    """What an asset's stop has of its own; None is the rule's."""

    asset: Asset
    stance: Stance | None = None
    kind: StopKind | None = None
    drop: Decimal | None = None
    sell_fraction: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StopLoss:
    """Sell `sell_fraction` of a position whose price has fallen `drop` below what it is measured from."""

    stance: Stance = Stance.PROPOSE
    kind: StopKind = StopKind.FIXED
    drop: Decimal = Decimal("0.25")
    sell_fraction: Decimal = Decimal("0.5")
    confirm: timedelta = timedelta(minutes=1)
    """How long the price must stay there: one wrong print sells nothing."""
    recovered: Decimal = Decimal("0.5")
    """The share of the drop that must be made good before the stop is armed again, and the target whole."""
    rearm_after: timedelta = timedelta(days=30)
    """It is armed again after so long in any case, from the price of then."""
    own: tuple[OwnStop, ...] = ()

    def of(self, asset: Asset) -> StopLoss:
        """The rule as it holds for an asset."""
        own = next((each for each in self.own if each.asset == asset), None)
        if own is None:
            return self
        return StopLoss(
            stance=self.stance if own.stance is None else own.stance,
            kind=self.kind if own.kind is None else own.kind,
            drop=self.drop if own.drop is None else own.drop,
            sell_fraction=self.sell_fraction if own.sell_fraction is None else own.sell_fraction,
            confirm=self.confirm,
            recovered=self.recovered,
            rearm_after=self.rearm_after,
        )


@dataclass(frozen=True, slots=True)
class Depeg:
    """A stablecoin is `bps` or more from its peg for `lasting`."""

    stance: Stance = Stance.PROPOSE
    bps: Bps = Bps(Decimal(100))
    lasting: timedelta = timedelta(minutes=10)
    back_bps: Bps = Bps(Decimal(50))
    """Nearer than this it counts as back."""
    back_for: timedelta = timedelta(hours=1)
    coins: tuple[Asset, ...] = ()
    """None: the ones that are known, of those that are managed."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """Assets fall together: measured on daily log returns, exponentially weighted, shrunk."""

    stance: Stance = Stance.PROPOSE
    average: Decimal = Decimal("0.85")
    pair: Decimal = Decimal("0.95")
    bets: Decimal = Decimal("1.3")
    """The least effective number of bets, of three assets or more."""
    quantile: Decimal = Decimal("0.95")
    """The average must also be above this quantile of its own history."""
    lasting: timedelta = timedelta(days=2)
    scale: Decimal = Decimal("0.8")
    """What is kept of the targets of the most correlated pair."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """A name's weight is more than `points` above its target."""

    stance: Stance = Stance.ALERT
    points: Weight = Weight(Decimal("0.15"))
    lasting: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class DailyLoss:
    """What is held now is worth `loss` less than at the best of the last 24 hours. Deposits are no gain."""

    stance: Stance = Stance.ALERT
    loss: Decimal = Decimal("0.10")
    cool_off: timedelta = timedelta(hours=12)
    """With `act`: for so long no ordinary plan is made."""


@dataclass(frozen=True, slots=True)
class Liquidity:
    """What is held could not be sold in time, or its books are thinner and wider than they use to be."""

    stance: Stance = Stance.ALERT
    days_to_exit: Decimal = Decimal(3)
    participation: Decimal = Decimal("0.1")
    """The share of a day's volume that one may be without moving the price."""
    spread_multiple: Decimal = Decimal(5)
    """So many times its usual spread."""
    depth_share: Decimal = Decimal("0.2")
    """So little of its usual depth."""
    lasting: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Caps:
    """What a day's plans, and one plan, may trade."""

    daily_turnover: Decimal = Decimal("0.5")
    """Of the managed value, within 24 hours; 0 is without a cap."""
    daily_stance: Stance = Stance.ACT
    plan: Money = Money(ZERO)
    """In the numeraire; 0 is without a cap."""
    plan_stance: Stance = Stance.ACT


@dataclass(frozen=True, slots=True)
class ExchangeHealth:
    """Whether a venue can be relied on. With `alert`, one that cannot is told of and stays in plans."""

    stance: Stance = Stance.ACT
    limits: HealthLimits = field(default_factory=HealthLimits)


@dataclass(frozen=True, slots=True)
class Guards:
    """All guards of a policy. `act_up_to` is what a plan may trade that a guard carries out by itself."""

    stop_loss: StopLoss = field(default_factory=StopLoss)
    depeg: Depeg = field(default_factory=Depeg)
    correlation: Correlation = field(default_factory=Correlation)
    concentration: Concentration = field(default_factory=Concentration)
    daily_loss: DailyLoss = field(default_factory=DailyLoss)
    liquidity: Liquidity = field(default_factory=Liquidity)
    exchange_health: ExchangeHealth = field(default_factory=ExchangeHealth)
    caps: Caps = field(default_factory=Caps)
    act_up_to: Money = Money(ZERO)

    def stance(self, rule: Rule) -> Stance:
        """How far a rule goes where an asset has no word of its own."""
        caps = {Rule.DAILY_TURNOVER: self.caps.daily_stance, Rule.PLAN_SIZE: self.caps.plan_stance}
        if rule in caps:
            return caps[rule]
        stance: Stance = getattr(self, rule.value).stance
        return stance


def guard_mistakes(guards: Guards) -> list[InvalidValue]:
    """All contradictions of the guards at once, each with the key it is about and what would be right."""
    stop, depeg, caps = guards.stop_loss, guards.depeg, guards.caps
    fractions = {
        "risk.stop_loss.drop": stop.drop,
        "risk.stop_loss.sell_fraction": stop.sell_fraction,
        "risk.stop_loss.recovered": stop.recovered,
        "risk.correlation.average": guards.correlation.average,
        "risk.correlation.pair": guards.correlation.pair,
        "risk.correlation.quantile": guards.correlation.quantile,
        "risk.correlation.scale": guards.correlation.scale,
        "risk.concentration.points": guards.concentration.points,
        "risk.daily_loss.loss": guards.daily_loss.loss,
        "risk.liquidity.participation": guards.liquidity.participation,
        "risk.liquidity.depth_share": guards.liquidity.depth_share,
    }
    for own in stop.own:
        given = {"drop": own.drop, "sell_fraction": own.sell_fraction}
        fractions |= {f"risk.stop_loss.assets.{own.asset}.{k}": v for k, v in given.items() if v is not None}
    above_zero = {
        "risk.depeg.bps": depeg.bps,
        "risk.correlation.bets": guards.correlation.bets,
        "risk.liquidity.days_to_exit": guards.liquidity.days_to_exit,
        "risk.liquidity.spread_multiple": guards.liquidity.spread_multiple,
    }
    not_negative = {
        "risk.caps.daily_turnover": caps.daily_turnover,
        "risk.caps.plan": caps.plan,
        "risk.act_up_to": guards.act_up_to,
        "risk.depeg.back_bps": depeg.back_bps,
    }
    found = [InvalidValue(k, "must lie above 0 and be 1 at the most") for k, v in fractions.items() if not 0 < v <= 1]
    found += [InvalidValue(key, "must be above 0") for key, value in above_zero.items() if value <= 0]
    found += [InvalidValue(key, "must not be negative") for key, value in not_negative.items() if value < 0]
    limits = guards.exchange_health.limits.mistakes
    found += [InvalidValue(f"risk.exchange_health.{key}", problem) for key, problem in limits.items()]
    if depeg.back_bps >= depeg.bps:
        found.append(InvalidValue("risk.depeg.back_bps", "must be less than risk.depeg.bps"))
    return found
