"""OKX spot: how it is asked, and what its answers mean. Orders are in `okx_orders`.

An account has two pockets: the trading account, which orders draw on, and the funding account, where deposits arrive.
What lies in Earn products is in neither, and is not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from engine.model.ids import Asset, VenueName
from engine.model.ledger import Deposit, Withdrawal, WithdrawalState
from engine.model.market import FeeCurrency, OrderBook
from engine.model.money import EXACT, ZERO, Quantity
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, ClientIdScope, KeyRights
from engine.venues.ccxt.coin_flags import okx_coins
from engine.venues.ccxt.okx_orders import DEADLINE, cancel_order, fetch_trades, find_order, only_row, place_order
from engine.venues.ccxt.parse import (
    NotUnderstood,
    asset_of,
    book_of,
    candles_of,
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

BOOK_DEPTH = 400
CANDLES = 300
TRANSFER_PAGE = 100
CREDITED = frozenset({"1", "2"})
"""Credited, and also free to withdraw: either can be traded."""
WITHDRAWAL_STATES = {"2": WithdrawalState.DONE, "-1": WithdrawalState.RETURNED, "-2": WithdrawalState.RETURNED}
"""Success; failed and cancelled. Any other is on its way."""
DEMO_TRADING = "2"
NOT_TRADING = frozenset({"ongoing", "pre_open"})
"""What goes on now; before the end of it, only orders that rest are taken."""

READ_RIGHT, TRADE_RIGHT, WITHDRAW_RIGHT = "read_only", "trade", "withdraw"


def read_error_words(payload: Payload) -> tuple[str, str]:
    """Code and message: of the order where it has its own, of the request otherwise."""
    if not isinstance(payload, dict) or payload.get("code") in (None, "0"):
        return "", ""
    data = payload.get("data")
    row = data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else {}
    code, message = row.get("sCode") or payload["code"], row.get("sMsg") or payload.get("msg") or ""
    return str(code), str(message)


def read_holdings(trading: Payload, funding: Payload, listing: Listing) -> Holdings:
    """The trading account's balances, and the funding account's beside them. Raises InvalidValue."""
    spendable = [_trading_balance(row, listing) for row in list_of(only_row(trading), "details")]
    left_out = [
        Balance(asset_of(text_of(row, "ccy"), listing), Quantity(number_of(row, "bal")))
        for row in list_of(funding, "data")
        if number_of(row, "bal")
    ]
    return Holdings(tuple(balance for balance in spendable if balance.total), tuple(left_out))


def _trading_balance(row: Payload, listing: Listing) -> Balance:
    whole, free = number_of(row, "cashBal"), optional_number(row, "availBal")
    if whole < 0 or optional_number(row, "liab"):
        raise NotUnderstood("balances", f"a debt in {text_of(row, 'ccy')} is not understood; pay it back")
    free = min(free, whole)
    return Balance(asset_of(text_of(row, "ccy"), listing), Quantity(free), Quantity(EXACT.subtract(whole, free)))


def read_fees(payload: Payload, markets: Sequence[Market]) -> dict[str, Fees]:
    """The account's own fees by symbol. Raises InvalidValue."""
    row = only_row(payload)
    return {market.symbol: _fees(row, market.quote) for market in markets}


def _fees(row: Payload, quote: Asset) -> Fees:
    """By what a market is quoted in: a currency of the list, USDT, or any other, which pays as USDT does if unsaid."""
    for entry in row.get("fiat") or ():
        if entry.get("ccy") == quote:
            return Fees(_rate(entry, "taker"), _rate(entry, "maker"))
    suffix = "USDC" if quote != "USDT" and row.get("takerUSDC") and row.get("makerUSDC") else ""
    return Fees(_rate(row, f"taker{suffix}"), _rate(row, f"maker{suffix}"))


def _rate(row: Payload, key: str) -> Decimal:
    # A fee that is taken is below zero here.
    return EXACT.minus(number_of(row, key))


def read_key_rights(payload: Payload) -> KeyRights:
    """What the key may do: a word that is not on the list is unknown, one that is missing is not granted."""
    rows = payload.get("data") if isinstance(payload, dict) else None
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    words = row.get("perm")
    if not isinstance(words, str) or not words.strip():
        return no_rights("the answer says nothing of permissions")
    granted = {word.strip() for word in words.split(",")}
    return KeyRights(
        can_read=READ_RIGHT in granted,
        can_trade=TRADE_RIGHT in granted,
        can_withdraw=WITHDRAW_RIGHT in granted,
        ip_restricted=bool(row.get("ip")),
        unknown=tuple(sorted(granted - {READ_RIGHT, TRADE_RIGHT, WITHDRAW_RIGHT})),
    )


def read_status(payload: Payload) -> Status:
    """Online while nothing goes on, whatever else is announced. Raises InvalidValue."""
    events = [row for row in list_of(payload, "data") if row.get("env") != DEMO_TRADING]
    for event in events:
        if text_of(event, "state") in NOT_TRADING:
            return Status(False, str(event.get("title") or "maintenance"))
    return Status(True, "online")


def read_deposit(row: Payload, venue: VenueName, listing: Listing) -> Deposit:
    """One credited deposit. Raises InvalidValue."""
    return Deposit(
        id=text_of(row, "depId"),
        venue=venue,
        asset=asset_of(text_of(row, "ccy"), listing),
        quantity=Quantity(number_of(row, "amt")),
        at=instant_of_milliseconds(row.get("ts"), "ts"),
        txid=row.get("txId") or "",
    )


def read_withdrawal(row: Payload, venue: VenueName, listing: Listing) -> Withdrawal:
    """One withdrawal, however far it is. A fee in another asset is not told here. Raises InvalidValue."""
    fee = optional_number(row, "fee") if row.get("feeCcy") in (None, "", row.get("ccy")) else ZERO
    return Withdrawal(
        id=text_of(row, "wdId"),
        venue=venue,
        asset=asset_of(text_of(row, "ccy"), listing),
        quantity=Quantity(number_of(row, "amt")),
        fee=Quantity(fee),
        at=instant_of_milliseconds(row.get("ts"), "ts"),
        state=WITHDRAWAL_STATES.get(text_of(row, "state"), WithdrawalState.ON_ITS_WAY),
        txid=row.get("txId") or "",
    )


async def _fetch_tops(api: Api, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    return read_tops(await api.public("publicGetMarketTickers", {"instType": "SPOT"}), markets, as_of)


def read_tops(payload: Payload, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    """The best bids and asks: the venue tells those of all its markets at once. Raises InvalidValue."""
    rows = {text_of(row, "instId"): row for row in list_of(payload, "data")}
    return two_sided(
        top_of(m, (row["bidPx"], row["bidSz"]), (row["askPx"], row["askSz"]), as_of)
        for m in markets
        if (row := rows.get(m.id)) is not None and row.get("bidPx") and row.get("askPx")
    )


async def _fetch_book(api: Api, market: Market, as_of: datetime) -> OrderBook:
    payload = await api.public("publicGetMarketBooks", {"instId": market.id, "sz": str(BOOK_DEPTH)})
    return book_of(only_row(payload), market, as_of)


async def _fetch_candles(api: Api, market: Market, _: Period) -> tuple[Candle, ...]:
    # Without utc, a day would begin at midnight in Hong Kong.
    wanted = {"instId": market.id, "bar": "1Dutc", "limit": str(CANDLES)}
    return candles_of(list_of(await api.public("publicGetMarketCandles", wanted), "data"), (0, "ms"), (4, 5))


async def _fetch_status(api: Api) -> Status:
    return read_status(await api.public("publicGetSystemStatus", {}))


async def _fetch_time(api: Api) -> datetime:
    return instant_of_milliseconds(only_row(await api.public("publicGetPublicTime", {})).get("ts"), "ts")


async def _fetch_fees(api: Api, markets: Sequence[Market]) -> Mapping[str, Fees]:
    return read_fees(await api.private("privateGetAccountTradeFee", {"instType": "SPOT"}), markets)


async def _fetch_holdings(api: Api, listing: Listing) -> Holdings:
    trading = await api.private("privateGetAccountBalance", {})
    return read_holdings(trading, await api.private("privateGetAssetBalances", {}), listing)


async def _fetch_deposits(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Deposit, ...]:
    rows = await _transfers(api, "privateGetAssetDepositHistory", period)
    return once_each(read_deposit(row, venue, listing) for row in rows if row.get("state") in CREDITED)


async def _fetch_withdrawals(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Withdrawal, ...]:
    rows = await _transfers(api, "privateGetAssetWithdrawalHistory", period)
    return once_each(read_withdrawal(row, venue, listing) for row in rows)


async def _transfers(api: Api, method: str, period: Period) -> list[Payload]:
    """All rows of a history that is told newest first, page by page, back to the period's start."""
    start, found = milliseconds(period[0]), list[Payload]()
    page: dict[str, object] = {}
    while True:
        rows = list_of(await api.private(method, page | {"limit": str(TRANSFER_PAGE)}), "data")
        found += rows
        oldest = min((int(text_of(row, "ts")) for row in rows), default=start)
        # One more than the oldest, for others of the same instant; a page that leads no further is the last.
        following: dict[str, object] = {"after": str(oldest + 1)}
        if len(rows) < TRANSFER_PAGE or oldest < start or following == page:
            return found
        page = following


async def _fetch_key_rights(api: Api) -> KeyRights:
    return read_key_rights(await api.private("privateGetAccountConfig", {}))


OKX = Profile(
    ccxt_id="okx",
    hosts=frozenset({"www.okx.com"}),
    capabilities=Capabilities(
        client_id_scope=ClientIdScope.OPEN_ORDERS,
        acceptance_window=DEADLINE,
        visibility_lag=timedelta(seconds=5),
    ),
    fee_currency=FeeCurrency.RECEIVED,
    errors=ErrorWords(
        read=read_error_words,
        # A duplicate says that an order exists; the others, that the venue does not know.
        uncertain=frozenset({"51016", "51149", "50004", "50013", "50026", "duplicated"}),
        key_refused=frozenset({"50100", "50101", "50103", "50104", "50105", "50110", "50111", "50113", "50114"}),
        refused=frozenset({"50120", "51010", "51024", "51025", "51155"}),
        # The deadline was over (50036, 50037), the signature too old (50102), too many orders (50061).
        try_later=frozenset({"50036", "50037", "50102", "50061", "51021", "51022"}),
        credentials="key, secret and passphrase",
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
    fetch_coins=okx_coins,
    place=place_order,
    find=find_order,
    cancel=cancel_order,
    options={"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}, "adjustForTimeDifference": False},
)
"""Client ids are told apart among open orders only: a look-up by one that several orders had gives the newest."""
