"""The sandbox's own controls under /_sandbox/: look at the world and bend it, for tests and the demo.

Bodies are JSON; a mistake is answered with status 400 and {"error": …} naming the key.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from aiohttp import web
from pydantic import TypeAdapter

from bot.sandbox.clock import SandboxClock
from bot.sandbox.exchange.commands import (
    BalanceCommand,
    CrashCommand,
    DepegCommand,
    FreezeCommand,
    HaltCommand,
    KeyCommand,
    PriceCommand,
    SlowCommand,
    SpeedCommand,
    TradeCommand,
    VenueCommand,
)
from bot.sandbox.exchange.config import KeyConfig
from bot.sandbox.exchange.events import Events
from bot.sandbox.exchange.snapshot import world_state
from bot.sandbox.exchange.venue import CoinFlags, Venue
from bot.sandbox.faults import FaultScript, rule_from_dict
from bot.sandbox.market import Market

Action = Callable[[dict[str, Any]], object]
Command = TypeVar("Command")


class Control:
    """The control routes of one world."""

    def __init__(
        self,
        clock: SandboxClock,
        market: Market,
        venues: Mapping[str, Venue],
        faults: FaultScript,
        events: Events,
    ) -> None:
        """Control these parts."""
        self._clock = clock
        self._market = market
        self._venues = venues
        self._faults = faults
        self._events = events

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        actions: dict[str, Action] = {
            "fault": lambda body: self._faults.add(rule_from_dict(body)),
            "faults/clear": lambda _: self._faults.clear(),
            "price": self._price,
            "balance": self._balance,
            "speed": self._speed,
            "freeze": self._freeze,
            "thaw": lambda _: self._market.thaw(),
            "key": self._key,
            "venue": self._venue_state,
            "trade": self._trade,
            "event/halt": self._halt,
            "event/slow": self._slow,
            "event/depeg": self._depeg,
            "event/crash": self._crash,
            "event/recover": lambda _: {"told": self._events.recover()},
        }
        app.router.add_get("/_sandbox/state", self._state)
        app.router.add_get("/_sandbox/event", self._subjects)
        for name, action in actions.items():
            app.router.add_post(f"/_sandbox/{name}", _posted(action))

    async def _subjects(self, _: web.Request) -> web.Response:
        return web.json_response(self._events.subjects())

    async def _state(self, _: web.Request) -> web.Response:
        self._events.advance()
        for venue in self._venues.values():
            venue.advance()
        return web.json_response(world_state(self._clock, self._market, self._venues, self._faults))

    def _price(self, body: dict[str, Any]) -> None:
        command = _read(PriceCommand, body)
        factor = command.factor
        if command.price is not None:
            present = self._market.price(command.asset, self._market.now())
            if present is None:
                raise ValueError(f"{command.asset} has no price now")
            factor = command.price / present
        if factor is None:
            raise ValueError("give factor or price")
        self._market.shock(command.asset, factor)

    def _balance(self, body: dict[str, Any]) -> None:
        command = _read(BalanceCommand, body)
        venue = self._venue(command.venue)
        if command.silent:
            if venue.account.free(command.asset) + command.delta < 0:
                raise ValueError(f"{command.venue} has less than {-command.delta} {command.asset} free")
            venue.account.credit(command.asset, command.delta)
            return
        venue.transfer(
            command.asset,
            command.delta,
            status=command.status,
            age_seconds=command.age_seconds,
            txid=command.txid,
            fee=command.fee,
        )

    def _speed(self, body: dict[str, Any]) -> None:
        self._clock.set_speed(_read(SpeedCommand, body).speed)

    def _freeze(self, body: dict[str, Any]) -> None:
        if _read(FreezeCommand, body).frozen:
            self._market.freeze()
        else:
            self._market.thaw()

    def _key(self, body: dict[str, Any]) -> None:
        command = _read(KeyCommand, body)
        keys = self._venue(command.venue).keys
        known = keys.get(command.key)
        if known is None and command.secret is None:
            raise ValueError(f"{command.venue} has no key {command.key}: give its secret to add it")
        key = known or KeyConfig(command.key, command.secret or "")
        given = {
            name: value
            for name in ("secret", "permissions", "ip_restricted", "enabled", "extra", "passphrase")
            if (value := getattr(command, name)) is not None
        }
        keys[command.key] = replace(key, **given)

    def _venue_state(self, body: dict[str, Any]) -> None:
        command = _read(VenueCommand, body)
        venue = self._venue(command.venue)
        venue.status = command.status or venue.status
        for coin, flags in command.coins.items():
            present = venue.coins.get(coin, CoinFlags())
            venue.coins[coin] = CoinFlags(
                deposit=present.deposit if flags.deposit is None else flags.deposit,
                withdraw=present.withdraw if flags.withdraw is None else flags.withdraw,
            )
        if command.premium_bps is not None:
            venue.premium_bps = command.premium_bps
        if command.fees is not None:
            venue.engine.fees = command.fees
        if command.clock_ahead_seconds is not None:
            venue.clock_ahead_seconds = command.clock_ahead_seconds
        venue.reshape(command.spread_bps, command.level_depth)

    def _trade(self, body: dict[str, Any]) -> object:
        command = _read(TradeCommand, body)
        venue = self._venue(command.venue)
        if command.symbol not in venue.instruments:
            raise ValueError(f"{command.venue} has no market {command.symbol}")
        traded: Decimal = venue.engine.hit_resting(command.symbol, command.side, command.price, command.quantity)
        return {"traded": format(traded, "f")}

    def _halt(self, body: dict[str, Any]) -> object:
        return {"told": self._events.halt(_read(HaltCommand, body).venue)}

    def _slow(self, body: dict[str, Any]) -> object:
        command = _read(SlowCommand, body)
        return {"told": self._events.slow(command.venue, command.seconds)}

    def _depeg(self, body: dict[str, Any]) -> object:
        command = _read(DepegCommand, body)
        return {"told": self._events.depeg(command.asset, command.to, command.seconds)}

    def _crash(self, body: dict[str, Any]) -> object:
        command = _read(CrashCommand, body)
        return {"told": self._events.crash(command.asset, command.percent)}

    def _venue(self, name: str) -> Venue:
        if name not in self._venues:
            raise ValueError(f"unknown venue {name}: one of {', '.join(self._venues)}")
        return self._venues[name]


def _posted(action: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = await request.json() if request.can_read_body else {}
            if not isinstance(body, dict):
                raise ValueError("the body must be a JSON object")
            result = action(body)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"ok": True} | (result if isinstance(result, dict) else {}))

    return handle


def _read(kind: type[Command], body: dict[str, Any]) -> Command:
    return TypeAdapter(kind).validate_python(body)
