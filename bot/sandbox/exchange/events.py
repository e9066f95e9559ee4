"""What happens to markets and exchanges now and then, on demand: a halt, slowness, a lost peg, a crash; and the end.

Each event is made of the parts that the other controls bend one by one, and runs its course by itself: nothing has to
call here again but the requests that come in anyway.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.sandbox.clock import SandboxClock
from bot.sandbox.exchange.snapshot import plain
from bot.sandbox.exchange.venue import CoinFlags, Venue
from bot.sandbox.faults import FaultRule, FaultScript
from bot.sandbox.market import Market

ASTRAY_BPS = Decimal(-150)
"""How far the prices of a venue drift off that pays nothing out any more: sellers want to get out at any price."""
ASTRAY_SECONDS = 60.0
SHUT_SECONDS = 90.0
"""So long after its withdrawals a venue of this kind stops trading too."""
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class _Halt:
    """A venue that has stopped to pay out: since when, in wall seconds, and the premium it had before."""

    since: float
    premium_bps: Decimal


class Events:
    """Lets things happen to one world, and tells what it did."""

    def __init__(
        self,
        clock: SandboxClock,
        market: Market,
        venues: Mapping[str, Venue],
        faults: FaultScript,
        wall: Callable[[], float],
    ) -> None:
        """`wall` tells real time in seconds since the epoch: what people watch takes its time by their own clock."""
        self._clock = clock
        self._market = market
        self._venues = venues
        self._faults = faults
        self._wall = wall
        self._halts: dict[str, _Halt] = {}

    def advance(self) -> None:
        """Bring what is under way to where it is by now."""
        for name, halt in self._halts.items():
            venue, gone = self._venues[name], self._wall() - halt.since
            share = Decimal(repr(round(min(1.0, max(0.0, gone / ASTRAY_SECONDS)), 6)))
            venue.premium_bps = halt.premium_bps + ASTRAY_BPS * share
            if gone >= SHUT_SECONDS:
                venue.status = "maintenance"

    def halt(self, name: str) -> str:
        """A venue closes all withdrawals, its prices drift off, and after a while it stops trading, as FTX did."""
        venue = self._venue(name)
        for coin, flags in venue.coins.items():
            venue.coins[coin] = CoinFlags(deposit=flags.deposit, withdraw=False)
        self._halts.setdefault(name, _Halt(self._wall(), venue.premium_bps))
        off = f"{plain(abs(ASTRAY_BPS) / _HUNDRED)} %"
        return (
            f"{name} has closed the withdrawals of all its {len(venue.coins)} coins. Its prices drift off by {off} in "
            f"the next {ASTRAY_SECONDS:.0f} s, and {SHUT_SECONDS:.0f} s from now it stops trading"
        )

    def slow(self, name: str, seconds: float) -> str:
        """A venue answers every call late, and has carried it out. Raises ValueError for a delay that is none."""
        self._venue(name)
        if not 0 < seconds <= 60:
            raise ValueError(f"seconds must be above 0 and at most 60, not {seconds}")
        self._faults.add(FaultRule("slow", when="after", venue=name, seconds=seconds))
        return f"{name} answers every call {seconds:g} s late"

    def depeg(self, asset: str, to: Decimal, seconds: float) -> str:
        """A stablecoin loses its peg and falls to so many USD within so many seconds; 0: at once."""
        stablecoins = self._market.pegged
        if asset not in stablecoins:
            raise ValueError(f"{asset} is no stablecoin here: one of {', '.join(stablecoins)}")
        if not (to.is_finite() and to > 0):
            raise ValueError(f"the price must be above 0, not {to}")
        before = self._price(asset)
        self._market.bend(asset, to / before, self._market_seconds(seconds))
        when = f"within {seconds:.0f} s" if self._market_seconds(seconds) else "at once"
        return f"{asset} goes from {before:.4f} to {plain(to)} USD, {when}"

    def crash(self, asset: str, percent: Decimal) -> str:
        """An asset's price falls at once. Raises ValueError for a fall of nothing, or of everything and more."""
        if not (percent.is_finite() and 0 < percent < _HUNDRED):
            raise ValueError(f"percent must lie between 0 and 100, not {percent}")
        before = self._price(asset)
        self._market.bend(asset, 1 - percent / _HUNDRED, 0.0)
        return f"{asset} fell by {plain(percent)} %, from {before:,.2f} to {self._price(asset):,.2f} USD"

    def recover(self) -> str:
        """Everything is as it would be without the events, and without faults of calls."""
        for name, halt in self._halts.items():
            self._venues[name].premium_bps = halt.premium_bps
        self._halts.clear()
        for venue in self._venues.values():
            venue.status = "online"
            for coin in venue.coins:
                venue.coins[coin] = CoinFlags()
        self._faults.clear()
        self._market.straighten()
        return "every venue pays out, trades and answers in time, and prices are what they would have been"

    def subjects(self) -> dict[str, list[str]]:
        """What events can be about: venues, stablecoins, and the other assets that have a price now."""
        stablecoins = self._market.pegged
        listed = [asset for asset in self._market.assets if self._market.price(asset, self._market.now()) is not None]
        coins = [asset for asset in listed if asset not in stablecoins]
        return {"venues": list(self._venues), "stablecoins": list(stablecoins), "assets": coins}

    def _market_seconds(self, seconds: float) -> float:
        """How long the market takes for what takes people so many seconds: nothing where it stands still."""
        return seconds * self._clock.speed

    def _price(self, asset: str) -> Decimal:
        price = self._market.price(asset, self._market.now()) if asset in self._market.assets else None
        if price is None:
            raise ValueError(f"{asset} has no price now: one of {', '.join(self._market.assets)}")
        return price

    def _venue(self, name: str) -> Venue:
        if name not in self._venues:
            raise ValueError(f"unknown venue {name}: one of {', '.join(self._venues)}")
        return self._venues[name]
