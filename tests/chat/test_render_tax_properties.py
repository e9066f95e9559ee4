"""Whatever names and figures come in: the cards of taxes, lots and imports are valid, fit, and are narrow enough."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat.message import Message
from bot.chat.payloads import MOST_BYTES, parse
from bot.chat.render.imports import AssetFlow, ImportPreview, LineProblem, MappedColumn, import_preview_card
from bot.chat.render.layout import COLUMNS
from bot.chat.render.lots import lots_card
from bot.chat.render.names import width
from bot.chat.render.tax import tax_card
from bot.chat.tax_payloads import (
    ExportFormat,
    ExportPress,
    ImportPress,
    ImportVerb,
    LotsLook,
    TaxLook,
    export_payload,
    import_payload,
    lots_payload,
    parse_tax,
    tax_payload,
)
from bot.exports.views import AssetGains, Gains, LotRow, LotsView, MethodResult, TaxEstimate, UnknownUnits, WashFlag
from bot.sandbox.telegram.html_markup import parse_html
from bot.sandbox.telegram.utf16 import utf16_length
from engine.model.ids import Asset
from engine.model.lots import EntryKind, LotMethod, Term
from engine.model.money import exact
from engine.model.tax import WashSale
from tests.chat import builders as a
from tests.chat.tax_builders import a_year

NAMES = st.one_of(st.sampled_from([a.HOSTILE, a.ARABIC, a.EMOJI, a.LONG, "", "BTC"]), st.text(max_size=60))
ASSETS = NAMES.map(Asset)
AMOUNTS = st.builds(
    lambda digits, power: Decimal(digits).scaleb(power), st.integers(-(10**9), 10**9), st.integers(-24, 18)
)
SIZES = AMOUNTS.map(abs).filter(bool)
DAYS = st.dates(date(2010, 1, 1), date(2090, 1, 1))
GAINS = st.builds(Gains, AMOUNTS, AMOUNTS, AMOUNTS)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(message: Message) -> None:
    """What Telegram and a phone ask of a message."""
    text, entities = parse_html(message.html)
    assert text.strip()
    assert utf16_length(text) <= 4096
    assert len(entities) <= 100
    for block in re.findall(r"<pre>(.*?)</pre>", message.html, re.DOTALL):
        for row in parse_html(block)[0].split("\n"):
            assert width(row) <= COLUMNS, row
    for row in message.keyboard:
        assert 1 <= len(row) <= 2
        for button in row:
            assert len(button.payload.encode()) <= MOST_BYTES
            assert parse_tax(button.payload) is not None


def lists(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=20).map(tuple)


@QUICK
@given(
    lists(st.builds(AssetGains, ASSETS, GAINS)),
    lists(st.builds(UnknownUnits, ASSETS, SIZES, AMOUNTS)),
    lists(st.builds(WashFlag, ASSETS, DAYS, SIZES, AMOUNTS)),
    lists(st.builds(MethodResult, st.sampled_from(LotMethod), GAINS, st.one_of(st.none(), AMOUNTS))),
    st.builds(TaxEstimate, st.one_of(st.none(), AMOUNTS), NAMES, AMOUNTS, AMOUNTS),
    st.tuples(GAINS, NAMES, st.sampled_from(WashSale), st.sampled_from(LotMethod), st.booleans()),
)
@exact
def test_tax_cards(assets, unknown, washes, others, estimate, rest) -> None:  # type: ignore[no-untyped-def]
    """Of any year."""
    gains, name, wash, method, is_over = rest
    known = {"assets": assets, "unknown": unknown, "washes": washes, "others": others, "estimate": estimate}
    view = a_year(gains=gains, profile=name, wash_sale=wash, method=method, is_over=is_over, **known)
    check(tax_card(view, a.a_frame(numeraire=name)))


@st.composite
def lot_rows(draw: st.DrawFn) -> LotRow:
    long_on = draw(st.one_of(st.none(), DAYS))
    days = None if long_on is None else draw(st.integers(0, 99999))
    value = draw(st.one_of(st.none(), AMOUNTS))
    figures = draw(st.tuples(SIZES, AMOUNTS, AMOUNTS))
    return LotRow(
        draw(NAMES), draw(DAYS), *figures, value, draw(st.sampled_from(Term)), long_on, days, draw(st.booleans())
    )


@QUICK
@given(st.lists(lot_rows(), max_size=30), ASSETS, st.one_of(st.none(), SIZES), st.integers(-1, 9))
def test_lots_cards(rows: list[LotRow], asset: Asset, mark: Decimal | None, page: int) -> None:
    """Of any lots, on any page."""
    ordered = tuple(sorted(rows, key=lambda row: row.account))
    check(lots_card(LotsView(asset, a.T0, mark, ordered), a.a_frame(), page))


@QUICK
@given(
    st.lists(st.tuples(st.sampled_from(EntryKind), st.integers(0, 10**6)), max_size=7),
    st.lists(st.builds(AssetFlow, ASSETS, SIZES, SIZES), max_size=20),
    st.lists(st.builds(MappedColumn, NAMES, NAMES), max_size=20),
    st.lists(NAMES, max_size=30),
    st.lists(st.builds(LineProblem, st.integers(1, 10**6), NAMES, st.text(max_size=300)), max_size=20),
    NAMES,
)
def test_import_cards(kinds, assets, columns, unread, problems, source) -> None:  # type: ignore[no-untyped-def]
    """Of any file."""
    parts = tuple(kinds), 7, tuple(assets), a.T0.date(), a.T0.date(), tuple(columns), tuple(unread), tuple(problems)
    check(import_preview_card(ImportPreview("7f3a91c2", source, *parts)))


def test_buttons_carry_what_they_say() -> None:
    """And nothing that another button could have carried."""
    carried = {
        tax_payload(2026): TaxLook(2026),
        export_payload(ExportFormat.SPREADSHEET, 2025): ExportPress(ExportFormat.SPREADSHEET, 2025),
        lots_payload(Asset("BTC"), 2): LotsLook(Asset("BTC"), 2),
        import_payload(ImportVerb.ACCEPT, "7f3a91c2"): ImportPress(ImportVerb.ACCEPT, "7f3a91c2"),
    }
    for payload, press in carried.items():
        assert payload is not None
        assert parse_tax(payload) == press
        assert parse(payload) is None
    for other in ("v1:tax:26", "v1:export:pdf:2026", "v1:lots:B C:1", "v1:import:yes:7f3a", "v1:ok:7f3a:1:ab", ""):
        assert parse_tax(other) is None


def test_a_name_that_no_button_can_carry_has_none() -> None:
    """The card is shown all the same."""
    assert lots_payload(Asset(a.HOSTILE), 1) is None
