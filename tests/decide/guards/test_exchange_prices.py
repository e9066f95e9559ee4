"""When a venue's prices and books speak against it, and when they prove nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model.ids import VenueName
from engine.model.money import Quantity
from engine.model.portfolio import Balance, VenueHealth, VenueSnapshot
from engine.model.reasons import ReasonCode
from tests import builders as b
from tests.builders import T0, Market
from tests.decide.guards.bedside import (
    DEGRADED,
    HALTED,
    HEALTHY,
    HOUR,
    MINUTE,
    Bedside,
    codes,
)

R = ReasonCode


def test_prices_off_by_more_than_a_hundredth_degrade_after_ten_minutes() -> None:
    """Most of them, in the same time; what is off for a moment is not."""
    bedside = Bedside()
    bedside.look()
    bedside.prices("61000", "3050")
    assert bedside.look().health is HEALTHY
    assert bedside.until(DEGRADED) == 10 * MINUTE
    verdict = bedside.verdicts["alpha"]
    assert codes(verdict) == [R.HEALTH_PRICE_OFF]
    assert Decimal(verdict.reasons[0].get("deviation")) == pytest.approx(Decimal("0.0166"), abs=Decimal("0.001"))
    assert verdict.reasons[0].get("witnesses") == "2"
    assert bedside.verdicts["beta"].health is HEALTHY


def test_prices_far_off_degrade_at_once_and_halt_after_ten_minutes() -> None:
    """Whether they are too high or too low."""
    for btc, eth in (("55000", "2800"), ("65000", "3250")):
        bedside = Bedside()
        bedside.prices(btc, eth)
        assert bedside.look().health is DEGRADED
        assert bedside.until(HALTED) == 10 * MINUTE
        assert [bedside.verdicts[name].health for name in ("beta", "gamma")] == [HEALTHY, HEALTHY]


def test_one_coin_with_a_price_of_its_own_is_not_the_venues_fault() -> None:
    """A coin whose wallet is closed trades at its own price everywhere."""
    bedside = Bedside()
    bedside.prices("60000", "2000")
    assert bedside.after(HOUR).health is HEALTHY


def test_a_wide_spread_is_no_wrong_price() -> None:
    """The others' price lies between its bid and its ask."""
    bedside = Bedside()
    bedside.prices("61000", "3050", spread="4000")
    assert bedside.after(HOUR).health is HEALTHY


def test_of_two_venues_that_contradict_each_other_neither_is_halted() -> None:
    """By the price alone nobody can tell which is wrong: no plans are made on either."""
    bedside = Bedside("alpha", "beta")
    bedside.prices("50000", "2500")
    assert {verdict.health for _, verdict in bedside.watch(3 * HOUR, 5 * MINUTE)} == {DEGRADED}
    assert bedside.verdicts["beta"].health is DEGRADED


def test_the_one_of_two_that_also_keeps_withdrawals_is_the_wrong_one() -> None:
    """A venue under suspicion is no witness against the other, and two signs together halt it."""
    bedside = Bedside("alpha", "beta")
    bedside.shows(pending_since=T0 - 3 * HOUR)
    bedside.look()
    bedside.prices("61000", "3050")
    assert bedside.look().health is DEGRADED
    assert bedside.until(HALTED) == 10 * MINUTE
    assert bedside.verdicts["beta"].health is HEALTHY


def test_prices_are_compared_through_the_currencies_they_are_quoted_in() -> None:
    """A venue in dollars and one in Tether: their prices differ by what Tether costs, and by nothing else."""
    bedside = Bedside()
    tether = Market("USDT/USD", "0.95", spread="0.0001")
    dollars = (Market("BTC/USD", "57000"), Market("ETH/USD", "2850"), tether)
    bedside.markets["alpha"] = dollars
    assert bedside.after(HOUR).health is HEALTHY
    bedside.markets["alpha"] = (Market("BTC/USD", "60000"), Market("ETH/USD", "3000"), tether)
    assert bedside.look().health is DEGRADED


def test_currencies_that_nothing_connects_prove_nothing() -> None:
    """Without a rate between them, only the ratio of two coins could be compared, and that is right."""
    bedside = Bedside("alpha", "beta")
    bedside.markets["alpha"] = (Market("BTC/USD", "57000"), Market("ETH/USD", "2850"))
    assert bedside.after(HOUR).health is HEALTHY
    assert bedside.verdicts["beta"].health is HEALTHY


def test_prices_seen_elsewhere_only_count_too() -> None:
    """A place that is looked at for its prices alone is a witness, and is not judged itself."""
    bedside = Bedside("alpha", "beta", "gamma")
    seen = bedside._snapshot()
    venues = [replace(v, health=VenueHealth.REFERENCE) if v.name == "gamma" else v for v in seen.venues]
    watched = VenueSnapshot(VenueName("vault"), VenueHealth.WATCHED, T0, (Balance(b.BTC, Quantity(Decimal(1))),))
    bedside._snapshot = lambda: replace(seen, venues=(*venues, watched))  # type: ignore[method-assign]
    bedside.look()
    assert sorted(bedside.verdicts) == ["alpha", "beta"]


def test_a_venue_that_is_slow_and_off_is_not_halted_for_both() -> None:
    """What does not work well may show a late price."""
    bedside = Bedside()
    bedside.shows(latency_p95=timedelta(seconds=9))
    bedside.prices("61000", "3050")
    assert bedside.after(HOUR).health is DEGRADED


def test_a_venue_that_is_halted_is_no_witness() -> None:
    """Whatever it shows by then: the other of two is not blamed for its prices."""
    bedside = Bedside("alpha", "beta")
    bedside.shows(rights_gained=("withdraw",))
    bedside.look()
    bedside.shows(rights_gained=())
    bedside.prices("50000", "2500")
    assert bedside.after(HOUR).health is HALTED
    assert bedside.verdicts["beta"].health is HEALTHY


def test_books_that_stand_still_are_not_off_beside() -> None:
    """The market moves away from them: that is one thing, and nobody's fault but the engine's."""
    bedside = Bedside()
    bedside.look()
    bedside.moving["alpha"] = False
    bedside.after(10 * MINUTE)
    for name in ("beta", "gamma"):
        bedside.prices("70000", "3500", name=name)
    verdict = bedside.after(HOUR)
    assert (verdict.health, codes(verdict)) == (DEGRADED, [R.HEALTH_BOOKS_UNUSABLE])


BOOKS = [
    (Market("BTC/USDT", bids=(("101", "1"),), asks=(("100", "1"),)), "crossed"),
    (Market("BTC/USDT", bids=()), "one-sided"),
    (Market("BTC/USDT", age=timedelta(seconds=61)), "old"),
]


@pytest.mark.parametrize("book", [book for book, _ in BOOKS], ids=[word for _, word in BOOKS])
def test_books_that_say_nothing_degrade(book: Market) -> None:
    """Where that goes for most of its markets; one of two is not most."""
    bedside = Bedside()
    bedside.markets["alpha"] = (book, bedside.markets["alpha"][1])
    assert bedside.look().health is HEALTHY
    bedside.markets["alpha"] = (book, replace(book, symbol="ETH/USDT"))
    verdict = bedside.look()
    assert (verdict.health, codes(verdict)) == (DEGRADED, [R.HEALTH_BOOKS_UNUSABLE])
    assert bedside.after(3 * HOUR).health is DEGRADED


def test_books_that_stand_still_while_others_move_are_stale() -> None:
    """An engine that has stopped goes on showing its last book with a fresh time."""
    bedside = Bedside()
    bedside.look()
    bedside.moving["alpha"] = False
    assert bedside.until(DEGRADED) == 5 * MINUTE
    assert bedside.verdicts["beta"].health is HEALTHY


def test_books_that_stand_still_everywhere_are_a_quiet_market() -> None:
    """And of a single venue nobody can tell."""
    for names in (("alpha", "beta"), ("alpha",)):
        bedside = Bedside(*names)
        bedside.moving = dict.fromkeys(names, False)
        assert bedside.after(HOUR).health is HEALTHY
