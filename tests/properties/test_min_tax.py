"""The least tax is never beaten: not by trying all ways in whole units, and not by another method."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from engine.api import LotRules, settle
from engine.model.ids import Asset
from engine.model.lots import Entry, EntryKind, LotMethod, Settlement, Term
from engine.model.tax import Bracket, TaxProfile, YearRules
from tests.properties.histories import decimal
from tests.properties.tax_oracle import Law, Lawmaker, Rates, Stock, least_tax

NOW: Final = datetime(2025, 6, 1, 12, tzinfo=UTC)
LONG_AGO, LATELY = timedelta(days=500), timedelta(days=100)
HAIR: Final = Fraction(1, 10**9)
BEFORE: Final = {True: "before-long", False: "before-short"}
SEEDS = st.integers(0, 2**40)
AT_A_TIME: Final = 3
OTHERS = (LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO, LotMethod.LOFO)


@given(seed=SEEDS)
def test_the_least_tax_is_never_beaten(seed: int) -> None:
    """By any way to serve the sales of one instant: several assets and prices together, in a year that has begun."""
    for number in range(AT_A_TIME):
        maker = Lawmaker(seed * AT_A_TIME + number)
        law, stocks = maker.law(), maker.stocks()
        maker.random.shuffle(stocks)
        settlement = settled(law, stocks, LotMethod.MIN_TAX)
        assert tax_of(law, settlement) <= least_tax(law, stocks) + HAIR, (law, stocks)
        assert sold_in(settlement) == sum(units for stock in stocks for units, _ in stock.sales)


@given(seed=SEEDS)
def test_no_other_method_is_cheaper(seed: int) -> None:
    """Those that choose lots, on the same sales."""
    maker = Lawmaker(seed)
    law, stocks = maker.law(), maker.stocks()
    least = tax_of(law, settled(law, stocks, LotMethod.MIN_TAX))
    for method in OTHERS:
        assert least <= tax_of(law, settled(law, stocks, method)) + HAIR, (method, law, stocks)


@given(seed=SEEDS)
def test_what_the_year_has_brought_counts_wherever_it_is_known_from(seed: int) -> None:
    """From sales in the ledger as from results that were told."""
    maker = Lawmaker(seed)
    law, stocks = maker.law(), maker.stocks()
    told = settled(law, stocks, LotMethod.MIN_TAX)
    ledger = [*earlier(law), *(entry for number, stock in enumerate(stocks) for entry in entries(number, stock))]
    known = settle(ledger, LotRules(LotMethod.MIN_TAX, profile=profile(law, (Fraction(0), Fraction(0)))))
    matches = tuple(match for match in known.matches if match.asset != "B")
    assert tax_of(law, told) == tax_of(law, Settlement(matches, (), (), ()))


def earlier(law: Law) -> list[Entry]:
    """Sales of the year that came to what the law was told."""
    found = []
    for is_long, result in zip((False, True), law.before, strict=True):
        name, bought = BEFORE[is_long], NOW - (LONG_AGO if is_long else LATELY)
        worth = decimal(result + 100)
        found.append(Entry(f"{name}-lot", bought, EntryKind.ACQUIRE, Asset("B"), name, Decimal(1), Decimal(100)))
        sold = NOW - timedelta(days=10)
        found.append(Entry(name, sold, EntryKind.DISPOSE, Asset("B"), name, Decimal(1), worth))
    return found


def settled(law: Law, stocks: list[Stock], method: LotMethod) -> Settlement:
    ledger = [entry for number, stock in enumerate(stocks) for entry in entries(number, stock)]
    return settle(ledger, LotRules(method, profile=profile(law, law.before)))


def entries(number: int, stock: Stock) -> list[Entry]:
    """A stock and its sales of one instant; no two lots were bought at the same time."""
    asset, found = Asset(f"T{number}"), []
    for place, (units, cost, is_long) in enumerate(stock.lots):
        bought = NOW - (LONG_AGO if is_long else LATELY) - timedelta(days=place)
        name = f"{asset}-{place}"
        found.append(Entry(name, bought, EntryKind.ACQUIRE, asset, "main", Decimal(units), decimal(cost * units)))
    for place, (units, price) in enumerate(stock.sales):
        name = f"{asset}-sale-{place}"
        found.append(Entry(name, NOW, EntryKind.DISPOSE, asset, "main", Decimal(units), decimal(price * units)))
    return found


def profile(law: Law, before: tuple[Fraction, Fraction]) -> TaxProfile:
    year = YearRules(
        short_brackets=brackets(law.short),
        long_brackets=brackets(law.long),
        income=decimal(law.income),
        nets_terms=law.nets,
        loss_cap=decimal(law.cap),
        carried_loss_rate=decimal(law.carried),
        allowance=decimal(law.allowance),
        free_below=decimal(law.free_below),
        inclusion=decimal(law.inclusion),
        short_to_date=decimal(before[0]),
        long_to_date=decimal(before[1]),
    )
    return TaxProfile("here", years=((NOW.year, year),))


def brackets(rates: Rates) -> tuple[Bracket, ...]:
    return tuple(Bracket(decimal(level), decimal(rate)) for level, rate in rates)


def tax_of(law: Law, settlement: Settlement) -> Fraction:
    """What the law asks for these sales."""
    gain = {term: Fraction(0) for term in Term}
    for match in settlement.matches:
        gain[match.term] += Fraction(match.gain or 0)
    return law.tax(gain[Term.SHORT], gain[Term.LONG])


def sold_in(settlement: Settlement) -> Fraction:
    return sum((Fraction(match.quantity) for match in settlement.matches), Fraction(0))
