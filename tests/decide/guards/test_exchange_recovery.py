"""When a venue is healthy again, and what is made of what nobody knows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.canonical import canonical_json
from engine.model.errors import Fault, InvalidValue
from engine.model.health import HealthLimits, SignKind
from engine.model.ids import VenueName
from engine.model.reasons import ReasonCode
from engine.model.venue_signals import NOTHING_KNOWN, CallOutcomes, CoinState, Signal, VenueSignals
from tests import builders as b
from tests.builders import T0
from tests.decide.guards.bedside import (
    DEGRADED,
    HALTED,
    HEALTHY,
    HOUR,
    MINUTE,
    WELL,
    Bedside,
    closed,
    codes,
    failing,
)

R = ReasonCode
ALPHA = VenueName("alpha")


# --- back again -------------------------------------------------------------------------------------------------------


def test_degraded_ends_when_nothing_has_been_wrong_for_ten_minutes() -> None:
    """It says until when that is; a relapse begins anew."""
    bedside = Bedside()
    bedside.shows(calls=failing(3))
    bedside.look()
    bedside.shows(calls=failing(2))
    verdict = bedside.after(5 * MINUTE)
    assert (verdict.health, verdict.score, codes(verdict)) == (DEGRADED, 0, [R.HEALTH_RECOVERING])
    bedside.shows(calls=failing(3))
    bedside.after(MINUTE)
    bedside.shows(calls=CallOutcomes(10))
    bedside.now += MINUTE
    bedside.look()
    assert bedside.until(HEALTHY) == 10 * MINUTE


@pytest.mark.parametrize(
    ("signal", "beyond", "between", "below"),
    [("latency_p95", 6, Decimal("4.5"), Decimal("3.9")), ("clock_skew", -6, Decimal("-4.5"), Decimal("-3.9"))],
)
def test_a_figure_must_fall_well_below_its_limit(signal: str, beyond: int, between: Decimal, below: Decimal) -> None:
    """What hovers at a limit would come and go; a figure that was never beyond it is no sign there."""
    bedside = Bedside()
    bedside.shows(**{signal: timedelta(seconds=float(between))})
    assert bedside.look().health is HEALTHY
    bedside.shows(**{signal: timedelta(seconds=beyond)})
    bedside.look()
    bedside.shows(**{signal: timedelta(seconds=float(between))})
    assert bedside.after(HOUR).health is DEGRADED
    bedside.shows(**{signal: timedelta(seconds=float(below))})
    assert bedside.after(11 * MINUTE).health is HEALTHY


def halted(**signals: Any) -> Bedside:
    """Venues of which alpha was halted for this."""
    bedside = Bedside()
    bedside.shows(**signals)
    bedside.look()
    bedside.until(HALTED)
    return bedside


def test_halted_ends_by_a_person_alone() -> None:
    """However long nothing has been wrong; what halted it is still told."""
    bedside = halted(coins=closed("BTC"))
    bedside.shows(coins=closed())
    verdict = bedside.after(24 * HOUR)
    assert (verdict.health, verdict.score) == (HALTED, 0)
    assert codes(verdict) == [R.HEALTH_WITHDRAWALS_CLOSED, R.HEALTH_AWAITS_PERSON]
    bedside.resume()
    assert bedside.look().health is HEALTHY
    assert codes(bedside.look()) == []


def test_what_stands_when_a_person_resumes_is_accepted() -> None:
    """As it is, for as long as it lasts: a coin's wallet can be maintained for days."""
    bedside = halted(coins=closed("BTC"))
    bedside.resume()
    assert {verdict.health for _, verdict in bedside.watch(24 * HOUR, HOUR)} == {HEALTHY}


def test_what_was_accepted_counts_again_where_it_gets_worse() -> None:
    """Another coin; half as far off again; half as long again."""
    bedside = halted(coins=closed("BTC"))
    bedside.resume()
    bedside.look()
    bedside.shows(coins=closed("BTC", "USDT"))
    assert bedside.look().health is HALTED

    bedside = halted(pending_since=T0 - 2 * HOUR)
    bedside.resume()
    assert bedside.until(HALTED) == 3 * HOUR + MINUTE

    bedside = Bedside()
    bedside.prices("54000", "2700")
    bedside.until(HALTED)
    bedside.resume()
    bedside.prices("52500", "2625")
    assert bedside.look().health is HEALTHY
    bedside.prices("50000", "2500")
    assert bedside.look().health is not HEALTHY


def test_what_was_accepted_and_went_away_is_not_accepted_for_ever() -> None:
    """The next time it is as new."""
    bedside = halted(coins=closed("BTC"))
    bedside.resume()
    bedside.shows(coins=closed())
    bedside.look()
    bedside.shows(coins=closed("BTC"))
    assert bedside.look().health is DEGRADED
    assert bedside.until(HALTED) == 30 * MINUTE


def test_a_coin_that_opened_and_closes_again_is_not_accepted_with_another() -> None:
    """Of two that were closed, one opened meanwhile."""
    bedside = halted(coins=closed("BTC", "USDT"))
    bedside.resume()
    bedside.shows(coins=closed("BTC"))
    assert bedside.after(HOUR).health is HEALTHY
    bedside.shows(coins=closed("BTC", "USDT"))
    assert bedside.look().health is not HEALTHY


def test_that_it_does_not_work_cannot_be_accepted() -> None:
    """It is degraded again at once, and has its patience anew."""
    bedside = halted(online=False, status="maintenance")
    bedside.resume()
    assert bedside.look().health is DEGRADED
    assert bedside.until(HALTED) == 30 * MINUTE


# --- what is not known ------------------------------------------------------------------------------------------------

GOES_BLIND: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"coins": closed("BTC")}, {"coins": (), "unavailable": (Signal.COINS,)}),
    ({"coins": closed("BTC")}, {"coins": (CoinState(b.BTC, None, None),)}),
    ({"coins": closed("BTC")}, {"coins": (CoinState(b.BTC, None, None), CoinState(b.USDT, True, True))}),
    ({"calls": failing(3)}, {"calls": None, "unavailable": (Signal.CALLS,)}),
    ({"latency_p95": timedelta(seconds=9)}, {"latency_p95": None, "unavailable": (Signal.LATENCY,)}),
    ({"clock_skew": timedelta(seconds=9)}, {"clock_skew": None, "unavailable": (Signal.CLOCK,)}),
    ({"online": False}, {"online": None, "unavailable": (Signal.STATUS,)}),
    ({"pending_since": T0 - 3 * HOUR}, {"pending_since": None, "unavailable": (Signal.WITHDRAWALS,)}),
    ({"key_problem": "it may not trade"}, {"key_problem": "", "unavailable": (Signal.KEY,)}),
]


@pytest.mark.parametrize(("wrong", "blind"), GOES_BLIND)
def test_what_cannot_be_seen_any_more_has_not_got_better(wrong: dict[str, Any], blind: dict[str, Any]) -> None:
    """A sign stands until it is seen to be gone."""
    bedside = Bedside()
    bedside.shows(**wrong)
    assert bedside.look().health is DEGRADED
    bedside.shows(**blind)
    assert bedside.after(20 * MINUTE).health is DEGRADED
    bedside.shows(**{field.name: getattr(WELL, field.name) for field in VenueSignals.__dataclass_fields__.values()})
    assert bedside.after(11 * MINUTE).health is HEALTHY


def test_prices_that_cannot_be_compared_any_more_have_not_got_better() -> None:
    """The other venues are out of reach."""
    bedside = Bedside()
    bedside.prices("50000", "2500")
    bedside.look()
    bedside.unreachable = {"beta", "gamma"}
    assert bedside.after(5 * MINUTE).health is DEGRADED
    assert SignKind.PRICE_FAR_OFF in [sign.kind for sign in bedside.standings[ALPHA].signs]


def test_a_venue_that_tells_too_little_says_so() -> None:
    """It is not worse for that, and not better either."""
    bedside = Bedside()
    bedside.shows(coins=(), online=None, unavailable=(Signal.COINS, Signal.STATUS))
    verdict = bedside.look()
    assert (verdict.health, codes(verdict)) == (HEALTHY, [R.HEALTH_BLIND])
    assert verdict.reasons[0].get("signals") == "coins, status"


def test_a_venue_that_nobody_has_asked_is_judged_by_its_books_alone() -> None:
    """Signals that are missing altogether are none that are fine."""
    bedside = Bedside()
    bedside.signals["alpha"] = NOTHING_KNOWN
    bedside.moving["alpha"] = False
    assert codes(bedside.look()) == [R.HEALTH_BLIND]
    bedside.prices("50000", "2500")
    assert bedside.look().health is DEGRADED


def test_a_venue_out_of_reach_is_judged_by_its_failed_calls() -> None:
    """One call is none; a venue that has been gone for minutes is degraded, and halted in the end."""
    bedside = Bedside()
    bedside.unreachable = {"alpha"}
    bedside.shows(calls=failing(1))
    assert bedside.look().health is HEALTHY
    bedside.shows(calls=failing(3))
    assert bedside.look().health is DEGRADED
    bedside.shows(calls=failing(10))
    bedside.look()
    assert bedside.until(HALTED) == 5 * MINUTE


# --- figures ----------------------------------------------------------------------------------------------------------


def test_limits_that_contradict_each_other_are_refused() -> None:
    """Halted comes after degraded."""
    assert HealthLimits().mistakes == {}
    assert set(HealthLimits(most_calls_fail=2).mistakes) == {"most_calls_fail"}
    assert set(HealthLimits(pending_halts=HOUR).mistakes) == {"pending_halts"}
    assert set(HealthLimits(price_off=Decimal("0.05")).mistakes) == {"price_far_off"}


def test_no_more_calls_fail_than_are_looked_at() -> None:
    """A figure that cannot be is refused."""
    with pytest.raises(InvalidValue, match="no more can fail"):
        CallOutcomes(2, ((Fault.NETWORK, 3),))


SIGNALS = st.builds(
    VenueSignals,
    calls=st.none() | st.integers(0, 10).map(failing),
    latency_p95=st.none() | st.timedeltas(timedelta(0), HOUR),
    clock_skew=st.none() | st.timedeltas(-HOUR, HOUR),
    online=st.none() | st.booleans(),
    coins=st.sampled_from([(), closed(), closed("BTC"), closed("BTC", "USDT", deposit=False)]),
    pending_since=st.none() | st.timedeltas(timedelta(0), 9 * HOUR).map(lambda age: T0 - age),
    rights_gained=st.sampled_from([(), ("withdraw",)]),
    unavailable=st.lists(st.sampled_from(Signal)).map(tuple),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SIGNALS, min_size=1, max_size=6), st.lists(st.sampled_from(["60000", "61000", "50000"]), min_size=6))
def test_equal_looks_give_equal_verdicts_and_a_halt_stays(shown: list[VenueSignals], mids: list[str]) -> None:
    """Byte for byte, whatever is shown; and points never say less than the health does when it gets worse."""
    stories = []
    for _ in range(2):
        bedside, story = Bedside(), list[str]()
        for signals, mid in zip(shown, mids, strict=False):
            bedside.signals["alpha"] = signals
            bedside.prices(mid)
            before = bedside.verdicts["alpha"].health if bedside.verdicts else HEALTHY
            verdict = bedside.after(7 * MINUTE)
            assert before is not HALTED or verdict.health is HALTED
            assert verdict.health is HEALTHY or verdict.reasons
            story.append(canonical_json((verdict, bedside.standings[ALPHA])))
        stories.append(story)
    assert stories[0] == stories[1]
