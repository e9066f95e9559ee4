"""Records as text: what comes back is equal to what was written, and what cannot be understood is refused."""

from __future__ import annotations

import json
import string
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.canonical import canonical_json
from engine.model.decision import AlertChange, AlertLevel, DriftAlert, Standing
from engine.model.errors import JournalUnavailable
from engine.model.events import FACTS, SCHEMA_VERSION, DriftAlertsChanged, Fact, PolicyAdopted
from engine.model.ids import Asset, Digest
from engine.model.money import Money, Weight
from engine.model.policy import Bucket, Limits, Policy, Target, Trigger
from engine.store import codec
from tests.store import journal_samples as a

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DECIMALS = st.builds(Decimal.scaleb, st.integers(-(10**30), 10**30).map(Decimal), st.integers(-30, 6))
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DURATIONS = st.timedeltas(timedelta(microseconds=1), timedelta(days=4000))
SHARES = st.integers(0, 10**18).map(lambda number: Decimal(number).scaleb(-18))


def policy_of(share: Decimal, durations: list[timedelta], amount: Decimal) -> Policy:
    """A policy is checked when it is made, so it is put together from parts that fit."""
    cooldown, grace, age, ttl, horizon = durations
    return Policy(
        targets=(Target("BTC", Weight(share)), Target("cash", Weight(1 - share), Decimal("0.01"))),
        buckets=(Bucket("cash", (Asset("USDT"), Asset("USDC"))),),
        trigger=Trigger(cooldown=cooldown, misfire_grace=grace),
        limits=Limits(min_trade=Money(amount), max_price_age=age, plan_ttl=ttl, horizon=horizon),
    )


POLICIES = st.builds(policy_of, SHARES, st.lists(DURATIONS, min_size=5, max_size=5), DECIMALS.map(abs))

st.register_type_strategy(str, TEXT)
st.register_type_strategy(Decimal, DECIMALS)
st.register_type_strategy(datetime, INSTANTS)
st.register_type_strategy(timedelta, DURATIONS)
st.register_type_strategy(Policy, POLICIES)


def as_written(fact: Fact, text: str) -> Fact:
    return codec.read_fact(type(fact).__name__, SCHEMA_VERSION, text)


@pytest.mark.parametrize("shape", FACTS.values(), ids=FACTS)
def test_every_fact_comes_back_equal(shape: type) -> None:
    """For every kind of fact: equal, and with the same text, byte for byte."""

    @settings(max_examples=15, deadline=None, database=None, derandomize=True)
    @given(st.from_type(shape))
    def round_trip(fact: Fact) -> None:
        text = codec.write(fact)
        found = as_written(fact, text)
        assert found == fact
        assert codec.write(found) == text

    round_trip()


@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(st.from_type(Standing))
def test_every_standing_comes_back_equal(standing: Standing) -> None:
    """The fold that every append reads and writes."""
    assert codec.read_standing(SCHEMA_VERSION, codec.write(standing)) == standing


def test_a_decision_comes_back_equal() -> None:
    """With its inputs: snapshot, books, lots and history."""
    decision = a.a_decision()
    assert codec.read_decision(SCHEMA_VERSION, codec.write(decision)) == decision


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.text(string.digits, min_size=1, max_size=40), st.text(string.digits, min_size=1, max_size=40))
def test_long_decimals_keep_every_digit(whole: str, fraction: str) -> None:
    """Also beyond the 28 digits of the default context."""
    number = Decimal(f"{whole}.{fraction}")
    fact = PolicyAdopted(Digest("d"), policy_of(Decimal("0.5"), [timedelta(hours=1)] * 5, number))
    found = as_written(fact, codec.write(fact))
    assert isinstance(found, PolicyAdopted)
    assert found.policy.limits.min_trade == number


@pytest.mark.parametrize(
    "broken",
    [
        '{"by":"42"}',
        '{"by":42.5}',
        '{"by":42,"more":1}',
        "{}",
        "[]",
        "not json",
        "",
    ],
)
def test_what_is_not_the_fact_is_refused(broken: str) -> None:
    """Nothing is guessed: a text for a number, a missing or unknown field, or no JSON at all."""
    with pytest.raises(JournalUnavailable, match="PlanningResumed that cannot be read back: restore"):
        codec.read_fact("PlanningResumed", SCHEMA_VERSION, broken)


@pytest.mark.parametrize("duration", ["3600s", "", "NaN", 3600, None])
def test_a_broken_duration_is_refused(duration: object) -> None:
    """Durations are seconds, as text."""
    record = json.loads(codec.write(PolicyAdopted(Digest("d"), a.a_decision().inputs.policy)))
    record["policy"]["limits"]["horizon"] = duration
    with pytest.raises(JournalUnavailable):
        codec.read_fact("PolicyAdopted", SCHEMA_VERSION, json.dumps(record))


def test_a_record_that_contradicts_itself_is_refused() -> None:
    """The records' own checks hold for what is read, too."""
    record = json.loads(codec.write(PolicyAdopted(Digest("d"), a.a_decision().inputs.policy)))
    record["policy"]["approvers"] = 0
    with pytest.raises(JournalUnavailable) as caught:
        codec.read_fact("PolicyAdopted", SCHEMA_VERSION, canonical_json(record))
    assert "approval.approvers" in str(caught.value.__cause__)


@pytest.mark.parametrize(("kind", "version"), [("PlanningResumed", SCHEMA_VERSION + 1), ("PlanSung", SCHEMA_VERSION)])
def test_what_a_newer_program_wrote_is_refused(kind: str, version: int) -> None:
    """The remedy is to update."""
    with pytest.raises(JournalUnavailable, match="update the program"):
        codec.read_fact(kind, version, '{"by":42}')


def test_records_from_before_back_offs_and_choices_are_read() -> None:
    """What they do not have is as it was then: everybody heard of an alert, and nobody had chosen anything."""
    changes = '[{"level":"near","name":"BTC"}]'
    verdict = '{"checked":false,"date":null,"fired":false,"kind":null,"missed":false,"reasons":[]}'
    text = f'{{"changes":{changes},"drifts":[],"verdict":{verdict},"vetoes":[]}}'
    fact = codec.read_fact("DriftAlertsChanged", SCHEMA_VERSION, text)
    assert isinstance(fact, DriftAlertsChanged) and fact.changes == (AlertChange("BTC", AlertLevel.NEAR, told=True),)
    standing = codec.read_standing(SCHEMA_VERSION, f'{{"alerts":{changes}}}')
    assert standing == Standing(alerts=(DriftAlert("BTC", AlertLevel.NEAR),))


def test_an_older_shape_is_brought_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step per version, by the rows of the table; a version without a row changed nothing."""
    monkeypatch.setitem(codec.UPCASTERS, ("PlanningResumed", -1), lambda old: {"person": old["who"]})
    monkeypatch.setitem(codec.UPCASTERS, ("PlanningResumed", 0), lambda old: {"by": old["person"]})
    found = codec.read_fact("PlanningResumed", -2, '{"who":42}')
    assert canonical_json(found) == '{"by":42,"name":""}'
