"""A trade is the same in the ledger wherever it is known from: from our own fill, or from a history."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.imports.from_trades import preview_of_trades
from bot.imports.records import Terms
from engine.account.trade_entries import entries_of_trade, trade_of
from engine.account.worth import Worth
from engine.model.ids import Asset, ClientOrderId, VenueName
from engine.model.lots import Entry
from engine.model.market import Side
from engine.model.money import Price, Quantity, use_exact_context
from engine.model.order import FeePaid, HistoricTrade
from engine.model.tax_facts import PricesNoted
from engine.model.tax_policy import FeePolicy

AT = datetime(2026, 1, 1, tzinfo=UTC)
USD, BTC, ETH, BNB = (Asset(name) for name in ("USD", "BTC", "ETH", "BNB"))
PRICES = {USD: Decimal(1), BTC: Decimal(50_000), ETH: Decimal(2_500), BNB: Decimal(600)}
NOTED = PricesNoted(USD, tuple((asset, Price(price)) for asset, price in PRICES.items() if asset != USD))
MARKETS = ((BTC, USD), (ETH, BTC), (ETH, USD), (USD, BTC))
AMOUNT = st.decimals(Decimal("0.01"), Decimal(1000), places=4)
SMALL = st.decimals(Decimal("0.00000001"), Decimal("0.00001"), places=8)


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


@st.composite
def trades(draw: st.DrawFn) -> HistoricTrade:
    """In any market, with a fee in either of its coins, in another, in money, or none."""
    base, quote = draw(st.sampled_from(MARKETS))
    fee = draw(st.sampled_from([None, base, quote, USD, BNB]))
    paid = () if fee is None else (FeePaid(fee, Quantity(draw(SMALL))),)
    side, quantity, price = draw(st.sampled_from(list(Side))), draw(AMOUNT), draw(AMOUNT)
    return HistoricTrade("7", VenueName("kraken"), base, quote, side, Quantity(quantity), Price(price), paid, AT)


def figures(entries: list[Entry]) -> list[tuple[object, ...]]:
    """Without the price of one, which a history keeps beside the value; values to 15 decimals."""
    return sorted(
        (e.id, e.kind.value, e.asset, e.quantity, None if e.value is None else round(e.value, 15)) for e in entries
    )


@given(trade=trades())
def test_a_trade_is_the_same_from_a_fill_and_from_a_history(trade: HistoricTrade) -> None:
    """Entries, ids, quantities and values alike."""
    use_exact_context()
    own = entries_of_trade(
        trade_of(trade.fill_of(ClientOrderId("o"))), Worth(USD, [(AT, NOTED)]), USD, FeePolicy.DISPOSE
    )
    told = preview_of_trades([trade], Terms("kraken", USD, UTC, lambda asset, _: PRICES.get(asset)))
    assert not told.errors
    assert figures(list(told.entries)) == figures(list(own))
