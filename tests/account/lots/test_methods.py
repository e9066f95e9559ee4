"""Which lots each method uses up, on purchases of different age and price."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from engine.api import InvalidValue, LotRules, settle
from engine.model.lots import LotMethod, LotPick, OrderKey
from tests.account.lots.ledger import bought, earned, gone, left, moved, settled, sold, used

OLD_AND_CHEAP = bought("cheap", "2024-01-10", "2", "40")
DEAR = bought("dear", "2024-02-10", "2", "100")
MIDDLING = bought("middling", "2024-03-10", "2", "60")
PURCHASES = (MIDDLING, OLD_AND_CHEAP, DEAR)
SALE = sold("sale", "2024-05-01", "3", "240")


@pytest.mark.parametrize(
    ("method", "lots"),
    [
        (LotMethod.FIFO, ["sale: 2 of cheap for 40", "sale: 1 of dear for 50"]),
        (LotMethod.LIFO, ["sale: 2 of middling for 60", "sale: 1 of dear for 50"]),
        (LotMethod.HIFO, ["sale: 2 of dear for 100", "sale: 1 of middling for 30"]),
        (LotMethod.LOFO, ["sale: 2 of cheap for 40", "sale: 1 of middling for 30"]),
        (
            LotMethod.AVERAGE,
            ["sale: 2 of cheap for 66.666666666666666667", "sale: 1 of dear for 33.333333333333333333"],
        ),
    ],
)
def test_a_sale_takes_lots_in_the_order_of_the_method(method: LotMethod, lots: list[str]) -> None:
    """Wherever the purchases stand in the ledger, they count by their dates."""
    assert used(settled(method, SALE, *PURCHASES)) == lots


def test_a_started_lot_is_finished_before_the_next_is_begun() -> None:
    """What is left of a lot keeps its place."""
    settlement = settled(LotMethod.HIFO, *PURCHASES, SALE, sold("more", "2024-05-02", "2", "10"))
    assert used(settlement)[2:] == ["more: 1 of middling for 30", "more: 1 of cheap for 20"]
    assert left(settlement) == ["main: 1 of cheap for 20"]


def test_a_purchase_after_a_sale_is_not_for_that_sale() -> None:
    """However dear it is."""
    later = bought("later", "2024-06-01", "1", "900")
    assert used(settled(LotMethod.HIFO, *PURCHASES, SALE, later))[0] == "sale: 2 of dear for 100"


def test_a_reward_is_a_lot_like_others() -> None:
    """The dearest first means it too, with purchases before it and after it."""
    reward = earned("reward", "2024-02-20", "0.5", "35")
    entries = (*PURCHASES, reward, sold("one", "2024-04-01", "0.2", "20"), sold("two", "2024-04-02", "1", "90"))
    settlement = settled(LotMethod.HIFO, *entries)
    assert used(settlement) == ["one: 0.2 of reward for 14", "two: 0.3 of reward for 21", "two: 0.7 of dear for 35"]
    assert [(income.entry, income.value) for income in settlement.income] == [("reward", 35)]


def test_the_dearest_is_dear_with_its_fee() -> None:
    """Or by its price alone, where the rules say so."""
    high_price = bought("price", "2024-01-01", "1", "101", price="100")
    high_fee = bought("fee", "2024-01-02", "1", "104", price="99")
    sale = sold("sale", "2024-02-01", "1", "120")
    assert used(settled(LotMethod.HIFO, high_price, high_fee, sale)) == ["sale: 1 of fee for 104"]
    by_price = settled(LotMethod.HIFO, high_price, high_fee, sale, order_key=OrderKey.PRICE)
    assert used(by_price) == ["sale: 1 of price for 101"]
    cheapest = settled(LotMethod.LOFO, high_price, high_fee, sale, order_key=OrderKey.PRICE)
    assert used(cheapest) == ["sale: 1 of fee for 104"]


def test_without_a_price_the_total_counts() -> None:
    """Also where lots go by their prices."""
    entries = bought("a", "2024-01-01", "2", "30"), bought("b", "2024-01-02", "1", "14", price="14")
    settlement = settled(LotMethod.HIFO, *entries, sold("s", "2024-02-01", "1", "9"), order_key=OrderKey.PRICE)
    assert used(settlement) == ["s: 1 of a for 15"]


@pytest.mark.parametrize("method", [LotMethod.HIFO, LotMethod.LOFO])
def test_of_equally_dear_lots_the_older_goes_first(method: LotMethod) -> None:
    """For both ends of the list."""
    entries = bought("new", "2024-02-01", "3", "30"), bought("old", "2024-01-01", "1", "10")
    assert used(settled(method, *entries, sold("s", "2024-03-01", "1", "12"))) == ["s: 1 of old for 10"]


# --- by name -------------------------------------------------------------------------------------------------------


def test_named_lots_are_taken_in_the_order_in_which_they_are_named() -> None:
    """And no others."""
    sale = sold("sale", "2024-05-01", "3", "240", lots=["middling", "cheap"])
    assert used(settled(LotMethod.SPECIFIC, *PURCHASES, sale)) == [
        "sale: 2 of middling for 60",
        "sale: 1 of cheap for 20",
    ]


def test_named_lots_that_do_not_suffice_are_refused() -> None:
    """There are others, but nobody said that those were sold."""
    sale = sold("sale", "2024-05-01", "3", "240", lots=["middling"])
    with pytest.raises(InvalidValue, match=r"sale\.lots: the lots middling hold 2 of it here; name lots that hold 3"):
        settled(LotMethod.SPECIFIC, *PURCHASES, sale)


def test_where_no_lot_is_named_it_must_be_clear_which_is_meant() -> None:
    """One lot alone is, and so are all of them."""
    with pytest.raises(InvalidValue, match=r"sale\.lots: is missing, and several lots fit"):
        settled(LotMethod.SPECIFIC, *PURCHASES, SALE)
    assert used(settled(LotMethod.SPECIFIC, DEAR, sold("s", "2024-05-01", "1", "60"))) == ["s: 1 of dear for 50"]
    everything = settled(LotMethod.SPECIFIC, DEAR, MIDDLING, sold("s", "2024-05-01", "4", "60"))
    assert used(everything) == ["s: 2 of dear for 100", "s: 2 of middling for 60"]


def test_a_transfer_that_only_costs_a_fee_names_no_lots() -> None:
    """Nothing arrives, so there is nothing to be named."""
    fee = moved("m", "2024-04-01", "0", "cold", fee_quantity="1", fee_value="30", lots=["dear"])
    settlement = settled(LotMethod.SPECIFIC, DEAR, MIDDLING, fee)
    assert used(settlement) == ["m: 1 of dear for 50"]
    assert left(settlement) == ["main: 1 of dear for 50", "main: 2 of middling for 60"]
    nothing = moved("m", "2024-04-01", "0", "cold")
    assert len(settled(LotMethod.SPECIFIC, DEAR, MIDDLING, nothing).remaining) == 2


def test_named_lots_come_first_under_other_methods_too() -> None:
    """What a plan has chosen holds; the rest goes by the method."""
    sale = sold("sale", "2024-05-01", "3", "240", lots=["middling"])
    settlement = settled(LotMethod.FIFO, *PURCHASES, sale)
    assert used(settlement) == ["sale: 2 of middling for 60", "sale: 1 of cheap for 20"]


def test_of_a_named_lot_no_more_is_taken_than_was_said() -> None:
    """The rest goes by the method."""
    sale = SALE._replace(picks=(LotPick("middling", Decimal("0.5")),))
    settlement = settled(LotMethod.FIFO, *PURCHASES, sale)
    assert used(settlement) == ["sale: 0.5 of middling for 15", "sale: 2 of cheap for 40", "sale: 0.5 of dear for 25"]


# --- at the average ------------------------------------------------------------------------------------------------


def test_every_unit_of_a_pool_costs_its_average() -> None:
    """A purchase moves the average, a sale does not."""
    entries = (
        bought("a", "2024-01-01", "10", "100"),
        bought("b", "2024-01-02", "30", "500"),
        sold("first", "2024-01-03", "20", "400"),
        bought("c", "2024-01-04", "20", "100"),
        sold("second", "2024-01-05", "10", "200"),
    )
    settlement = settled(LotMethod.AVERAGE, *entries)
    costs = ["first: 10 of a for 150", "first: 10 of b for 150", "second: 10 of b for 100"]
    assert used(settlement) == costs
    assert left(settlement) == ["main: 10 of b for 100", "main: 20 of c for 200"]


# --- what is gone without a sale -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "lot"), [(LotMethod.FIFO, "cheap"), (LotMethod.LIFO, "middling"), (LotMethod.HIFO, "dear")]
)
def test_what_is_given_away_takes_lots_and_books_no_gain(method: LotMethod, lot: str) -> None:
    """Its basis goes with it."""
    settlement = settled(method, *PURCHASES, gone("gift", "2024-04-01", "2"))
    (match,) = settlement.matches
    assert (match.lot, match.proceeds, match.gain) == (lot, None, None)
    assert sum(o.basis for o in settlement.remaining) == 200 - match.cost


# --- exactness -----------------------------------------------------------------------------------------------------


def test_what_is_used_up_of_a_lot_so_far_is_never_off_by_more_than_one_rounding() -> None:
    """However many parts it comes in: the sum is rounded, and not each of them."""
    parts = [sold(f"s{number}", f"2024-02-0{number}", "1", "50") for number in range(1, 8)]
    costs = [match.cost for match in settled(LotMethod.FIFO, bought("a", "2024-01-01", "7", "100"), *parts).matches]
    for number in range(1, 8):
        exact = Fraction(100 * number, 7)
        assert abs(Fraction(sum(costs[:number])) - exact) <= Fraction(1, 2 * 10**18)


@pytest.mark.parametrize("method", [LotMethod.FIFO, LotMethod.AVERAGE])
def test_parts_of_a_lot_add_up_to_it(method: LotMethod) -> None:
    """A hundred in three parts is a hundred, and so are the proceeds of a sale from three lots."""
    thirds = [sold(f"s{number}", f"2024-02-0{number}", "1", "50") for number in (1, 2, 3)]
    settlement = settled(method, bought("a", "2024-01-01", "3", "100"), *thirds)
    assert [match.cost for match in settlement.matches] != [match.cost for match in settlement.matches][:1] * 3
    assert sum(match.cost for match in settlement.matches) == 100
    lots = [bought(f"l{number}", f"2024-01-0{number}", "1", "7") for number in (1, 2, 3)]
    shares = settled(method, *lots, sold("s", "2024-02-01", "3", "100"))
    assert sum(match.proceeds or 0 for match in shares.matches) == 100


def test_what_is_left_tells_its_price_where_lots_are_compared_by_it() -> None:
    """So that a plan compares them as the ledger does."""
    history = [bought("a", "2024-01-01", "2", "110", price="50"), sold("s", "2024-02-01", "1", "60")]
    for key, price in ((OrderKey.PRICE, Decimal(50)), (OrderKey.UNIT_COST, None)):
        (left,) = settle(history, LotRules(LotMethod.HIFO, order_key=key)).remaining
        assert left.price == price
