"""The state file of `equipoise plan` as it is written: every key, its kind, and whether it may be left out."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, StrictBool

from bot.config.fields import FeeRate, Instant, NotNegative, Number, Positive, number, number_where
from bot.config.mistakes import shown
from engine.model.conditions import Stage, Step
from engine.model.errors import Fault
from engine.model.guards import Rule
from engine.model.health import SignKind
from engine.model.ids import Asset
from engine.model.portfolio import VenueHealth
from engine.model.venue_signals import Signal

LONGEST_NAME: Final = 64
PAIR: Final = 2
LONGEST_SECONDS: Final = 86_400
JUDGED: Final = (VenueHealth.HEALTHY, VenueHealth.DEGRADED, VenueHealth.HALTED)
"""What a venue can have been judged to be."""


def _name(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME or not value.isprintable():
        raise ValueError(f"expected a name of up to {LONGEST_NAME} characters in quotes")
    return value


def _asset(value: object) -> Asset:
    name = _name(value)
    if " " in name or "/" in name:
        raise ValueError(f"{shown(name)} is no asset; write it as the exchange does, such as BTC")
    return Asset(name)


def _pair(value: object) -> object:
    if not isinstance(value, list) or len(value) != PAIR:
        raise ValueError('expected two values in a list, such as ["60000", "0.5"]')
    return tuple(value)


def _falling(levels: list[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    if any(a[0] < b[0] for a, b in itertools.pairwise(levels)):
        raise ValueError("must be sorted, highest price first")
    return levels


def _rising(levels: list[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    if any(a[0] > b[0] for a, b in itertools.pairwise(levels)):
        raise ValueError("must be sorted, lowest price first")
    return levels


def _oldest_first(closes: list[tuple[datetime, Decimal]]) -> list[tuple[datetime, Decimal]]:
    if any(a[0] >= b[0] for a, b in itertools.pairwise(closes)):
        raise ValueError("must be sorted, oldest first, each instant once")
    return closes


def _seconds(value: object) -> timedelta:
    seconds = number(value)
    if not -LONGEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise ValueError(f"must be seconds, of a day at the most, got {shown(value)}")
    return timedelta(microseconds=int(seconds * 1_000_000))


def _elapsed(value: object) -> timedelta:
    duration = _seconds(value)
    if duration < timedelta(0):
        raise ValueError(f"must not be negative, got {shown(value)}")
    return duration


def _count(value: object) -> int:
    count = number(value)
    if count < 0 or count != count.to_integral_value():
        raise ValueError(f"must be a whole number from 0 on, got {shown(value)}")
    return int(count)


def _some_change(changes: dict[Asset, Decimal]) -> dict[Asset, Decimal]:
    if not changes:
        raise ValueError('is empty; write what has changed and by how much, such as BTC = "-0.1"')
    return changes


def _judged(health: VenueHealth) -> VenueHealth:
    if health not in JUDGED:
        raise ValueError(f"no venue is judged to be {health}; write {', '.join(JUDGED[:-1])} or {JUDGED[-1]}")
    return health


Name = Annotated[str, PlainValidator(_name)]
AssetKey = Annotated[Asset, PlainValidator(_asset)]
BookLevel = Annotated[tuple[Positive, Positive], BeforeValidator(_pair)]
Close = Annotated[tuple[Instant, Positive], BeforeValidator(_pair)]
Reading = Annotated[tuple[Instant, Number], BeforeValidator(_pair)]
Count = Annotated[int, PlainValidator(_count)]
Seconds = Annotated[timedelta, PlainValidator(_seconds)]
Elapsed = Annotated[timedelta, PlainValidator(_elapsed)]
Judged = Annotated[VenueHealth, AfterValidator(_judged)]
Change = Annotated[Decimal, number_where(lambda n: n != 0, "must not be 0")]


class Entry(BaseModel):
    """An object of the file. A key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class UsualEntry(Entry):
    """What is usual on a market, by its last week. What is not given is not known."""

    hours: Count = 0
    spread_bps: NotNegative | None = None
    depth: NotNegative | None = None
    day_volume: NotNegative | None = None


class MarketEntry(Entry):
    """A spot market of a venue with its book, which was seen at `as_of`: that of the file, where left out."""

    base: AssetKey
    quote: AssetKey
    taker_fee: FeeRate
    maker_fee: FeeRate
    price_tick: Positive
    amount_step: Positive
    min_amount: NotNegative
    min_notional: NotNegative
    bids: Annotated[list[BookLevel], AfterValidator(_falling)]
    asks: Annotated[list[BookLevel], AfterValidator(_rising)]
    as_of: Instant | None = None
    usual: UsualEntry | None = None


class CallsEntry(Entry):
    """What became of the last calls to a venue: how many failed, by the kind of failure."""

    looked_at: Count
    failed: dict[Fault, Count] = {}


class CoinEntry(Entry):
    """Whether a coin can be moved to and from a venue; left out where the venue does not say."""

    asset: AssetKey
    deposit: StrictBool | None = None
    withdraw: StrictBool | None = None
    closed_since: Instant | None = None


class SignalsEntry(Entry):
    """How a venue is doing. What it does not tell is named in `unavailable`: its absence is no good news."""

    calls: CallsEntry | None = None
    latency_p95_seconds: Elapsed | None = None
    latency_usual_seconds: Elapsed | None = None
    clock_skew_seconds: Seconds | None = None
    online: StrictBool | None = None
    status: str = ""
    coins: list[CoinEntry] = []
    pending_since: Instant | None = None
    key_problem: str = ""
    rights_gained: list[Name] = []
    books_still_since: Instant | None = None
    unavailable: list[Signal] = []


class VenueEntry(Entry):
    """A venue with what it holds. What is locked in open orders is part of the balances."""

    name: Name
    health: VenueHealth
    balances: dict[AssetKey, NotNegative]
    locked: dict[AssetKey, NotNegative] = {}
    markets: list[MarketEntry]
    signals: SignalsEntry | None = None


class LotEntry(Entry):
    """An acquisition that is still held. `basis` is its total cost with fee."""

    id: Name
    asset: AssetKey
    account: Name
    acquired_at: Instant
    quantity: Positive
    basis: NotNegative


class StopEntry(Entry):
    """What is remembered of a position for its stop."""

    asset: AssetKey
    peak: Positive
    armed: bool = True
    base: Positive | None = None


class ConditionEntry(Entry):
    """What a guard has found before. `shares` are the parts of their buckets that its assets were then."""

    rule: Rule
    subject: Name
    stage: Stage = Stage.RAISED
    since: Instant
    grade: Annotated[int, Field(ge=1)] = 1
    times: Annotated[int, Field(ge=1)] = 1
    clear_since: Instant | None = None
    assets: list[AssetKey] = []
    shares: list[NotNegative] = []
    keeps: NotNegative = Decimal(1)
    step: Step = Step.NONE
    rest_until: Instant | None = None


class PricesEntry(Entry):
    """Prices of the last day."""

    at: Instant
    prices: dict[AssetKey, Positive]


class AdoptedEntry(Entry):
    """Targets that took the place of the policy's own."""

    weights: dict[Name, NotNegative]
    since: Instant
    by: Name = "a file"
    traded: bool = False


class SignEntry(Entry):
    """Something that was wrong with a venue when it was judged last. `measure` is in the unit of its kind."""

    kind: SignKind
    since: Instant
    measure: NotNegative = Decimal(1)
    subjects: list[Name] = []


class JudgedEntry(Entry):
    """How a venue was judged last. What was accepted is what a person resumed it with."""

    venue: Name
    health: Judged = VenueHealth.HEALTHY
    since: Instant
    signs: list[SignEntry] = []
    clean_since: Instant | None = None
    accepted: list[SignEntry] = []


class QuestionEntry(Entry):
    """A change of a venue's balances that nobody has explained: below zero where something is gone."""

    venue: Name
    since: Instant
    changes: Annotated[dict[AssetKey, Change], AfterValidator(_some_change)]


class StandingEntry(Entry):
    """What earlier plans left behind."""

    last_rebalance: Instant | None = None
    last_date_fired: Instant | None = None
    open_plan: Name | None = None
    stops: list[StopEntry] = []
    conditions: list[ConditionEntry] = []
    prices: list[PricesEntry] = []
    traded_today: NotNegative | None = None
    adopted: AdoptedEntry | None = None
    last_model_date: Instant | None = None
    signals: Annotated[list[Reading], AfterValidator(_oldest_first)] = []
    venues: list[JudgedEntry] = []
    questions: list[QuestionEntry] = []


class StateFile(Entry):
    """The whole file."""

    version: Literal["equipoise-state/1"] = Field(alias="schema")
    as_of: Instant
    numeraire: AssetKey
    marks: dict[AssetKey, Positive] = {}
    venues: list[VenueEntry]
    lots: list[LotEntry] = []
    history: dict[AssetKey, Annotated[list[Close], AfterValidator(_oldest_first)]] = {}
    standing: StandingEntry = StandingEntry()
    signal: Number | None = None
