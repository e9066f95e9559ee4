"""The lots by which a year's tax comes out least, for the sales of one instant."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.api import InvalidValue
from engine.model.lots import Entry, LotMethod, Scope, Settlement, Shortfall
from engine.model.tax import Bracket, TaxProfile
from tests.account.lots.ledger import bought, gains, gone, left, moved, settled, sold, taxed, used

OLD = bought("old", "2022-01-01", "1", "60")
YOUNG = bought("young", "2024-04-01", "1", "80")
NOW = "2024-06-01"
SALE = sold("s", NOW, "1", "100")


def least(profile: TaxProfile, *entries: Entry, **rules: object) -> Settlement:
    return settled(LotMethod.MIN_TAX, *entries, profile=profile, **rules)


def test_a_larger_gain_can_be_the_cheaper_one() -> None:
    """Forty at 20 % are less than twenty at 45 %, and not less than twenty at 30 %."""
    assert used(least(taxed(short="0.45", long="0.2"), OLD, YOUNG, SALE)) == ["s: 1 of old for 60"]
    assert used(least(taxed(short="0.3", long="0.2"), OLD, YOUNG, SALE)) == ["s: 1 of young for 80"]


def test_inside_a_term_the_dearest_goes_first() -> None:
    """Where one rate holds for all, that is what the dearest first would do."""
    lots = (OLD, YOUNG, bought("older", "2021-01-01", "1", "90"), bought("dearest", "2024-05-01", "2", "198"))
    settlement = least(taxed(short="0.2", long="0.2"), *lots, sold("s", NOW, "3", "300"))
    assert sorted(used(settlement)) == ["s: 1 of older for 90", "s: 2 of dearest for 198"]


def test_a_lot_is_cut_where_the_tax_bends() -> None:
    """Gains at 15 % go up to the bracket's end, the rest is better long."""
    brackets = (Bracket(Decimal(0), Decimal("0.15")), Bracket(Decimal(5), Decimal("0.9")))
    profile = taxed(short=brackets, long="0.3")
    assert used(least(profile, OLD, YOUNG, SALE)) == ["s: 0.25 of young for 20", "s: 0.75 of old for 45"]
    assert gains(least(profile, OLD, YOUNG, SALE)) == ["5 short", "30 long"]


def test_a_lot_is_cut_where_both_terms_together_reach_a_bracket() -> None:
    """Long gains lie on top of short ones: up to 35 in all they are free, and as many of them as that are taken."""
    brackets = (Bracket(Decimal(0), Decimal(0)), Bracket(Decimal(35), Decimal("0.5")))
    young = bought("young", "2024-04-01", "1", "70")
    settlement = least(taxed(short="0.1", long=brackets), OLD, young, SALE)
    assert gains(settlement) == ["15 short", "20 long"]


def test_a_lot_is_cut_where_a_loss_of_its_term_is_used_up() -> None:
    """Where a long loss is worth nothing against short gains, it is used up by long ones, dear as more of those are."""
    profile = taxed(short="0.1", long="0.3", nets_terms=False, long_to_date="-5")
    lots = bought("old", "2022-01-01", "1", "80"), bought("young", "2024-04-01", "1", "70")
    assert gains(least(profile, *lots, SALE)) == ["22.5 short", "5 long"]


def test_what_the_year_has_brought_already_counts() -> None:
    """A short loss in spring makes room for a short gain; in another year it makes none."""
    profile = taxed(short="0.45", long="0.2")
    loss = bought("b", "2024-02-01", "1", "130"), sold("spring", "2024-03-01", "1", "100")
    assert used(least(profile, OLD, YOUNG, *loss, SALE))[1:] == ["s: 1 of young for 80"]
    next_year = sold("s", "2025-03-01", "1", "100")
    assert used(least(profile, OLD, YOUNG, *loss, next_year))[1:] == ["s: 1 of old for 60"]


def test_what_the_ledger_does_not_hold_of_the_year_can_be_told() -> None:
    """As results to date."""
    profile = taxed(short="0.45", long="0.2", short_to_date="-30")
    assert used(least(profile, OLD, YOUNG, SALE)) == ["s: 1 of young for 80"]


def test_gains_below_the_limit_are_free_and_from_it_on_none_is() -> None:
    """It stays a cent below, if it can; where it cannot, the limit is no help."""
    profile = taxed(short="0.5", long="0", free_below="20")
    assert gains(least(profile, YOUNG, SALE)) == ["20 short"]
    cheaper = bought("cheaper", "2024-04-02", "1", "79")
    assert used(least(profile, YOUNG, cheaper, sold("s", NOW, "1", "99.5"))) == ["s: 1 of young for 80"]
    kept_below = least(taxed(short="0.5", long="0.5", free_below="20"), OLD, YOUNG, SALE, sold("t", NOW, "0.5", "1"))
    assert sum(match.gain or 0 for match in kept_below.matches) < 20


def test_gains_go_up_to_the_last_cent_that_is_free() -> None:
    """Where terms stand apart, free short gains take the place of long ones that are taxed."""
    profile = taxed(short="0.5", long="0.2", nets_terms=False, free_below="20")
    lots = bought("old", "2022-01-01", "1", "70"), bought("young", "2024-04-01", "1", "60")
    assert gains(least(profile, *lots, SALE)) == ["19.99 short", "15.0075 long"]


def test_a_lot_is_cut_where_the_allowance_is_used_up() -> None:
    """It is taken off short gains first, so that as many of those are free."""
    lots = bought("old", "2022-01-01", "1", "70"), bought("young", "2024-04-01", "1", "80")
    assert gains(least(taxed(short="0.5", long="0.2", allowance="10", income="100"), *lots, SALE)) == [
        "10 short",
        "15 long",
    ]


def test_a_lot_is_cut_where_losses_reach_their_cap() -> None:
    """What goes beyond it is worth nothing, and free to be set against a gain."""
    profile = taxed(short="0.5", long="0.05", nets_terms=False, loss_cap="5", short_to_date="-10")
    lots = bought("old", "2022-01-01", "1", "60"), bought("young", "2024-04-01", "1", "90")
    assert gains(least(profile, *lots, SALE)) == ["5 short", "20 long"]


def test_where_no_gain_counts_any_lots_will_do() -> None:
    """There is no tax to be made less."""
    settlement = least(taxed(short="0.5", long="0.2", inclusion="0"), OLD, YOUNG, SALE)
    assert sum(match.quantity for match in settlement.matches) == 1


def test_of_equal_taxes_the_least_gain_is_taken() -> None:
    """A loss beyond the cap saves nothing yet; it is there for what else the year brings."""
    lots = bought("loss", "2024-04-01", "2", "240"), bought("even", "2022-01-01", "2", "200")
    profile = taxed(short="0.3", long="0.1", loss_cap="5")
    assert used(least(profile, *lots, sold("s", NOW, "1", "100"))) == ["s: 1 of loss for 120"]


def test_several_assets_are_chosen_for_together() -> None:
    """A short loss of one makes a short gain of the other free of tax."""
    losing = bought("losing", "2024-03-01", "1", "120", asset="ETH")
    winning = sold("e", NOW, "1", "100", asset="ETH")
    profile = taxed(short="0.45", long="0.2")
    assert used(least(profile, OLD, YOUNG, SALE)) == ["s: 1 of old for 60"]
    assert used(least(profile, OLD, YOUNG, losing, SALE, winning)) == ["s: 1 of young for 80", "e: 1 of losing for 120"]


def test_of_sales_at_different_prices_each_gets_the_lots_that_suit_it() -> None:
    """Long gains are free here: the dear sale is booked against the old lot."""
    cheap, dear = sold("cheap", NOW, "1", "90"), sold("dear", NOW, "1", "200")
    for sales in ((cheap, dear), (dear, cheap)):
        settlement = least(taxed(short="0.4", long="0"), OLD, YOUNG, *sales)
        assert sorted(used(settlement)) == ["cheap: 1 of young for 80", "dear: 1 of old for 60"]


def test_each_account_sells_its_own_lots() -> None:
    """Universally they are one."""
    elsewhere = bought("elsewhere", "2024-04-01", "1", "99", account="cold")
    profile = taxed(short="0.2", long="0.2")
    assert used(least(profile, OLD, elsewhere, SALE)) == ["s: 1 of old for 60"]
    assert used(least(profile, OLD, elsewhere, SALE, scope=Scope.UNIVERSAL)) == ["s: 1 of elsewhere for 99"]


def test_what_moves_or_is_given_away_goes_oldest_first() -> None:
    """A transfer's fee is a sale, and chosen for."""
    profile = taxed(short="0.2", long="0.2")
    settlement = least(profile, OLD, YOUNG, moved("m", NOW, "0.5", "cold", fee_quantity="0.5", fee_value="50"))
    assert used(settlement) == ["m: 0.5 of young for 40"]
    assert left(settlement) == ["cold: 0.5 of old for 30", "main: 0.5 of old for 30", "main: 0.5 of young for 40"]
    assert used(least(profile, OLD, YOUNG, gone("g", NOW, "0.5"))) == ["g: 0.5 of old for 30"]


def test_lots_that_were_chosen_before_hold() -> None:
    """Whatever would be cheaper now; a sale of the same instant that names none is chosen for, from what is left."""
    named, other = sold("named", NOW, "0.5", "50", lots=["young"]), sold("other", NOW, "0.5", "50")
    settlement = least(taxed(short="0.45", long="0.2"), OLD, YOUNG, named, other)
    assert used(settlement) == ["named: 0.5 of young for 40", "other: 0.5 of old for 30"]


def test_a_sale_without_proceeds_goes_oldest_first() -> None:
    """There is no gain to be chosen for."""
    assert used(least(taxed(short="0.2", long="0.2"), OLD, YOUNG, sold("s", NOW, "1", None))) == ["s: 1 of old for 60"]


def test_a_lot_that_has_become_long_is_sold_as_long() -> None:
    """The same lot by the calendar, before and after its anniversary."""
    profile = taxed(short="0.5", long="0")
    assert gains(least(profile, YOUNG, sold("s", "2025-04-01", "1", "100"))) == ["20 short"]
    assert gains(least(profile, YOUNG, sold("s", "2025-04-02", "1", "100"))) == ["20 long"]
    both = YOUNG, bought("younger", "2024-08-01", "1", "99"), sold("s", "2025-04-02", "1", "100")
    assert used(least(profile, *both)) == ["s: 1 of young for 80"]


def test_sales_of_two_instants_are_chosen_for_one_after_the_other() -> None:
    """Though nothing happens between them: what is short at the first is long at the second."""
    lots = OLD, YOUNG, bought("younger", "2024-08-01", "1", "99")
    sales = sold("first", "2025-03-01", "1", "100"), sold("second", "2025-04-02", "1", "100")
    assert used(least(taxed(short="0.5", long="0"), *lots, *sales)) == [
        "first: 1 of old for 60",
        "second: 1 of young for 80",
    ]


def test_more_than_is_known_counts_as_short_and_costs_nothing() -> None:
    """Or is refused."""
    sale = sold("s", NOW, "3", "300")
    with pytest.raises(InvalidValue, match="s: uses up 3 BTC in main, and 2 are known"):
        least(taxed(short="0.5", long="0"), OLD, YOUNG, sale)
    settlement = least(taxed(short="0.5", long="0"), OLD, YOUNG, sale, shortfall=Shortfall.ZERO_BASIS)
    assert sorted(used(settlement)) == ["s: 1 of None for 0", "s: 1 of old for 60", "s: 1 of young for 80"]
    assert [(each.entry, each.quantity) for each in settlement.missing] == [("s", 1)]


def test_without_a_profile_there_is_nothing_to_reckon_with() -> None:
    """And a year that the profile knows nothing of is refused, not guessed."""
    with pytest.raises(InvalidValue, match=r"profile: is missing; min_tax needs to know"):
        settled(LotMethod.MIN_TAX, OLD, YOUNG, SALE)
    rules = taxed(short="0.2", long="0.2").every_year
    assert rules is not None
    with pytest.raises(InvalidValue, match=r"profile: here knows the rules of 2023, and not of 2024"):
        least(TaxProfile("here", years=((2023, rules),)), OLD, YOUNG, SALE)
