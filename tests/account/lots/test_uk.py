"""The United Kingdom's rules: the same day, then the next thirty days, then the pool."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.api import InvalidValue
from engine.model.lots import Entry, LotMethod, Settlement, Shortfall, UkRule
from engine.model.money import plain
from tests.account.lots.ledger import at, bought, earned, found, gone, left, moved, settled, sold


def uk(*entries: Entry, **rules: object) -> Settlement:
    return settled(LotMethod.UK, *entries, **rules)


def rows(settlement: Settlement) -> list[str]:
    """Every match by its rule: `s: 2 by s104 for 40`."""
    return [f"{m.entry}: {plain(m.quantity)} by {m.rule} for {plain(m.cost)}" for m in settlement.matches]


def test_the_pool_costs_its_average() -> None:
    """What is bought goes in with its whole cost, and a sale takes its share of it."""
    settlement = uk(
        bought("a", "2022-01-10", "100", "1000"),
        bought("b", "2022-06-10", "300", "7000"),
        sold("s", "2023-01-10", "100", "4500"),
    )
    assert rows(settlement) == ["s: 100 by s104 for 2000"]
    assert [match.gain for match in settlement.matches] == [2500]
    assert left(settlement) == ["main: 300 of None for 6000"]


def test_what_is_bought_the_same_day_goes_first() -> None:
    """In the evening too; the rest comes from the pool, and what is not needed goes into it."""
    settlement = uk(
        bought("a", "2022-01-10", "10", "100"),
        sold("s", "2022-03-01 08:00", "4", "200"),
        bought("b", "2022-03-01 20:00", "3", "90"),
    )
    assert rows(settlement) == ["s: 3 by same_day for 90", "s: 1 by s104 for 10"]
    more = uk(
        bought("a", "2022-01-10", "10", "100"),
        bought("b", "2022-03-01 07:00", "3", "90"),
        sold("s", "2022-03-01 08:00", "2", "200"),
        sold("t", "2022-09-01", "11", "200"),
    )
    assert rows(more) == ["s: 2 by same_day for 60", "t: 11 by s104 for 130"]


def test_what_is_bought_back_within_thirty_days_goes_before_the_pool() -> None:
    """The earliest first, and the thirtieth day counts, the thirty-first does not."""
    settlement = uk(
        bought("a", "2022-01-10", "100", "1000"),
        sold("s", "2022-03-01", "30", "900"),
        bought("b", "2022-03-11", "10", "200"),
        bought("c", "2022-03-31", "5", "150"),
        bought("d", "2022-04-01", "50", "5000"),
    )
    assert rows(settlement) == ["s: 10 by 30_day for 200", "s: 5 by 30_day for 150", "s: 15 by s104 for 150"]
    assert left(settlement) == ["main: 135 of None for 5850"]


def test_thirty_days_of_purchases_are_all_looked_at() -> None:
    """Also where the day of the sale has one of its own."""
    days = [bought(f"b{day}", f"2022-03-{day:02}", "1", "30") for day in range(1, 32)]
    settlement = uk(bought("a", "2022-01-10", "100", "1000"), sold("s", "2022-03-01", "40", "400"), *days)
    by_rule = {rule: sum(m.quantity for m in settlement.matches if m.rule == rule) for rule in UkRule}
    assert by_rule == {UkRule.SAME_DAY: 1, UkRule.THIRTY_DAYS: 30, UkRule.POOL: 9}


def test_an_earlier_sale_buys_back_first() -> None:
    """And a sale of the very day before any other."""
    settlement = uk(
        bought("a", "2022-01-10", "100", "1000"),
        sold("first", "2022-03-01", "6", "90"),
        sold("second", "2022-03-05", "6", "90"),
        bought("b", "2022-03-10", "10", "300"),
        sold("third", "2022-03-10", "3", "90"),
    )
    assert rows(settlement) == [
        "first: 6 by 30_day for 180",
        "second: 1 by 30_day for 30",
        "second: 5 by s104 for 50",
        "third: 3 by same_day for 90",
    ]


def test_a_day_s_sales_are_one() -> None:
    """Each is covered in the same proportions, and all of them together exactly."""
    settlement = uk(
        bought("a", "2022-01-10", "70", "70"),
        sold("s", "2022-03-01 09:00", "10", "100"),
        sold("t", "2022-03-01 10:00", "30", "600"),
        bought("b", "2022-03-01 11:00", "20", "200"),
    )
    assert rows(settlement) == [
        "s: 5 by same_day for 50",
        "s: 5 by s104 for 5",
        "t: 15 by same_day for 150",
        "t: 15 by s104 for 15",
    ]
    assert [match.proceeds for match in settlement.matches] == [50, 50, 300, 300]


def test_a_day_s_purchases_are_one() -> None:
    """At their average, also where only a part of them is matched."""
    settlement = uk(
        bought("a", "2022-03-01 09:00", "10", "100"),
        bought("b", "2022-03-01 10:00", "10", "300"),
        sold("s", "2022-03-01 11:00", "5", "100"),
    )
    assert rows(settlement) == ["s: 5 by same_day for 100"]


def test_three_sales_of_a_day_by_three_rules_add_up_exactly() -> None:
    """Every sale to its own quantity, and every rule to what it covers."""
    settlement = uk(
        bought("a", "2022-01-10", "100", "1000"),
        bought("b", "2022-03-01", "1", "11"),
        sold("s", "2022-03-01", "1", "7"),
        sold("t", "2022-03-01", "1", "7"),
        sold("u", "2022-03-01", "5", "7"),
        bought("c", "2022-03-02", "1", "13"),
    )
    for name, quantity in {"s": 1, "t": 1, "u": 5}.items():
        own = [match for match in settlement.matches if match.entry == name]
        assert sum(match.quantity for match in own) == quantity
        assert sum(match.proceeds or 0 for match in own) == 7
    by_rule = {
        rule: sum(m.cost for m in settlement.matches if m.rule == rule) for rule in ("same_day", "30_day", "s104")
    }
    assert by_rule == {"same_day": 11, "30_day": 13, "s104": 50}


def test_the_last_of_a_day_gets_what_is_left_whatever_the_digits() -> None:
    """Basis and quantity of more than 18 decimals come out whole too."""
    tiny = "0.00000000000000000003"
    basis, units = f"7{tiny[1:]}", f"2{tiny[1:]}"
    settlement = uk(
        bought("a", "2022-03-01", units, basis), sold("s", "2022-03-01", tiny, "1"), sold("t", "2022-03-01", "2", "9")
    )
    assert [match.quantity for match in settlement.matches] == [Decimal(tiny), 2]
    assert plain(settlement.matches[0].cost + settlement.matches[1].cost) == basis


def test_a_day_is_one_of_the_taxpayer_s_calendar() -> None:
    """In summer, half past eleven in the evening of Greenwich is the next day in London."""
    entries = bought("a", "2022-01-01", "9", "9"), sold("s", "2022-07-01 23:30", "1", "5")
    next_day = bought("b", "2022-07-02 09:00", "1", "3")
    assert rows(uk(*entries, next_day, zone=ZoneInfo("Europe/London"))) == ["s: 1 by same_day for 3"]
    assert rows(uk(*entries, next_day)) == ["s: 1 by 30_day for 3"]


def test_all_that_a_person_holds_is_one_pool() -> None:
    """Whatever the scope; what remains is told account by account."""
    settlement = uk(
        bought("a", "2022-01-10", "10", "100", account="hot"),
        bought("b", "2022-01-11", "10", "300", account="cold"),
        moved("m", "2022-02-01", "5", "cold", account="hot"),
        sold("s", "2022-09-01", "5", "90", account="hot"),
    )
    assert rows(settlement) == ["s: 5 by s104 for 100"]
    assert left(settlement) == ["cold: 15 of None for 300"]


def test_fees_of_transfers_and_gifts_use_up_units_too() -> None:
    """With a gain only where it is said what they were worth."""
    settlement = uk(
        bought("a", "2022-01-10", "10", "100"),
        moved("m", "2022-02-01", "4", "cold", fee_quantity="1", fee_value="12"),
        moved("n", "2022-02-02", "4", "main", account="cold", fee_quantity="1"),
        gone("g", "2022-02-03", "2"),
    )
    assert rows(settlement) == ["m: 1 by s104 for 10", "n: 1 by s104 for 10", "g: 2 by s104 for 20"]
    assert [match.gain for match in settlement.matches] == [2, None, None]


def test_a_reward_goes_into_the_pool_and_is_income() -> None:
    """At what it was worth; bought back with it is bought back too."""
    settlement = uk(
        bought("a", "2022-01-10", "10", "100"),
        sold("s", "2022-02-01", "1", "30"),
        earned("r", "2022-02-03", "2", "50"),
    )
    assert rows(settlement) == ["s: 1 by 30_day for 25"]
    assert [income.value for income in settlement.income] == [50]
    assert left(settlement) == ["main: 11 of None for 125"]


def test_tokens_never_mix() -> None:
    """A purchase of another one is no buying back."""
    settlement = uk(
        bought("a", "2022-01-10", "10", "100"),
        sold("s", "2022-02-01", "1", "30"),
        bought("b", "2022-02-01", "1", "70", asset="ETH"),
    )
    assert rows(settlement) == ["s: 1 by s104 for 10"]


def test_more_than_is_known_is_refused_or_costs_nothing() -> None:
    """The whole history counts, as a purchase within thirty days may cover a sale."""
    entries = bought("a", "2022-01-10", "2", "20"), sold("s", "2022-02-01", "3", "90")
    with pytest.raises(InvalidValue, match="s: uses up 1 BTC more than is known"):
        uk(*entries)
    settlement = uk(*entries, shortfall=Shortfall.ZERO_BASIS)
    assert sum(match.cost for match in settlement.matches) == 20
    assert [(each.entry, each.quantity) for each in settlement.missing] == [("s", 1)]
    assert uk(*entries, bought("b", "2022-02-20", "1", "5")).missing == ()


def test_what_was_held_before_the_books_was_bought_then() -> None:
    """It is no buying back of what was sold the day before the books begin."""
    held = found("o", "2022-03-02", "1", "90", acquired_at=at("2020-01-01"))
    entries = bought("a", "2022-01-10", "1", "20"), sold("s", "2022-03-01", "1", "90"), held
    assert rows(uk(*entries)) == ["s: 1 by s104 for 55"]


def test_a_pool_with_an_unknown_part_is_marked() -> None:
    """From then on nothing that comes from it is certain."""
    settlement = uk(
        found("o", "2022-01-01", "1"), bought("a", "2022-01-10", "2", "20"), sold("s", "2022-02-01", "1", "90")
    )
    assert [match.is_known for match in settlement.matches] == [False]
