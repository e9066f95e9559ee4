"""What tests of literal payloads begin with: an order of ours, its market, and an exchange that follows a script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from engine.model.ids import Asset, ClientOrderId, LegId, VenueName
from engine.model.market import Side
from engine.model.money import Price, Quantity
from engine.model.order import OrderRequest
from engine.venues.ccxt.profile import NOW, Fees, Market, Placement, Signing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUR_ID = "0123456789abcdef0123456789abcdef"
FEES = Fees(Decimal("0.001"), Decimal("0.001"))


def read(text: str) -> Any:
    """JSON as the adapter decodes it: figures stay texts."""
    return json.loads(text, parse_float=str, parse_int=str)


def bybit_result(text: str) -> str:
    """An answer of Bybit with this result."""
    return f'{{"retCode": 0, "retMsg": "OK", "result": {text}}}'


def market(market_id: str, base: str = "BTC", quote: str = "USDT") -> Market:
    steps = (Decimal("0.01"), Decimal("0.00001"), Decimal(0), Decimal(5))
    return Market(market_id, Asset(base), Asset(quote), True, *steps, FEES)


def placement(where: Market) -> Placement:
    order = OrderRequest(
        client_order_id=ClientOrderId(OUR_ID),
        leg=LegId("leg"),
        slice_number=1,
        attempt=1,
        venue=VenueName("mine"),
        base=where.base,
        quote=where.quote,
        side=Side.BUY,
        quantity=Quantity(Decimal("0.3")),
        limit_price=Price(Decimal(70_000)),
        intended_at=NOON,
    )
    return Placement(VenueName("mine"), order, where)


@dataclass
class ScriptedApi:
    """Answers each endpoint with the next of its texts, and keeps what was asked."""

    answers: dict[str, list[str]]
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    signings: list[Signing] = field(default_factory=list)

    async def public(self, method: str, params: Mapping[str, object]) -> Any:
        self.asked.append((method, dict(params)))
        return read(self.answers[method].pop(0))

    async def private(self, method: str, params: Mapping[str, object], signing: Signing = NOW) -> Any:
        self.signings.append(signing)
        return await self.public(method, params)
