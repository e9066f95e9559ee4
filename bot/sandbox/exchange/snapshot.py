"""The whole sandbox world as one JSON document, for tests and for the strip on the chat page."""

from collections.abc import Mapping
from decimal import Decimal

from bot.sandbox.clock import SandboxClock
from bot.sandbox.exchange.orders import Fill, Order, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.faults import FaultScript, rule_to_dict
from bot.sandbox.market import Market

Json = dict[str, object]


def world_state(clock: SandboxClock, market: Market, venues: Mapping[str, Venue], faults: FaultScript) -> Json:
    """Decimals are strings, prices in USD, times of orders in wall seconds."""
    now = clock.now()
    prices = {asset: market.price(asset, now.timestamp()) for asset in market.assets}
    return {
        "market_time": now.isoformat(),
        "speed": clock.speed,
        "frozen": market.frozen,
        "prices": {asset: plain(price) for asset, price in prices.items() if price is not None},
        "venues": {name: _venue(venue) for name, venue in venues.items()},
        "faults": [rule_to_dict(rule) for rule in faults.rules],
    }


def plain(value: Decimal) -> str:
    """Without exponent and without zeros at the end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _venue(venue: Venue) -> Json:
    account = venue.account
    return {
        "dialect": venue.config.dialect,
        "prefix": venue.config.prefix,
        "status": venue.status,
        "balances": {
            asset: {"free": plain(balance.free), "locked": plain(balance.locked)}
            for asset, balance in account.balances.items()
        },
        "fees_paid": {asset: plain(amount) for asset, amount in account.fees_paid.items()},
        "orders": [_order(order) for order in venue.engine.orders.all()],
        "trades": [_fill(order, fill) for order, fill in venue.engine.orders.fills()],
        "transfers": [
            {
                "id": entry.id,
                "kind": entry.kind,
                "asset": entry.asset,
                "amount": plain(entry.amount),
                "time": entry.time,
                "status": entry.status,
            }
            for entry in account.transfers
        ],
        "coins": {coin: {"deposit": flags.deposit, "withdraw": flags.withdraw} for coin, flags in venue.coins.items()},
    }


def _order(order: Order) -> Json:
    return {
        "id": order.id,
        "client_id": order.client_id,
        "symbol": symbol_of(order.instrument),
        "side": order.side.value,
        "price": None if order.price is None else plain(order.price),
        "quantity": plain(order.quantity),
        "executed": plain(order.executed),
        "cost": plain(order.cost),
        "status": order.status.value,
        "time_in_force": order.request.time_in_force.value,
        "post_only": order.request.post_only,
        "created": order.created,
        "updated": order.updated,
    }


def _fill(order: Order, fill: Fill) -> Json:
    return {
        "id": fill.id,
        "order_id": order.id,
        "client_id": order.client_id,
        "symbol": symbol_of(order.instrument),
        "side": order.side.value,
        "price": plain(fill.price),
        "quantity": plain(fill.quantity),
        "cost": plain(fill.cost),
        "fee": plain(fill.fee),
        "fee_asset": fill.fee_asset,
        "maker": fill.maker,
        "time": fill.time,
    }
