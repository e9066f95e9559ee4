"""Portfolios of one instant, made with few words: markets and books, venues, policies, and what is decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.decide.pipeline import decide
from engine.model.decision import Decision, DecisionInputs, RequestKind, Standing
from engine.model.ids import Asset, VenueName
from engine.model.market import FeeCurrency, Instrument, Level, OrderBook, Side
from engine.model.money import Price, Quantity, Weight
from engine.model.plan import Leg, Plan
from engine.model.policy import Bucket, Limits, Policy, Target, Trigger
from engine.model.portfolio import Balance, Snapshot, VenueHealth, VenueSnapshot
from engine.model.reasons import Reason, ReasonCode

T0 = datetime(2026, 1, 1, tzinfo=UTC)
BTC, ETH, SOL, USD, USDT, USDC = (Asset(name) for name in ("BTC", "ETH", "SOL", "USD", "USDT", "USDC"))
Levels = tuple[tuple[str, str], ...]


def levels(pairs: Levels) -> tuple[Level, ...]:
    """Prices with quantities, best first."""
    return tuple(Level(Price(Decimal(p)), Quantity(Decimal(q))) for p, q in pairs)


@dataclass(frozen=True)
class Market:
    """A market with its book, still without a venue. Without a spread, buying and selling cost the fee alone."""

    symbol: str
    mid: str = "1"
    spread: str = "0.02"
    depth: str = "1000000"
    bids: Levels | None = None
    asks: Levels | None = None
    fee: str = "0"
    tick: str = "0.01"
    step: str = "0.00001"
    min_amount: str = "0"
    min_notional: str = "0"
    fee_currency: FeeCurrency = FeeCurrency.QUOTE
    age: timedelta = timedelta(0)

    @property
    def pair(self) -> tuple[Asset, Asset]:
        base, quote = self.symbol.split("/")
        return Asset(base), Asset(quote)

    def instrument(self, venue: VenueName) -> Instrument:
        base, quote = self.pair
        return Instrument(
            venue,
            base,
            quote,
            Decimal(self.fee),
            Decimal(self.fee),
            Price(Decimal(self.tick)),
            Quantity(Decimal(self.step)),
            Quantity(Decimal(self.min_amount)),
            Decimal(self.min_notional),
            self.fee_currency,
        )

    def book(self, as_of: datetime) -> OrderBook:
        mid, half = Decimal(self.mid), Decimal(self.spread) / 2
        bids = ((str(mid - half), self.depth),) if self.bids is None else self.bids
        asks = ((str(mid + half), self.depth),) if self.asks is None else self.asks
        return OrderBook(*self.pair, levels(bids), levels(asks), as_of - self.age)


def venue(name: str, balances: dict[str, str], *markets: Market, **more: Any) -> VenueSnapshot:
    """A venue. `more`: health, locked, problem, as_of, observed_at."""
    as_of, locked = more.get("as_of", T0), more.get("locked", {})
    held = tuple(
        Balance(Asset(a), Quantity(Decimal(q) - Decimal(locked.get(a, 0))), Quantity(Decimal(locked.get(a, 0))))
        for a, q in balances.items()
    )
    return VenueSnapshot(
        name=VenueName(name),
        health=more.get("health", VenueHealth.HEALTHY),
        observed_at=more.get("observed_at", as_of),
        balances=held,
        instruments=tuple(m.instrument(VenueName(name)) for m in markets),
        books=tuple(m.book(as_of) for m in markets),
        problem=more.get("problem", ""),
    )


def snapshot(*venues: VenueSnapshot, numeraire: Asset = USDT, as_of: datetime = T0, **marks: str) -> Snapshot:
    """What all venues show at one instant; `marks` are given prices."""
    given = tuple((Asset(asset), Price(Decimal(price))) for asset, price in marks.items())
    return Snapshot(as_of, numeraire, venues, given)


def policy(targets: dict[str, str], **more: Any) -> Policy:
    """A policy that no limit disturbs unless it is named.

    `more`: thresholds, buckets, trigger and limits as dicts of their fields, and the policy's own fields.
    """
    thresholds, buckets = more.pop("thresholds", {}), more.pop("buckets", {})
    off = {"min_trade": 0, "tolerance": 0, "depth_multiple": 0, "max_cost_bps": 10_000}
    limits = {name: Decimal(limit) for name, limit in off.items()} | more.pop("limits", {})
    return Policy(
        targets=tuple(
            Target(name, Weight(Decimal(w)), Decimal(thresholds[name]) if name in thresholds else None)
            for name, w in targets.items()
        ),
        buckets=tuple(Bucket(name, tuple(Asset(a) for a in assets)) for name, assets in buckets.items()),
        trigger=Trigger(**more.pop("trigger", {})),
        limits=Limits(**limits),
        **more,
    )


def inputs(seen: Snapshot, wanted: Policy, standing: Standing | None = None, **more: Any) -> DecisionInputs:
    """What a decision depends on; `more`: now, request."""
    now = more.pop("now", seen.as_of)
    return DecisionInputs(seen, wanted, standing or Standing(), now, more.pop("request", RequestKind.SCHEDULED))


def decided(seen: Snapshot, wanted: Policy, standing: Standing | None = None, **more: Any) -> Decision:
    """The decision on a portfolio."""
    return decide(inputs(seen, wanted, standing, **more))


def rebalanced(seen: Snapshot, wanted: Policy) -> Plan:
    """The plan that a person gets who asks for one."""
    plan = decided(seen, wanted, request=RequestKind.MANUAL).outcome.plan
    assert plan is not None, "a plan was expected"
    return plan


def half_and_half(btc: str = "1", usdt: str = "40000", mid: str = "60000") -> Snapshot:
    """One venue with bitcoin and cash."""
    return snapshot(venue("alpha", {"BTC": btc, "USDT": usdt}, Market("BTC/USDT", mid)))


def codes(reasons: tuple[Reason, ...]) -> list[ReasonCode]:
    """What the reasons say, without their figures."""
    return [reason.code for reason in reasons]


def trades(plan: Plan) -> list[tuple[str, str, str, Decimal]]:
    """The legs in short: venue, symbol, side, quantity."""
    return [(str(leg.venue), leg.symbol, leg.side.value, leg.quantity) for leg in plan.legs]


def leg_of(plan: Plan, side: Side, base: Asset = BTC) -> Leg:
    """The one leg that trades an asset on a side."""
    (leg,) = [leg for leg in plan.legs if (leg.side, leg.base) == (side, base)]
    return leg


def weights_after(plan: Plan) -> dict[str, Decimal]:
    """The weights that a plan leads to."""
    return {line.name: line.after for line in plan.weights}
