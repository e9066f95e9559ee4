"""Kraken spot: how it is asked, and what its answers mean. Orders are in `kraken_orders`.

Assets have names of their own (XXBT, ZUSD) and suffixes for what is staked or lent; ccxt's list translates the names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from engine.model.errors import InvalidValue
from engine.model.ids import Asset, VenueName
from engine.model.ledger import Deposit, Withdrawal, WithdrawalState
from engine.model.market import FeeCurrency, OrderBook
from engine.model.money import EXACT, ZERO, Price, Quantity, decimal_of
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, ClientIdScope, KeyRights
from engine.venues.ccxt.coin_flags import kraken_coins
from engine.venues.ccxt.kraken_orders import DEADLINE, cancel_order, fetch_trades, find_order, place_order
from engine.venues.ccxt.parse import (
    NotUnderstood,
    book_of,
    candles_of,
    dict_of,
    instant_of_seconds,
    list_of,
    milliseconds,
    no_rights,
    number_of,
    optional_number,
    read_spot_market,
    text_of,
    top_of,
    two_sided,
)
from engine.venues.ccxt.profile import (
    Api,
    Candle,
    ErrorWords,
    Fees,
    Holdings,
    Listing,
    Market,
    Payload,
    Period,
    Profile,
    Status,
)

BOOK_DEPTH = 100
MINUTES_A_DAY = 1440
HALF_A_SECOND = timedelta(milliseconds=500)
PERCENT = -2
CREDITED = "Success"
RETURNED_PROPERTIES = frozenset({"canceled", "return"})
NOT_SPENDABLE = re.compile(r"(?P<asset>[A-Z0-9]+)\.(?P<kind>[A-Z]+)")
"""BTC.M and the like: staked, lent, earning or on hold."""

READ_RIGHTS = frozenset({"query-funds", "query-open-trades", "query-closed-trades"})
TRADE_RIGHT = "modify-trades"
WITHDRAW_RIGHT = "withdraw-funds"
HARMLESS_RIGHTS = frozenset({"add-funds", "close-trades", "query-ledger", "export-data", "create-ws-token"})


def read_error_words(payload: Payload) -> tuple[str, str]:
    """Code and message of `{"error": ["EOrder:Insufficient funds"]}`: Kraken's code is its message."""
    errors = payload.get("error") if isinstance(payload, dict) else None
    if not isinstance(errors, list) or not errors:
        return "", ""
    return str(errors[0]), ", ".join(str(error) for error in errors)


def read_market(listed: Mapping[str, Any]) -> Market:
    """A spot market as ccxt lists it; the tick is the venue's own, which can be wider than a decimal place."""
    market = read_spot_market(listed)
    tick = listed["info"].get("tick_size")
    return replace(market, price_tick=Price(decimal_of(tick, f"{market.symbol} tick"))) if tick else market


def read_holdings(payload: Payload, listing: Listing) -> Holdings:
    """The balances of the account. Raises InvalidValue for a name that is not understood."""
    spendable: list[Balance] = []
    left_out: list[Balance] = []
    for name, row in dict_of(payload, "result").items():
        whole, locked = number_of(row, "balance"), optional_number(row, "hold_trade")
        if not whole:
            continue
        suffixed = NOT_SPENDABLE.fullmatch(name)
        asset = _asset(suffixed["asset"] if suffixed else name, listing)
        balance = Balance(asset, Quantity(max(EXACT.subtract(whole, locked), ZERO)), Quantity(min(locked, whole)))
        (left_out if suffixed else spendable).append(balance)
    return Holdings(tuple(spendable), tuple(left_out))


def read_fees(payload: Payload, markets: Sequence[Market]) -> dict[str, Fees]:
    """The account's own fees by symbol, from percentages. Raises InvalidValue."""
    result = dict_of(payload, "result")
    taker, maker = dict_of(result, "fees"), result.get("fees_maker") or {}
    return {
        market.symbol: Fees(
            taker=EXACT.scaleb(number_of(taker[market.id], "fee"), PERCENT),
            maker=EXACT.scaleb(number_of(maker.get(market.id, taker[market.id]), "fee"), PERCENT),
        )
        for market in markets
        if market.id in taker
    }


def read_key_rights(payload: Payload) -> KeyRights:
    """What the key may do: a right that is not on a list is unknown."""
    result = payload.get("result") if isinstance(payload, dict) else None
    words = result.get("permissions") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(words, list) or not words:
        return no_rights("the answer says nothing of permissions")
    granted = {str(word) for word in words}
    return KeyRights(
        can_read=granted >= READ_RIGHTS,
        can_trade=TRADE_RIGHT in granted,
        can_withdraw=WITHDRAW_RIGHT in granted,
        ip_restricted=bool(result.get("ip_allowlist")),
        unknown=tuple(sorted(granted - READ_RIGHTS - HARMLESS_RIGHTS - {TRADE_RIGHT, WITHDRAW_RIGHT})),
    )


def read_deposit(row: Payload, venue: VenueName, listing: Listing) -> Deposit:
    """One credited deposit. Raises InvalidValue."""
    return Deposit(
        id=text_of(row, "refid"),
        venue=venue,
        asset=_asset(text_of(row, "asset"), listing),
        quantity=Quantity(number_of(row, "amount")),
        at=instant_of_seconds(row.get("time"), "time"),
        txid=row.get("txid") or "",
    )


def read_withdrawal(row: Payload, venue: VenueName, listing: Listing) -> Withdrawal:
    """One withdrawal, however far it is. Raises InvalidValue."""
    return Withdrawal(
        id=text_of(row, "refid"),
        venue=venue,
        asset=_asset(text_of(row, "asset"), listing),
        quantity=Quantity(number_of(row, "amount")),
        fee=Quantity(optional_number(row, "fee")),
        at=instant_of_seconds(row.get("time"), "time"),
        state=_withdrawal_state(row),
        txid=row.get("txid") or "",
    )


def _withdrawal_state(row: Payload) -> WithdrawalState:
    if row.get("status-prop") in RETURNED_PROPERTIES or row.get("status") == "Failure":
        return WithdrawalState.RETURNED
    return WithdrawalState.DONE if row.get("status") == CREDITED else WithdrawalState.ON_ITS_WAY


def _asset(name: str, listing: Listing) -> Asset:
    # Suffixed names carry the plain one (XBT.M), which the list knows under its long form (XXBT).
    for known in (name, f"X{name}", f"Z{name}"):
        if known in listing.assets:
            return listing.assets[known]
    if name in listing.assets.values():
        return Asset(name)
    raise NotUnderstood("balances", f"{name[:40]!r} is not understood")


async def _fetch_tops(api: Api, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    payload = await api.public("publicGetTicker", {"pair": ",".join(market.id for market in markets)})
    return read_tops(payload, markets, as_of)


def read_tops(payload: Payload, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    """The best bids and asks: price, whole lots, quantity. Raises InvalidValue."""
    rows = dict_of(payload, "result")
    return two_sided(
        top_of(m, (row["b"][0], row["b"][2]), (row["a"][0], row["a"][2]), as_of)
        for m in markets
        if (row := rows.get(m.id)) is not None
    )


async def _fetch_book(api: Api, market: Market, as_of: datetime) -> OrderBook:
    payload = await api.public("publicGetDepth", {"pair": market.id, "count": BOOK_DEPTH})
    # The answer can name the market in another way than it was asked.
    books = list(dict_of(payload, "result").values())
    if len(books) != 1:
        raise InvalidValue("result", f"expected one book, got {len(books)}")
    return book_of(books[0], market, as_of)


async def _fetch_candles(api: Api, market: Market, period: Period) -> tuple[Candle, ...]:
    wanted = {"pair": market.id, "interval": MINUTES_A_DAY, "since": milliseconds(period[0]) // 1000}
    result = dict_of(await api.public("publicGetOHLC", wanted), "result")
    # The answer can name the market in another way than it was asked.
    return candles_of((row for rows in result.values() if isinstance(rows, list) for row in rows), (0, "s"), (4, 6))


async def _fetch_status(api: Api) -> Status:
    text = text_of(dict_of(await api.public("publicGetSystemStatus", {}), "result"), "status")
    return Status(text == "online", text)


async def _fetch_time(api: Api) -> datetime:
    payload = await api.public("publicGetTime", {})
    # The venue tells whole seconds, cut off: half a second more is right on average.
    return instant_of_seconds(dict_of(payload, "result").get("unixtime"), "unixtime") + HALF_A_SECOND


async def _fetch_fees(api: Api, markets: Sequence[Market]) -> Mapping[str, Fees]:
    pairs = ",".join(market.id for market in markets)
    return read_fees(await api.private("privatePostTradeVolume", {"pair": pairs, "fee-info": "true"}), markets)


async def _fetch_holdings(api: Api, listing: Listing) -> Holdings:
    return read_holdings(await api.private("privatePostBalanceEx", {}), listing)


async def _fetch_deposits(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Deposit, ...]:
    rows = await _transfers(api, "privatePostDepositStatus", "deposit", period)
    return tuple(read_deposit(row, venue, listing) for row in rows if row.get("status") == CREDITED)


async def _fetch_withdrawals(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Withdrawal, ...]:
    rows = await _transfers(api, "privatePostWithdrawStatus", "withdrawal", period)
    return tuple(read_withdrawal(row, venue, listing) for row in rows)


async def _transfers(api: Api, method: str, key: str, period: Period) -> list[Payload]:
    """All rows of a history, page by page where the venue tells it in pages."""
    request: dict[str, object] = {"start": str(milliseconds(period[0]) // 1000), "cursor": "true"}
    found: list[Payload] = []
    while True:
        result = (await api.private(method, request)).get("result")
        found += list_of(result, key) if isinstance(result, dict) else result or []
        cursor = result.get("next_cursor") if isinstance(result, dict) else None
        if not cursor:
            return found
        request = {**request, "cursor": cursor}


async def _fetch_key_rights(api: Api) -> KeyRights:
    return read_key_rights(await api.private("privatePostGetApiKeyInfo", {}))


KRAKEN = Profile(
    ccxt_id="kraken",
    hosts=frozenset({"api.kraken.com"}),
    capabilities=Capabilities(
        client_id_scope=ClientIdScope.OPEN_ORDERS,
        acceptance_window=DEADLINE,
        visibility_lag=timedelta(seconds=5),
    ),
    fee_currency=FeeCurrency.QUOTE,
    errors=ErrorWords(
        read=read_error_words,
        uncertain=frozenset({"cl_ord_id", "duplicate", "eservice:timeout", "deadline elapsed"}),
        key_refused=frozenset({"EAPI:Invalid key", "EAPI:Invalid signature", "ESession:Invalid session"}),
        refused=frozenset(
            {
                "eorder:cost minimum not met",
                "eorder:tick size check failed",
                "egeneral:invalid arguments",
                "eorder:post only order",
            },
        ),
        try_later=frozenset({"market in cancel_only mode", "market in post_only mode"}),
    ),
    read_market=read_market,
    fetch_tops=_fetch_tops,
    fetch_book=_fetch_book,
    fetch_candles=_fetch_candles,
    fetch_status=_fetch_status,
    fetch_time=_fetch_time,
    fetch_fees=_fetch_fees,
    fetch_holdings=_fetch_holdings,
    fetch_deposits=_fetch_deposits,
    fetch_withdrawals=_fetch_withdrawals,
    fetch_trades=fetch_trades,
    fetch_key_rights=_fetch_key_rights,
    fetch_coins=kraken_coins,
    coins_are_public=True,
    place=place_order,
    find=find_order,
    cancel=cancel_order,
    options={"adjustForTimeDifference": False},
)
