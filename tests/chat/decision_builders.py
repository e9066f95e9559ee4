"""What the engine itself decides on small made-up venues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.api import decide
from engine.model.decision import Decision, DecisionInputs, RequestKind, Standing
from engine.model.ids import Asset, VenueName
from engine.model.market import Instrument, Level, OrderBook
from engine.model.money import Price, Quantity
from engine.model.policy import Policy
from engine.model.portfolio import Balance, Snapshot, VenueHealth, VenueSnapshot
from tests.chat.builders import T0, USDT, a_policy

D = Decimal


def a_venue(
    name: str = "kraken",
    balances: Sequence[tuple[str, str]] = (("BTC", "0.5"), ("ETH", "4"), ("USDT", "9000")),
    prices: Sequence[tuple[str, str]] = (("BTC", "60000"), ("ETH", "3000")),
    **changes: Any,
) -> VenueSnapshot:
    books = [
        OrderBook(
            Asset(base),
            USDT,
            (Level(Price(D(price) * D("0.9999")), Quantity(D(1000))),),
            (Level(Price(D(price) * D("1.0001")), Quantity(D(1000))),),
            T0,
        )
        for base, price in prices
    ]
    instruments = [
        Instrument(
            VenueName(name),
            Asset(base),
            USDT,
            D("0.001"),
            D("0.001"),
            Price(D("0.01")),
            Quantity(D("0.0001")),
            Quantity(D(0)),
            D(5),
        )
        for base, _ in prices
    ]
    held = tuple(Balance(Asset(asset), Quantity(D(quantity))) for asset, quantity in balances)
    venue = VenueSnapshot(VenueName(name), VenueHealth.HEALTHY, T0, held, tuple(instruments), tuple(books))
    return replace(venue, **changes)


def a_decision(
    *venues: VenueSnapshot,
    policy: Policy | None = None,
    standing: Standing | None = None,
    request: RequestKind = RequestKind.SCHEDULED,
) -> Decision:
    """What the engine itself decides on these venues."""
    snapshot = Snapshot(T0, USDT, venues or (a_venue(),))
    return decide(DecisionInputs(snapshot, policy or a_policy(), standing or Standing(), T0, request))
