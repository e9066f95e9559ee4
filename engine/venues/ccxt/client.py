"""The only file that touches ccxt: two long-lived clients of one exchange, and calls through them.

One client holds the key and is the only one that signs with it (nonces must rise); the other has no key and reads
market data, so that an order never waits behind a burst of books. Requests go to the allowed hosts only, and a
redirect is not followed. Markets are parsed in a thread with a loop of its own: that keeps a CPU busy for most of a
second.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import gc
import importlib
import json
import logging
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.venues.ccxt.errors import Answer, failure_of
from engine.venues.ccxt.parse import milliseconds
from engine.venues.ccxt.profile import NOW, Listing, Market, Payload, Profile, Signing

HALF_A_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
PEM = "-----"
"""The first and the last line of a key in several lines begin so: they are the same in every key."""

log = logging.getLogger(__name__)
_ANSWER: contextvars.ContextVar[Answer] = contextvars.ContextVar("answer")
_SIGNING: contextvars.ContextVar[Signing] = contextvars.ContextVar("signing", default=NOW)


class ClientsClosed(Exception):
    """A call after the connections were closed."""


class HostNotAllowed(aiohttp.ClientError):
    """A request would have gone to a host that is not the venue's."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key with its secret, and its passphrase where the exchange gives one, kept out of every text."""

    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Each of them, and each line of one that has several: whoever repeats it may write its line ends otherwise."""
        parts = (self.secret, self.passphrase, self.api_key)
        lines = {line for part in parts for line in (part, *part.splitlines()) if line and not line.startswith(PEM)}
        return tuple(sorted(lines, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Connection:
    """How an exchange is reached.

    `base_url` replaces scheme and host of every address (the sandbox, a testnet). `proxy` is an http:// address.
    `throttled` keeps to the exchange's published request rates.
    """

    base_url: str | None = None
    proxy: str | None = None
    throttled: bool = True
    timeout: timedelta = timedelta(seconds=10)

    def __post_init__(self) -> None:
        for name, url in (("base_url", self.base_url), ("proxy", self.proxy)):
            if url is not None and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
                raise InvalidValue(name, "expected an address such as http://127.0.0.1:8080")


class Clients:
    """Calls of one exchange, each made at once and once: repeating is the caller's business."""

    def __init__(self, profile: Profile, credentials: Credentials | None, connection: Connection) -> None:
        self._profile = profile
        self._connection = connection
        self._credentials = credentials
        self._exchange_class = getattr(_ccxt(), profile.ccxt_id)
        self._clients: dict[bool, Any] = {}
        self._is_closed = False
        # ccxt writes signed requests to its log at the debug level.
        logging.getLogger("ccxt.base.exchange").setLevel(logging.WARNING)

    @property
    def has_key(self) -> bool:
        """Private calls can be made."""
        return self._credentials is not None

    async def public(self, method: str, params: Mapping[str, object]) -> Payload:
        """Call an endpoint without a key. Raises CallFailed."""
        return await self._call(method, params, private=False)

    async def private(self, method: str, params: Mapping[str, object], signing: Signing = NOW) -> Payload:
        """Call an endpoint with the key. Raises CallFailed."""
        token = _SIGNING.set(signing)
        try:
            return await self._call(method, params, private=True)
        finally:
            _SIGNING.reset(token)

    async def listing(self) -> Listing:
        """Load all that the exchange lists, without holding up the event loop. Raises CallFailed."""
        answer = Answer()
        try:
            return await asyncio.to_thread(lambda: asyncio.run(self._load(answer)))
        except self._errors() as error:
            raise failure_of(error, answer) from error

    async def close(self) -> None:
        """Let go of all connections."""
        self._is_closed = True
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await _close(client)

    async def _call(self, method: str, params: Mapping[str, object], *, private: bool) -> Payload:
        answer = Answer(secrets=self._credentials.secrets if private and self._credentials else ())
        if self._is_closed:
            raise failure_of(ClientsClosed(), answer)
        token = _ANSWER.set(answer)
        try:
            return await getattr(self._client(private=private), method)(dict(params))
        except self._errors() as error:
            raise failure_of(error, answer) from error
        finally:
            _ANSWER.reset(token)

    def _errors(self) -> tuple[type[BaseException], ...]:
        base: type[Exception] = importlib.import_module("ccxt.base.errors").BaseError
        # ccxt lets through what it did not foresee: shapes of answers, and the connection's own errors.
        return (base, aiohttp.ClientError, OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError)

    def _client(self, *, private: bool) -> Any:
        if private not in self._clients:
            self._clients[private] = self._open(self._credentials if private else None)
        return self._clients[private]

    def _open(self, credentials: Credentials | None) -> Any:
        client = self._exchange_class(
            {
                **_keys(credentials),
                "number": str,
                "enableRateLimit": self._connection.throttled,
                "timeout": int(self._connection.timeout / timedelta(milliseconds=1)),
                "options": dict(self._profile.options),
                "session": _session(),
                "ssl_context": _certificates(),
                "enableLastHttpResponse": False,
                "enableLastResponseHeaders": False,
            },
        )
        if not _is_encrypted(self._connection.base_url):
            client.timeout_on_exit = 0
        client.aiohttp_proxy = self._connection.proxy
        client.seconds, client.milliseconds = _seconds, _milliseconds
        client.urls["api"] = _rebased(client.urls["api"], self._connection.base_url)
        client.fetch = _guarded(client.fetch, self._allowed_origins())
        client.handle_errors = _overheard(client.handle_errors, self._profile.errors.read)
        client.on_json_response = _exact_json
        return client

    def _allowed_origins(self) -> frozenset[str]:
        if self._connection.base_url is not None:
            return frozenset({_origin(self._connection.base_url)})
        return frozenset(f"https://{host}" for host in self._profile.hosts)

    async def _load(self, answer: Answer) -> Listing:
        _ANSWER.set(answer)
        client = self._open(None)
        try:
            listed = await client.load_markets()
            markets = self._read_markets([m for m in listed.values() if m["spot"] and "/" in m["symbol"]])
            assets = {key: Asset(currency["code"]) for key, currency in client.currencies_by_id.items()}
        finally:
            await _close(client)
        return Listing(markets, assets)

    def _read_markets(self, listed: list[Any]) -> dict[str, Market]:
        markets: dict[str, Market] = {}
        for entry in listed:
            try:
                market = self._profile.read_market(entry)
            except InvalidValue as error:
                # One odd market among hundreds must not take the others away.
                log.warning("%s: a market was left out: %s", self._profile.ccxt_id, error)
                continue
            markets[market.symbol] = market
        return markets


@functools.cache
def _ccxt() -> ModuleType:
    """ccxt, imported for the first venue: it costs 100 MB and a second, which nobody else should pay."""
    module = importlib.import_module("ccxt.async_support")
    # What was imported stays for ever. Left to the garbage collector, each of its full passes walks through all of it
    # and stops the event loop for a tenth of a second.
    gc.freeze()
    return module


def _session() -> aiohttp.ClientSession:
    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(_refuse_redirect)
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=_certificates()), trace_configs=[tracing])


def _keys(credentials: Credentials | None) -> dict[str, str]:
    if credentials is None:
        return {}
    passphrase = {"password": credentials.passphrase} if credentials.passphrase else {}
    return {"apiKey": credentials.api_key, "secret": credentials.secret, **passphrase}


def _milliseconds() -> int:
    """What ccxt takes for the present when it signs."""
    signed_at = _SIGNING.get().at
    return time.time_ns() // 1_000_000 if signed_at is None else milliseconds(signed_at)


def _seconds() -> int:
    return _milliseconds() // 1000


@functools.cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=importlib.import_module("certifi").where())


async def _refuse_redirect(_session: object, _context: object, _params: object) -> None:
    # A redirected request would carry the key and the order to wherever the answer says.
    raise HostNotAllowed("the venue's answer was a redirect")


async def _close(client: Any) -> None:
    await client.session.close()
    await client.close()


def _rebased(urls: Any, base_url: str | None) -> Any:
    if base_url is None:
        return urls
    if isinstance(urls, dict):
        return {key: _rebased(value, base_url) for key, value in urls.items()}
    return base_url.rstrip("/") + urlsplit(urls).path


def _is_encrypted(base_url: str | None) -> bool:
    return base_url is None or urlsplit(base_url).scheme == "https"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


Fetch = Callable[..., Awaitable[Any]]


def _guarded(fetch: Fetch, allowed: frozenset[str]) -> Fetch:
    async def guarded(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        if _origin(url) not in allowed:
            raise HostNotAllowed("not one of the venue's hosts")
        _ANSWER.get().sent = True
        return await fetch(url, method, {**(headers or {}), **_SIGNING.get().headers}, body)

    return guarded


def _overheard(handle_errors: Callable[..., Any], read: Callable[[Payload], tuple[str, str]]) -> Callable[..., Any]:
    def overheard(status: int, reason: str, url: str, method: str, headers: Any, body: str, *rest: Any) -> Any:
        answer = _ANSWER.get()
        answer.status = status
        answer.code, answer.message = read(rest[0] if rest else None)
        return handle_errors(status, reason, url, method, headers, body, *rest)

    return overheard


def _exact_json(text: str) -> Payload:
    try:
        answer = json.loads(text, parse_float=str, parse_int=str)
        if HALF_A_CHARACTER.search(text):
            # Half of one alone is no text: it could not be written down. The error is a ValueError too.
            json.dumps(answer, ensure_ascii=False).encode()
        return answer
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None
