"""What an account at an exchange tells: rights, fees, deposits, balances, state; and how it is reached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from engine.clock import SystemClock
from engine.model.errors import InvalidValue, NotSent, Refused, Unconfirmed
from engine.model.ids import VenueName
from engine.model.ledger import WithdrawalState
from engine.venues.ccxt.binance import BINANCE
from engine.venues.ccxt.client import Connection, Credentials
from engine.venues.ccxt.venue import CcxtVenue
from tests.sandbox.exchange_fixtures import KEYS, Exchange
from tests.venues.dialects import (
    BALANCE_PATH,
    BOOK_PATH,
    DENIED,
    FEE_PATH,
    LISTED_FEE,
    MARKETS_PATH,
    NOT_TOLD,
    STAKED,
)
from tests.venues.venue_fixtures import BTC, CASH, Desk, WakefulClock, desk, desk_at, exchange, ready_order

__all__ = ["desk", "exchange"]


async def key(desk: Desk, **changes: Any) -> None:
    """Change what the venue's key may do."""
    await desk.exchange.control("key", venue=desk.dialect, key=KEYS[desk.dialect].key, **changes)


async def test_a_key_that_can_withdraw_is_seen(desk: Desk) -> None:
    """The right to withdraw shows, and keeps the key from being trade-only."""
    assert (await desk.venue.key_rights()).is_trade_only
    await key(desk, permissions=["read", "trade", "withdraw"], ip_restricted=False)
    rights = await desk.venue.key_rights()
    assert (rights.can_withdraw, rights.is_trade_only, rights.ip_restricted) == (True, False, False)


async def test_a_key_that_only_reads_cannot_trade(desk: Desk) -> None:
    """Nothing is granted that the venue does not name; an order with it is refused."""
    await key(desk, permissions=["read"])
    rights = await desk.venue.key_rights()
    assert (rights.can_read, rights.can_trade) == (True, False)
    with pytest.raises(Refused):
        await desk.venue.submit(await ready_order(desk))


async def test_rights_that_cannot_be_read_are_not_granted(desk: Desk) -> None:
    """A failed question is a problem, never an empty list of dangers."""
    await desk.fault("empty")
    rights = await desk.venue.key_rights()
    assert rights.problem and not rights.is_trade_only


async def test_fees_are_the_accounts_own_and_kept_for_a_while(desk: Desk) -> None:
    """Not the listed ones; a second look within the hour asks nobody."""
    await desk.exchange.control("venue", venue=desk.dialect, fees={"maker": "0.0002", "taker": "0.0005"})
    instrument = await desk.instrument()
    assert (instrument.taker_fee, instrument.maker_fee) == (Decimal("0.0005"), Decimal("0.0002"))
    await desk.fault("drop", path=FEE_PATH[desk.dialect])
    assert await desk.instrument() == instrument


async def test_listed_fees_stand_in_where_the_key_may_not_ask(desk: Desk) -> None:
    """The venue refuses the question for the account's fees: trading goes on with those of the lowest tier."""
    await desk.fault("error", path=FEE_PATH[desk.dialect], code=DENIED[desk.dialect])
    assert (await desk.instrument()).taker_fee == LISTED_FEE[desk.dialect]


async def test_markets_are_loaded_once_for_hours(desk: Desk) -> None:
    """Loading costs the venue and us; a newer list that cannot be had does not take away the last."""
    instrument = await desk.instrument()
    await desk.fault("status", status=503, path=MARKETS_PATH[desk.dialect])
    assert await desk.instrument() == instrument
    assert desk.clock.slept == []
    desk.clock.offset = timedelta(hours=7)
    assert (await desk.instrument()).symbol == instrument.symbol
    assert len(desk.clock.slept) >= 2


async def test_a_market_that_stands_still_is_no_instrument(desk: Desk) -> None:
    """It is listed, and nothing can be traded there now."""
    order = await ready_order(desk)
    await desk.exchange.control("venue", venue=desk.dialect, status="maintenance")
    async with desk_at(desk.exchange, desk.dialect) as other:
        assert await other.venue.instruments(other.assets) == ()
        with pytest.raises(NotSent, match="not trading now"):
            await other.venue.submit(order)


async def test_a_credited_deposit_is_told_and_a_pending_one_is_not(desk: Desk) -> None:
    """New money has an id, an amount and an instant; what is older than asked for is left out."""
    asset = CASH[desk.dialect]
    await desk.exchange.control("balance", venue=desk.dialect, asset=asset, delta="250.5")
    await desk.exchange.control("balance", venue=desk.dialect, asset=asset, delta="99", status="pending")
    await desk.exchange.control("balance", venue=desk.dialect, asset=asset, delta="7", age_seconds=7200)
    deposits = await desk.venue.deposits(SystemClock().now() - timedelta(hours=1))
    assert [(d.asset, d.quantity, d.venue) for d in deposits] == [(asset, Decimal("250.5"), desk.venue.name)]


async def test_deposits_of_many_months_are_asked_for_window_by_window(desk: Desk) -> None:
    """A venue that answers for 90 days at a time hides nothing of a longer past."""
    await desk.exchange.control("balance", venue=desk.dialect, asset="BTC", delta="1", age_seconds=200 * 86_400)
    deposits = await desk.venue.deposits(SystemClock().now() - timedelta(days=365))
    assert [d.quantity for d in deposits] == [1]


async def test_withdrawals_are_told_however_far_they_are(desk: Desk) -> None:
    """What left the balance with its fee, what the chain calls it, and whether it arrived or came back."""
    asset = CASH[desk.dialect]
    out = {"venue": desk.dialect, "asset": asset, "fee": "1.5"}
    await desk.exchange.control("balance", **out, delta="-250.5", txid="0xabc")
    await desk.exchange.control("balance", **out, delta="-99", status="pending")
    await desk.exchange.control("balance", **out, delta="-7", status="failed")
    await desk.exchange.control("balance", **out, delta="-8", age_seconds=7200)
    told = await desk.venue.withdrawals(SystemClock().now() - timedelta(hours=1))
    assert {(w.quantity, w.fee, w.state) for w in told} == {
        (Decimal("250.5"), Decimal("1.5"), WithdrawalState.DONE),
        (Decimal("99"), Decimal("1.5"), WithdrawalState.ON_ITS_WAY),
        (Decimal("7"), Decimal("1.5"), WithdrawalState.RETURNED),
    }
    (done,) = [w for w in told if w.state is WithdrawalState.DONE]
    assert (done.asset, done.venue, done.txid, done.taken) == (asset, desk.venue.name, "0xabc", Decimal(252))


async def test_what_is_staked_is_held_and_cannot_be_spent(desk: Desk) -> None:
    """It counts towards what is held, and is told apart from what is free."""
    staked = {"asset": STAKED[desk.dialect], "silent": True}
    await desk.exchange.control("balance", venue=desk.dialect, **staked, delta="0.75")
    before = {b.asset: b for b in await desk.venue.balances()}[BTC]
    assert before.kept == Decimal("0.75")
    assert before.total == before.free + before.kept


async def test_a_balance_under_an_unknown_name_is_refused_by_name(desk: Desk) -> None:
    """The portfolio is not judged with a part of it missing."""
    await desk.exchange.control("balance", venue=desk.dialect, asset="no such coin", delta="1", silent=True)
    with pytest.raises(Refused, match="no such coin"):
        await desk.venue.balances()


@pytest.mark.parametrize("status", ["maintenance", "cancel_only", "post_only"])
async def test_a_venue_that_does_not_trade_is_not_online(desk: Desk, status: str) -> None:
    """Whatever the venue calls it, where it tells; an order is turned away in any case."""
    order = await ready_order(desk)
    await desk.exchange.control("venue", venue=desk.dialect, status=status)
    probe = await desk.venue.probe()
    if status not in NOT_TOLD.get(desk.dialect, ()):
        assert not probe.online and probe.status
    with pytest.raises((NotSent, Refused, Unconfirmed)):
        await desk.venue.submit(order)


async def test_a_clock_that_is_off_shows(desk: Desk) -> None:
    """Theirs minus ours, so that a computer that is late sees a positive skew."""
    desk.exchange.wall.offset = 40
    skew = (await desk.venue.probe()).clock_skew
    assert timedelta(seconds=39) < skew < timedelta(seconds=41)


async def test_a_read_is_tried_three_times_and_no_more(desk: Desk) -> None:
    """Two failures are got over, with growing pauses; a third is told."""
    await desk.venue.balances()
    await desk.fault("status", status=503, path=BALANCE_PATH[desk.dialect], times=2)
    assert await desk.venue.balances()
    assert desk.clock.slept == [timedelta(milliseconds=250), timedelta(seconds=1)]
    await desk.fault("status", status=503, path=BALANCE_PATH[desk.dialect])
    with pytest.raises(NotSent, match="not available"):
        await desk.venue.balances()


@pytest.mark.parametrize("status", [418, 429])
async def test_a_venue_that_wants_fewer_requests_is_left_alone(desk: Desk, status: int) -> None:
    """Asking again at once is what gets an address banned."""
    await desk.venue.balances()
    await desk.fault("status", status=status, path=BALANCE_PATH[desk.dialect])
    with pytest.raises(NotSent, match="fewer requests"):
        await desk.venue.balances()
    assert desk.clock.slept == []


async def test_one_book_that_fails_fails_the_books(desk: Desk) -> None:
    """Prices of one half of the markets are no prices; the error is a plain one, not a group."""
    instrument = await desk.instrument()
    await desk.fault("html", path=BOOK_PATH[desk.dialect])
    with pytest.raises(NotSent):
        await desk.venue.books([instrument, instrument])


async def test_requests_go_to_the_venues_hosts_only() -> None:
    """An address that is not on the profile's list is not called, whatever ccxt's tables say."""
    profile = replace(BINANCE, hosts=frozenset({"api.example.invalid"}))
    venue = CcxtVenue(VenueName("mine"), profile, None, WakefulClock())
    with pytest.raises(Refused, match="not the venue's own"):
        await venue.instruments(frozenset({BTC}))
    await venue.close()


async def test_a_redirect_is_not_followed(exchange: Exchange) -> None:
    """It would carry the key and the order to wherever the answer says."""
    seen: list[str] = []

    async def redirect_orders(request: web.Request) -> web.Response:
        if request.path.endswith(("AddOrder", "/elsewhere")):
            seen.append(request.path)
            raise web.HTTPTemporaryRedirect("/elsewhere")
        address, body = f"{exchange.base}/kraken{request.path_qs}", await request.read()
        async with exchange.session.request(request.method, address, data=body, headers=request.headers) as answer:
            return web.Response(body=await answer.read(), content_type="application/json")

    async with serving(redirect_orders) as base, desk_at(exchange, "kraken", base_url=base) as desk:
        with pytest.raises(Unconfirmed):
            await desk.venue.submit(await ready_order(desk))
    assert seen == ["/0/private/AddOrder"]


async def test_a_proxy_carries_plain_requests(exchange: Exchange) -> None:
    """The venue's name is left to the proxy: here it exists nowhere else."""
    reached = {"base_url": "http://exchange.invalid/binance", "proxy": exchange.base}
    async with desk_at(exchange, "binance", **reached) as desk:
        assert (await desk.venue.balances())[0].asset == BTC


async def test_a_proxy_is_asked_for_a_tunnel_to_the_venue() -> None:
    """Encrypted requests go through CONNECT, so that the proxy sees the host and nothing else."""
    asked: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    proxy = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    venue = CcxtVenue(
        VenueName("mine"), BINANCE, Credentials("our-key", "our-secret"), WakefulClock(), Connection(proxy=proxy)
    )
    with pytest.raises(NotSent):
        await venue.balances()
    await venue.close()
    server.close()
    assert asked and all(head.startswith(b"CONNECT api.binance.com:443") for head in asked)
    assert not any(b"our-key" in head for head in asked)


@pytest.mark.parametrize("setting", [{"base_url": "exchange"}, {"proxy": "socks5://127.0.0.1:1"}])
def test_an_address_of_another_kind_is_an_error(setting: dict[str, Any]) -> None:
    """The message names the setting."""
    with pytest.raises(InvalidValue, match=next(iter(setting))):
        Connection(**setting)


def test_a_key_stays_out_of_every_text() -> None:
    """Printing the credentials shows neither part."""
    assert "s3cret" not in repr(Credentials("s3cret", "s3cret"))


async def test_the_log_holds_no_signature(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at the finest level, at which ccxt would write every signed request."""
    caplog.set_level("DEBUG")
    await desk.venue.submit(await ready_order(desk))
    secret_words = (KEYS[desk.dialect].key, KEYS[desk.dialect].secret, "signature", "API-Sign", "API-SIGN")
    assert not [word for word in secret_words if word in caplog.text]


@asynccontextmanager
async def serving(handler: Any) -> AsyncIterator[str]:
    """A server that answers every request in the same way; its address."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
