"""What the chat is told of a year and of lots."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.exports.lots_view import lots_view
from bot.exports.tax_view import estimate, method_results, tax_year_view
from bot.exports.views import Gains, TaxYearView
from engine.api import LotRules
from engine.model.lots import Entry, LotMethod, LotPick, Term
from engine.model.money import ZERO
from engine.model.tax import TaxProfile, WashSale, YearRules
from tests.exports import histories as a

D = Decimal
NOW = a.at("2026-06-01")


def view(*entries: Entry, rules: LotRules = a.HIFO) -> TaxYearView:
    return tax_year_view(a.settled(*entries, rules=rules), rules, 2026, NOW)


def with_wash(switch: WashSale) -> LotRules:
    return replace(a.HIFO, profile=replace(a.PROFILE, wash_sale=switch))


def test_a_year_in_figures() -> None:
    """Gains by term, losses, income, and how many sales."""
    ether = a.A_HISTORY[3], a.A_HISTORY[4], a.A_HISTORY[6]
    seen = view(a.bought("2024-12-01", "2", "BTC", "100"), a.sold("2026-01-01", "1", "BTC", "90"), *ether)
    assert seen.gains == Gains(short=D(-1000), long=D(40))
    assert (seen.won, seen.lost, seen.income, seen.disposals) == (D(40), D(-1000), D("87.6543"), 2)
    assert [each.asset for each in seen.assets] == ["ETH", "BTC"]


def test_units_of_unknown_cost_are_named() -> None:
    """Those of a lot that nobody has told the cost of, and those of no lot."""
    (unknown,) = view().unknown
    assert (unknown.asset, unknown.quantity, unknown.proceeds) == ("SOL", D("0.5"), D(75))


def test_the_tax_counts_what_the_history_does_not_hold() -> None:
    """As the profile says; and losses save tax where the law has them do so."""
    law = replace(a.QUARTER, short_to_date=D(100), loss_cap=D(3000), income=D(50000))
    rules = replace(a.HIFO, profile=replace(a.PROFILE, every_year=law))
    assert estimate(rules, 2026, Gains(short=D(300), long=D(200))).tax == D("130.00")
    assert estimate(rules, 2026, Gains(short=D(-500))).tax == D(-100)
    assert estimate(rules, 2026, Gains(none=D(300))).tax == D(100)


def test_no_tax_is_guessed() -> None:
    """Without a profile, and for a year that it knows nothing of."""
    assert estimate(replace(a.HIFO, profile=None), 2026, Gains()).why_none == "the configuration names no tax profile"
    some = TaxProfile("us", ((2025, YearRules(a.QUARTER.short_brackets, a.QUARTER.long_brackets)),))
    told = estimate(replace(a.HIFO, profile=some), 2026, Gains())
    assert told.tax is None
    assert told.why_none == "us knows the rules of 2025, and not of 2026; add them"


def test_a_loss_beside_a_purchase_is_flagged() -> None:
    """Before it or after it, by whole days; a purchase of something else is none."""
    loss = a.bought("2025-06-01", "1", "ETH", "100"), a.sold("2026-03-01", "1", "ETH", "40")
    for day, flagged in (("2026-03-31", 1), ("2026-04-01", 0), ("2026-01-30", 1), ("2026-01-29", 0)):
        rules = replace(with_wash(WashSale.WARN), method=LotMethod.FIFO)
        assert len(view(*loss, a.bought(day, "1", "ETH", "50"), rules=rules).washes) == flagged
        assert view(*loss, a.bought(day, "1", "BTC", "50"), rules=rules).washes == ()


def test_what_was_sold_replaces_nothing_and_the_rest_of_its_lot_does() -> None:
    """Half of a young lot sold at a loss is replaced by its other half."""
    young = a.bought("2026-02-20", "1", "ETH", "100")
    assert view(young, a.sold("2026-03-01", "1", "ETH", "40")).washes == ()
    (flag,) = view(young, a.sold("2026-03-01", "0.5", "ETH", "40")).washes
    assert (flag.asset, flag.day, flag.loss, flag.disallowed) == ("ETH", date(2026, 3, 1), D(10), ZERO)


def test_who_looks_at_no_wash_sales_sees_none() -> None:
    """The profile has a switch."""
    assert view(rules=with_wash(WashSale.OFF)).washes == ()
    assert view(rules=with_wash(WashSale.WARN)).washes


def test_other_methods_are_tried_for_this_year_alone() -> None:
    """Those of the profile, but not the one in use; last year's sales stay as they were."""
    history = (
        a.bought("2024-01-01", "1", "BTC", "10"),
        a.bought("2024-02-01", "1", "BTC", "30"),
        a.bought("2024-03-01", "1", "BTC", "20"),
        a.sold("2025-05-01", "1", "BTC", "50"),
        a.sold("2026-05-01", "1", "BTC", "50"),
    )
    results = {each.method: each for each in method_results(history, a.HIFO, 2026)}
    assert set(results) == {LotMethod.FIFO, LotMethod.LIFO, LotMethod.MIN_TAX}
    assert {method: each.gains.long for method, each in results.items()} == {
        LotMethod.FIFO: D(40),
        LotMethod.LIFO: D(30),
        LotMethod.MIN_TAX: D(30),
    }
    assert results[LotMethod.FIFO].tax == D("6.00")


def test_a_method_that_cannot_be_is_left_out() -> None:
    """Least tax without a profile, and lots that sales name."""
    history = [a.sold("2026-05-01", "1", "BTC", "50")._replace(picks=(LotPick("gone"),))]
    rules = replace(a.HIFO, profile=None)
    methods = [
        each.method for each in method_results([a.bought("2024-01-01", "1", "BTC", "10"), *history], rules, 2026)
    ]
    assert methods == [LotMethod.FIFO, LotMethod.LIFO]


def test_lots_say_when_they_turn_long() -> None:
    """The day after the anniversary, on the taxpayer's calendar; a lot that is long says nothing."""
    entries = a.bought("2025-06-04", "1", "BTC", "40"), a.bought("2025-05-01", "1", "BTC", "70")
    old, young = lots_view(a.settled(*entries), a.HIFO, a.BTC, NOW, D(60)).rows
    assert (old.term, old.long_on, old.unrealised) == (Term.LONG, None, D(-10))
    assert (young.term, young.long_on, young.days_to_long) == (Term.SHORT, date(2026, 6, 5), 4)
    assert (young.unit_cost, young.value, young.unrealised) == (D(40), D(60), D(20))


def test_a_lot_of_unknown_cost_has_no_gain() -> None:
    """Nor has one without a price."""
    (unknown,) = lots_view(a.settled(a.found("2025-01-01", "2", "SOL")), a.HIFO, a.SOL, NOW, D(150)).rows
    assert (unknown.value, unknown.unrealised, unknown.is_known) == (D(300), None, False)
    (unpriced,) = lots_view(a.settled(a.bought("2025-01-01", "2", "SOL", "9")), a.HIFO, a.SOL, NOW, None).rows
    assert (unpriced.value, unpriced.unrealised) == (None, None)


def test_what_was_named_in_the_years_before_holds_under_every_method() -> None:
    """Only the lots of the year that is looked at are chosen anew."""
    dear, cheap = a.bought("2024-01-01", "1", "BTC", "90"), a.bought("2024-01-02", "1", "BTC", "10")
    named = a.sold("2025-05-01", "1", "BTC", "100")._replace(picks=(LotPick(cheap.id),))
    history = [dear, cheap, named, a.sold("2026-05-01", "1", "BTC", "100")]
    (fifo,) = (each for each in method_results(history, a.HIFO, 2026) if each.method is LotMethod.FIFO)
    assert fifo.gains.total == D(10)
