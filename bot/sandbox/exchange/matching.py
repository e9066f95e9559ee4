"""Matching of a sandbox venue: the account's orders against the book, and what each fill moves.

An order first takes what the book offers within its limit, then rests if it may. Resting orders
fill as maker, at their own price and in price-time priority, when the market comes to them. Funds
are locked before anything trades, so that no balance can fall below zero.
"""

import itertools
from collections.abc import Callable, Iterable
from decimal import ROUND_DOWN, Decimal

from bot.sandbox.exchange.account import ZERO, Account, InsufficientFunds
from bot.sandbox.exchange.book import Level, SyntheticBook
from bot.sandbox.exchange.config import FeeConfig, InstrumentConfig
from bot.sandbox.exchange.orders import (
    Fill,
    Order,
    OrderRejected,
    OrderRequest,
    OrderStatus,
    OrderStore,
    RejectReason,
    Side,
    TimeInForce,
)

POST_ONLY = "Post only"
"""The close reason of an order that was accepted and would have taken."""
_FEE_STEP = Decimal("1e-8")


class MatchingEngine:
    """Places, fills and cancels the orders of one account."""

    def __init__(
        self,
        account: Account,
        fees: FeeConfig,
        usd_price: Callable[[str], Decimal | None],
        wall: Callable[[], float],
    ) -> None:
        """`usd_price` prices the fee coin; `wall` stamps orders and fills, in seconds since the epoch."""
        self.orders = OrderStore()
        self.fees = fees
        self._account = account
        self._usd_price = usd_price
        self._wall = wall
        self._order_ids = itertools.count(1_000_001)
        self._fill_ids = itertools.count(5_001)

    def place(self, request: OrderRequest, book: SyntheticBook) -> Order:
        """Accept an order, fill what can be filled at once, let the rest wait or expire.

        Raises OrderRejected, and then nothing has changed.
        """
        if request.client_id is not None:
            earlier = self.orders.by_client_id(request.client_id)
            if earlier is not None and earlier.is_open:
                raise OrderRejected(RejectReason.DUPLICATE_CLIENT_ID)
        levels = within_limit(book.levels(request.side.opposite), request.side, request.price)
        if request.post_only and levels:
            return self._cancelled_at_once(request)
        if request.time_in_force is TimeInForce.FOK and not self._fillable(request, levels):
            levels = []
        order = self._accept(request, levels)
        self._take(order, levels, book)
        if order.is_open and (request.price is None or request.time_in_force is not TimeInForce.GTC):
            order.close_reason = "Insufficient liquidity"
            self._close(order, OrderStatus.EXPIRED)
        return order

    def _cancelled_at_once(self, request: OrderRequest) -> Order:
        if not request.cancel_taking:
            raise OrderRejected(RejectReason.WOULD_TAKE)
        order = self._accept(request, [])
        self.cancel(order, POST_ONLY)
        return order

    def cancel(self, order: Order, reason: str = "User requested") -> bool:
        """Take an order off the book and release what it locked; False if it was no longer open."""
        if not order.is_open:
            return False
        order.close_reason = reason
        order.updated = self._wall()
        self._close(order, OrderStatus.CANCELED)
        return True

    def match_resting(self, symbol: str, book: SyntheticBook) -> None:
        """Fill resting orders of one market that the book, as it stands, has come to."""
        for order in self._by_priority(symbol):
            for level in within_limit(book.levels(order.side.opposite), order.side, order.price):
                if order.remaining <= 0 or order.price is None:
                    break
                quantity = min(level.quantity, order.remaining)
                book.take(order.side.opposite, level.price, quantity)
                self._fill(order, order.price, quantity, maker=True)

    def hit_resting(self, symbol: str, side: Side, price: Decimal, quantity: Decimal) -> Decimal:
        """Let an outside trader take `quantity` from our resting orders; returns how much of it traded.

        `side` is the outsider's: a SELL at `price` fills our bids at or above it.
        """
        left = quantity
        for order in self._by_priority(symbol):
            if order.side is side or order.price is None or not reaches(side, price, order.price):
                continue
            traded = min(left, order.remaining)
            if traded > 0:
                self._fill(order, order.price, traded, maker=True)
                left -= traded
        return quantity - left

    def _by_priority(self, symbol: str) -> list[Order]:
        def rank(order: Order) -> tuple[Decimal, int]:
            price = order.price or ZERO
            return (-price if order.side is Side.BUY else price, order.id)

        return sorted(self.orders.open(symbol), key=rank)

    def _fillable(self, request: OrderRequest, levels: Iterable[Level]) -> bool:
        return sum((level.quantity for level in levels), ZERO) >= (request.quantity or ZERO)

    def _accept(self, request: OrderRequest, levels: list[Level]) -> Order:
        order_id, now = next(self._order_ids), self._wall()
        order = Order(
            id=order_id,
            request=request,
            client_id=request.client_id or f"sandbox{order_id}",
            quantity=request.quantity or ZERO,
            created=now,
            updated=now,
        )
        need = self._need(order, levels)
        try:
            self._account.lock(_spent_asset(order), need)
        except InsufficientFunds as error:
            raise OrderRejected(RejectReason.INSUFFICIENT_FUNDS) from error
        order.locked = need
        self.orders.add(order)
        return order

    def _need(self, order: Order, levels: list[Level]) -> Decimal:
        request = order.request
        if request.side is Side.SELL:
            if request.quote_quantity is not None:
                return sum((part for _, part in _slices(order, levels)), ZERO)
            return order.quantity
        if request.quote_quantity is not None:
            cost = request.quote_quantity
        elif request.price is not None:
            cost = request.price * order.quantity
        else:
            cost = sum((level.price * part for level, part in _slices(order, levels)), ZERO)
        return cost * self._lock_factor(order)

    def _lock_factor(self, order: Order) -> Decimal:
        if order.side is Side.BUY and self.fees.mode == "quote" and not order.request.fee_in_base:
            return 1 + max(self.fees.maker, self.fees.taker)
        return Decimal(1)

    def _take(self, order: Order, levels: list[Level], book: SyntheticBook) -> None:
        for level, quantity in _slices(order, levels):
            book.take(order.side.opposite, level.price, quantity)
            self._fill(order, level.price, quantity, maker=False)
        if order.request.quote_quantity is not None and order.executed > 0:
            order.quantity = order.executed
            self._close(order, OrderStatus.FILLED)

    def _fill(self, order: Order, price: Decimal, quantity: Decimal, *, maker: bool) -> None:
        base, quote = order.instrument.base, order.instrument.quote
        cost = price * quantity
        received, amount = (base, quantity) if order.side is Side.BUY else (quote, cost)
        spent = cost if order.side is Side.BUY else quantity
        fee_asset, fee = self._fee(order, quantity, cost, maker=maker)
        if fee_asset == received:
            amount -= fee
        elif fee_asset == quote and order.side is Side.BUY and self.fees.mode == "quote":
            spent += fee
        else:
            self._account.debit(fee_asset, fee)
        self._account.spend_locked(_spent_asset(order), spent)
        self._account.credit(received, amount)
        self._account.note_fee(fee_asset, fee)
        order.locked -= spent
        order.executed += quantity
        order.cost += cost
        order.updated = self._wall()
        order.fills.append(
            Fill(next(self._fill_ids), order.id, price, quantity, cost, fee, fee_asset, maker, order.updated)
        )
        self._release_excess(order)

    def _fee(self, order: Order, quantity: Decimal, cost: Decimal, *, maker: bool) -> tuple[str, Decimal]:
        fees, instrument = self.fees, order.instrument
        rate = fees.maker if maker else fees.taker
        if fees.mode == "coin":
            quote_price, coin_price = self._usd_price(instrument.quote), self._usd_price(fees.coin)
            if quote_price and coin_price:
                in_coin = _fee_amount(cost * rate * (1 - fees.coin_discount) * quote_price / coin_price)
                if self._account.free(fees.coin) >= in_coin:
                    return fees.coin, in_coin
        in_base = order.side is Side.BUY and (fees.mode != "quote" or order.request.fee_in_base)
        if in_base:
            return instrument.base, _fee_amount(quantity * rate)
        return instrument.quote, _fee_amount(cost * rate)

    def _release_excess(self, order: Order) -> None:
        if order.request.quote_quantity is not None:
            return
        if order.remaining == 0:
            self._close(order, OrderStatus.FILLED)
        elif order.price is not None and order.side is Side.BUY:
            excess = order.locked - order.price * order.remaining * self._lock_factor(order)
            if excess > 0:
                self._account.unlock(order.instrument.quote, excess)
                order.locked -= excess

    def _close(self, order: Order, status: OrderStatus) -> None:
        self._account.unlock(_spent_asset(order), order.locked)
        order.locked = ZERO
        order.status = status
        self.orders.settle(order)


def within_limit(levels: Iterable[Level], side: Side, limit: Decimal | None) -> list[Level]:
    """The levels that an order of `side` with this limit may trade with; all of them without a limit."""
    return [level for level in levels if limit is None or reaches(side, limit, level.price)]


def reaches(side: Side, limit: Decimal, price: Decimal) -> bool:
    """Whether an order of `side` with this limit accepts the price."""
    return price <= limit if side is Side.BUY else price >= limit


def round_down(amount: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of the step that is not above the amount."""
    return (amount / step).to_integral_value(ROUND_DOWN) * step


def _slices(order: Order, levels: Iterable[Level]) -> list[tuple[Level, Decimal]]:
    """Level by level, how much of it the order takes."""
    slices: list[tuple[Level, Decimal]] = []
    left, budget = order.quantity, order.request.quote_quantity
    for level in levels:
        part = level.quantity
        if budget is None:
            part = min(part, left)
        else:
            part = min(part, round_down(budget / level.price, order.instrument.step))
            budget -= part * level.price
        if part <= 0:
            break
        left -= part
        slices.append((level, part))
    return slices


def _spent_asset(order: Order) -> str:
    return _asset_of(order.instrument, order.side)


def _asset_of(instrument: InstrumentConfig, side: Side) -> str:
    return instrument.quote if side is Side.BUY else instrument.base


def _fee_amount(amount: Decimal) -> Decimal:
    return amount.quantize(_FEE_STEP, rounding=ROUND_DOWN)
