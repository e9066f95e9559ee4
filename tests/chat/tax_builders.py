"""Small builders of what is shown of taxes, lots and imports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from bot.chat.render.imports import AssetFlow, ImportPreview, MappedColumn
from bot.exports.tax_year import TaxYear
from bot.exports.views import (
    AssetGains,
    Gains,
    LotRow,
    LotsView,
    MethodResult,
    TaxEstimate,
    TaxYearView,
    UnknownUnits,
    WashFlag,
)
from engine.model.ids import Asset
from engine.model.lots import EntryKind, LotMethod, Term
from engine.model.money import ZERO
from engine.model.tax import WashSale
from tests.chat.builders import BERLIN, T0

D = Decimal
TODAY: Final = T0.astimezone(BERLIN).date()


def gains(short: str = "0", long: str = "0", none: str = "0") -> Gains:
    return Gains(D(short), D(long), D(none))


def a_year(**changes: Any) -> TaxYearView:
    """A year under way with gains of both terms, income and an estimate."""
    view = TaxYearView(
        year=TaxYear(2026, BERLIN),
        is_over=False,
        method=LotMethod.HIFO,
        profile="generic",
        currency="",
        gains=gains("-1240.5", "6312.07"),
        won=D("6890.07"),
        lost=D("-1818.5"),
        disallowed=ZERO,
        income=D("87.6543"),
        disposals=14,
        assets=(
            AssetGains(Asset("BTC"), gains("-985.25", "6312.07")),
            AssetGains(Asset("ETH"), gains("-255.25")),
        ),
        unknown=(),
        wash_sale=WashSale.WARN,
        wash_days=30,
        washes=(),
        estimate=TaxEstimate(D("1267.89")),
        others=(),
    )
    return replace(view, **changes)


UNKNOWN: Final = (UnknownUnits(Asset("SOL"), D("0.5"), D("75")), UnknownUnits(Asset("XRP"), D("1200"), D("2604.1")))
OTHERS: Final = (
    MethodResult(LotMethod.FIFO, gains("0", "9310.5"), D("2327.63")),
    MethodResult(LotMethod.LIFO, gains("5120.1", "3001"), None),
    MethodResult(LotMethod.MIN_TAX, gains("-1240.5", "6312.07"), D("1267.89")),
)
WASHES: Final = (
    WashFlag(Asset("ETH"), date(2026, 2, 1), D("1000"), ZERO),
    WashFlag(Asset("BTC"), date(2026, 3, 1), D("250.5"), D("100.25")),
)


def a_lot(account: str, age: int, quantity: str, basis: str, mark: str | None = "60000", **changes: Any) -> LotRow:
    """A lot that was bought so many days ago."""
    acquired = TODAY - timedelta(days=age)
    is_long = age > 365
    row = LotRow(
        account=account,
        acquired=acquired,
        quantity=D(quantity),
        basis=D(basis),
        unit_cost=D(basis) / D(quantity),
        value=None if mark is None else D(quantity) * D(mark),
        term=Term.LONG if is_long else Term.SHORT,
        long_on=None if is_long else acquired + timedelta(days=366),
        days_to_long=None if is_long else 366 - age,
        is_known=True,
    )
    return row._replace(**changes)


def lots(*rows: LotRow, asset: str = "BTC", mark: str | None = "60000") -> LotsView:
    return LotsView(Asset(asset), T0, None if mark is None else D(mark), rows)


def a_preview(**changes: Any) -> ImportPreview:
    """A file of purchases, sales and rewards, none of them known yet."""
    preview = ImportPreview(
        id="7f3a91c2",
        source="trades-2025.csv",
        kinds=((EntryKind.ACQUIRE, 41), (EntryKind.DISPOSE, 12), (EntryKind.INCOME, 1)),
        known=0,
        assets=(AssetFlow(Asset("BTC"), D("1.25"), D("0.4")), AssetFlow(Asset("ETH"), D("12"), D("3.5"))),
        first=date(2025, 1, 3),
        last=date(2026, 2, 28),
        columns=(MappedColumn("Date(UTC)", "time"), MappedColumn("Amount", "quantity"), MappedColumn("Total", "value")),
        unread=("Remark", "Order No."),
    )
    return replace(preview, **changes)
