"""The adaptive band: looked at on dates, relative to the target, wider in wild markets and narrower in calm ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from engine.decide.pipeline import decide
from engine.decide.volatility import LEAST_POINTS, band_scale
from engine.model.decision import DecisionInputs, Outcome, PriceSeries, Standing
from engine.model.ids import Asset
from engine.model.money import Price, use_exact_context
from engine.model.plan import PlanTrigger
from engine.model.policy import TriggerKind
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.builders import BTC, ETH, T0, Market, venue

COINS = frozenset({BTC, ETH})
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def series(asset: Asset, moves: Sequence[float], end: datetime = T0, every: timedelta = DAY) -> PriceSeries:
    """A price that moves by these log returns, the last of them up to `end`."""
    price, closes = 100.0, []
    for number, move in enumerate((0.0, *moves)):
        price *= math.exp(move)
        closes.append(
            (end - (len(moves) - number) * every, Price(Decimal.from_float(price).quantize(Decimal("1e-12"))))
        )
    return PriceSeries(asset, tuple(closes))


def history(*apart: float) -> tuple[PriceSeries, ...]:
    """Bitcoin rises and ether falls by half of each figure: that is how far they move apart."""
    return series(BTC, [a / 2 for a in apart]), series(ETH, [-a / 2 for a in apart])


def factor(*apart: float) -> Decimal | None:
    found = band_scale(history(*apart), COINS, T0)
    return found.factor if found else None


def test_a_band_is_as_written_where_volatility_is_what_it_mostly_is() -> None:
    """Thirty days alike."""
    assert factor(*[0.02] * 30) == 1


def test_it_widens_with_volatility_to_the_power_of_two_thirds() -> None:
    """After weeks at nine times the usual dispersion it is 4 times as wide: the most."""
    assert factor(*[0.01] * 60, *[0.09] * 20) == 4
    wider = factor(*[0.01] * 60, *[0.02] * 20)
    assert wider is not None
    assert float(wider) == pytest.approx(2 ** (2 / 3), rel=0.01)


def test_it_narrows_in_a_calm_and_never_below_a_quarter() -> None:
    """Half the dispersion for long, and next to none."""
    calmer = factor(*[0.02] * 60, *[0.01] * 25)
    assert calmer is not None
    assert float(calmer) == pytest.approx(0.5 ** (2 / 3), rel=0.02)
    assert factor(*[0.02] * 60, *[0.00001] * 40) == Decimal("0.25")


def test_half_of_what_is_known_is_three_days_old() -> None:
    """A step of the variance is half taken in after three days."""
    found = band_scale(history(*[0.01] * 50, *[0.03] * 3), COINS, T0)
    assert found is not None
    half_way = math.sqrt((0.005**2 + 0.015**2) / 2)
    assert float(found.volatility) == pytest.approx(half_way, abs=1e-4)


def test_what_moves_together_is_not_apart() -> None:
    """Both double and halve every day: no weight drifts for it."""
    both = [0.7, -0.7] * 20
    assert band_scale((series(BTC, both), series(ETH, both)), COINS, T0) is None


def test_nothing_later_than_the_decision_is_looked_at() -> None:
    """The same with and without what came after it."""
    calm = history(*[0.02] * 40)
    later = tuple(
        PriceSeries(s.asset, (*s.closes, (T0 + DAY, Price(s.closes[-1][1] * (2 if s.asset == BTC else 1)))))
        for s in calm
    )
    assert band_scale(later, COINS, T0) == band_scale(calm, COINS, T0)
    assert band_scale(later, COINS, T0 + DAY) != band_scale(calm, COINS, T0 + DAY)


def test_too_little_history_scales_nothing() -> None:
    """Nor does one asset alone, whose dispersion is none."""
    assert factor(*[0.02] * (LEAST_POINTS - 1)) is None
    assert factor(*[0.02] * LEAST_POINTS) == 1
    assert band_scale(history(*[0.02] * 30)[:1], COINS, T0) is None


def adaptive(
    btc: str, *, known: tuple[PriceSeries, ...] = (), last: datetime | None = None, now: datetime = T0
) -> Outcome:
    """Bitcoin and ether at 100 and 10, targets 0.5, 0.3 and 0.2; a relative band of 10 %, looked at daily."""
    seen = b.snapshot(
        venue("alpha", {"BTC": btc, "ETH": "30", "USDT": "200"}, Market("BTC/USDT", "100"), Market("ETH/USDT", "10")),
        as_of=now,
        BTC="100",
        ETH="10",
        USDT="1",
    )
    trigger = {"kind": TriggerKind.ADAPTIVE, "threshold": Decimal("0.10"), "every": "daily"}
    wanted = b.policy({"BTC": "0.5", "ETH": "0.3", "USDT": "0.2"}, trigger=trigger)
    return decide(DecisionInputs(seen, wanted, Standing(last_date_fired=last), now, history=known)).outcome


def test_it_acts_on_a_date_outside_the_band() -> None:
    """6.5 of 11.5 are 56.5 %, 13 % more than the target; the date is answered by it."""
    found = adaptive("6.5")
    assert (found.verdict.kind, found.verdict.date) == (PlanTrigger.THRESHOLD, T0)
    assert found.plan is not None
    assert R.BAND_UNSCALED in b.codes(found.verdict.reasons)


def test_between_dates_nothing_is_acted_on() -> None:
    """However wide the drift is."""
    found = adaptive("9", last=T0, now=T0 + timedelta(hours=5))
    assert (found.verdict.fired, found.verdict.date, found.plan) == (False, None, None)


def test_a_date_within_the_band_is_answered_without_a_plan() -> None:
    """Else it would be looked at again and again until something is beyond it."""
    found = adaptive("5.2")
    assert (found.verdict.fired, found.verdict.checked, found.verdict.date) == (False, True, T0)
    assert b.codes(found.verdict.reasons)[:2] == [R.CALENDAR_CHECKED, R.CALENDAR_NOT_DUE]


def test_a_wild_market_widens_the_band_and_the_decision_says_so() -> None:
    """13 % of target are within four times 10 %; the threshold that is told is the scaled one."""
    wild = history(*[0.01] * 60, *[0.09] * 20)
    found = adaptive("6.5", known=wild)
    assert found.plan is None
    assert next(d.threshold for d in found.drifts if d.name == "BTC") == Decimal("0.4")
    scaled = next(r for r in found.verdict.reasons if r.code is R.BAND_SCALED)
    assert scaled.get("factor") == "4"


def test_a_date_that_is_looked_at_late_is_not_missed() -> None:
    """The program was away for a week: only drift is looked at, and that is as it is now."""
    found = adaptive("6.5", now=T0 + timedelta(days=7, hours=30), last=T0)
    assert found.verdict.fired
    assert not found.verdict.missed
