"""What the sandbox's exchanges themselves say of the accounts: the other side of everything that the bot claims."""

from __future__ import annotations

from decimal import Decimal

from bot.sandbox.exchange.orders import Fill, Order
from bot.sandbox.exchange.world import ExchangeWorld

CASH = ("USDT", "USD")


class Accounts:
    """Balances, orders and fills of all venues."""

    def __init__(self, exchanges: ExchangeWorld) -> None:
        self._exchanges = exchanges

    def balances(self) -> dict[tuple[str, str], Decimal]:
        """Every balance by venue and asset, locked or not."""
        venues = self._exchanges.venues
        return {(n, a): b.free + b.locked for n, v in venues.items() for a, b in v.account.balances.items()}

    def orders(self, *venues: str) -> list[Order]:
        """Every order that the venues took, whatever became of it; oldest first on each venue."""
        names = venues or tuple(self._exchanges.venues)
        return [order for name in names for order in self._exchanges.venues[name].engine.orders.all()]

    def fills(self) -> list[Fill]:
        """Every trade."""
        return [fill for venue in self._exchanges.venues.values() for _, fill in venue.engine.orders.fills()]

    def weights(self) -> dict[str, Decimal]:
        """The weights of the portfolio; USDT and USD together are the cash."""
        market = self._exchanges.market
        values: dict[str, Decimal] = {}
        for (_, asset), quantity in self.balances().items():
            price = market.price(asset, market.now())
            assert price is not None, asset
            name = "cash" if asset in CASH else asset
            values[name] = values.get(name, Decimal(0)) + quantity * price
        whole = sum(values.values(), Decimal(0))
        return {name: value / whole for name, value in values.items()}
