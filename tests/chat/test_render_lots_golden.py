"""Golden files of what is said about lots."""

from __future__ import annotations

from decimal import Decimal

from bot.chat.render.lots import PAGE, lots_card, lots_overview
from bot.chat.render.splitting import fits
from engine.model.ids import Asset, VenueName
from engine.model.ledger import BookLine
from engine.model.lots import Lot, Term
from engine.model.money import Quantity
from tests.chat import builders as a
from tests.chat.golden_file import assert_golden
from tests.chat.tax_builders import a_lot, lots


def test_lots_by_account() -> None:
    """What each cost and is worth, which are long-term, and when the next will be."""
    view = lots(
        a_lot("binance", 800, "0.25", "7500.5"),
        a_lot("binance", 362, "0.125", "9000"),
        a_lot("kraken", 20, "0.5", "31000.75"),
    )
    assert_golden("lots", lots_card(view, a.a_frame()))


def test_lots_of_unknown_cost() -> None:
    """They are shown where they lie, and what can be done about them is said once."""
    view = lots(
        a_lot("kraken", 30, "10", "0", "150", is_known=False, handle="3f9a1c2e"),
        a_lot("kraken", 12, "2", "280", "150"),
        asset="SOL",
        mark="150",
    )
    assert_golden("lots_unknown", lots_card(view, a.a_frame()))


def test_lots_without_a_price() -> None:
    """What they cost is known all the same."""
    assert_golden("lots_no_price", lots_card(lots(a_lot("kraken", 12, "0.5", "30000", None), mark=None), a.a_frame()))


def test_lots_by_rules_without_terms() -> None:
    """Nothing turns long-term."""
    row = a_lot("kraken", 12, "0.5", "30000", term=Term.NONE, long_on=None, days_to_long=None)
    assert_golden("lots_no_term", lots_card(lots(row), a.a_frame()))


def test_many_lots_come_in_pages() -> None:
    """The totals are of all pages; the first and the last lead nowhere further."""
    rows = [a_lot("kraken", 10 * n, f"0.{n:02}", f"{n * 550}") for n in range(2 * PAGE + 2, 0, -1)]
    pages = [lots_card(lots(*rows), a.a_frame(), page) for page in (1, 2, 3)]
    assert_golden("lots_paged", *pages)
    assert lots_card(lots(*rows), a.a_frame(), 99) == pages[2]
    assert lots_card(lots(*rows), a.a_frame(), 0) == pages[0]


def test_an_asset_of_which_nothing_is_held() -> None:
    """Where to look is said."""
    assert_golden("lots_none", lots_card(lots(asset=a.HOSTILE), a.a_frame()))


def test_an_overview_of_all_lots() -> None:
    """What there is, what it cost, and of what that is not wholly known."""
    held = [
        held_lot("BTC", "0.5", "21000"),
        held_lot("ETH", "4", "9000.5"),
        held_lot("ETH", "2", "0", is_known=False),
    ]
    unlike = (BookLine(VenueName("kraken"), Asset("ETH"), Quantity(Decimal("0.25"))),)
    assert_golden("lots_overview", lots_overview(held, (), a.a_frame()))
    assert_golden("lots_overview_unlike", lots_overview(held, unlike, a.a_frame()))
    assert_golden("lots_overview_none", lots_overview([], (), a.a_frame()))


def test_an_overview_fits_one_message_whatever_is_held() -> None:
    """A history can leave a rest of hundreds of coins."""
    held = [held_lot(f"LONGNAME{n:03}", "12345.6789", "123456.78", is_known=False) for n in range(300)]
    unlike = [BookLine(VenueName("v" * 40), lot.asset, lot.quantity) for lot in held]
    html = lots_overview(held, unlike, a.a_frame()).html
    assert fits(html)
    assert "and 260 more assets" in html


def held_lot(asset: str, quantity: str, basis: str, *, is_known: bool = True) -> Lot:
    amounts = Quantity(Decimal(quantity)), Decimal(basis)
    return Lot(f"kraken:{asset}:{basis}", Asset(asset), "kraken", a.T0, *amounts, is_known)
