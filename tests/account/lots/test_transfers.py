"""From where a sale takes its lots, and what a transfer brings along."""

from __future__ import annotations

import pytest

from engine.api import InvalidValue
from engine.model.lots import LotMethod, OrderKey, Scope, Shortfall
from tests.account.lots.ledger import at, bought, found, gains, left, moved, settled, sold, used

HERE = bought("here", "2023-01-01", "2", "60", account="hot")
THERE = bought("there", "2023-02-01", "2", "20", account="cold")


def test_wallet_by_wallet_a_sale_takes_what_lies_where_it_sells() -> None:
    """The dearer lot lies elsewhere."""
    sale = sold("s", "2023-03-01", "1", "40", account="cold")
    assert used(settled(LotMethod.HIFO, HERE, THERE, sale)) == ["s: 1 of there for 10"]


def test_universally_a_sale_takes_from_everywhere() -> None:
    """What remains is told where it was bought."""
    sale = sold("s", "2023-03-01", "1", "40", account="cold")
    settlement = settled(LotMethod.HIFO, HERE, THERE, sale, scope=Scope.UNIVERSAL)
    assert used(settlement) == ["s: 1 of here for 30"]
    assert left(settlement) == ["hot: 1 of here for 30", "cold: 2 of there for 20"]


def test_assets_never_mix() -> None:
    """A sale of one asset leaves the others alone."""
    ether = bought("ether", "2023-01-01", "9", "900", asset="ETH", account="cold")
    sale = sold("s", "2023-03-01", "1", "40", account="cold")
    for scope in Scope:
        assert "of ether" not in str(used(settled(LotMethod.HIFO, THERE, ether, sale, scope=scope)))


def test_a_transfer_keeps_lot_date_and_basis() -> None:
    """Long since bought stays long since bought, and nothing is matched."""
    there = moved("m", "2024-02-01", "1.5", "cold", account="hot")
    settlement = settled(LotMethod.FIFO, HERE, there)
    assert settlement.matches == ()
    assert left(settlement) == ["cold: 1.5 of here for 45", "hot: 0.5 of here for 15"]
    later = sold("s", "2024-02-02", "1", "100", account="cold")
    assert gains(settled(LotMethod.FIFO, HERE, there, later)) == ["70 long"]


def test_an_older_lot_that_arrives_later_goes_first() -> None:
    """First in means bought first, not arrived first."""
    there = moved("m", "2023-02-05", "1", "cold", account="hot")
    sale = sold("s", "2023-03-01", "2", "100", account="cold")
    assert used(settled(LotMethod.FIFO, HERE, THERE, there, sale)) == ["s: 1 of here for 30", "s: 1 of there for 10"]


def test_a_moved_part_is_as_dear_as_its_lot() -> None:
    """Though its own basis is cut to 18 decimals: it ties with an equally dear lot, and is the older one."""
    entries = (
        bought("odd", "2023-01-01", "3", "100", account="hot"),
        bought("even", "2023-01-02", "3", "100", account="cold"),
        moved("m", "2023-02-01", "1", "cold", account="hot"),
        sold("s", "2023-03-01", "1", "90", account="cold"),
    )
    assert used(settled(LotMethod.HIFO, *entries)) == ["s: 1 of odd for 33.333333333333333333"]


def test_a_moved_part_keeps_the_price_of_its_lot() -> None:
    """Where the price is what makes it dear, and not the fee."""
    entries = (
        bought("price", "2023-01-01", "1", "50", price="50", account="hot"),
        bought("fee", "2023-01-02", "1", "99", price="40", account="hot"),
        moved("m", "2023-02-01", "2", "cold", account="hot"),
        sold("s", "2023-03-01", "1", "90", account="cold"),
    )
    assert used(settled(LotMethod.HIFO, *entries, order_key=OrderKey.PRICE)) == ["s: 1 of price for 50"]


@pytest.mark.parametrize(
    ("method", "lot"),
    [(LotMethod.FIFO, "old"), (LotMethod.LIFO, "new"), (LotMethod.HIFO, "old"), (LotMethod.LOFO, "new")],
)
def test_a_transfer_moves_lots_in_the_order_of_the_method(method: LotMethod, lot: str) -> None:
    """As a sale would take them."""
    entries = bought("old", "2023-01-01", "1", "50"), bought("new", "2023-01-02", "1", "10")
    settlement = settled(method, *entries, moved("m", "2023-02-01", "1", "cold"))
    assert left(settlement)[0].startswith(f"cold: 1 of {lot} ")


def test_a_transfer_moves_the_lots_that_it_names() -> None:
    """Whatever the method."""
    entries = bought("old", "2023-01-01", "1", "50"), bought("new", "2023-01-02", "1", "10")
    settlement = settled(LotMethod.FIFO, *entries, moved("m", "2023-02-01", "1", "cold", lots=["new"]))
    assert left(settlement) == ["cold: 1 of new for 10", "main: 1 of old for 50"]


def test_the_fee_is_disposed_of_before_the_rest_moves() -> None:
    """It takes the first lots, at what it was worth."""
    entries = bought("a", "2023-01-01", "1", "10"), bought("b", "2023-01-02", "1", "30")
    settlement = settled(
        LotMethod.FIFO, *entries, moved("m", "2023-02-01", "1", "cold", fee_quantity="0.5", fee_value="9")
    )
    assert used(settlement) == ["m: 0.5 of a for 5"]
    assert gains(settlement) == ["4 short"]
    assert left(settlement) == ["cold: 0.5 of a for 5", "cold: 0.5 of b for 15", "main: 0.5 of b for 15"]


def test_a_fee_without_a_worth_books_no_gain() -> None:
    """The units are listed all the same, and their basis is gone."""
    entries = (HERE, moved("m", "2023-02-01", "1", "cold", account="hot", fee_quantity="0.5"))
    settlement = settled(LotMethod.FIFO, *entries)
    assert used(settlement) == ["m: 0.5 of here for 15"]
    assert gains(settlement) == ["- short"]
    assert sum(lot.basis for lot in settlement.remaining) == 45


def test_universally_only_the_fee_of_a_transfer_counts() -> None:
    """There is one place, and the units stay in it."""
    entries = (HERE, THERE, moved("m", "2023-03-01", "2", "cold", account="hot", fee_quantity="1", fee_value="25"))
    settlement = settled(LotMethod.FIFO, *entries, scope=Scope.UNIVERSAL)
    assert used(settlement) == ["m: 1 of here for 30"]
    assert sum(lot.quantity for lot in settlement.remaining) == 3


def test_universally_nobody_asks_where_units_lie() -> None:
    """A transfer of more than has been seen in an account is no shortfall."""
    entries = (HERE, moved("m", "2023-03-01", "9", "cold", account="hot"))
    settlement = settled(LotMethod.FIFO, *entries, scope=Scope.UNIVERSAL)
    assert (settlement.missing, left(settlement)) == ((), ["hot: 2 of here for 60"])


def test_a_moved_part_of_unknown_cost_stays_unknown() -> None:
    """Wherever it goes."""
    entries = (found("o", "2023-01-01", "2", account="hot"), moved("m", "2023-02-01", "1", "cold", account="hot"))
    assert [lot.is_known for lot in settled(LotMethod.FIFO, *entries).remaining] == [False, False]


def test_at_the_average_a_transfer_brings_its_share_of_the_pool() -> None:
    """The average of where it comes from, which enters that of where it goes."""
    entries = (
        bought("a", "2023-01-01", "1", "10"),
        bought("b", "2023-01-02", "1", "30"),
        bought("c", "2023-01-03", "1", "50", account="cold"),
        moved("m", "2023-02-01", "1", "cold"),
        sold("s", "2023-03-01", "1", "60", account="cold"),
    )
    assert used(settled(LotMethod.AVERAGE, *entries)) == ["s: 1 of a for 35"]


# --- more than there is --------------------------------------------------------------------------------------------


def test_selling_more_than_is_known_is_refused() -> None:
    """With the entry, what is known and what to do."""
    sale = sold("s", "2023-03-01", "3", "90", account="hot")
    sentence = r"s: uses up 3 BTC in hot, and 2 are known; add what came before, or let the shortfall be zero_basis"
    with pytest.raises(InvalidValue, match=sentence):
        settled(LotMethod.FIFO, HERE, THERE, sale)
    assert settled(LotMethod.FIFO, HERE, THERE, sale, scope=Scope.UNIVERSAL).missing == ()


def test_what_is_not_known_costs_nothing_and_is_listed() -> None:
    """Where the rules allow it: of no lot, short, and missing."""
    sale = sold("s", "2024-03-01", "3", "90", account="hot")
    settlement = settled(LotMethod.FIFO, HERE, sale, shortfall=Shortfall.ZERO_BASIS)
    assert used(settlement) == ["s: 2 of here for 60", "s: 1 of None for 0"]
    assert gains(settlement) == ["0 long", "30 short"]
    assert [(each.entry, each.quantity) for each in settlement.missing] == [("s", 1)]
    assert [match.is_known for match in settlement.matches] == [True, False]
    assert [match.acquired_at for match in settlement.matches] == [at("2023-01-01"), None]


def test_what_is_moved_without_being_known_arrives_as_unknown() -> None:
    """It is missing once, and what is sold of it later costs nothing."""
    entries = (
        moved("m", "2023-02-01", "1", "cold", account="hot"),
        sold("s", "2023-03-01", "1", "20", account="cold"),
    )
    settlement = settled(LotMethod.FIFO, *entries, shortfall=Shortfall.ZERO_BASIS)
    assert used(settlement) == ["s: 1 of None for 0"]
    assert [each.entry for each in settlement.missing] == ["m"]
    assert [match.is_known for match in settlement.matches] == [False]


def test_what_is_gone_without_being_known_is_missing_too() -> None:
    """A sale is no exception."""
    with pytest.raises(InvalidValue, match="m: uses up 1 BTC in hot, and 0 are known"):
        settled(LotMethod.HIFO, moved("m", "2023-02-01", "1", "cold", account="hot"))
