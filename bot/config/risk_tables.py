"""The `[risk]` table as people write it: every guard, how far it may go, and its limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from pydantic import BaseModel, StrictInt

from bot.config.fields import AssetName, Duration, Number
from bot.config.table import STRICT
from engine.model.guards import Guards, Stance, StopKind

GUARDS: Final = Guards()
STOP: Final = GUARDS.stop_loss
DEPEG: Final = GUARDS.depeg
CORRELATION: Final = GUARDS.correlation
CONCENTRATION: Final = GUARDS.concentration
LOSS: Final = GUARDS.daily_loss
LIQUIDITY: Final = GUARDS.liquidity
HEALTH: Final = GUARDS.exchange_health
CAPS: Final = GUARDS.caps


class Table(BaseModel):
    """A table of the guards."""

    model_config = STRICT


class OwnStopTable(Table):
    """What an asset's stop has of its own."""

    stance: Stance | None = None
    kind: StopKind | None = None
    drop: Number | None = None
    sell_fraction: Number | None = None


class StopLossTable(Table):
    """When part of a position is sold because its price has fallen."""

    stance: Stance = STOP.stance
    kind: StopKind = STOP.kind
    drop: Number = STOP.drop
    sell_fraction: Number = STOP.sell_fraction
    confirm: Duration = STOP.confirm
    recovered: Number = STOP.recovered
    rearm_after: Duration = STOP.rearm_after
    assets: dict[AssetName, OwnStopTable] = {}


class DepegTable(Table):
    """When a stablecoin is no longer taken for one."""

    stance: Stance = DEPEG.stance
    bps: Number = DEPEG.bps
    lasting: Duration = DEPEG.lasting
    back_bps: Number = DEPEG.back_bps
    back_for: Duration = DEPEG.back_for
    coins: list[AssetName] = []


class CorrelationTable(Table):
    """When assets fall together."""

    stance: Stance = CORRELATION.stance
    average: Number = CORRELATION.average
    pair: Number = CORRELATION.pair
    bets: Number = CORRELATION.bets
    quantile: Number = CORRELATION.quantile
    lasting: Duration = CORRELATION.lasting
    scale: Number = CORRELATION.scale


class ConcentrationTable(Table):
    """When one name has outgrown its target."""

    stance: Stance = CONCENTRATION.stance
    points: Number = CONCENTRATION.points
    lasting: Duration = CONCENTRATION.lasting


class DailyLossTable(Table):
    """When a day has cost too much."""

    stance: Stance = LOSS.stance
    loss: Number = LOSS.loss
    cool_off: Duration = LOSS.cool_off


class LiquidityWatchTable(Table):
    """When what is held could not be sold in time."""

    stance: Stance = LIQUIDITY.stance
    days_to_exit: Number = LIQUIDITY.days_to_exit
    participation: Number = LIQUIDITY.participation
    spread_multiple: Number = LIQUIDITY.spread_multiple
    depth_share: Number = LIQUIDITY.depth_share
    lasting: Duration = LIQUIDITY.lasting


class ExchangeHealthTable(Table):
    """When an exchange can no longer be relied on."""

    stance: Stance = HEALTH.stance
    calls_fail: StrictInt = HEALTH.limits.calls_fail
    most_calls_fail: StrictInt = HEALTH.limits.most_calls_fail
    most_calls_fail_for: Duration = HEALTH.limits.most_calls_fail_for
    slow: Duration = HEALTH.limits.slow
    clock_skew: Duration = HEALTH.limits.clock_skew
    offline_for: Duration = HEALTH.limits.offline_for
    book_age: Duration = HEALTH.limits.book_age
    books_still_for: Duration = HEALTH.limits.books_still_for
    withdrawals_closed_for: Duration = HEALTH.limits.withdrawals_closed_for
    pending_degrades: Duration = HEALTH.limits.pending_degrades
    pending_halts: Duration = HEALTH.limits.pending_halts
    price_off: Number = HEALTH.limits.price_off
    price_far_off: Number = HEALTH.limits.price_far_off
    price_off_for: Duration = HEALTH.limits.price_off_for
    balance_drop: Number = HEALTH.limits.balance_drop
    recover_after: Duration = HEALTH.limits.recover_after


class CapsTable(Table):
    """What a day's plans, and one plan, may trade."""

    daily_turnover: Number = CAPS.daily_turnover
    daily_stance: Stance = CAPS.daily_stance
    plan: Number = CAPS.plan
    plan_stance: Stance = CAPS.plan_stance


class RiskTable(Table):
    """All guards."""

    act_up_to: Number = Decimal(GUARDS.act_up_to)
    stop_loss: StopLossTable = StopLossTable()
    depeg: DepegTable = DepegTable()
    correlation: CorrelationTable = CorrelationTable()
    concentration: ConcentrationTable = ConcentrationTable()
    daily_loss: DailyLossTable = DailyLossTable()
    liquidity: LiquidityWatchTable = LiquidityWatchTable()
    exchange_health: ExchangeHealthTable = ExchangeHealthTable()
    caps: CapsTable = CapsTable()
