"""Bybit spot in a unified account: how it is asked, and what its answers mean.

Orders are in `bybit_orders`, deposits and withdrawals in `bybit_transfers`.

Every answer has HTTP status 200 and a code of its own. A classic account speaks of its balances in another way: its key
is refused before the first order.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from engine.model.errors import InvalidValue
from engine.model.market import FeeCurrency, OrderBook
from engine.model.money import EXACT, ZERO, Quantity
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, ClientIdScope, KeyRights
from engine.venues.ccxt.bybit_orders import RECEIVE_WINDOW, SPOT, cancel_order, fetch_trades, find_order, place_order
from engine.venues.ccxt.bybit_transfers import fetch_deposits, fetch_withdrawals
from engine.venues.ccxt.coin_flags import bybit_coins
from engine.venues.ccxt.errors import CallFailed
from engine.venues.ccxt.parse import (
    asset_of,
    book_of,
    candles_of,
    dict_of,
    fees_of,
    instant_of_milliseconds,
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

BOOK_DEPTH = 200
CANDLES = 1000
SPOT_PRODUCT = "2"
SUCCESS = "0"
NOT_PERMITTED = "10005"
SPOT_RIGHT = "Spot.SpotTrade"
WITHDRAW_RIGHTS = frozenset({"Wallet.Withdraw", "Wallet.SubMemberTransfer", "Wallet.SubMemberTransferList"})
"""Out of the account, to a chain or to another account of the owner."""
HARMLESS_RIGHTS = frozenset(
    {
        "ContractTrade.Order",
        "ContractTrade.Position",
        "Options.OptionsTrade",
        "Derivatives.DerivativesTrade",
        "Exchange.ExchangeHistory",
        "Wallet.AccountTransfer",
    },
)
"""Beyond spot trading, and nothing leaves the account by them. Without AccountTransfer, which moves assets between its
wallets, the funding wallet cannot be seen."""

log = logging.getLogger(__name__)


def read_error_words(payload: Payload) -> tuple[str, str]:
    """Code and message of `{"retCode": 170131, "retMsg": "…"}`."""
    if not isinstance(payload, dict) or not isinstance(payload.get("retMsg"), str):
        return "", ""
    code = str(payload.get("retCode", ""))
    return ("", "") if code == SUCCESS else (code, payload["retMsg"])


def read_holdings(unified: Payload, funding: Payload, listing: Listing) -> Holdings:
    """The unified account, and the funding wallet where it could be read. Raises InvalidValue for an odd name.

    What was borrowed is not held.
    """
    accounts = list_of(dict_of(unified, "result"), "list")
    if len(accounts) != 1:
        raise InvalidValue("list", f"expected one account, got {len(accounts)}")
    spendable = [_balance(row, listing) for row in list_of(accounts[0], "coin")]
    rows = list_of(dict_of(funding, "result"), "balance") if funding is not None else []
    left_out = [
        Balance(asset_of(text_of(row, "coin"), listing), Quantity(number_of(row, "walletBalance"))) for row in rows
    ]
    return Holdings(
        tuple(balance for balance in spendable if balance.total),
        tuple(balance for balance in left_out if balance.total),
    )


def _balance(row: Payload, listing: Listing) -> Balance:
    own = max(EXACT.subtract(number_of(row, "walletBalance"), optional_number(row, "spotBorrow")), ZERO)
    locked = min(optional_number(row, "locked"), own)
    return Balance(asset_of(text_of(row, "coin"), listing), Quantity(EXACT.subtract(own, locked)), Quantity(locked))


def read_fees(payload: Payload, markets: Sequence[Market]) -> dict[str, Fees]:
    """The account's own fees by symbol, of the markets asked for. Raises InvalidValue."""
    return fees_of(list_of(dict_of(payload, "result"), "list"), markets, "takerFeeRate", "makerFeeRate")


def read_key_rights(payload: Payload) -> KeyRights:
    """What the key may do: a right that is not on a list is unknown, one that is missing is a problem."""
    result = payload.get("result") if isinstance(payload, dict) else None
    permissions = result.get("permissions") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(permissions, dict) or not {"Spot", "Wallet"} <= set(permissions):
        return no_rights("the answer says nothing of permissions")
    if result.get("readOnly") not in {"0", "1"} or not isinstance(result.get("ips"), list):
        return no_rights("the answer says nothing of readOnly or ips")
    if result.get("uta") != "1":
        return no_rights("the account is not a unified one; upgrade it at the exchange")
    granted = {f"{group}.{word}" for group, words in permissions.items() for word in words or ()}
    return KeyRights(
        can_read=SPOT_RIGHT in granted,
        can_trade=SPOT_RIGHT in granted and result["readOnly"] == "0",
        can_withdraw=bool(granted & WITHDRAW_RIGHTS),
        ip_restricted=bool(result["ips"]) and "*" not in result["ips"],
        unknown=tuple(sorted(granted - WITHDRAW_RIGHTS - HARMLESS_RIGHTS - {SPOT_RIGHT})),
    )


def read_tops(payload: Payload, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    """The best bids and asks; a side that nobody offers on is empty text. Raises InvalidValue."""
    rows = {text_of(row, "symbol"): row for row in list_of(dict_of(payload, "result"), "list")}
    return two_sided(
        top_of(m, _best(row, "bid1"), _best(row, "ask1"), as_of) for m in markets if (row := rows.get(m.id)) is not None
    )


def _best(row: Payload, side: str) -> tuple[object, object]:
    return row[f"{side}Price"] or "0", row[f"{side}Size"] or "0"


def read_status(payload: Payload) -> Status:
    """Down while a maintenance that touches spot, or does not say what it touches, is going on. Raises InvalidValue."""
    for event in list_of(dict_of(payload, "result"), "list"):
        touched = event.get("product") or [SPOT_PRODUCT]
        if event.get("state") == "ongoing" and SPOT_PRODUCT in touched:
            return Status(False, str(event.get("title") or "maintenance"))
    return Status(True, "online")


async def _fetch_tops(api: Api, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    return read_tops(await api.public("publicGetV5MarketTickers", SPOT | _one_only(markets)), markets, as_of)


async def _fetch_book(api: Api, market: Market, as_of: datetime) -> OrderBook:
    wanted = SPOT | {"symbol": market.id, "limit": BOOK_DEPTH}
    result = dict_of(await api.public("publicGetV5MarketOrderbook", wanted), "result")
    return book_of({"bids": result.get("b"), "asks": result.get("a")}, market, as_of)


async def _fetch_candles(api: Api, market: Market, period: Period) -> tuple[Candle, ...]:
    wanted = SPOT | {"symbol": market.id, "interval": "D", "start": milliseconds(period[0]), "limit": CANDLES}
    result = dict_of(await api.public("publicGetV5MarketKline", wanted), "result")
    return candles_of(list_of(result, "list"), (0, "ms"), (4, 5))


async def _fetch_status(api: Api) -> Status:
    return read_status(await api.public("publicGetV5SystemStatus", {}))


async def _fetch_time(api: Api) -> datetime:
    result = dict_of(await api.public("publicGetV5MarketTime", {}), "result")
    return instant_of_milliseconds(EXACT.scaleb(number_of(result, "timeNano"), -6), "timeNano")


async def _fetch_fees(api: Api, markets: Sequence[Market]) -> Mapping[str, Fees]:
    return read_fees(await api.private("privateGetV5AccountFeeRate", SPOT | _one_only(markets)), markets)


async def _fetch_holdings(api: Api, listing: Listing) -> Holdings:
    unified = await api.private("privateGetV5AccountWalletBalance", {"accountType": "UNIFIED"})
    return read_holdings(unified, await _fetch_funding(api), listing)


async def _fetch_funding(api: Api) -> Payload:
    """The funding wallet; None where the key may not see it, which it needs a right to transfer for."""
    try:
        return await api.private("privateGetV5AssetTransferQueryAccountCoinsBalance", {"accountType": "FUND"})
    except CallFailed as failure:
        if failure.answer.code != NOT_PERMITTED:
            raise
        log.debug("the funding wallet is not counted: the key may not see it")
        return None


async def _fetch_key_rights(api: Api) -> KeyRights:
    return read_key_rights(await api.private("privateGetV5UserQueryApi", {}))


def _one_only(markets: Sequence[Market]) -> dict[str, str]:
    return {"symbol": markets[0].id} if len(markets) == 1 else {}


BYBIT = Profile(
    ccxt_id="bybit",
    hosts=frozenset({"api.bybit.com"}),
    capabilities=Capabilities(
        client_id_scope=ClientIdScope.OPEN_ORDERS,
        acceptance_window=RECEIVE_WINDOW,
        visibility_lag=timedelta(seconds=10),
    ),
    fee_currency=FeeCurrency.RECEIVED,
    errors=ErrorWords(
        read=read_error_words,
        uncertain=frozenset(
            {
                "duplicate",
                "timeout",
                "10000",
                "10014",
                "10016",
                "12141",
                "110030",
                "110072",
                "170007",
                "170032",
                "170035",
                "170141",
                "170146",
                "170147",
                "170149",
            },
        ),
        key_refused=frozenset({"10003", "10004", "10007", "10010", "33004"}),
        try_later=frozenset({"10002", "10006", "10018", "170005", "170191", "170222"}),
    ),
    read_market=read_spot_market,
    fetch_tops=_fetch_tops,
    fetch_book=_fetch_book,
    fetch_candles=_fetch_candles,
    fetch_status=_fetch_status,
    fetch_time=_fetch_time,
    fetch_fees=_fetch_fees,
    fetch_holdings=_fetch_holdings,
    fetch_deposits=fetch_deposits,
    fetch_withdrawals=fetch_withdrawals,
    fetch_trades=fetch_trades,
    fetch_key_rights=_fetch_key_rights,
    fetch_coins=bybit_coins,
    place=place_order,
    find=find_order,
    cancel=cancel_order,
    options={
        "defaultType": "spot",
        "fetchMarkets": {"types": ["spot"]},
        "recvWindow": int(RECEIVE_WINDOW / timedelta(milliseconds=1)),
    },
)
"""Whether an id of a closed order may come again is not documented: the weaker promise is relied on. An order is only
accepted at first, and matched a moment later, so that it may take a while to be seen."""
