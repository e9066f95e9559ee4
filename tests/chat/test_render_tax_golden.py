"""Golden files of what is said about a tax year."""

from __future__ import annotations

from bot.chat.render.method_names import DESCRIBED, NAMES, SHORT
from bot.chat.render.tax import tax_card
from bot.exports.tax_year import TaxYear
from bot.exports.views import AssetGains, TaxEstimate
from engine.model.ids import Asset
from engine.model.lots import LotMethod
from engine.model.money import ZERO
from engine.model.tax import WashSale
from tests.chat import builders as a
from tests.chat.golden_file import assert_golden
from tests.chat.tax_builders import OTHERS, UNKNOWN, WASHES, D, a_year, gains


def test_a_year_under_way() -> None:
    """Gains by term and asset, income, and the tax by the profile; files are a press away."""
    assert_golden("tax", tax_card(a_year(), a.a_frame()))


def test_everything_that_can_be_said_of_a_year() -> None:
    """Units of unknown cost, losses beside purchases, results from elsewhere, other methods."""
    estimate = TaxEstimate(D("1267.89"), "", D("300"), D("-120.5"))
    view = a_year(unknown=UNKNOWN, washes=WASHES[:1], others=OTHERS, estimate=estimate)
    assert_golden("tax_everything", tax_card(view, a.a_frame()))


def test_losses_that_do_not_count() -> None:
    """How much of each, and where it goes."""
    view = a_year(washes=WASHES, wash_sale=WashSale.ENFORCE, disallowed=D("100.25"))
    assert_golden("tax_wash_enforced", tax_card(view, a.a_frame()))


def test_losses_that_save_tax() -> None:
    """A tax below zero is said as what is saved."""
    view = a_year(gains=gains("-4000"), estimate=TaxEstimate(D("-720")), income=ZERO)
    assert_golden("tax_saved", tax_card(view, a.a_frame()))


def test_a_year_that_is_over_by_rules_without_terms() -> None:
    """From April to April; the next year can be asked for, and gains are in one column."""
    each = (AssetGains(Asset("BTC"), gains(none="812.5")), AssetGains(Asset("ETH"), gains(none="-12")))
    view = a_year(
        year=TaxYear(2024, a.BERLIN, (4, 6)),
        is_over=True,
        method=LotMethod.UK,
        gains=gains(none="800.5"),
        assets=each,
        estimate=TaxEstimate(None, "uk knows the rules of 2025, 2026, and not of 2024; add them"),
    )
    assert_golden("tax_uk", tax_card(view, a.a_frame()))


def test_a_year_in_which_nothing_happened() -> None:
    """Says so, and compares nothing."""
    view = a_year(
        disposals=0,
        gains=gains(),
        income=ZERO,
        assets=(),
        others=OTHERS,
        estimate=TaxEstimate(None, "the configuration names no tax profile"),
    )
    assert_golden("tax_nothing", tax_card(view, a.a_frame()))


def test_every_method_has_words() -> None:
    """A new one must not come to the card without them."""
    assert set(DESCRIBED) == set(NAMES) == set(SHORT) == set(LotMethod)


def test_a_law_in_another_currency() -> None:
    """Its limits are not what is counted in: said beside the estimate."""
    assert_golden("tax_currency", tax_card(a_year(profile="de", currency="EUR"), a.a_frame()))
    assert "limits and brackets" not in tax_card(a_year(profile="us", currency="USD"), a.a_frame()).html
