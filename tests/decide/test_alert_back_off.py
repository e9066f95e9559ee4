"""A drift that trembles widely is told of with a back-off: 1 h, doubled with each return within a day, up to 24 h."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide.alerts import alert_changes
from engine.execute.standing import apply
from engine.model.decision import AlertChange, AlertLevel, Drift, DriftAlert, Standing, TriggerVerdict
from engine.model.events import DriftAlertsChanged, Event, StreamId
from engine.model.money import Weight
from tests.builders import T0

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEAR, REACHED = AlertLevel.NEAR, AlertLevel.REACHED
MOST_TOLD_IN_A_DAY: Final = 27
"""Of one name. Back-offs of 1, 2, 4, 8 and 16 h begin at the hours 0, 1, 3, 7 and 15: before the first, and with each
but the last, at most reached and over within it, then near, reached and over; with the last, the first two of these.
"""


def drift(use: str | Decimal, name: str = "BTC") -> Drift:
    """One that uses up so much of its band."""
    nothing = Weight(Decimal(0))
    return Drift(name, nothing, nothing, nothing, None, Decimal("0.05"), Decimal(use))


@dataclass
class Watch:
    """Looks at a drift again and again, and remembers what people were told, and when."""

    now: datetime = T0
    standing: Standing = field(default_factory=Standing)
    told: list[tuple[datetime, AlertLevel | None]] = field(default_factory=list)

    def look(self, *drifts: Drift) -> tuple[AlertChange, ...]:
        """Decide, and fold what is decided as it is when a program writes it down."""
        changes = alert_changes(drifts, self.standing.alerts, self.now)
        if changes:
            fact = DriftAlertsChanged(changes, drifts, TriggerVerdict(False, None, ()))
            self.standing = apply(self.standing, Event(1, StreamId("any"), 1, fact, self.now, self.now))
        self.told += [(self.now, change.level) for change in changes if change.told]
        return changes

    def path(self, *uses: str, every: timedelta = MINUTE) -> list[AlertLevel | None]:
        """What people are told along a path of how much of the band is used up."""
        before = len(self.told)
        for use in uses:
            self.look(drift(use))
            self.now += every
        return [level for _, level in self.told[before:]]

    @property
    def level(self) -> AlertLevel | None:
        """What is the case, told or not."""
        return next((alert.level for alert in self.standing.alerts), None)


def test_what_comes_back_within_the_hour_is_not_told_again() -> None:
    """It is known all the same, and that it is over again is no news to anybody."""
    watch = Watch()
    assert watch.path("0.85", "0.5") == [NEAR, None]
    assert watch.path("0.85") == []
    assert watch.level is NEAR
    assert watch.path("0.5", "0.85", "0.5") == []
    assert watch.level is None


def test_what_still_stands_when_the_back_off_is_over_is_told_then() -> None:
    """Not a look earlier, and once."""
    watch = Watch()
    watch.path("0.85", "0.5")
    over = watch.now - MINUTE + HOUR
    watch.path(*["0.85"] * 90)
    assert watch.told[2:] == [(over, NEAR)]
    assert watch.path("0.5") == [None]


def test_what_comes_back_after_the_hour_is_told_like_the_first_time() -> None:
    """The hour counts from when people heard that it was over."""
    watch = Watch()
    watch.path("0.85", "0.5")
    watch.now += HOUR
    assert watch.path("0.85", "0.5") == [NEAR, None]


def test_what_nobody_heard_of_begins_no_back_off() -> None:
    """It came and went while nobody was to be told: the next time is the first that people hear of."""
    watch = Watch()
    watch.path("0.85", "0.5", "0.85")
    watch.now += HOUR
    assert watch.path("0.5") == []
    assert watch.path("0.85") == [NEAR]


def test_that_the_limit_is_reached_is_told_within_a_back_off_too_but_once() -> None:
    """A plan may follow from it; the second time in the same hour is the same news."""
    watch = Watch()
    watch.path("0.85", "0.5")
    assert watch.path("0.85", "1.1") == [REACHED]
    assert watch.path("0.5") == [None], "people heard that it was reached"
    assert watch.path("1.1", "0.5", "0.85", "1.2", "0.5") == []


def test_each_return_within_a_day_doubles_the_back_off_up_to_a_day() -> None:
    """Told of as soon as may be, and over in the same minute."""
    watch, lasted = Watch(), []
    watch.path("0.85", "0.5")
    for _ in range(7):
        over = watch.now
        while not watch.path("0.85"):
            pass
        lasted.append((watch.now - over + MINUTE) // HOUR)
        watch.path("0.5")
    assert lasted == [1, 2, 4, 8, 16, 24, 24]


def test_a_calm_day_makes_the_next_back_off_the_first_again() -> None:
    """It counts from the end of the last one."""
    for calm, hours in ((DAY - HOUR, 2), (DAY + HOUR, 1)):
        watch = Watch()
        watch.path("0.85", "0.5")
        watch.now += HOUR + calm
        watch.path("0.85", "0.5")
        over = watch.now
        while not watch.path("0.85"):
            pass
        assert (watch.now - over + MINUTE) // HOUR == hours


def test_names_have_back_offs_of_their_own() -> None:
    """What trembles does not silence the others."""
    watch = Watch()
    watch.look(drift("0.9"), drift("0.5", "ETH"))
    watch.look(drift("0.5"), drift("0.5", "ETH"))
    changes = watch.look(drift("0.9"), drift("0.9", "ETH"))
    assert [(change.name, change.told) for change in changes] == [("BTC", False), ("ETH", True)]


def test_a_name_that_is_no_target_any_more_is_over_and_not_told_where_nobody_heard_of_it() -> None:
    """Only what stood is over; what was over stays so."""
    watch = Watch()
    watch.path("0.9", "0.5", "0.9")
    assert watch.look() == (AlertChange("BTC", None, told=False),)
    assert watch.look() == ()


def test_an_alert_of_an_older_record_is_one_that_people_have_heard_of() -> None:
    """It had a name and a level, and nothing more."""
    watch = Watch(standing=Standing(alerts=(DriftAlert("BTC", NEAR),)))
    assert watch.path("0.9", "0.5") == [None]
    assert watch.path("0.9") == []


def most_in_a_day(told: Sequence[tuple[datetime, AlertLevel | None]]) -> int:
    """The most changes that were told in any 24 hours."""
    instants = [at for at, _ in told]
    return max((sum(1 for at in instants if begin <= at < begin + DAY) for begin in instants), default=0)


def test_a_drift_that_trembles_every_minute_is_told_of_a_few_times_a_day() -> None:
    """Without the back-off it would be told 1,440 times."""
    watch = Watch()
    watch.path(*["1.2", "0.5"] * (4 * 12 * 60))
    assert most_in_a_day(watch.told) <= 20
    last_day = [at for at, _ in watch.told if at >= watch.now - DAY]
    assert len(last_day) <= 5


USES = st.sampled_from(["0.5", "0.76", "0.85", "1.1"])
PAUSES = st.sampled_from([MINUTE, 17 * MINUTE, HOUR, 3 * HOUR, 9 * HOUR, 25 * HOUR])
TREMBLES = st.tuples(st.lists(USES, min_size=1, max_size=4), PAUSES, st.integers(1, 60))
"""A few steps at one pace, again and again."""


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.lists(TREMBLES, min_size=1, max_size=8))
def test_whatever_a_drift_does_it_is_told_of_a_bounded_number_of_times_a_day(
    trembles: list[tuple[list[str], timedelta, int]],
) -> None:
    """And people are never left with what is not so: they were told what is the case, or will be within a day."""
    watch = Watch()
    for uses, pause, times in trembles:
        watch.path(*uses * times, every=pause)
    assert most_in_a_day(watch.told) <= MOST_TOLD_IN_A_DAY
    last = watch.told[-1][1] if watch.told else None
    for alert in watch.standing.alerts:
        assert alert.untold or last is alert.level
    if watch.level is not None:
        watch.now += DAY
        watch.look(drift("0.85"))
        assert watch.told[-1][1] is watch.level


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.lists(st.sampled_from(["0.5", "0.85", "1.1"]), min_size=1, max_size=60))
def test_no_two_words_in_a_row_say_the_same(uses: list[str]) -> None:
    """Raised, reached or over: each is told only where the last word was another."""
    watch = Watch()
    for _ in range(12):
        watch.path(*uses, every=5 * MINUTE)
    levels = [level for _, level in watch.told]
    assert all(before is not after for before, after in pairwise(levels))
    assert not levels or levels[0] is not None
