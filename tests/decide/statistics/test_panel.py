"""The grid: steps that are over, the last price of each, and no price where there was none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide.statistics.covariance import covariance
from engine.decide.statistics.panel import DAY, HOUR, LONGEST, ReturnsPanel, returns_panel
from engine.model.decision import PriceSeries
from engine.model.ids import Asset
from engine.model.money import Price
from tests.builders import BTC, ETH, SOL, T0
from tests.decide.statistics.prices import history, names, one_factor, panel

UNKNOWN = float("nan")


def closes(asset: Asset, *prices: tuple[timedelta, str], start: datetime = T0) -> PriceSeries:
    return PriceSeries(asset, tuple((start + after, Price(Decimal(price))) for after, price in prices))


def made(
    *series: PriceSeries, now: datetime, step: timedelta = DAY, assets: Sequence[Asset] = (BTC, ETH)
) -> ReturnsPanel:
    found = returns_panel(series, assets, now, step)
    assert found is not None
    return found


def test_a_return_leads_from_one_end_of_a_day_to_the_next() -> None:
    """100, 110 and 99: the log of each ratio."""
    found = made(closes(BTC, (0 * DAY, "100"), (DAY, "110"), (2 * DAY, "99")), now=T0 + 2 * DAY)
    np.testing.assert_allclose(found.returns[:, 0], np.log([1.1, 0.9]))
    assert [found.instant(point) for point in range(3)] == [T0, T0 + DAY, T0 + 2 * DAY]
    assert found.last == T0 + 2 * DAY


def test_of_hourly_prices_a_day_takes_its_last() -> None:
    """Also where the last hours of the day are missing: it was paid that day."""
    hourly = closes(BTC, (0 * HOUR, "100"), (5 * HOUR, "500"), (23 * HOUR, "120"), (48 * HOUR, "132"))
    found = made(hourly, now=T0 + 3 * DAY)
    np.testing.assert_allclose(found.returns[:, 0], np.log([1.2, 1.1]))


def test_a_step_that_is_not_over_is_not_looked_at() -> None:
    """A price of today counts tomorrow: until then all looks see the same panel, the very same object."""
    known = (closes(BTC, (0 * DAY, "100"), (DAY, "110"), (DAY + HOUR, "200")),)
    found = made(*known, now=T0 + DAY + HOUR)
    assert len(found.returns) == 1
    assert made(*known, now=T0 + DAY + 3 * HOUR) is found
    assert len(made(*known, now=T0 + 2 * DAY).returns) == 2


def test_a_gap_is_not_bridged() -> None:
    """Neither the day without a price nor the one after it has a return, although ether was priced on both."""
    bitcoin = closes(BTC, (0 * DAY, "100"), (DAY, "110"), (3 * DAY, "150"), (4 * DAY, "165"))
    ether = closes(ETH, *((number * DAY, str(10 + number)) for number in range(5)))
    found = made(bitcoin, ether, now=T0 + 4 * DAY)
    np.testing.assert_allclose(found.returns[:, 0], [np.log(1.1), UNKNOWN, UNKNOWN, np.log(1.1)])
    assert found.known() == {BTC: 2, ETH: 4}


def test_a_day_on_which_nothing_was_priced_is_a_gap_too() -> None:
    """Age counts in days, not in prices."""
    found = made(closes(BTC, (0 * DAY, "100"), (DAY, "110"), (5 * DAY, "150")), now=T0 + 6 * DAY)
    assert len(found.returns) == 5
    assert found.known()[BTC] == 1


def test_an_asset_may_begin_later_or_be_unknown() -> None:
    """A single price is no return, and an asset without any has an empty column."""
    bitcoin = closes(BTC, *((number * DAY, "100") for number in range(3)))
    found = made(bitcoin, closes(ETH, (2 * DAY, "10")), now=T0 + 2 * DAY, assets=(SOL, ETH, BTC))
    assert found.assets == (SOL, ETH, BTC)
    assert found.known() == {SOL: 0, ETH: 0, BTC: 2}


def test_nothing_is_made_of_nothing() -> None:
    """No series, none with a price yet, and none with a price above zero."""
    assert returns_panel((), (BTC,), T0) is None
    assert returns_panel((closes(BTC, (DAY, "100")),), (BTC,), T0) is None
    assert returns_panel((closes(BTC, (0 * DAY, "0")),), (BTC,), T0 + DAY) is None


def test_what_is_very_old_is_left_out() -> None:
    """One price of decades ago does not make decades of empty rows."""
    old = closes(BTC, (-20 * LONGEST // 4, "1"), (0 * DAY, "100"), (DAY, "110"))
    assert len(made(old, now=T0 + DAY).returns) == LONGEST // DAY


def test_ends_of_days_are_those_in_utc_and_the_last_row() -> None:
    """Hourly returns from midnight to six o'clock on the third day."""
    hourly = closes(BTC, *((number * HOUR, "100") for number in range(55)))
    found = made(hourly, now=T0 + 54 * HOUR, step=HOUR)
    assert [found.instant(int(row) + 1) for row in found.day_ends()] == [T0 + DAY, T0 + 2 * DAY, T0 + 54 * HOUR]


def test_a_series_that_grows_and_loses_its_oldest_is_read_as_if_it_were_new() -> None:
    """What was read before is used again: the panel must not show it."""
    drawn = one_factor(seed=1, count=60, assets=2)
    earlier, later = history(drawn[:50], end=T0), history(drawn[10:], end=T0 + 10 * DAY)
    grown = tuple(
        PriceSeries(a.asset, (*a.closes[10:], *(c for c in b.closes if c[0] > T0)))
        for a, b in zip(earlier, later, strict=True)
    )
    made(*earlier, now=T0, assets=names(2))
    found = made(*grown, now=T0 + 10 * DAY, assets=names(2))
    other = Asset("other")
    anew = made(*(PriceSeries(other, each.closes) for each in grown[:1]), now=T0 + 10 * DAY, assets=(other,))
    np.testing.assert_array_equal(found.log_prices[:, :1], anew.log_prices)


def test_another_series_of_the_same_asset_is_not_taken_for_the_one_before() -> None:
    """As of another portfolio, in another numeraire: same asset, same instants, other prices."""
    dollars, euros = (closes(BTC, (0 * DAY, "100"), (DAY, price)) for price in ("110", "121"))
    for series, growth in ((dollars, 1.1), (euros, 1.21), (dollars, 1.1)):
        np.testing.assert_allclose(made(series, now=T0 + DAY).returns[:, 0], np.log(growth))


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 10_000), st.integers(35, 60), st.randoms(use_true_random=False))
def test_nothing_later_than_now_changes_anything(seed: int, until: int, draw: Random) -> None:
    """Later closes that are shuffled, changed or taken away leave the same panel, and the same correlations."""
    drawn = history(one_factor(seed, 80, 3), end=T0 + 80 * DAY)
    now = T0 + until * DAY + 5 * HOUR
    past = [tuple(c for c in each.closes if c[0] <= now) for each in drawn]
    prices = [Price(Decimal(draw.randint(1, 1000))) for _ in range(80)]
    draw.shuffle(prices)
    changed = [
        tuple((at, prices[number % 80]) for number, (at, _) in enumerate(each.closes) if at > now) for each in drawn
    ]
    with_later = made(*drawn, now=now, assets=names(3))
    without = made(*(PriceSeries(a, c) for a, c in zip(names(3), past, strict=True)), now=now, assets=names(3))
    shuffled = made(
        *(PriceSeries(a, (*p, *reversed(c))) for a, p, c in zip(names(3), past, changed, strict=True)),
        now=now,
        assets=names(3),
    )
    before = covariance(with_later)
    assert before is not None
    for other in (without, shuffled):
        np.testing.assert_array_equal(with_later.log_prices, other.log_prices)
        after = covariance(other)
        assert after is not None
        np.testing.assert_array_equal(before.matrix, after.matrix)


def test_a_panel_is_not_changed_by_who_reads_it() -> None:
    """It is remembered: a change would be seen by the next look."""
    found = panel(one_factor(seed=2, count=40, assets=2))
    assert not found.returns.flags.writeable
    assert not found.log_prices.flags.writeable
