"""Binance spot: how it is asked, and what its answers mean. Orders are in `binance_orders`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from engine.model.errors import InvalidValue
from engine.model.ids import VenueName
from engine.model.ledger import Deposit, Withdrawal, WithdrawalState
from engine.model.market import FeeCurrency, OrderBook
from engine.model.money import Quantity
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, ClientIdScope, KeyRights
from engine.venues.ccxt.binance_orders import RECEIVE_WINDOW, cancel_order, fetch_trades, find_order, place_order
from engine.venues.ccxt.coin_flags import binance_coins
from engine.venues.ccxt.parse import (
    asset_of,
    book_of,
    candles_of,
    fees_of,
    instant_of_milliseconds,
    list_of,
    milliseconds,
    no_rights,
    number_of,
    once_each,
    optional_number,
    read_spot_market,
    text_of,
    top_of,
    two_sided,
    windows,
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

BOOK_DEPTH = 500
CANDLES = 1000
TRANSFER_PAGE = 1000
TRANSFER_WINDOW = timedelta(days=89)
"""The venue answers for less than 90 days at a time."""
CREDITED = frozenset({"1", "6"})
"""Done, and credited but not yet free to withdraw: either can be traded."""
WITHDRAWAL_STATES = {
    "6": WithdrawalState.DONE,
    "1": WithdrawalState.RETURNED,
    "3": WithdrawalState.RETURNED,
    "5": WithdrawalState.RETURNED,
}
"""Completed; cancelled, rejected and failed. Any other is on its way."""
EARN_PREFIX = "LD"
"""Simple Earn shares lie in the spot account under LD and the asset's name."""

TRADE_RIGHTS = frozenset(
    {
        "enableMargin",
        "enableFutures",
        "enableVanillaOptions",
        "enablePortfolioMarginTrading",
        "enableFixApiTrade",
        "enableFixReadOnly",
    },
)
"""Rights beyond spot trading that move nothing out of the account."""
WITHDRAW_RIGHTS = frozenset({"enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer"})
NEEDED_RIGHTS = frozenset({"enableReading", "enableSpotAndMarginTrading", "enableWithdrawals", "ipRestrict"})


def read_error_words(payload: Payload) -> tuple[str, str]:
    """Code and message of `{"code": -2010, "msg": "…"}`."""
    if not isinstance(payload, dict) or not isinstance(payload.get("msg"), str):
        return "", ""
    return str(payload.get("code", "")), payload["msg"]


def read_holdings(payload: Payload, listing: Listing) -> Holdings:
    """The balances of the spot account. Raises InvalidValue for a name that is not understood."""
    spendable: list[Balance] = []
    left_out: list[Balance] = []
    for row in list_of(payload, "balances"):
        name, free, locked = text_of(row, "asset"), number_of(row, "free"), number_of(row, "locked")
        if not free and not locked:
            continue
        lent = None if name in listing.assets else listing.assets.get(name.removeprefix(EARN_PREFIX))
        asset = lent or asset_of(name, listing)
        (left_out if lent else spendable).append(Balance(asset, Quantity(free), Quantity(locked)))
    return Holdings(tuple(spendable), tuple(left_out))


def read_fees(payload: Payload, markets: Sequence[Market]) -> dict[str, Fees]:
    """The account's own fees by symbol, of the markets asked for. Raises InvalidValue."""
    return fees_of(payload, markets, "takerCommission", "makerCommission")


def read_key_rights(payload: Payload) -> KeyRights:
    """What the key may do: a right that is not on a list is unknown, one that is missing is a problem."""
    if not isinstance(payload, dict):
        return no_rights("the answer could not be read")
    missing = sorted(name for name in NEEDED_RIGHTS if not isinstance(payload.get(name), bool))
    if missing:
        return no_rights(f"the answer says nothing of {', '.join(missing)}")
    granted = {name for name, value in payload.items() if value is True}
    return KeyRights(
        can_read="enableReading" in granted,
        can_trade="enableSpotAndMarginTrading" in granted,
        can_withdraw=bool(granted & WITHDRAW_RIGHTS),
        ip_restricted="ipRestrict" in granted,
        unknown=tuple(sorted(granted - NEEDED_RIGHTS - WITHDRAW_RIGHTS - TRADE_RIGHTS)),
    )


def read_deposit(row: Payload, venue: VenueName, listing: Listing) -> Deposit:
    """One credited deposit. Raises InvalidValue."""
    return Deposit(
        id=text_of(row, "id"),
        venue=venue,
        asset=asset_of(text_of(row, "coin"), listing),
        quantity=Quantity(number_of(row, "amount")),
        at=instant_of_milliseconds(row.get("insertTime"), "insertTime"),
        txid=row.get("txId") or "",
    )


def read_withdrawal(row: Payload, venue: VenueName, listing: Listing) -> Withdrawal:
    """One withdrawal, however far it is. Raises InvalidValue."""
    return Withdrawal(
        id=text_of(row, "id"),
        venue=venue,
        asset=asset_of(text_of(row, "coin"), listing),
        quantity=Quantity(number_of(row, "amount")),
        fee=Quantity(optional_number(row, "transactionFee")),
        at=_instant_of_text(text_of(row, "applyTime")),
        state=WITHDRAWAL_STATES.get(text_of(row, "status"), WithdrawalState.ON_ITS_WAY),
        txid=row.get("txId") or "",
    )


def _instant_of_text(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidValue("applyTime", f"is no instant: {text[:40]!r}") from error


async def _fetch_tops(api: Api, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    asked = json.dumps([market.id for market in markets], separators=(",", ":"))
    rows = await api.public("publicGetTickerBookTicker", {"symbols": asked})
    return read_tops(rows, markets, as_of)


def read_tops(payload: Payload, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    """The best bids and asks. Raises InvalidValue."""
    rows = {text_of(row, "symbol"): row for row in list_of({"tickers": payload}, "tickers")}
    return two_sided(
        top_of(m, (row["bidPrice"], row["bidQty"]), (row["askPrice"], row["askQty"]), as_of)
        for m in markets
        if (row := rows.get(m.id)) is not None
    )


async def _fetch_book(api: Api, market: Market, as_of: datetime) -> OrderBook:
    payload = await api.public("publicGetDepth", {"symbol": market.id, "limit": BOOK_DEPTH})
    return book_of(payload, market, as_of)


async def _fetch_candles(api: Api, market: Market, period: Period) -> tuple[Candle, ...]:
    wanted = {"symbol": market.id, "interval": "1d", "startTime": milliseconds(period[0]), "limit": CANDLES}
    return candles_of(await api.public("publicGetKlines", wanted), (0, "ms"), (4, 5))


async def _fetch_status(api: Api) -> Status:
    payload = await api.public("sapiGetSystemStatus", {})
    is_normal = text_of(payload, "status") == "0"
    return Status(is_normal, "online" if is_normal else str(payload.get("msg") or "maintenance"))


async def _fetch_time(api: Api) -> datetime:
    return instant_of_milliseconds((await api.public("publicGetTime", {}))["serverTime"], "serverTime")


async def _fetch_fees(api: Api, markets: Sequence[Market]) -> Mapping[str, Fees]:
    one_only = {"symbol": markets[0].id} if len(markets) == 1 else {}
    return read_fees(await api.private("sapiGetAssetTradeFee", one_only), markets)


async def _fetch_holdings(api: Api, listing: Listing) -> Holdings:
    return read_holdings(await api.private("privateGetAccount", {"omitZeroBalances": "true"}), listing)


async def _fetch_deposits(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Deposit, ...]:
    rows = await _transfers(api, "sapiGetCapitalDepositHisrec", period)
    return once_each(read_deposit(row, venue, listing) for row in rows if row.get("status") in CREDITED)


async def _fetch_withdrawals(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Withdrawal, ...]:
    rows = await _transfers(api, "sapiGetCapitalWithdrawHistory", period)
    return once_each(read_withdrawal(row, venue, listing) for row in rows)


async def _transfers(api: Api, method: str, period: Period) -> list[Payload]:
    """All rows of a history that is told in windows, and page by page within each."""
    found: list[Payload] = []
    for start, end in windows(period, TRANSFER_WINDOW):
        window = {"startTime": milliseconds(start), "endTime": milliseconds(end)}
        offset, rows = 0, [None] * TRANSFER_PAGE
        while len(rows) == TRANSFER_PAGE:
            rows = await api.private(method, window | {"limit": TRANSFER_PAGE, "offset": offset})
            found += rows
            offset += TRANSFER_PAGE
    return found


async def _fetch_key_rights(api: Api) -> KeyRights:
    return read_key_rights(await api.private("sapiGetAccountApiRestrictions", {}))


BINANCE = Profile(
    ccxt_id="binance",
    hosts=frozenset({"api.binance.com"}),
    capabilities=Capabilities(
        client_id_scope=ClientIdScope.OPEN_ORDERS,
        acceptance_window=RECEIVE_WINDOW,
        visibility_lag=timedelta(seconds=5),
    ),
    fee_currency=FeeCurrency.RECEIVED,
    errors=ErrorWords(
        read=read_error_words,
        uncertain=frozenset({"duplicate order", "-1006", "-1007", "-1008"}),
        key_refused=frozenset({"-2014", "-2015", "-2008", "-1022"}),
        try_later=frozenset({"-1021", "-1003", "-1015"}),
    ),
    read_market=read_spot_market,
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
    fetch_coins=binance_coins,
    place=place_order,
    find=find_order,
    cancel=cancel_order,
    options={
        "defaultType": "spot",
        "fetchMarkets": {"types": ["spot"]},
        "fetchMargins": False,
        "fetchCurrencies": False,
        "recvWindow": int(RECEIVE_WINDOW / timedelta(milliseconds=1)),
    },
)
"""Fees are taken from what is received, or from BNB where the account burns it: fills say which."""
