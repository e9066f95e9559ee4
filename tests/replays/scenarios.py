"""The days on which exchanges failed, minute by minute, as they would have been seen: by reports of the time.

What the venue's own interfaces said minute by minute was kept by nobody: where a figure is assumed it is named so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.model.errors import Fault
from engine.model.health import VenueVerdict
from engine.model.portfolio import VenueHealth
from engine.model.venue_signals import CallOutcomes, CoinState
from tests import builders as b
from tests.decide.guards.bedside import WELL, Bedside

Prices = Mapping[str, Decimal]
"""What Bitcoin and another coin cost everywhere else."""
FLAT: Prices = {"BTC": Decimal(20_000), "FTT": Decimal(20)}
OPEN = (CoinState(b.BTC, True, True), CoinState(b.USDT, True, True))
SHUT = (CoinState(b.BTC, False, False), CoinState(b.USDT, False, False))


@dataclass(frozen=True)
class Moment:
    """What a minute showed, and how the venue was judged by it."""

    at: datetime
    verdict: VenueVerdict
    prices: Prices


def ftx(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2022."""
    return datetime(2022, 11, day, hour, minute, tzinfo=UTC)


FTX_BEGIN, FTX_END = ftx(8, 9), ftx(9, 6)
REQUESTED, ANNOUNCED = ftx(8, 10, 51), ftx(8, 21, 51)
"""When the customer had asked for his withdrawal, and when it was said that there are none."""
PARTS_AT, PARTS_FOR = ftx(8, 13), timedelta(hours=8)


@dataclass(frozen=True)
class Ftx:
    """FTX on 8 November 2022: withdrawals slow down and stop, and its interface for trading answers as ever.

    Reports: a customer's "full 11 hours since I've requested my withdrawal" and "any transfers besides fiat are halted"
    were published at 21:51 UTC; the last withdrawal left for the chain at 11:37. Assumed: that its own prices parted
    from those of others, evenly from 13:00 on by up to `widest_gap` within eight hours.
    """

    withdraws: bool = True
    """We have a withdrawal on its way; without, only the flags of coins and prices tell."""
    widest_gap: Decimal = Decimal("0.05")
    begin: datetime = FTX_BEGIN
    end: datetime = FTX_END

    def show(self, bedside: Bedside, now: datetime, prices: Prices) -> None:
        """What is seen in a minute."""
        pending = REQUESTED if self.withdraws and now >= REQUESTED else None
        bedside.shows(pending_since=pending, coins=SHUT if now >= ANNOUNCED else OPEN)
        quote(bedside, "alpha", prices, 1 - self._gap(now))
        for other in ("beta", "gamma"):
            quote(bedside, other, prices, Decimal(1))

    def _gap(self, now: datetime) -> Decimal:
        lasted = min(max(now - PARTS_AT, timedelta(0)), PARTS_FOR)
        return self.widest_gap * (lasted // timedelta(minutes=1)) / (PARTS_FOR // timedelta(minutes=1))


def binance(hour: int, minute: int = 0) -> datetime:
    """An instant of 24 March 2023."""
    return datetime(2023, 3, 24, hour, minute, tzinfo=UTC)


BINANCE_BEGIN, BINANCE_END = binance(11), binance(18)
STOPPED, RESUMED = binance(11, 27), binance(14)
BUSY_FROM, PAUSED, CANCEL_ONLY, REOPENED = binance(11, 40), binance(11, 45), binance(13, 30), binance(14, 10)
FORGOTTEN_IN = timedelta(minutes=5)
"""Ten calls, of which half failed: so long until the failed ones are among the last ten, and until they are not."""


@dataclass(frozen=True)
class Binance:
    """Binance on 24 March 2023: the matching engine stops at 11:27 UTC, and trading goes on at 14:00.

    Reports: deposits and withdrawals are paused meanwhile, and half an hour before the end orders can be cancelled
    alone. Assumed: that books show their last state until 11:40 and cannot be read from then to 13:30, while balances
    can; that withdrawals are paused at 11:45 and open ten minutes after trading; and that its status says nothing.
    """

    begin: datetime = BINANCE_BEGIN
    end: datetime = BINANCE_END

    def show(self, bedside: Bedside, now: datetime, prices: Prices) -> None:
        """What is seen in a minute."""
        bedside.moving["alpha"] = not STOPPED <= now < RESUMED
        half_failed = BUSY_FROM + FORGOTTEN_IN <= now < CANCEL_ONLY + FORGOTTEN_IN
        bedside.shows(
            coins=SHUT if PAUSED <= now < REOPENED else OPEN,
            calls=CallOutcomes(10, ((Fault.OTHER, 5),) if half_failed else ()),
        )
        for name in bedside.names:
            quote(bedside, name, prices, Decimal(1))
        bedside.unreachable = {"alpha"} if BUSY_FROM <= now < CANCEL_ONLY else set()


Scenario = Ftx | Binance


def quote(bedside: Bedside, name: str, prices: Prices, factor: Decimal) -> None:
    """Let a venue quote these prices, times a factor, with a spread of two basis points."""
    bedside.markets[name] = tuple(
        b.Market(f"{asset}/USDT", str(price * factor), spread=str(price / 5_000)) for asset, price in prices.items()
    )


@dataclass
class Replay:
    """One scenario, looked at every minute."""

    scenario: Scenario
    prices_at: Callable[[datetime], Prices] = lambda _: FLAT
    person: Mapping[datetime, str] = field(default_factory=dict)
    """When a person resumes the venue."""

    def moments(self) -> Iterator[Moment]:
        """Every minute from the beginning of the scenario to its end."""
        bedside = Bedside()
        bedside.signals = dict.fromkeys(bedside.names, WELL)
        now = self.scenario.begin
        while now <= self.scenario.end:
            bedside.now, prices = now, self.prices_at(now)
            self.scenario.show(bedside, now, prices)
            if now in self.person:
                bedside.resume()
            yield Moment(now, bedside.look(), prices)
            now += timedelta(minutes=1)


def changes(moments: Iterator[Moment]) -> list[Moment]:
    """The minutes at which the judgement of the venue changed, the first among them."""
    found = list[Moment]()
    for moment in moments:
        if not found or moment.verdict.health is not found[-1].verdict.health:
            found.append(moment)
    return found


def first(moments: list[Moment], health: VenueHealth) -> Moment | None:
    """The first minute at which it was judged so."""
    return next((moment for moment in moments if moment.verdict.health is health), None)
