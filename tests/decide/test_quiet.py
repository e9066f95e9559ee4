"""The quiet hours, by the clock of the policy's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from engine.decide.quiet import Renewal, is_quiet, quiet_hours, renewal
from engine.model.decision import Standing
from engine.model.errors import InvalidValue
from engine.model.notices import QuietChoice
from engine.model.policy import Policy, QuietHours
from tests import builders as b

NIGHT = QuietHours(time(22, 30), time(7))
MINUTE = timedelta(minutes=1)
AS_WRITTEN = Standing()


def policy(quiet: QuietHours | None = NIGHT, zone: str = "Europe/Berlin") -> Policy:
    return b.policy({"BTC": "1"}, quiet=quiet, trigger={"timezone": zone})


def at(text: str) -> datetime:
    """An instant of a winter's day in UTC; Berlin is an hour ahead."""
    return datetime.fromisoformat(f"2026-01-{text}:00+00:00")


@pytest.mark.parametrize(
    ("instant", "quiet"), [("05 21:29", False), ("05 21:30", True), ("06 05:59", True), ("06 06:00", False)]
)
def test_the_night_reaches_over_midnight(instant: str, quiet: bool) -> None:
    """From its beginning on, and not at its end any more."""
    assert is_quiet(policy(), AS_WRITTEN, at(instant)) is quiet


def test_a_rest_by_day_and_none_at_all() -> None:
    """Hours of one day; a policy without any is never quiet."""
    noon = QuietHours(time(12), time(14))
    hours = {hour: is_quiet(policy(noon, "UTC"), AS_WRITTEN, at(f"05 {hour}:00")) for hour in (11, 12, 13, 14)}
    assert hours == {11: False, 12: True, 13: True, 14: False}
    assert not is_quiet(policy(None), AS_WRITTEN, at("05 23:00"))


def test_it_follows_the_clock_of_the_zone_in_summer_too() -> None:
    """22:30 in Berlin is 20:30 in London's winter time then."""
    assert is_quiet(policy(), AS_WRITTEN, datetime(2026, 7, 1, 20, 30, tzinfo=UTC))
    assert not is_quiet(policy(), AS_WRITTEN, datetime(2026, 7, 1, 20, 29, tzinfo=UTC))


def test_hours_without_length_are_refused() -> None:
    """Nobody can mean the whole day by writing one time twice."""
    with pytest.raises(InvalidValue, match=r"quiet\.end"):
        policy(QuietHours(time(7), time(7)))


def test_a_proposal_is_refreshed_at_night_and_asked_again_in_the_morning() -> None:
    """By day it waits and expires as ever."""
    made, night, morning = at("05 22:00"), at("05 23:00"), at("06 06:00")
    assert renewal(policy(), AS_WRITTEN, made, night, night - MINUTE) is None
    assert renewal(policy(), AS_WRITTEN, made, night, night) is Renewal.IN_PLACE
    assert renewal(policy(), AS_WRITTEN, made, morning + MINUTE, morning) is Renewal.ALOUD
    by_day = at("05 12:00")
    assert renewal(policy(), AS_WRITTEN, by_day, by_day + MINUTE, by_day + MINUTE) is None
    assert renewal(policy(None), AS_WRITTEN, made, night, night) is None


def test_hours_chosen_in_the_chat_hold_in_place_of_the_files() -> None:
    """Also that there are none; the file's hold again when nobody's choice stands."""
    noon = QuietHours(time(12), time(14))
    chosen = [quiet_hours(policy(), Standing(quiet=choice)) for choice in (QuietChoice(noon), QuietChoice(None), None)]
    assert chosen == [noon, None, NIGHT]
    assert not is_quiet(policy(), Standing(quiet=QuietChoice(noon)), at("05 23:00"))
    assert is_quiet(policy(), Standing(quiet=QuietChoice(noon)), at("05 11:00"))


def test_a_choice_decides_how_a_proposal_waits() -> None:
    """A night that somebody chose after the card was sent counts for it too."""
    made, night, morning = at("05 22:00"), at("05 23:00"), at("06 06:00")
    chosen, none = Standing(quiet=QuietChoice(NIGHT)), Standing(quiet=QuietChoice(None))
    assert renewal(policy(None), chosen, made, night, night) is Renewal.IN_PLACE
    assert renewal(policy(None), chosen, made, morning + MINUTE, morning) is Renewal.ALOUD
    assert renewal(policy(), none, made, night, night) is None
