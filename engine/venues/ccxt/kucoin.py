"""KuCoin spot in a classic account: how it is asked, and what its answers mean. Orders are in `kucoin_orders`.

Orders trade with the high-frequency account (`trade_hf`); what lies in the main account is held, and has to be moved by
hand before it can be traded with. Every answer carries a code of its own, whatever its HTTP status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.model.ids import VenueName
from engine.model.ledger import Deposit, Withdrawal, WithdrawalState
from engine.model.market import FeeCurrency, OrderBook
from engine.model.money import Quantity
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, ClientIdScope, KeyRights
from engine.venues.ccxt.coin_flags import kucoin_coins
from engine.venues.ccxt.kucoin_orders import (
    RECEIVE_WINDOW,
    SUCCESS,
    cancel_order,
    fetch_trades,
    find_order,
    place_order,
)
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

CLOSE_PLACE = 2
"""Here the close follows the opening price."""
TRADING_ACCOUNT = "trade_hf"
MAIN_ACCOUNT = "main"
MARKETS_A_REQUEST = 10
TRANSFER_PAGE = 500
TRANSFER_WINDOW = timedelta(days=7)
"""No longest window is documented for transfers: a week is what every history of the venue answers for."""
CREDITED = "SUCCESS"
WITHDRAWAL_STATES = {"SUCCESS": WithdrawalState.DONE, "FAILURE": WithdrawalState.RETURNED}
"""Any other word is of one on its way."""

READ_RIGHT = "General"
TRADE_RIGHT = "Spot"
WITHDRAW_RIGHTS = frozenset({"Transfer", "Withdrawal", "Withdraw"})
"""The venue's texts say Withdrawal, its answers Transfer."""
HARMLESS_RIGHTS = frozenset({"Margin", "Futures", "Unified"})
"""Trading beyond spot: nothing leaves the account by it."""


def read_error_words(payload: Payload) -> tuple[str, str]:
    """Code and message of `{"code": "200004", "msg": "…"}`."""
    if not isinstance(payload, dict) or not isinstance(payload.get("msg"), str):
        return "", ""
    code = str(payload.get("code", ""))
    return ("", "") if code == SUCCESS else (code, payload["msg"])


def read_market(listed: Mapping[str, Any]) -> Market:
    """A spot market as ccxt lists it, with the smallest value of an order, which ccxt leaves out."""
    market = read_spot_market(listed)
    funds = optional_number(listed["info"], "minFunds")
    return replace(market, min_notional=max(market.min_notional, funds))


def read_holdings(trading: Payload, main: Payload, listing: Listing) -> Holdings:
    """The account that trades, and the main one beside it. Raises InvalidValue for a name that is not understood."""
    spendable, left_out = (_balances(payload, listing) for payload in (trading, main))
    whole = tuple(Balance(balance.asset, balance.total) for balance in left_out)
    return Holdings(tuple(spendable), whole)


def _balances(payload: Payload, listing: Listing) -> list[Balance]:
    found = [
        Balance(
            asset_of(text_of(row, "currency"), listing),
            Quantity(number_of(row, "available")),
            Quantity(number_of(row, "holds")),
        )
        for row in list_of(payload, "data")
    ]
    return [balance for balance in found if balance.total]


def read_fees(payload: Payload, markets: Sequence[Market]) -> dict[str, Fees]:
    """The account's own fees by symbol. Raises InvalidValue."""
    return fees_of(list_of(payload, "data"), markets, "takerFeeRate", "makerFeeRate")


def read_key_rights(payload: Payload) -> KeyRights:
    """What the key may do: a right that is not on a list is unknown, transfers between accounts among them."""
    data = payload.get("data") if isinstance(payload, dict) else None
    words = data.get("permission") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(words, str) or not words:
        return no_rights("the answer says nothing of permission")
    granted = {word.strip() for word in words.split(",")}
    return KeyRights(
        can_read=READ_RIGHT in granted,
        can_trade=TRADE_RIGHT in granted,
        can_withdraw=bool(granted & WITHDRAW_RIGHTS),
        ip_restricted=bool(data.get("ipWhitelist")),
        unknown=tuple(sorted(granted - WITHDRAW_RIGHTS - HARMLESS_RIGHTS - {READ_RIGHT, TRADE_RIGHT})),
    )


def read_deposit(row: Payload, venue: VenueName, listing: Listing) -> Deposit:
    """One credited deposit. It has no id: currency, instant and transaction make one. Raises InvalidValue."""
    currency, transaction = text_of(row, "currency"), row.get("walletTxId") or ""
    at = instant_of_milliseconds(row.get("createdAt"), "createdAt")
    return Deposit(
        id=f"{currency}-{milliseconds(at)}-{transaction or 'inner'}",
        venue=venue,
        asset=asset_of(currency, listing),
        quantity=Quantity(number_of(row, "amount")),
        at=at,
        txid=transaction.partition("@")[0],
    )


def read_withdrawal(row: Payload, venue: VenueName, listing: Listing) -> Withdrawal:
    """One withdrawal, however far it is. Raises InvalidValue."""
    return Withdrawal(
        id=text_of(row, "id"),
        venue=venue,
        asset=asset_of(text_of(row, "currency"), listing),
        quantity=Quantity(number_of(row, "amount")),
        fee=Quantity(optional_number(row, "fee")),
        at=instant_of_milliseconds(row.get("createdAt"), "createdAt"),
        state=WITHDRAWAL_STATES.get(text_of(row, "status"), WithdrawalState.ON_ITS_WAY),
        txid=(row.get("walletTxId") or "").partition("@")[0],
    )


def read_tops(payload: Payload, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    """The best bids (`buy`) and asks (`sell`), which the venue takes every other second. Raises InvalidValue."""
    rows = {text_of(row, "symbol"): row for row in list_of(dict_of(payload, "data"), "ticker")}
    return two_sided(
        top_of(m, _best(row, "buy", "bestBidSize"), _best(row, "sell", "bestAskSize"), as_of)
        for m in markets
        if (row := rows.get(m.id)) is not None
    )


def _best(row: Payload, price: str, size: str) -> tuple[object, object]:
    return row.get(price) or "0", row.get(size) or "0"


async def _fetch_tops(api: Api, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    return read_tops(await api.public("publicGetMarketAllTickers", {}), markets, as_of)


async def _fetch_book(api: Api, market: Market, as_of: datetime) -> OrderBook:
    payload = await api.public("publicGetMarketOrderbookLevel2100", {"symbol": market.id})
    return book_of(dict_of(payload, "data"), market, as_of)


async def _fetch_candles(api: Api, market: Market, period: Period) -> tuple[Candle, ...]:
    start, end = (milliseconds(instant) // 1000 for instant in period)
    wanted = {"symbol": market.id, "type": "1day", "startAt": start, "endAt": end}
    return candles_of(list_of(await api.public("publicGetMarketCandles", wanted), "data"), (0, "s"), (CLOSE_PLACE, 5))


async def _fetch_status(api: Api) -> Status:
    data = dict_of(await api.public("publicGetStatus", {}), "data")
    text = text_of(data, "status")
    return Status(text == "open", "online" if text == "open" else str(data.get("msg") or text))


async def _fetch_time(api: Api) -> datetime:
    return instant_of_milliseconds((await api.public("publicGetTimestamp", {}))["data"], "timestamp")


async def _fetch_fees(api: Api, markets: Sequence[Market]) -> Mapping[str, Fees]:
    found: dict[str, Fees] = {}
    for start in range(0, len(markets), MARKETS_A_REQUEST):
        some = markets[start : start + MARKETS_A_REQUEST]
        symbols = ",".join(market.id for market in some)
        found |= read_fees(await api.private("privateGetTradeFees", {"symbols": symbols}), some)
    return found


async def _fetch_holdings(api: Api, listing: Listing) -> Holdings:
    trading = await api.private("privateGetAccounts", {"type": TRADING_ACCOUNT})
    main = await api.private("privateGetAccounts", {"type": MAIN_ACCOUNT})
    return read_holdings(trading, main, listing)


async def _fetch_deposits(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Deposit, ...]:
    rows = await _transfers(api, "privateGetDeposits", period)
    return once_each(read_deposit(row, venue, listing) for row in rows if row.get("status") == CREDITED)


async def _fetch_withdrawals(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Withdrawal, ...]:
    rows = await _transfers(api, "privateGetWithdrawals", period)
    return once_each(read_withdrawal(row, venue, listing) for row in rows)


async def _transfers(api: Api, method: str, period: Period) -> list[Payload]:
    """All rows of a history that is told in windows, and page by page within each."""
    found: list[Payload] = []
    for start, end in windows(period, TRANSFER_WINDOW):
        window = {"startAt": milliseconds(start), "endAt": milliseconds(end), "pageSize": TRANSFER_PAGE}
        page, pages = 1, Decimal(1)
        while page <= pages:
            data = dict_of(await api.private(method, {**window, "currentPage": page}), "data")
            found += list_of(data, "items")
            page, pages = page + 1, number_of(data, "totalPage")
    return found


async def _fetch_key_rights(api: Api) -> KeyRights:
    return read_key_rights(await api.private("privateGetUserApiKey", {}))


KUCOIN = Profile(
    ccxt_id="kucoin",
    hosts=frozenset({"api.kucoin.com"}),
    capabilities=Capabilities(
        client_id_scope=ClientIdScope.OPEN_ORDERS,
        acceptance_window=RECEIVE_WINDOW,
        visibility_lag=timedelta(seconds=10),
    ),
    fee_currency=FeeCurrency.QUOTE,
    errors=ErrorWords(
        read=read_error_words,
        uncertain=frozenset(
            {"duplicat", "repeated", "already exist", "timeout", "126033", "126044", "300000", "300018", "408000"}
        ),
        key_refused=frozenset({"400001", "400003", "400004", "400005", "400006"}),
        refused=frozenset({"200009", "900001"}),
        try_later=frozenset({"200001", "200002", "200003", "400002", "429000"}),
        credentials="key, secret and passphrase",
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
    fetch_coins=kucoin_coins,
    coins_are_public=True,
    place=place_order,
    find=find_order,
    cancel=cancel_order,
    options={"defaultType": "spot", "fetchMarkets": {"types": ["spot"], "fetchTickersFees": True}},
)
"""An id that was used for an order now closed was seen to be taken again, whatever the documentation says of unique
ids: only open orders are kept apart. An order is accepted before it is matched, so that it may take a while to be
seen."""
