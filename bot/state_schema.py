"""The state file of `equipoise plan` as it is written: every key, its kind, and whether it may be left out."""

from __future__ import annotations

import itertools
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from bot.config.fields import FeeRate, Instant, NotNegative, Number, Positive
from bot.config.mistakes import shown
from engine.model.conditions import Stage, Step
from engine.model.guards import Rule
from engine.model.ids import Asset
from engine.model.portfolio import VenueHealth

LONGEST_NAME: Final = 64
PAIR: Final = 2


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


Name = Annotated[str, PlainValidator(_name)]
AssetKey = Annotated[Asset, PlainValidator(_asset)]
BookLevel = Annotated[tuple[Positive, Positive], BeforeValidator(_pair)]
Close = Annotated[tuple[Instant, Positive], BeforeValidator(_pair)]
Reading = Annotated[tuple[Instant, Number], BeforeValidator(_pair)]


class Entry(BaseModel):
    """An object of the file. A key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class MarketEntry(Entry):
    """A spot market of a venue with its book."""

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


class VenueEntry(Entry):
    """A venue with what it holds. What is locked in open orders is part of the balances."""

    name: Name
    health: VenueHealth
    balances: dict[AssetKey, NotNegative]
    locked: dict[AssetKey, NotNegative] = {}
    markets: list[MarketEntry]


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
    """What a guard has found before."""

    rule: Rule
    subject: Name
    stage: Stage = Stage.RAISED
    since: Instant
    grade: Annotated[int, Field(ge=1)] = 1
    times: Annotated[int, Field(ge=1)] = 1
    clear_since: Instant | None = None
    assets: list[AssetKey] = []
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
