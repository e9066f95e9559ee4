"""What a plan's sales come to for tax: the lots they use up, the gain and the tax, and what else could be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.pipeline import decide
from engine.model.decision import RequestKind
from engine.model.ids import VenueName
from engine.model.lots import Lot, LotMethod, OrderKey, Scope, Term
from engine.model.market import Side
from engine.model.money import ZERO, Money, Quantity
from engine.model.plan import Leg, Plan
from engine.model.plan_tax import LegTax, RecentTrade, TaxStanding
from engine.model.tax import Bracket, TaxProfile, YearRules
from engine.model.tax_policy import TaxPolicy
from tests import builders as b
from tests.builders import BTC, T0, Market

HALF = {"BTC": "0.5", "USDT": "0.5"}
DAY = timedelta(days=1)
RULES = YearRules((Bracket(ZERO, Decimal("0.4")),), (Bracket(ZERO, Decimal("0.2")),), loss_cap=Decimal(1000))
LAW = TaxProfile("testland", ((2026, RULES),))


def lot(name: str, quantity: str, basis: str, bought: datetime = T0 - 100 * DAY, **more: Any) -> Lot:
    account = more.pop("account", "alpha")
    return Lot(name, BTC, account, bought, Quantity(Decimal(quantity)), Decimal(basis), more.pop("known", True))


def planned(*lots: Lot, tax: TaxPolicy | None = None, standing: TaxStanding | None = None, **more: Any) -> Plan:
    """Two bitcoin at 100 and nothing else: one is to be sold, on a market without costs."""
    seen = more.get("seen") or b.snapshot(
        b.venue("alpha", {"BTC": "2", "USDT": "0"}, Market("BTC/USDT", "100", spread="0.02"))
    )
    policy = b.policy(more.get("targets", HALF), tax=tax or TaxPolicy(profile=LAW))
    made = replace(b.inputs(seen, policy, request=RequestKind.MANUAL), lots=lots, tax=standing)
    plan = decide(made).outcome.plan
    assert plan is not None, "a plan was expected"
    return plan


def sale(plan: Plan) -> Leg:
    return b.leg_of(plan, Side.SELL)


def whole(*amounts: Decimal | None) -> tuple[int | None, ...]:
    """Without the cents that the spread takes."""
    return tuple(None if amount is None else int(amount.to_integral_value()) for amount in amounts)


def tax_of(plan: Plan) -> LegTax:
    tax = sale(plan).tax
    assert tax is not None, "the sale was expected to have lots"
    return tax


def test_a_sale_names_its_lots_by_the_method_of_the_policy() -> None:
    """The dearest first; the names are what an approval binds."""
    plan = planned(lot("old", "1.5", "30"), lot("dear", "1.5", "225", T0 - 50 * DAY))
    (used,) = tax_of(plan).lots
    assert (used.lot, used.term, *whole(used.quantity, used.cost, used.gain)) == ("dear", Term.SHORT, 1, 150, -50)
    assert [pick.lot for pick in sale(plan).picks] == ["dear"]
    assert planned(lot("old", "1.5", "30"), lot("dear", "1.5", "240", T0 - 50 * DAY)).digest != plan.digest


def test_the_same_under_the_other_methods() -> None:
    """HIFO -50, FIFO +80; and what the year's tax would be of each."""
    tax = tax_of(planned(lot("old", "1.5", "30"), lot("dear", "1.5", "225", T0 - 50 * DAY)))
    outcomes = {outcome.method: whole(outcome.gain, outcome.tax) for outcome in (tax.chosen, *tax.others)}
    assert outcomes == {
        LotMethod.HIFO: (-50, -20),
        LotMethod.FIFO: (80, 32),
        LotMethod.MIN_TAX: (-50, -20),
    }


def test_long_term_gains_are_told_apart() -> None:
    """With their own rate."""
    chosen = tax_of(planned(lot("old", "2", "40", T0 - 400 * DAY))).chosen
    assert whole(chosen.short, chosen.long, chosen.tax) == (0, 80, 16)


def test_what_the_year_has_realised_already_counts() -> None:
    """A gain that fills up a loss is not taxed."""
    standing = TaxStanding(2026, short=Money(Decimal(-80)))
    chosen = tax_of(planned(lot("a", "2", "40"), standing=standing)).chosen
    # The loss would have saved 32 elsewhere: the gain takes that away.
    assert whole(chosen.gain, chosen.tax) == (80, 32)


def test_without_rates_the_gain_is_told_and_no_tax() -> None:
    """Neither is one told for a year that the law's data does not hold."""
    for policy in (TaxPolicy(), TaxPolicy(profile=TaxProfile("testland", ((2020, RULES),)))):
        chosen = tax_of(planned(lot("a", "2", "40"), tax=policy)).chosen
        assert whole(chosen.gain, chosen.tax) == (80, None)


def test_units_that_no_lot_is_known_for_are_shown_as_such() -> None:
    """They cost nothing until somebody says otherwise, which is the highest gain there can be."""
    known, unknown = tax_of(planned(lot("a", "0.25", "10"))).lots
    assert (known.lot, known.quantity) == ("a", Decimal("0.25"))
    assert (unknown.lot, unknown.cost, unknown.is_known) == ("", 0, False)
    assert known.quantity + unknown.quantity == sale(planned(lot("a", "1", "1"))).quantity


def test_a_lot_that_turns_long_soon_is_told_with_what_waiting_saves() -> None:
    """Bought on 5 January a year ago: long from the 6th on, in five days; 80 at 40 % is 80 at 20 % then."""
    (soon,) = tax_of(planned(lot("a", "2", "40", datetime(2025, 1, 5, tzinfo=T0.tzinfo)))).soon_long
    assert (soon.long_on.isoformat(), soon.days, *whole(soon.quantity, soon.saves)) == ("2026-01-06", 5, 1, 16)


@pytest.mark.parametrize("bought", [T0 - 400 * DAY, T0 - 300 * DAY], ids=["long already", "far from it"])
def test_other_lots_are_not_waited_for(bought: datetime) -> None:
    """Only the next 30 days matter."""
    assert tax_of(planned(lot("a", "2", "40", bought))).soon_long == ()


def test_a_sale_at_a_loss_soon_after_a_purchase_is_flagged() -> None:
    """And a purchase soon after a loss; a sale at a gain is not."""
    bought = TaxStanding(2026, recent=(RecentTrade(BTC, T0 - 3 * DAY, is_sale=False),))
    at_a_loss = sale(planned(lot("a", "2", "400"), standing=bought))
    assert at_a_loss.rebuy is not None
    assert at_a_loss.rebuy.at == T0 - 3 * DAY
    assert sale(planned(lot("a", "2", "40"), standing=bought)).rebuy is None
    seen = b.snapshot(b.venue("alpha", {"BTC": "1", "USDT": "300"}, Market("BTC/USDT", "100", spread="0.02")))
    lost = TaxStanding(2026, recent=(RecentTrade(BTC, T0 - 3 * DAY, is_sale=True, loss=Money(Decimal(7))),))
    purchase = b.leg_of(planned(lot("a", "1", "40"), standing=lost, seen=seen), Side.BUY)
    assert purchase.rebuy is not None
    assert purchase.rebuy.loss == 7


@pytest.mark.parametrize(("method", "is_flagged"), [(LotMethod.UK, True), (LotMethod.HIFO, False)])
def test_in_the_united_kingdom_a_purchase_after_any_sale_is_flagged(method: LotMethod, is_flagged: bool) -> None:
    """It changes the gain of that sale, also where there was no loss."""
    seen = b.snapshot(b.venue("alpha", {"BTC": "1", "USDT": "300"}, Market("BTC/USDT", "100", spread="0.02")))
    sold = TaxStanding(2026, recent=(RecentTrade(BTC, T0 - 3 * DAY, is_sale=True),))
    plan = planned(lot("a", "1", "40"), standing=sold, seen=seen, tax=TaxPolicy(method=method))
    assert (b.leg_of(plan, Side.BUY).rebuy is not None) is is_flagged


def two_venues(alpha_fee: str, beta_fee: str) -> Any:
    """One bitcoin on each of two venues, and cash nowhere."""
    markets = {
        name: Market("BTC/USDT", "100", spread="0.02", fee=fee)
        for name, fee in (("alpha", alpha_fee), ("beta", beta_fee))
    }
    return b.snapshot(*(b.venue(name, {"BTC": "1"}, market) for name, market in markets.items()))


@pytest.mark.parametrize(("weighs", "venue", "cost"), [(False, "alpha", 0), (True, "beta", 0)])
def test_where_tax_weighs_a_plan_sells_what_is_taxed_less(weighs: bool, venue: str, cost: int) -> None:
    """The fee of beta is higher; a sale of half a bitcoin on alpha would be taxed with 18."""
    lots = (lot("cheap", "1", "10", account="alpha"), lot("dear", "1", "100", account="beta"))
    targets = {"BTC": "0.75", "USDT": "0.25"}
    policy = TaxPolicy(profile=LAW, weight_in_plan=weighs)
    plan = planned(*lots, tax=policy, seen=two_venues("0", "0.001"), targets=targets)
    assert sale(plan).venue == VenueName(venue)
    assert whole(plan.cost.tax) == (cost,)


def test_tax_that_weighs_is_part_of_the_cost() -> None:
    """Otherwise it is told beside it."""
    weighed = planned(lot("a", "2", "40"), tax=TaxPolicy(profile=LAW, weight_in_plan=True))
    assert whole(weighed.cost.tax, weighed.cost.total) == (32, 32)
    assert whole(planned(lot("a", "2", "40")).cost.total) == (0,)


def test_the_scope_says_from_where_lots_are_taken() -> None:
    """Wallet by wallet, a lot elsewhere does not help."""
    elsewhere = lot("dear", "2", "400", account="wallet")
    assert tax_of(planned(elsewhere)).lots[0].lot == ""
    assert tax_of(planned(elsewhere, tax=TaxPolicy(scope=Scope.UNIVERSAL))).lots[0].lot == "dear"


def test_what_the_law_does_not_allow_is_not_compared() -> None:
    """Canada averages, and there is nothing to choose."""
    law = replace(LAW, methods=(LotMethod.AVERAGE,))
    tax = tax_of(
        planned(lot("a", "1", "20"), lot("b", "1", "60"), tax=TaxPolicy(method=LotMethod.AVERAGE, profile=law))
    )
    assert (*whole(tax.chosen.gain), tax.others) == (60, ())


def test_without_lots_a_plan_is_as_it_was() -> None:
    """Nothing is said of tax where no ledger is kept."""
    assert sale(planned()).tax is None


def test_a_year_that_the_law_says_nothing_of_does_not_stand_in_the_way_of_a_plan() -> None:
    """The least tax cannot be known then: the oldest lots go first, and no tax is told."""
    old_law = TaxPolicy(method=LotMethod.MIN_TAX, profile=TaxProfile("testland", ((2020, RULES),)))
    tax = tax_of(planned(lot("old", "2", "40"), lot("dear", "2", "300", T0 - 50 * DAY), tax=old_law))
    assert [each.lot for each in tax.lots] == ["old"]
    assert (tax.chosen.method, tax.chosen.tax) == (LotMethod.FIFO, None)


def test_units_of_no_lot_have_no_name() -> None:
    """Nothing that no ledger knows is part of what an approval names."""
    leg = sale(planned(lot("", "2", "0", known=False)))
    assert [each.lot for each in tax_of_leg(leg).lots] == [""]
    assert leg.picks == ()


def tax_of_leg(leg: Leg) -> LegTax:
    assert leg.tax is not None, "the sale was expected to have lots"
    return leg.tax


def test_lots_are_compared_by_what_the_policy_compares_them_by() -> None:
    """By the price, what a fee has made dear is not dear: so the fills count, and so does the plan."""
    by_price = TaxPolicy(profile=LAW, order_key=OrderKey.PRICE)
    by_fee = replace(lot("by fee", "2", "300"), price=Decimal(100))
    by_itself = replace(lot("by price", "2", "250"), price=Decimal(125))
    tax = tax_of(planned(by_fee, by_itself, tax=by_price))
    assert [each.lot for each in tax.lots] == ["by price"]


@pytest.mark.parametrize("method", [LotMethod.UK, LotMethod.HIFO])
def test_a_pool_that_lies_nowhere_does_not_stand_in_the_way_of_a_plan(method: LotMethod) -> None:
    """What a history leaves of a pool where its accounts do not add up is in no account."""
    pool = lot("", "3", "90", account="")
    assert tax_of(planned(pool, lot("a", "2", "40"), tax=TaxPolicy(method=method))).lots
