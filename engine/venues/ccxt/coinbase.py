"""Coinbase Advanced Trade, spot: how it is asked, and what its answers mean. Orders are in `coinbase_orders`.

What is staked is in none of its lists of balances, ETH2 apart; vaults and the pockets of its futures are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.model.market import FeeCurrency, OrderBook
from engine.model.money import ZERO, Quantity
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, ClientIdScope, KeyRights
from engine.venues.ccxt.coinbase_ledger import fetch_deposits, fetch_withdrawals
from engine.venues.ccxt.coinbase_orders import WINDOW, cancel_order, fetch_trades, find_order, place_order
from engine.venues.ccxt.parse import (
    asset_of,
    book_of,
    candles_of,
    dict_of,
    instant_of_milliseconds,
    list_of,
    milliseconds,
    no_rights,
    number_of,
    read_spot_market,
    text_of,
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

BOOK_DEPTH = 500
ACCOUNT_PAGE = 250
STAKED = {"ETH2": "ETH"}
SPOT_TYPES = frozenset({"ACCOUNT_TYPE_CRYPTO", "ACCOUNT_TYPE_FIAT"})
SPOT_PLATFORM = "ACCOUNT_PLATFORM_CONSUMER"
STABLE_PAIR = Fees(taker=Decimal("0.00001"), maker=ZERO)
"""Pairs of stable coins have this price whatever the account's tier; ccxt's list says which they are."""
HALTED = ("trading_disabled", "is_disabled", "view_only", "cancel_only", "post_only", "auction_mode")
"""Any of these keeps an immediate order from being taken."""
RIGHTS = ("can_view", "can_trade", "can_transfer")


def read_error_words(payload: Payload) -> tuple[str, str]:
    """Code and message of an order's refusal, of a refused request, or of the older interface's list of errors."""
    if not isinstance(payload, dict):
        return "", ""
    refusal, errors = payload.get("error_response"), payload.get("errors")
    if isinstance(refusal, dict):
        codes = [str(refusal.get(key) or "") for key in ("error", "preview_failure_reason")]
        code = next((code for code in codes if code and not code.startswith("UNKNOWN")), codes[0])
        return code, str(refusal.get("message") or refusal.get("error_details") or code)
    if isinstance(payload.get("error"), str):
        words = payload.get("message") or payload.get("error_details") or payload.get("error_description")
        return payload["error"], str(words or payload["error"])
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return str(errors[0].get("id") or ""), str(errors[0].get("message") or "")
    return "", ""


def read_market(listed: Mapping[str, Any]) -> Market:
    """A spot market as ccxt lists it, which looks at one of the venue's several switches only."""
    halted = any(listed["info"].get(switch) is True for switch in HALTED)
    market = read_spot_market(listed)
    return replace(market, active=market.active and not halted)


def read_holdings(rows: Sequence[Payload], listing: Listing) -> Holdings:
    """The balances of all accounts. Raises InvalidValue for a name that is not understood."""
    spendable: list[Balance] = []
    left_out: list[Balance] = []
    for row in rows:
        name = text_of(row, "currency")
        free, held = number_of(dict_of(row, "available_balance"), "value"), number_of(dict_of(row, "hold"), "value")
        if not free and not held:
            continue
        balance = Balance(asset_of(STAKED.get(name, name), listing), Quantity(free), Quantity(held))
        (spendable if _is_spot(row) and name not in STAKED else left_out).append(balance)
    return Holdings(tuple(spendable), tuple(left_out))


def _is_spot(row: Payload) -> bool:
    return row.get("type") in SPOT_TYPES and row.get("platform", SPOT_PLATFORM) == SPOT_PLATFORM


def read_fees(payload: Payload, markets: Sequence[Market]) -> dict[str, Fees]:
    """The account's own fees by symbol: its tier's, except of pairs of stable coins. Raises InvalidValue."""
    tier = dict_of(payload, "fee_tier")
    own = Fees(number_of(tier, "taker_fee_rate"), number_of(tier, "maker_fee_rate"))
    return {m.symbol: STABLE_PAIR if m.listed_fees == STABLE_PAIR else own for m in markets}


def read_key_rights(payload: Payload) -> KeyRights:
    """What the key may do: a right that is not on the list is unknown, one that is missing is a problem.

    The venue does not say whether a key is bound to addresses.
    """
    if not isinstance(payload, dict):
        return no_rights("the answer could not be read")
    missing = sorted(name for name in RIGHTS if not isinstance(payload.get(name), bool))
    if missing:
        return no_rights(f"the answer says nothing of {', '.join(missing)}")
    granted = {name for name, value in payload.items() if value is True}
    return KeyRights(
        can_read="can_view" in granted,
        can_trade="can_trade" in granted,
        can_withdraw="can_transfer" in granted,
        ip_restricted=False,
        unknown=tuple(sorted(granted - set(RIGHTS))),
    )


def read_book(payload: Payload, market: Market, as_of: datetime) -> OrderBook:
    """A book, whole or its best level. Raises InvalidValue."""
    bids, asks = ([[row["price"], row["size"]] for row in list_of(payload, side)] for side in ("bids", "asks"))
    return book_of({"bids": bids, "asks": asks}, market, as_of)


def read_tops(payload: Payload, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    """The best bids and asks of several markets. Raises InvalidValue."""
    rows = {text_of(row, "product_id"): row for row in list_of(payload, "pricebooks")}
    return two_sided(read_book(rows[m.id], m, as_of).top for m in markets if m.id in rows)


async def _fetch_tops(api: Api, markets: Sequence[Market], as_of: datetime) -> tuple[OrderBook, ...]:
    """In one request with a key; without one, the venue tells one market's at a time."""
    if api.has_key:
        wanted = {"product_ids": [market.id for market in markets]}
        return read_tops(await api.private("v3PrivateGetBrokerageBestBidAsk", wanted), markets, as_of)
    return two_sided(await asyncio.gather(*(_book(api, market, as_of, 1) for market in markets)))


async def _fetch_book(api: Api, market: Market, as_of: datetime) -> OrderBook:
    return await _book(api, market, as_of, BOOK_DEPTH)


async def _book(api: Api, market: Market, as_of: datetime, depth: int) -> OrderBook:
    wanted = {"product_id": market.id, "limit": depth}
    payload = await api.public("v3PublicGetBrokerageMarketProductBook", wanted)
    return read_book(dict_of(payload, "pricebook"), market, as_of)


async def _fetch_candles(api: Api, market: Market, period: Period) -> tuple[Candle, ...]:
    start, end = (milliseconds(instant) // 1000 for instant in period)
    wanted = {"product_id": market.id, "start": str(start), "end": str(end), "granularity": "ONE_DAY"}
    payload = await api.public("v3PublicGetBrokerageMarketProductsProductIdCandles", wanted)
    return candles_of(list_of(payload, "candles"), ("start", "s"), ("close", "volume"))


async def _fetch_status(api: Api) -> Status:
    """It tells nothing of its state: it is online where it answers. A market that stands still shows in its listing."""
    await _fetch_time(api)
    return Status(True, "online", is_told=False)


async def _fetch_time(api: Api) -> datetime:
    return instant_of_milliseconds((await api.public("v3PublicGetBrokerageTime", {})).get("epochMillis"), "epochMillis")


async def _fetch_fees(api: Api, markets: Sequence[Market]) -> Mapping[str, Fees]:
    return read_fees(await api.private("v3PrivateGetBrokerageTransactionSummary", {"product_type": "SPOT"}), markets)


async def _fetch_holdings(api: Api, listing: Listing) -> Holdings:
    rows: list[Payload] = []
    page: dict[str, object] = {"limit": ACCOUNT_PAGE}
    while True:
        payload = await api.private("v3PrivateGetBrokerageAccounts", page)
        rows += list_of(payload, "accounts")
        if not payload.get("has_next"):
            return read_holdings(rows, listing)
        page["cursor"] = text_of(payload, "cursor")


async def _fetch_key_rights(api: Api) -> KeyRights:
    return read_key_rights(await api.private("v3PrivateGetBrokerageKeyPermissions", {}))


COINBASE = Profile(
    ccxt_id="coinbase",
    hosts=frozenset({"api.coinbase.com"}),
    capabilities=Capabilities(
        client_id_scope=ClientIdScope.FOREVER,
        acceptance_window=WINDOW,
        visibility_lag=timedelta(seconds=10),
    ),
    fee_currency=FeeCurrency.QUOTE,
    errors=ErrorWords(
        read=read_error_words,
        uncertain=frozenset({"duplicate"}),
        key_refused=frozenset({"authentication_error", "invalid_token", "revoked_token", "expired_token"}),
        refused=frozenset(
            {
                "insufficient_fund",
                "insufficient_ledger_balance",
                "invalid_ledger_balance",
                "invalid_limit_price",
                "invalid_price_precision",
                "invalid_size_precision",
                "size_too_small",
                "size_too_large",
                "price_too_large",
                "invalid_side",
                "invalid_product_id",
                "invalid_order_config",
                "ineligible_pair",
                "untradable_product",
                "geofencing_restriction",
                "breached_price_limit",
                "limit_price_too_far",
            },
        ),
        try_later=frozenset({"order_entry_disabled", "not_allowed_by_market_state"}),
        # An expired token is answered like a wrong one.
        credentials="key and secret (and this computer's clock)",
    ),
    read_market=read_market,
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
    place=place_order,
    find=find_order,
    cancel=cancel_order,
    options={"adjustForTimeDifference": False},
)
"""Client ids are unique for ever: an order with one that was used is not made, and the first one is answered with."""
