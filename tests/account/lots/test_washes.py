"""A loss on what is bought again within the window does not count, and becomes basis of what was bought."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.account.lots.replay import settle
from engine.account.lots.rules import LotRules
from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.lots import Entry, EntryKind, LotMethod, OrderKey, Scope, Settlement, Shortfall, Term
from engine.model.money import exact, plain, total
from engine.model.tax import Bracket, TaxProfile, WashSale, YearRules

D = Decimal
START = datetime(2025, 1, 1, 12, tzinfo=UTC)
FLAT = YearRules((Bracket(D(0), D("0.37")),), (Bracket(D(0), D("0.2")),))


def profile(wash_sale: WashSale = WashSale.ENFORCE, days: int = 30) -> TaxProfile:
    return TaxProfile("test", (), wash_sale=wash_sale, wash_days=days, every_year=FLAT)


def rules(method: str = "fifo", wash_sale: WashSale = WashSale.ENFORCE, **other: object) -> LotRules:
    base = LotRules(LotMethod(method), profile=profile(wash_sale))
    return replace(base, **other)  # type: ignore[arg-type]


def buy(name: str, day: float, quantity: str, cost: str, account: str = "main") -> Entry:
    at = START + timedelta(days=day)
    return Entry(name, at, EntryKind.ACQUIRE, Asset("BTC"), account, D(quantity), D(cost))


def sell(name: str, day: float, quantity: str, proceeds: str, account: str = "main") -> Entry:
    at = START + timedelta(days=day)
    return Entry(name, at, EntryKind.DISPOSE, Asset("BTC"), account, D(quantity), D(proceeds))


def move(name: str, day: float, quantity: str, origin: str, goal: str) -> Entry:
    at = START + timedelta(days=day)
    return Entry(name, at, EntryKind.TRANSFER, Asset("BTC"), origin, D(quantity), to_account=goal)


def losses(settlement: Settlement) -> dict[str, tuple[str, str]]:
    """Of every washed match, by its sale: what does not count, and what is left to count."""
    return {m.entry: (plain(m.disallowed), plain(m.gain or D(0))) for m in settlement.matches if m.is_washed}


def lots(settlement: Settlement) -> list[tuple[str, str, str]]:
    return [(lot.id, plain(lot.quantity), plain(lot.basis)) for lot in settlement.remaining]


def test_a_loss_becomes_basis_of_what_is_bought_again_and_its_holding_period_goes_on() -> None:
    """Ten bought at 100, sold at 60 after 300 days, and bought again at 70: 400 of loss on top of 700."""
    history = [buy("a", 0, "10", "1000"), sell("s", 300, "10", "600"), buy("b", 320, "10", "700")]
    settlement = settle(history, rules())
    assert losses(settlement) == {"s": ("400", "0")}
    assert lots(settlement) == [("b", "10", "1100")]
    (lot,) = settlement.remaining
    assert lot.acquired_at == START + timedelta(days=20), "300 days before it was bought"
    sold = settle([*history, sell("t", 390, "10", "1200")], rules()).matches[-1]
    assert (sold.gain, sold.term) == (D(100), Term.LONG)


def test_as_much_of_a_loss_counts_as_is_not_bought_again() -> None:
    history = [buy("a", 0, "10", "1000"), sell("s", 100, "10", "600"), buy("b", 110, "4", "240")]
    settlement = settle(history, rules())
    assert losses(settlement) == {"s": ("160", "-240")}
    assert lots(settlement) == [("b", "4", "400")]


def test_a_part_of_a_bigger_purchase_is_a_lot_of_its_own() -> None:
    history = [buy("a", 0, "4", "400"), sell("s", 100, "4", "240"), buy("b", 110, "10", "600")]
    settlement = settle(history, rules())
    assert lots(settlement) == [("b", "6", "360"), ("b", "4", "400")]
    assert {lot.acquired_at for lot in settlement.remaining} == {START + timedelta(days=d) for d in (110, 10)}


def test_what_was_bought_before_the_sale_replaces_too_but_not_the_rest_of_the_lot_that_was_sold() -> None:
    alone = [buy("a", 0, "10", "1000"), sell("s", 5, "4", "200")]
    assert losses(settle(alone, rules())) == {}
    history = [buy("a", 0, "10", "1000"), buy("b", 80, "3", "210"), sell("s", 100, "10", "600")]
    settlement = settle(history, rules())
    assert losses(settlement) == {"s": ("120", "-280")}
    assert lots(settlement) == [("b", "3", "330")]


@pytest.mark.parametrize(("day", "is_washed"), [(130, True), (131, False)])
def test_the_thirtieth_day_is_in_the_window(day: int, is_washed: bool) -> None:
    """By the calendar: that it is later in the day makes no difference."""
    history = [buy("a", 0, "1", "100"), sell("s", 100, "1", "60"), buy("b", day + 0.4, "1", "60")]
    assert bool(losses(settle(history, rules()))) is is_washed


def test_days_are_those_of_the_taxpayers_calendar() -> None:
    """Thirty days and thirteen hours: in Los Angeles it is still the thirtieth day."""
    history = [buy("a", 0, "1", "100"), sell("s", 100, "1", "60"), buy("b", 130 + 13 / 24, "1", "60")]
    assert losses(settle(history, rules())) == {}
    assert losses(settle(history, rules(zone=ZoneInfo("America/Los_Angeles")))) == {"s": ("40", "0")}


def test_every_unit_replaces_once_and_the_earliest_loss_comes_first() -> None:
    history = [
        buy("a", 0, "2", "200"),
        sell("s", 100, "1", "70"),
        sell("t", 101, "1", "60"),
        buy("b", 110, "1", "60"),
        buy("c", 111, "5", "300"),
    ]
    settlement = settle(history, rules())
    assert losses(settlement) == {"s": ("30", "0"), "t": ("40", "0")}
    assert lots(settlement) == [("b", "1", "90"), ("c", "4", "240"), ("c", "1", "100")]
    assert losses(settle(history[:-1], rules())) == {"s": ("30", "0")}


def test_another_account_replaces_too_and_so_does_what_was_moved_there() -> None:
    bought = [buy("a", 0, "1", "100"), sell("s", 100, "1", "60"), buy("b", 110, "1", "60", "cold")]
    assert lots(settle(bought, rules())) == [("b", "1", "100")]
    moved = [
        buy("a", 0, "1", "100"),
        buy("b", 90, "1", "60", "other"),
        move("m", 95, "1", "other", "cold"),
        sell("s", 100, "1", "60"),
    ]
    settlement = settle(moved, rules())
    assert losses(settlement) == {"s": ("40", "0")}
    assert [(lot.account, lot.basis) for lot in settlement.remaining] == [("cold", D(100))]


def test_income_is_no_purchase() -> None:
    reward = buy("r", 105, "1", "60")._replace(kind=EntryKind.INCOME)
    assert losses(settle([buy("a", 0, "1", "100"), sell("s", 100, "1", "60"), reward], rules())) == {}


def test_a_warning_changes_no_figure() -> None:
    history = [buy("a", 0, "10", "1000"), sell("s", 100, "10", "600"), buy("b", 110, "4", "240")]
    warned, off = (settle(history, rules(wash_sale=kind)) for kind in (WashSale.WARN, WashSale.OFF))
    assert losses(warned) == {"s": ("0", "-400")}
    assert [m._replace(is_washed=False) for m in warned.matches] == list(off.matches)
    assert warned.remaining == off.remaining
    assert losses(off) == {}


def test_highest_cost_first_counts_the_loss_that_a_lot_has_taken_over() -> None:
    """The replacement costs 60 + 40, and goes before the one for 90; by price it goes after it."""
    history = [
        buy("a", 0, "1", "100"),
        sell("s", 100, "1", "60"),
        buy("b", 110, "1", "60")._replace(price=D(60)),
        buy("c", 150, "1", "90")._replace(price=D(90)),
        sell("t", 160, "1", "120"),
    ]
    assert settle(history, rules("hifo")).matches[-1].lot == "b"
    assert settle(history, rules("hifo", order_key=OrderKey.PRICE)).matches[-1].lot == "c"


def test_min_tax_knows_which_of_the_years_losses_do_not_count() -> None:
    """A loss of 400 would make the short gain of 300 free; as it was bought again, 500 at the long rate is cheaper."""
    history = [
        buy("old", -390, "10", "500", "other"),
        buy("a", 0, "10", "1000"),
        sell("s", 100, "10", "600"),
        buy("b", 110, "10", "600"),
        buy("new", 200, "10", "700", "other"),
        sell("t", 210, "10", "1000", "other"),
    ]
    assert settle(history, rules("min_tax")).matches[-1].lot == "old"
    assert settle(history, rules("min_tax", wash_sale=WashSale.OFF)).matches[-1].lot == "new"


CANADA = rules("average", scope=Scope.UNIVERSAL)


def test_canada_denies_the_loss_where_all_is_bought_again() -> None:
    """100 for 50, sold for 30, bought again the next day for 30: the loss of 2,000 waits for the purchase."""
    history = [buy("a", 0, "100", "5000"), sell("s", 300, "100", "3000"), buy("b", 301, "100", "3000")]
    settlement = settle(history, CANADA)
    assert losses(settlement) == {"s": ("2000", "0")}
    assert lots(settlement) == [("b", "100", "5000")]


def test_canada_denies_the_fraction_that_was_bought_and_kept() -> None:
    """Of 50, 20 are sold, and 15 bought again (the bulletin IT-456R, paragraph 12): 15 of 20 are denied."""
    history = [buy("a", 0, "50", "5000"), sell("s", 300, "20", "1000"), buy("b", 310, "15", "750")]
    settlement = settle(history, CANADA)
    assert losses(settlement) == {"s": ("750", "-250")}
    assert total(lot.basis for lot in settlement.remaining) == D(4000 - 1000 + 750) + D(750)


def test_canada_looks_at_what_is_left_at_the_end_of_the_window() -> None:
    """Bought, and all sold again: nothing stands for anything. Sold in part: the rest of the same purchase does."""
    all_sold = [buy("a", 0, "10", "1000"), sell("s", 5, "10", "600")]
    assert losses(settle(all_sold, CANADA)) == {}
    in_part = [buy("a", 0, "10", "1000"), sell("s", 5, "6", "360"), sell("t", 20, "1", "200")]
    assert losses(settle(in_part, CANADA)) == {"s": ("120", "-120")}


def test_canada_counts_each_acquired_unit_once() -> None:
    history = [
        buy("a", 0, "20", "2000"),
        sell("s", 100, "10", "600"),
        sell("t", 101, "10", "600"),
        buy("b", 110, "12", "720"),
    ]
    settlement = settle(history, CANADA)
    assert sum(m.disallowed > 0 for m in settlement.matches) == 2
    assert settlement.matches[0].disallowed == D(400)
    # The pool of the second sale had taken over the first loss: its ten cost 1,400, and two of them are bought again.
    assert settlement.matches[1].disallowed == D(160)
    assert lots(settlement) == [("b", "12", "880")]


def test_canada_adds_to_another_account_where_nothing_is_left_in_the_own() -> None:
    history = [buy("a", 0, "1", "100"), buy("b", 80, "1", "60", "cold"), sell("s", 100, "1", "60")]
    assert lots(settle(history, replace(CANADA, scope=Scope.ACCOUNT))) == [("b", "1", "100")]


def test_average_is_not_mixed_with_lots_while_losses_are_denied() -> None:
    mixed = rules("average", by_year=((2024, LotMethod.FIFO),))
    with pytest.raises(InvalidValue, match="method: average cannot be mixed"):
        settle([], mixed)


def test_the_united_kingdom_has_its_own_rule() -> None:
    history = [buy("a", 0, "1", "100"), sell("s", 100, "1", "60"), buy("b", 110, "1", "70")]
    (match,) = settle(history, rules("uk_s104")).matches
    assert (match.cost, match.is_washed, match.disallowed) == (D(70), False, D(0))


@pytest.mark.parametrize("method", ["fifo", "average"])
def test_a_method_that_the_law_does_not_leave_is_refused(method: str) -> None:
    british = replace(profile(), name="uk", methods=(LotMethod.UK,))
    with pytest.raises(InvalidValue, match=f"method: {method} is not for the profile uk; choose of uk_s104"):
        settle([], replace(rules(method), profile=british))
    with pytest.raises(InvalidValue, match="choose of uk_s104"):
        settle([], replace(rules("uk_s104"), by_year=((2024, LotMethod(method)),), profile=british))


AMOUNTS = st.integers(1, 99).map(lambda n: f"{D(n) / 7:.8f}")


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """Purchases, sales, rewards and moves of one asset on three accounts within some months."""
    entries = []
    for number in range(draw(st.integers(1, 14))):
        day, account = draw(st.integers(0, 100)), draw(st.sampled_from(["main", "cold", "third"]))
        quantity, money = draw(AMOUNTS), draw(AMOUNTS)
        kind = draw(st.sampled_from(["buy", "buy", "sell", "sell", "income", "move"]))
        if kind == "move":
            entries.append(move(f"e{number}", day, quantity, account, "cold" if account == "main" else "main"))
        else:
            entry = (sell if kind == "sell" else buy)(f"e{number}", day, quantity, money, account)
            entries.append(entry._replace(kind=EntryKind.INCOME) if kind == "income" else entry)
    return entries


@exact
def basis_in_and_out(entries: list[Entry], settlement: Settlement) -> tuple[Decimal, Decimal]:
    opened = total(e.value for e in entries if e.kind in {EntryKind.ACQUIRE, EntryKind.INCOME} and e.value is not None)
    out = total(m.cost for m in settlement.matches) + total(lot.basis for lot in settlement.remaining)
    return opened + total(m.disallowed for m in settlement.matches), out


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(
    entries=histories(),
    method=st.sampled_from(["fifo", "lifo", "hifo", "lofo", "average", "min_tax"]),
    scope=st.sampled_from(Scope),
    wash_sale=st.sampled_from(WashSale),
)
def test_no_basis_is_made_or_lost(entries: list[Entry], method: str, scope: Scope, wash_sale: WashSale) -> None:
    """Basis in and losses that do not count are cost out and basis left, to the last digit; so are the units."""
    own = rules(method, wash_sale, scope=scope, shortfall=Shortfall.ZERO_BASIS)
    settlement = settle(entries, own)
    came_in, went_out = basis_in_and_out(entries, settlement)
    assert came_in == went_out
    off = settle(entries, replace(own, profile=profile(WashSale.OFF)))
    for side in ("matches", "remaining"):
        units = [total(each.quantity for each in getattr(s, side)) for s in (settlement, off)]
        assert units[0] == units[1]
    for match in settlement.matches:
        assert match.disallowed == 0 or match.is_washed
        if method != "average":
            assert match.disallowed == 0 or (match.gain is not None and match.gain <= 0 <= match.disallowed)
