"""What trades teach about estimates: by venue and asset, bounded, and the same for the same trades."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.costs import Experience, LegCost
from engine.model.ids import Asset, LegId, VenueName
from engine.model.money import Money, use_exact_context
from engine.pricing.experience import LEAST_EXTRA, MOST_EXTRA, extra_bps, learned

ALPHA, BTC = VenueName("alpha"), Asset("BTC")


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def leg(off_bps: str, *, venue: str = "alpha", traded: str = "1000", unpriced: tuple[Asset, ...] = ()) -> LegCost:
    """A leg that was estimated at 10 bps, and came to so much more."""
    worth = Decimal(traded)
    estimated, off = worth / 1000, worth * Decimal(off_bps) / 10_000
    return LegCost(
        leg=LegId("L1"),
        venue=VenueName(venue),
        asset=BTC,
        traded=Money(worth),
        estimated=Money(estimated),
        fee=Money(estimated),
        slippage=Money(off),
        delay=timedelta(seconds=1),
        unpriced=unpriced,
    )


def after(*legs: LegCost) -> tuple[Experience, ...]:
    known: tuple[Experience, ...] = ()
    for each in legs:
        known = learned(known, (each,))
    return known


def test_what_is_learned_is_the_mean_of_the_first_legs() -> None:
    """2, 4 and 6 bps beyond the estimates; amounts add up."""
    (known,) = after(leg("2"), leg("4"), leg("6", traded="3000"))
    assert (known.venue, known.asset, known.legs, known.excess_bps) == (ALPHA, BTC, 3, 4)
    assert (known.traded, known.estimated, known.real) == (
        5000,
        5,
        Decimal("5") + Decimal("0.2") + Decimal("0.4") + Decimal("1.8"),
    )


def test_later_an_eighth_of_each_new_leg_counts() -> None:
    """Eight at 0, then one at 8."""
    (known,) = after(*[leg("0")] * 8, leg("8"))
    assert known.excess_bps == 1


def test_too_few_legs_teach_nothing_yet() -> None:
    """Three do."""
    assert [extra_bps(after(*[leg("6")] * n), ALPHA, BTC) for n in (1, 2, 3)] == [0, 0, 6]


def test_one_leg_teaches_no_more_than_25_bps() -> None:
    """The market moves while slices are under way: that is no property of the venue."""
    (known,) = after(leg("500"), leg("-500"))
    assert known.excess_bps == 0


def test_each_venue_is_known_by_its_own_trades() -> None:
    """In the order of names."""
    known = after(*[leg("5", venue="beta")] * 3, *[leg("1")] * 3)
    assert [each.venue for each in known] == ["alpha", "beta"]
    assert (extra_bps(known, ALPHA, BTC), extra_bps(known, VenueName("beta"), BTC)) == (1, 5)
    assert extra_bps(known, ALPHA, Asset("ETH")) == 0


def test_what_cannot_be_counted_teaches_nothing() -> None:
    """A fee in a coin without a mark; a leg that traded nothing; a slice on another venue than was reckoned with."""
    assert after(replace(leg("5"), is_rerouted=True)) == ()
    assert after(leg("5", unpriced=(Asset("BNB"),)), leg("0", traded="0")) == ()


@given(st.lists(st.integers(-10_000, 10_000).map(lambda bps: leg(str(bps))), max_size=30))
def test_the_correction_is_bounded(legs: list[LegCost]) -> None:
    """Whatever happened."""
    use_exact_context()
    assert LEAST_EXTRA <= extra_bps(after(*legs), ALPHA, BTC) <= MOST_EXTRA
