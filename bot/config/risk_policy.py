"""The `[risk]` table as the engine's guards."""

from __future__ import annotations

from bot.config.risk_tables import ExchangeHealthTable, OwnStopTable, RiskTable, StopLossTable
from engine.model.guards import (
    Caps,
    Concentration,
    Correlation,
    DailyLoss,
    Depeg,
    ExchangeHealth,
    Guards,
    Liquidity,
    OwnStop,
    StopLoss,
)
from engine.model.health import HealthLimits
from engine.model.ids import Asset
from engine.model.money import Bps, Money, Weight


def guards_of(table: RiskTable) -> Guards:
    """What the table describes."""
    return Guards(
        stop_loss=_stop_loss(table.stop_loss),
        depeg=_depeg(table),
        correlation=_correlation(table),
        concentration=_concentration(table),
        daily_loss=_daily_loss(table),
        liquidity=_liquidity(table),
        exchange_health=_exchange_health(table.exchange_health),
        caps=_caps(table),
        act_up_to=Money(table.act_up_to),
    )


def _stop_loss(table: StopLossTable) -> StopLoss:
    return StopLoss(
        stance=table.stance,
        kind=table.kind,
        drop=table.drop,
        sell_fraction=table.sell_fraction,
        confirm=table.confirm,
        recovered=table.recovered,
        rearm_after=table.rearm_after,
        own=tuple(_own(asset, own) for asset, own in sorted(table.assets.items())),
    )


def _own(asset: Asset, table: OwnStopTable) -> OwnStop:
    return OwnStop(asset, table.stance, table.kind, table.drop, table.sell_fraction)


def _depeg(table: RiskTable) -> Depeg:
    depeg = table.depeg
    return Depeg(
        stance=depeg.stance,
        bps=Bps(depeg.bps),
        lasting=depeg.lasting,
        back_bps=Bps(depeg.back_bps),
        back_for=depeg.back_for,
        coins=tuple(depeg.coins),
    )


def _correlation(table: RiskTable) -> Correlation:
    correlation = table.correlation
    return Correlation(
        stance=correlation.stance,
        average=correlation.average,
        pair=correlation.pair,
        bets=correlation.bets,
        quantile=correlation.quantile,
        lasting=correlation.lasting,
        scale=correlation.scale,
    )


def _concentration(table: RiskTable) -> Concentration:
    concentration = table.concentration
    return Concentration(concentration.stance, Weight(concentration.points), concentration.lasting)


def _daily_loss(table: RiskTable) -> DailyLoss:
    daily = table.daily_loss
    return DailyLoss(daily.stance, daily.loss, daily.cool_off)


def _liquidity(table: RiskTable) -> Liquidity:
    liquidity = table.liquidity
    return Liquidity(
        stance=liquidity.stance,
        days_to_exit=liquidity.days_to_exit,
        participation=liquidity.participation,
        spread_multiple=liquidity.spread_multiple,
        depth_share=liquidity.depth_share,
        lasting=liquidity.lasting,
    )


def _exchange_health(table: ExchangeHealthTable) -> ExchangeHealth:
    limits = HealthLimits(
        calls_fail=table.calls_fail,
        most_calls_fail=table.most_calls_fail,
        most_calls_fail_for=table.most_calls_fail_for,
        slow=table.slow,
        clock_skew=table.clock_skew,
        offline_for=table.offline_for,
        book_age=table.book_age,
        books_still_for=table.books_still_for,
        withdrawals_closed_for=table.withdrawals_closed_for,
        pending_degrades=table.pending_degrades,
        pending_halts=table.pending_halts,
        price_off=table.price_off,
        price_far_off=table.price_far_off,
        price_off_for=table.price_off_for,
        balance_drop=table.balance_drop,
        recover_after=table.recover_after,
    )
    return ExchangeHealth(table.stance, limits)


def _caps(table: RiskTable) -> Caps:
    caps = table.caps
    return Caps(caps.daily_turnover, caps.daily_stance, Money(caps.plan), caps.plan_stance)
