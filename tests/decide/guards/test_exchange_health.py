"""When a venue is degraded, when it is halted, when it is healthy again, and what is made of what nobody knows."""

from __future__ import annotations

from dataclasses import replace
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
from engine.model.money import Quantity
from engine.model.portfolio import Balance, VenueHealth, VenueSnapshot
from engine.model.reasons import ReasonCode
from engine.model.venue_signals import NOTHING_KNOWN, CallOutcomes, CoinState, Signal, VenueSignals
from tests import builders as b
from tests.builders import T0, Market
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
    question,
)

R = ReasonCode
ALPHA = VenueName("alpha")


def test_venues_with_nothing_wrong_are_healthy() -> None:
    """With no points and nothing to say, however long it lasts."""
    bedside = Bedside()
    for _, verdict in bedside.watch(30 * MINUTE):
        assert (verdict.health, verdict.score, verdict.reasons) == (HEALTHY, 0, ())
    assert [verdict.health for verdict in bedside.verdicts.values()] == [HEALTHY] * 3


# --- one sign at a time ----------------------------------------------------------------------------------------------

DEGRADES: list[tuple[dict[str, Any], ReasonCode]] = [
    ({"calls": failing(3)}, R.HEALTH_CALLS_FAIL),
    ({"calls": failing(3, Fault.RATE_LIMITED)}, R.HEALTH_CALLS_FAIL),
    ({"calls": CallOutcomes(10, ((Fault.KEY, 1), (Fault.OTHER, 2)))}, R.HEALTH_CALLS_FAIL),
    ({"latency_p95": timedelta(seconds=6)}, R.HEALTH_SLOW),
    ({"clock_skew": timedelta(seconds=6)}, R.HEALTH_CLOCK_OFF),
    ({"clock_skew": timedelta(seconds=-6)}, R.HEALTH_CLOCK_OFF),
    ({"online": False, "status": "cancel_only"}, R.HEALTH_NOT_ONLINE),
    ({"coins": closed("BTC")}, R.HEALTH_WITHDRAWALS_CLOSED),
    ({"pending_since": T0 - 2 * HOUR}, R.HEALTH_WITHDRAWAL_PENDING),
    ({"key_problem": "the key may not trade"}, R.HEALTH_KEY_UNUSABLE),
]


@pytest.mark.parametrize(("signals", "why"), DEGRADES)
def test_one_sign_degrades_at_once(signals: dict[str, Any], why: ReasonCode) -> None:
    """It says what it is, and only of the venue that shows it."""
    bedside = Bedside()
    bedside.shows(**signals)
    verdict = bedside.look()
    assert (verdict.health, verdict.score, codes(verdict)) == (DEGRADED, 50, [why])
    assert bedside.verdicts["beta"].health is HEALTHY


WITHIN: list[dict[str, Any]] = [
    {"calls": failing(2)},
    {"latency_p95": timedelta(seconds=5)},
    {"clock_skew": timedelta(seconds=-5)},
    {"pending_since": T0 - 2 * HOUR + MINUTE},
    {"coins": (CoinState(b.BTC, None, None), CoinState(b.USDT, True, True))},
]


@pytest.mark.parametrize("signals", WITHIN)
def test_what_is_within_its_limit_is_no_sign(signals: dict[str, Any]) -> None:
    """A limit is strict, as everywhere."""
    bedside = Bedside()
    bedside.shows(**signals)
    assert bedside.look().health is HEALTHY


HALTS: list[tuple[dict[str, Any], timedelta, ReasonCode]] = [
    ({"calls": failing(6)}, 5 * MINUTE, R.HEALTH_CALLS_FAIL),
    ({"online": False, "status": "maintenance"}, 30 * MINUTE, R.HEALTH_NOT_ONLINE),
    ({"calls": failing(6, Fault.MAINTENANCE)}, 30 * MINUTE, R.HEALTH_NOT_ONLINE),
    ({"coins": closed("USDT")}, 30 * MINUTE, R.HEALTH_WITHDRAWALS_CLOSED),
    ({"pending_since": T0 - 2 * HOUR}, 4 * HOUR, R.HEALTH_WITHDRAWAL_PENDING),
    ({"rights_gained": ("withdraw",)}, timedelta(0), R.HEALTH_KEY_GAINED_RIGHTS),
]


@pytest.mark.parametrize(("signals", "after", "why"), HALTS)
def test_a_sign_halts_when_it_has_lasted(signals: dict[str, Any], after: timedelta, why: ReasonCode) -> None:
    """Not a minute before its patience is over."""
    bedside = Bedside()
    bedside.shows(**signals)
    bedside.look()
    found = timedelta(0) if bedside.verdicts["alpha"].health is HALTED else bedside.until(HALTED)
    assert found == after
    verdict = bedside.verdicts["alpha"]
    assert verdict.score == 100 and codes(verdict)[0] is why and codes(verdict)[-1] is R.HEALTH_AWAITS_PERSON


NEVER_HALTS: list[dict[str, Any]] = [
    {"latency_p95": timedelta(seconds=40)},
    {"clock_skew": timedelta(minutes=9)},
    {"calls": failing(10, Fault.RATE_LIMITED)},
    {"calls": failing(5)},
    {"key_problem": "the key may not trade"},
]


@pytest.mark.parametrize("signals", NEVER_HALTS)
def test_what_says_nothing_of_the_assets_never_halts(signals: dict[str, Any]) -> None:
    """It keeps plans away for as long as it lasts, and takes nobody's word to end."""
    bedside = Bedside()
    bedside.shows(**signals)
    assert {verdict.health for _, verdict in bedside.watch(3 * HOUR, 5 * MINUTE)} == {DEGRADED}


def test_deposits_that_are_closed_are_a_hint_and_no_more() -> None:
    """Wallets are maintained all the time; what matters is the way out."""
    bedside = Bedside()
    bedside.shows(coins=(CoinState(b.BTC, False, True), CoinState(b.USDT, True, True)))
    verdict = bedside.after(HOUR)
    assert (verdict.health, verdict.score, codes(verdict)) == (HEALTHY, 20, [R.HEALTH_DEPOSITS_CLOSED])


def test_withdrawals_have_been_closed_since_they_were_seen_to_be() -> None:
    """The shell may have seen it before the first judgement."""
    bedside = Bedside()
    bedside.shows(coins=closed("BTC", since=T0 - 31 * MINUTE))
    assert bedside.look().health is HALTED


# --- prices and books ------------------------------------------------------------------------------------------------


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


# --- what is gone ----------------------------------------------------------------------------------------------------


def test_a_drop_that_nobody_explains_halts() -> None:
    """More than a twentieth of what lay there: 0.2 BTC are 12,000 of 172,000."""
    bedside = Bedside()
    bedside.questions = (question("0.1", T0),)
    assert bedside.look().health is HEALTHY
    bedside.questions = (question("0.2", T0),)
    verdict = bedside.look()
    assert (verdict.health, codes(verdict)[0]) == (HALTED, R.HEALTH_BALANCE_DROPPED)
    assert Decimal(verdict.reasons[0].get("share")) == pytest.approx(Decimal(12_000) / 172_000)
    assert bedside.verdicts["beta"].health is HEALTHY


# --- several at once -------------------------------------------------------------------------------------------------


def test_what_does_not_work_has_one_cause() -> None:
    """Slow, failing and with a stale book: that is one sign, and no reason to halt."""
    bedside = Bedside()
    bedside.shows(calls=failing(4), latency_p95=timedelta(seconds=9), clock_skew=timedelta(seconds=7))
    verdict = bedside.after(HOUR)
    assert (verdict.health, verdict.score) == (DEGRADED, 50)
    assert codes(verdict) == [R.HEALTH_CALLS_FAIL, R.HEALTH_CLOCK_OFF, R.HEALTH_SLOW]


def test_two_signs_that_assets_are_not_safe_halt() -> None:
    """Withdrawals that are closed, and one that has been on its way for hours."""
    bedside = Bedside()
    bedside.shows(pending_since=T0 - 3 * HOUR)
    assert bedside.look().health is DEGRADED
    bedside.shows(coins=closed("BTC"))
    assert bedside.look().health is HALTED


def test_where_every_venue_fails_it_is_our_own_connection() -> None:
    """Nobody is halted, and the reason says where to look."""
    bedside = Bedside()
    for name in bedside.names:
        bedside.shows(name, calls=failing(10))
    bedside.unreachable = set(bedside.names)
    verdict = bedside.after(2 * HOUR)
    assert (verdict.health, codes(verdict)) == (DEGRADED, [R.HEALTH_OWN_CONNECTION])
    bedside.shows("beta", calls=CallOutcomes(10))
    assert bedside.look().health is HALTED


# --- back again ------------------------------------------------------------------------------------------------------


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


def test_that_it_does_not_work_cannot_be_accepted() -> None:
    """It is degraded again at once, and has its patience anew."""
    bedside = halted(online=False, status="maintenance")
    bedside.resume()
    assert bedside.look().health is DEGRADED
    assert bedside.until(HALTED) == 30 * MINUTE


# --- what is not known -----------------------------------------------------------------------------------------------

GOES_BLIND: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"coins": closed("BTC")}, {"coins": (), "unavailable": (Signal.COINS,)}),
    ({"coins": closed("BTC")}, {"coins": (CoinState(b.BTC, None, None),)}),
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


# --- figures ---------------------------------------------------------------------------------------------------------


def test_limits_that_contradict_each_other_are_named() -> None:
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
