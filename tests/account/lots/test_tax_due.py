"""The tax on a year's gains, in figures worked out by hand; and that its bends are where they are said to be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.account.lots.tax_due import kinks, tax_due
from engine.model.money import exact
from engine.model.tax import Bracket, YearRules

D = Decimal


def brackets(*rows: tuple[str, str]) -> tuple[Bracket, ...]:
    return tuple(Bracket(D(above), D(rate)) for above, rate in rows)


FLAT = YearRules(brackets(("0", "0.4")), brackets(("0", "0.2")))
CAPPED = replace(FLAT, loss_cap=D(3000), carried_loss_rate=D("0.1"))
STEPS = YearRules(
    brackets(("0", "0.1"), ("10000", "0.2"), ("50000", "0.4")),
    brackets(("0", "0"), ("40000", "0.15")),
    income=D(8000),
)
GERMAN = YearRules(brackets(("0", "0.5")), brackets(("0", "0")), nets_terms=False, free_below=D(1000))
SURCHARGED = replace(STEPS, surcharge_brackets=brackets(("0", "0"), ("20000", "0.038")))


@pytest.mark.parametrize(
    ("short", "long", "due"),
    [
        ("1000", "1000", "600"),
        ("-400", "1000", "120"),  # 600 are left, and they are long
        ("1000", "-400", "240"),  # 600 are left, and they are short
        ("-1000", "400", "0"),
        ("-1000", "-1000", "0"),
    ],
)
def test_a_loss_of_one_term_is_set_against_a_gain_of_the_other(short: str, long: str, due: str) -> None:
    assert tax_due(FLAT, D(short), D(long)) == D(due)


def test_without_netting_a_long_loss_is_worth_nothing() -> None:
    apart = replace(FLAT, nets_terms=False, carried_loss_rate=D("0.1"))
    assert tax_due(apart, D(1000), D(-5000)) == D(400)
    assert tax_due(apart, D(-1000), D(5000)) == D(900), "a short one is carried on, and is no match for a long gain"


def test_a_net_loss_saves_tax_up_to_the_cap_and_what_goes_beyond_is_carried() -> None:
    """At 40 %, and a tenth of the rest: 1,200 of the first 3,000."""
    assert tax_due(CAPPED, D(-2000), D(0)) == D(-800)
    assert tax_due(CAPPED, D(-2000), D(-1000)) == D(-1200)
    assert tax_due(CAPPED, D(-5000), D(1000)) == D(-1300)


def test_the_allowance_is_taken_off_short_gains_first() -> None:
    allowed = replace(FLAT, allowance=D(3000))
    assert tax_due(allowed, D(2000), D(900)) == 0
    assert tax_due(allowed, D(2000), D(1500)) == D(100)
    assert tax_due(allowed, D(4000), D(1500)) == D(700)


@pytest.mark.parametrize(("short", "due"), [("999.99", "0"), ("1000", "500"), ("-3000", "0")])
def test_from_the_limit_on_all_is_taxed(short: str, due: str) -> None:
    """The German limit is a cliff."""
    assert tax_due(GERMAN, D(short), D(0)) == D(due)


def test_what_was_held_for_long_does_not_count_towards_the_german_limit() -> None:
    assert tax_due(GERMAN, D(900), D(50000)) == 0
    assert tax_due(GERMAN, D(1000), D(-50000)) == D(500)


def test_with_netting_all_gains_count_towards_the_limit() -> None:
    assert tax_due(replace(FLAT, free_below=D(1000)), D(400), D(500)) == 0
    assert tax_due(replace(FLAT, free_below=D(1000)), D(400), D(600)) == D(280)


def test_only_the_included_part_of_a_gain_is_taxed() -> None:
    half = replace(FLAT, inclusion=D("0.5"))
    assert tax_due(half, D(1000), D(1000)) == D(300)


def test_short_gains_fill_the_brackets_first_and_long_ones_come_on_top() -> None:
    """Income 8,000; 2,000 at 10 % and 28,000 at 20 %; then 2,000 free and 8,000 at 15 %."""
    assert tax_due(STEPS, D(30000), D(10000)) == D(200 + 5600 + 1200)
    assert tax_due(STEPS, D(0), D(32000)) == 0
    assert tax_due(STEPS, D(0), D(33000)) == D(150)


def test_a_loss_saves_what_the_last_of_the_income_costs() -> None:
    """Of an income of 11,000, 1,000 are taxed at 20 % and the next 2,000 at 10 %."""
    assert tax_due(replace(STEPS, income=D(11000), loss_cap=D(3000)), D(-9000), D(0)) == D(-400)


def test_below_the_first_bracket_its_rate_holds_on() -> None:
    """So that a flat rate needs no income beside it."""
    assert tax_due(replace(CAPPED, income=D(0)), D(-1000), D(0)) == D(-400)


def test_a_surcharge_is_on_all_gains_above_a_level_of_income() -> None:
    """Income 8,000 and 20,000 of gains: 8,000 of them lie above 20,000."""
    plain, more = (tax_due(rules, D(5000), D(15000)) for rules in (STEPS, SURCHARGED))
    assert more - plain == D(304)
    assert tax_due(SURCHARGED, D(5000), D(5000)) == tax_due(STEPS, D(5000), D(5000))
    assert tax_due(SURCHARGED, D(-5000), D(0)) == tax_due(STEPS, D(-5000), D(0))


AMOUNT = st.integers(0, 800).map(lambda n: D(n * 100))
GAIN = st.integers(-4000, 4000).map(lambda n: D(n * 25) / 2)
RATE = st.integers(0, 60).map(lambda n: D(n) / 100)


@st.composite
def lists(draw: st.DrawFn) -> tuple[Bracket, ...]:
    """Brackets that rise from 0 on."""
    bounds = sorted(draw(st.sets(AMOUNT.filter(bool), max_size=3)))
    rates = sorted(draw(st.lists(RATE, min_size=len(bounds) + 1, max_size=len(bounds) + 1)))
    return tuple(Bracket(above, rate) for above, rate in zip([D(0), *bounds], rates, strict=True))


RULES = st.builds(
    YearRules,
    short_brackets=lists(),
    long_brackets=lists(),
    surcharge_brackets=st.one_of(st.just(()), lists()),
    income=AMOUNT,
    nets_terms=st.booleans(),
    loss_cap=AMOUNT,
    carried_loss_rate=RATE,
    allowance=AMOUNT,
    free_below=st.one_of(st.just(D(0)), AMOUNT),
    inclusion=st.sampled_from([D(1), D("0.5")]),
)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(rules=RULES, short=GAIN, long=GAIN, more=AMOUNT)
def test_more_gain_of_either_kind_never_means_less_tax(
    rules: YearRules, short: Decimal, long: Decimal, more: Decimal
) -> None:
    due = tax_due(rules, short, long)
    assert tax_due(rules, short + more, long) >= due
    assert tax_due(rules, short, long + more) >= due


@exact
def bends_along(rules: YearRules, start: tuple[Decimal, Decimal], step: tuple[Decimal, Decimal]) -> list[Decimal]:
    """How far along a step, from 0 to 1, the tax is said to bend."""
    bends = kinks(rules)
    lines = [
        (start[0], step[0], bends.short),
        (start[1], step[1], bends.long),
        (sum(start), sum(step), bends.both),
    ]
    found = {(level - origin) / length for origin, length, levels in lines if length for level in levels}
    return [D(0), *sorted(fraction for fraction in found if 0 < fraction < 1), D(1)]


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(rules=RULES, start=st.tuples(GAIN, GAIN), goal=st.tuples(GAIN, GAIN))
def test_between_two_bends_the_tax_is_a_straight_line(
    rules: YearRules, start: tuple[Decimal, Decimal], goal: tuple[Decimal, Decimal]
) -> None:
    """Half-way between two points of one piece the tax is half-way too, along any line. At a bend it may jump."""
    step = goal[0] - start[0], goal[1] - start[1]
    for low, high in pairwise(bends_along(rules, start, step)):
        places = [low + (high - low) * share for share in (D("0.25"), D("0.5"), D("0.75"))]
        taxes = [tax_due(rules, start[0] + step[0] * at, start[1] + step[1] * at) for at in places]
        assert abs(taxes[0] + taxes[2] - 2 * taxes[1]) < D("1e-9")
