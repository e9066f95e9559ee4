"""All sandbox exchanges as one part of a web application.

Every venue is mounted under its own path prefix, the controls under /_sandbox/. A client reaches a
venue by replacing scheme and host of its addresses with this server and the prefix.
"""

import json
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.sandbox.clock import SandboxClock
from bot.sandbox.exchange.binance import BinanceDialect
from bot.sandbox.exchange.bybit import BybitDialect
from bot.sandbox.exchange.coinbase import CoinbaseDialect
from bot.sandbox.exchange.config import VenueConfig, WorldConfig
from bot.sandbox.exchange.control import Control
from bot.sandbox.exchange.defaults import default_world
from bot.sandbox.exchange.events import Events
from bot.sandbox.exchange.kraken import KrakenDialect
from bot.sandbox.exchange.kucoin import KucoinDialect
from bot.sandbox.exchange.okx import OkxDialect
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Dialect, Reply, VenueRequest
from bot.sandbox.faults import FaultRule, FaultScript
from bot.sandbox.market import Market

__all__ = ["ExchangeWorld", "default_world"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_DIALECTS: Mapping[str, Callable[[Venue], Dialect]] = {
    "binance": BinanceDialect,
    "kraken": KrakenDialect,
    "coinbase": CoinbaseDialect,
    "okx": OkxDialect,
    "bybit": BybitDialect,
    "kucoin": KucoinDialect,
}


class ExchangeWorld:
    """A market, the venues on it, and the faults between them and their clients."""

    def __init__(self, config: WorldConfig, clock: SandboxClock, wall: Callable[[], float] = time.time) -> None:
        """`wall` tells real time in seconds since the epoch; raises ValueError for an unreadable price file."""
        self.clock = clock
        self.wall = wall
        self.faults = FaultScript()
        self.market = Market(config.market, clock.start, clock.now)
        self.venues = {venue.name: Venue(venue, self.market, config.market.seed, wall) for venue in config.venues}
        self.events = Events(clock, self.market, self.venues, self.faults, wall)
        self._dialects = {name: _DIALECTS[venue.config.dialect](venue) for name, venue in self.venues.items()}

    def register(self, app: web.Application) -> None:
        """Add the routes of all venues and the controls, and let hanging calls go when the server stops."""
        for venue in self.venues.values():
            prefix = venue.config.prefix.rstrip("/")
            app.router.add_route("*", prefix + "/{tail:.*}", self._handler(venue.config))
        Control(self.clock, self.market, self.venues, self.faults, self.events).register(app)
        app.on_shutdown.append(self._release)

    async def _release(self, _: web.Application) -> None:
        self.faults.clear()

    def _handler(self, config: VenueConfig) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            call = VenueRequest(
                method=request.method,
                path="/" + request.match_info["tail"],
                query=request.rel_url.raw_query_string,
                headers=request.headers,
                body=await request.text(),
            )
            rule = self.faults.strike(config.name, call.method, call.path)
            if rule is None:
                return _response(self._process(config.name, call))
            if rule.when == "before":
                return await self._strike_before(rule, config.name, call, request)
            return await self._strike_after(rule, config.name, call, request)

        return handle

    def _process(self, name: str, call: VenueRequest) -> Reply:
        self.events.advance()
        self.venues[name].advance()
        return self._dialects[name].answer(call)

    async def _strike_before(
        self, rule: FaultRule, name: str, call: VenueRequest, request: web.Request
    ) -> web.StreamResponse:
        if rule.do in ("hang", "slow"):
            await self.faults.wait(rule.seconds)
        if rule.do == "slow":
            return _response(self._process(name, call))
        if rule.do in ("hang", "drop"):
            return _hang_up(request)
        return self._wrong_answer(rule, name)

    async def _strike_after(
        self, rule: FaultRule, name: str, call: VenueRequest, request: web.Request
    ) -> web.StreamResponse:
        response = _response(self._process(name, call))
        if rule.do in ("hang", "slow"):
            await self.faults.wait(rule.seconds)
        if rule.do == "slow":
            return response
        if rule.do in ("hang", "drop"):
            return _hang_up(request)
        body = response.body if isinstance(response.body, bytes) else b""
        if rule.do == "cut":
            return await _cut(request, body)
        if rule.do == "stale":
            kept = self.faults.keep(rule, f"{call.path}?{call.query}", body)
            return web.Response(body=kept, status=response.status, content_type="application/json")
        return self._wrong_answer(rule, name)

    def _wrong_answer(self, rule: FaultRule, name: str) -> web.Response:
        dialect = self._dialects[name]
        if rule.do == "maintenance":
            return _response(dialect.maintenance())
        if rule.do == "error":
            return _response(dialect.error(rule.code, rule.message))
        if rule.do == "empty":
            return web.Response(status=200)
        status = rule.status if rule.do == "status" else 200
        return web.Response(status=status, text=rule.body, content_type="text/html")


def _response(reply: Reply) -> web.Response:
    if reply.text is not None:
        return web.Response(text=reply.text, status=reply.status, headers=reply.headers)
    body = json.dumps(reply.payload, separators=(",", ":")).encode()
    return web.Response(body=body, status=reply.status, headers=reply.headers, content_type="application/json")


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.close()
    return web.Response()


async def _cut(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
