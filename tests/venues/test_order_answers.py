"""What each exchange's own answer to an order means: certain only where it is on a list."""

from __future__ import annotations

import pytest

from engine.model.errors import NotSent, Refused, Unconfirmed, VenueError
from tests.sandbox.exchange_fixtures import KEYS, Exchange
from tests.venues.dialects import ORDER_PATH
from tests.venues.venue_fixtures import desk_at, exchange, ready_order

__all__ = ["exchange"]

ANSWERS = [
    ("binance", "-1021", "Timestamp for this request is outside of the recvWindow.", NotSent),
    ("binance", "-1003", "Too many requests queued.", NotSent),
    ("binance", "-2010", "Account has insufficient balance for requested action.", Refused),
    ("binance", "-1013", "Filter failure: NOTIONAL", Refused),
    ("binance", "-1013", "Filter failure: LOT_SIZE", Refused),
    ("binance", "-1121", "Invalid symbol.", Refused),
    ("binance", "-2010", "Duplicate order sent.", Unconfirmed),
    ("binance", "-1007", "Timeout waiting for response from backend server.", Unconfirmed),
    ("binance", "-1006", "An unexpected response was received from the message bus.", Unconfirmed),
    ("binance", "-1008", "Server is currently overloaded with other requests.", Unconfirmed),
    ("binance", "-1000", "An unknown error occurred while processing the request.", Unconfirmed),
    ("binance", "-9999", "A code that nobody has seen before.", Unconfirmed),
    ("kraken", "EAPI:Invalid nonce", "", NotSent),
    ("kraken", "EOrder:Rate limit exceeded", "", NotSent),
    ("kraken", "EGeneral:Temporary lockout", "", NotSent),
    ("kraken", "EService:Market in cancel_only mode", "", NotSent),
    ("kraken", "EOrder:Insufficient funds", "", Refused),
    ("kraken", "EOrder:Order minimum not met", "", Refused),
    ("kraken", "EOrder:Cost minimum not met", "", Refused),
    ("kraken", "EGeneral:Permission denied", "", Refused),
    ("kraken", "EGeneral:Invalid arguments:cl_ord_id not unique", "", Unconfirmed),
    ("kraken", "EService:Timeout", "", Unconfirmed),
    ("kraken", "EService:Deadline elapsed", "", Unconfirmed),
    ("kraken", "EService:Unavailable", "", Unconfirmed),
    ("kraken", "EGeneral:Never heard of", "", Unconfirmed),
    ("coinbase", "ORDER_ENTRY_DISABLED", "Orders are not taken now", NotSent),
    ("coinbase", "RESOURCE_EXHAUSTED", "Too many requests", NotSent),
    ("coinbase", "INSUFFICIENT_FUND", "Insufficient balance in source account", Refused),
    ("coinbase", "INVALID_LIMIT_PRICE_POST_ONLY", "Post only order would take", Refused),
    ("coinbase", "INVALID_SIZE_PRECISION", "Too many decimals in order amount", Refused),
    ("coinbase", "INVALID_BASE_SIZE_TOO_SMALL", "Order size is too small", Refused),
    ("coinbase", "INVALID_ARGUMENT", "account is not available", Refused),
    ("coinbase", "PERMISSION_DENIED", "Missing required scopes", Refused),
    ("coinbase", "DUPLICATE_CLIENT_ORDER_ID", "", Unconfirmed),
    ("coinbase", "COMMANDER_REJECTED_NEW_ORDER", "", Unconfirmed),
    ("coinbase", "INTERNAL", "internal error", Unconfirmed),
    ("coinbase", "UNAVAILABLE", "Service unavailable", Unconfirmed),
    ("coinbase", "NEVER_HEARD_OF", "", Unconfirmed),
    ("okx", "50036", "The expTime can't be earlier than the current system time.", NotSent),
    ("okx", "50102", "Timestamp request expired", NotSent),
    ("okx", "50011", "Rate limit reached.", NotSent),
    ("okx", "51022", "Instrument is suspended.", NotSent),
    ("okx", "51008", "Order failed. Insufficient balance in account.", Refused),
    ("okx", "51020", "Your order should meet or exceed the minimum order amount.", Refused),
    ("okx", "51121", "Order quantity must be a multiple of the lot size.", Refused),
    ("okx", "50120", "This API key doesn't have permission to use this function.", Refused),
    ("okx", "50105", 'Request header "OK-ACCESS-PASSPHRASE" incorrect.', Refused),
    ("okx", "51010", "Request unsupported under current account mode.", Refused),
    ("okx", "51016", "Client order ID already exists.", Unconfirmed),
    ("okx", "51149", "Order timed out. Please try again later.", Unconfirmed),
    ("okx", "50004", "API endpoint request timeout.", Unconfirmed),
    ("okx", "50013", "Systems are busy. Please try again later.", Unconfirmed),
    ("okx", "50026", "System error. Try again later.", Unconfirmed),
    ("okx", "51999", "A code that nobody has seen before.", Unconfirmed),
    ("bybit", "10002", "invalid request, req_timestamp[1764068669123], server_timestamp[1764068679123]", NotSent),
    ("bybit", "10006", "Too many visits. Exceeded the API Rate Limit.", NotSent),
    ("bybit", "10018", "Exceeded the IP Rate Limit.", NotSent),
    ("bybit", "170005", "Too many new orders; current limit is 20 orders per 1s.", NotSent),
    ("bybit", "170222", "Too many requests in this time frame.", NotSent),
    ("bybit", "10001", "params error: side invalid", Refused),
    ("bybit", "10005", "Permission denied, please check your API key permissions.", Refused),
    ("bybit", "170121", "Invalid symbol.", Refused),
    ("bybit", "170131", "Insufficient balance.", Refused),
    ("bybit", "170140", "Order value exceeded lower limit.", Refused),
    ("bybit", "170193", "Buy order price cannot be higher than 10000.", Refused),
    ("bybit", "170218", "The LIMIT-MAKER order is rejected due to invalid price.", Refused),
    ("bybit", "170141", "Duplicate clientOrderId.", Unconfirmed),
    ("bybit", "110072", "OrderLinkedID is duplicate", Unconfirmed),
    ("bybit", "10014", "Request is duplicate", Unconfirmed),
    ("bybit", "10000", "Server Timeout", Unconfirmed),
    ("bybit", "10016", "System error. Please try again later.", Unconfirmed),
    ("bybit", "170007", "Timeout waiting for response from backend server.", Unconfirmed),
    ("bybit", "170035", "Submitted to the system for processing!", Unconfirmed),
    ("bybit", "170146", "Order creation timed out.", Unconfirmed),
    ("bybit", "170149", "Create order failed", Unconfirmed),
    ("kucoin", "400002", "Invalid KC-API-TIMESTAMP", NotSent),
    ("kucoin", "429000", "Too many requests. System-level rate limit exceeded.", NotSent),
    ("kucoin", "200001", "Order creation for this pair suspended", NotSent),
    ("kucoin", "200003", "Number of orders breached the limit", NotSent),
    ("kucoin", "200004", "Balance insufficient!", Refused),
    ("kucoin", "200009", "Please complete the KYC verification before you trade", Refused),
    ("kucoin", "400100", "Order size below the minimum requirement.", Refused),
    ("kucoin", "400100", "Price increment invalid.", Refused),
    ("kucoin", "400200", "Forbidden to place an order", Refused),
    ("kucoin", "600100", "Order size increment invalid.", Refused),
    ("kucoin", "600101", "The order funds should more then 0.1 USDT.", Refused),
    ("kucoin", "900001", "symbol not exists", Refused),
    ("kucoin", "400100", "validation.createOrder.clientOidDuplicated", Unconfirmed),
    ("kucoin", "400100", "The clientOid already exists", Unconfirmed),
    ("kucoin", "300018", "clientOid parameter repeated", Unconfirmed),
    ("kucoin", "126044", "clientOid duplicate", Unconfirmed),
    ("kucoin", "408000", "Network timeout, please try again later", Unconfirmed),
    ("kucoin", "300000", "Internal error", Unconfirmed),
    ("kucoin", "500000", "Internal Server Error", Unconfirmed),
    ("kucoin", "199999", "A code that nobody has seen before, about order 200004.", Unconfirmed),
    ("bybit", "170999", "A code that nobody has seen before, about order 170131.", Unconfirmed),
]


@pytest.mark.parametrize(("dialect", "code", "message", "kind"), ANSWERS, ids=[f"{a[0]} {a[1]}" for a in ANSWERS])
async def test_only_known_answers_are_certain(
    exchange: Exchange, dialect: str, code: str, message: str, kind: type[VenueError]
) -> None:
    """What is not on a list of certain answers leaves the order unconfirmed; the venue's code is kept."""
    async with desk_at(exchange, dialect) as desk:
        order = await ready_order(desk)
        await desk.fault("error", code=code, message=message, path=ORDER_PATH[dialect], times=1)
        with pytest.raises(VenueError) as caught:
            await desk.venue.submit(order)
    assert type(caught.value) is kind
    assert caught.value.code == code


REPEATED = [
    ("binance", "-9999", "error sign! origin_string[1764068669123{key}5000]"),
    ("kraken", "EGeneral:Never heard of {key}", ""),
    ("coinbase", "INTERNAL", "no such key {key} with {line}"),
    ("okx", "51999", "{passphrase} is not the passphrase of {key}"),
    ("bybit", "170999", "error sign! origin_string[1764068669123{key}5000]"),
    ("kucoin", "199999", "{key} was signed with {secret}"),
]


@pytest.mark.parametrize(("dialect", "code", "message"), REPEATED, ids=[each[0] for each in REPEATED])
async def test_a_key_that_the_venue_repeats_is_told_to_nobody(
    exchange: Exchange, dialect: str, code: str, message: str
) -> None:
    """What it says goes into the journal and the chat: the key, its secret and its passphrase are stars there."""
    key = KEYS[dialect]
    parts = {"key": key.key, "secret": key.secret, "passphrase": key.passphrase}
    parts["line"] = max(key.secret.splitlines(), key=len)
    async with desk_at(exchange, dialect) as desk:
        order = await ready_order(desk)
        await desk.fault("error", code=code.format(**parts), message=message.format(**parts), path=ORDER_PATH[dialect])
        with pytest.raises(Unconfirmed) as caught:
            await desk.venue.submit(order)
    told = f"{caught.value} {caught.value.code}"
    assert "***" in told
    assert not [name for name, part in parts.items() if part and part in told]
