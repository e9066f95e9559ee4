"""What holds for every history: it comes out as brute force says, nothing is lost, and no total hangs on chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api import LotRules, settle
from engine.model.lots import OPENS, Entry, LotMethod, Scope, Settlement, Term
from engine.model.tax import Bracket, TaxProfile, YearRules
from tests.properties.histories import entries, histories
from tests.properties.lots_oracle import ByLots, Happening, Outcome, by_uk_rules

HAIR = Fraction(1, 10**14)
"""Shares are cut to 18 decimals, a few dozen times at the most."""
BY_LOTS = [LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO, LotMethod.LOFO, LotMethod.AVERAGE]
WITHOUT_NAMES = [method for method in LotMethod if method is not LotMethod.SPECIFIC]
RATES = YearRules((Bracket(Decimal(0), Decimal("0.4")),), (Bracket(Decimal(0), Decimal("0.2")),), loss_cap=Decimal(50))
HERE = TaxProfile("here", years=(), every_year=RATES)


def settled(history: list[Happening], method: LotMethod, scope: Scope = Scope.ACCOUNT) -> Settlement:
    return settle(entries(history), LotRules(method, scope=scope, profile=HERE))


def near(one: Fraction | Decimal, other: Fraction | Decimal) -> bool:
    return abs(Fraction(one) - Fraction(other)) <= HAIR


def gain(settlement: Settlement, *terms: Term) -> Decimal:
    return sum((match.gain or Decimal(0) for match in settlement.matches if match.term in terms), Decimal(0))


# --- against brute force -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("method", BY_LOTS)
@given(history=histories())
def test_a_history_is_matched_as_by_brute_force(method: LotMethod, scope: Scope, history: list[Happening]) -> None:
    """Each sale's lots, their costs and terms, what is left where, gains and income."""
    expected = ByLots(method.value, universal=scope is Scope.UNIVERSAL).run(history)
    settlement = settled(history, method, scope)
    assert_the_same_lots(settlement, expected)
    assert near(gain(settlement, Term.SHORT), expected.gain["short"])
    assert near(gain(settlement, Term.LONG), expected.gain["long"])
    assert sum(income.value for income in settlement.income) == expected.income
    assert_the_same_is_left(settlement, expected, scope)


def assert_the_same_lots(settlement: Settlement, expected: Outcome) -> None:
    used: dict[tuple[str, str | None], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for m in settlement.matches:
        row = used[m.entry, m.lot]
        used[m.entry, m.lot] = [row[0] + m.quantity, row[1] + m.cost, row[2] + (m.proceeds or 0)]
    assert used.keys() == expected.used.keys()
    for key, (quantity, cost, proceeds) in expected.used.items():
        assert Fraction(used[key][0]) == quantity
        assert near(used[key][1], cost)
        assert near(used[key][2], proceeds)


def assert_the_same_is_left(settlement: Settlement, expected: Outcome, scope: Scope) -> None:
    left: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for held in expected.held:
        left["" if scope is Scope.UNIVERSAL else held.account, held.name] += held.quantity
    for lot in settlement.remaining:
        left["" if scope is Scope.UNIVERSAL else lot.account, lot.id] -= Fraction(lot.quantity)
    assert set(left.values()) <= {0}
    assert near(sum(lot.basis for lot in settlement.remaining), sum((h.basis for h in expected.held), Fraction(0)))


@given(history=histories())
def test_the_uk_s_rules_match_as_by_brute_force(history: list[Happening]) -> None:
    """Day by day and rule by rule, and the pool that is left."""
    expected = by_uk_rules(history)
    settlement = settled(history, LotMethod.UK)
    used: dict[tuple[object, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 2)
    for m in settlement.matches:
        row = used[m.at.date(), str(m.rule)]
        used[m.at.date(), str(m.rule)] = [row[0] + m.quantity, row[1] + m.cost]
    assert {key for key, row in used.items() if row[0]} == expected.used.keys()
    for key, (quantity, cost) in expected.used.items():
        assert Fraction(used[key][0]) == quantity
        assert near(used[key][1], cost)
    assert near(gain(settlement, *Term), expected.gain)
    assert sum((Fraction(lot.quantity) for lot in settlement.remaining), Fraction(0)) == expected.pool[0]
    assert near(sum((lot.basis for lot in settlement.remaining), Decimal(0)), expected.pool[1])


# --- nothing is lost -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("method", WITHOUT_NAMES)
@given(history=histories())
def test_quantity_and_basis_are_conserved_to_the_last_digit(
    method: LotMethod, scope: Scope, history: list[Happening]
) -> None:
    """What came in is what went out and what is left, and every sale's parts add up to the sale."""
    ledger = entries(history)
    settlement = settle(ledger, LotRules(method, scope=scope, profile=HERE))
    opened = [entry for entry in ledger if entry.kind in OPENS]
    matched, left = settlement.matches, settlement.remaining
    assert exactly(e.quantity for e in opened) == exactly([*(m.quantity for m in matched), *(o.quantity for o in left)])
    assert exactly(e.value for e in opened) == exactly([*(m.cost for m in matched), *(o.basis for o in left)])
    assert all(lot.quantity > 0 for lot in left)
    for entry in ledger:
        own = [match for match in matched if match.entry == entry.id]
        if own:
            is_way = bool(entry.to_account)
            assert exactly(m.quantity for m in own) == (entry.fee_quantity if is_way else entry.quantity)
            worth = entry.fee_value if is_way else entry.value
            assert all((m.proceeds is None) == (worth is None) for m in own)
            assert exactly(m.proceeds for m in own) == (worth or 0)


def exactly(numbers: Iterable[Decimal | None]) -> Fraction:
    """The exact sum of those that there are."""
    return sum((Fraction(number) for number in numbers if number is not None), Fraction(0))


# --- nothing hangs on chance ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", WITHOUT_NAMES)
@given(history=histories())
def test_a_history_that_is_replayed_is_the_same(method: LotMethod, history: list[Happening]) -> None:
    """To the last field of the last record."""
    assert settled(history, method) == settled(history, method)


@pytest.mark.parametrize("method", WITHOUT_NAMES)
@given(history=histories(), seed=st.integers(0, 10**6))
def test_in_which_order_purchases_are_written_changes_nothing(
    method: LotMethod, history: list[Happening], seed: int
) -> None:
    """Those of one instant, and all others; sales keep their order among each other."""
    ledger = entries(history)
    opened = [entry for entry in ledger if entry.kind in OPENS]
    Random(seed).shuffle(opened)
    others = [entry for entry in ledger if entry.kind not in OPENS]
    rules = LotRules(method, profile=HERE)
    assert settle([*others, *opened], rules) == settle(ledger, rules)


@pytest.mark.parametrize("method", BY_LOTS)
@given(history=histories(), seed=st.integers(0, 10**6))
def test_in_which_order_sales_of_one_instant_are_written_changes_no_total(
    method: LotMethod, history: list[Happening], seed: int
) -> None:
    """Gain, income, and what is left. Those sales that book no gain take their lots in between, and are left out."""
    ledger = [
        e for e in entries([h for h in history if h.kind != "transfer"]) if e.kind in OPENS or e.value is not None
    ]
    rules = LotRules(method, scope=Scope.UNIVERSAL)
    ledger = only_what_is_there(ledger)
    mixed = list(ledger)
    Random(seed).shuffle(mixed)
    mixed.sort(key=lambda entry: entry.at)
    one, other = settle(ledger, rules), settle(mixed, rules)
    assert near(gain(one, *Term), gain(other, *Term))
    assert one.income == other.income
    assert [(lot.id, lot.quantity) for lot in one.remaining] == [(lot.id, lot.quantity) for lot in other.remaining]


def only_what_is_there(ledger: list[Entry]) -> list[Entry]:
    """Without sales of what a transfer, that is no longer there, had brought."""
    held, kept = Decimal(0), []
    for entry in sorted(ledger, key=lambda entry: (entry.at, entry.kind not in OPENS)):
        if entry.kind in OPENS or entry.quantity <= held:
            held += entry.quantity if entry.kind in OPENS else -entry.quantity
            kept.append(entry)
    return kept
