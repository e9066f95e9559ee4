"""Whatever is ordered, nothing is created or lost: the matching core under random orders."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.clock import SandboxClock
from bot.sandbox.exchange.config import BookConfig, FeeConfig
from bot.sandbox.exchange.orders import Order, OrderRejected, OrderRequest, Side, TimeInForce
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.market import Market
from tests.sandbox.exchange_fixtures import START, Steady, with_venue

HELD = {"BTC": Decimal("1.5"), "ETH": Decimal(10), "USDT": Decimal(80_000), "BNB": Decimal("0.05")}
MODES = ("received", "quote", "coin")


def venue_for(mode: Any, steady: Steady) -> Venue:
    fees = FeeConfig(maker=Decimal("0.0007"), taker=Decimal("0.0013"), mode=mode)
    thin = BookConfig(levels=8, level_gap_bps=Decimal(5), level_depth=Decimal(3_000))
    world = with_venue("binance", fees=fees, balances=HELD, book=thin)
    clock = SandboxClock(START, 1.0, steady)
    market = Market(world.market, clock.start, clock.now)
    return Venue(world.venues[0], market, world.market.seed, lambda: steady.seconds)


@st.composite
def order_requests(draw: st.DrawFn) -> dict[str, Any]:
    symbol = draw(st.sampled_from(["BTC/USDT", "ETH/USDT", "BNB/USDT"]))
    kind = draw(st.sampled_from(["limit", "limit", "limit", "market", "cost"]))
    return {
        "symbol": symbol,
        "kind": kind,
        "side": draw(st.sampled_from(list(Side))),
        "share": Decimal(draw(st.integers(1, 700))) / 1000,
        "distance": Decimal(draw(st.integers(-60, 60))) / 10_000,
        "time_in_force": draw(st.sampled_from(list(TimeInForce))),
        "post_only": draw(st.booleans()) and kind == "limit",
    }


STEPS = st.lists(
    st.one_of(
        order_requests(),
        st.integers(1, 4000),
        st.tuples(st.sampled_from(list(Side)), st.integers(1, 99)),
        st.just("cancel"),
    ),
    min_size=6,
    max_size=30,
)


def place(venue: Venue, wish: dict[str, Any]) -> None:
    instrument = venue.instruments[wish["symbol"]]
    mid = venue.mid(wish["symbol"], venue.market.now())
    assert mid is not None
    price = (mid * (1 + wish["distance"]) / instrument.tick).to_integral_value() * instrument.tick
    wealth = wish["share"] * Decimal(50_000)
    quantity = (wealth / mid / instrument.step).to_integral_value() * instrument.step
    by_cost = wish["kind"] == "cost"
    request = OrderRequest(
        instrument,
        wish["side"],
        None if by_cost else quantity,
        price if wish["kind"] == "limit" else None,
        quote_quantity=wealth if by_cost else None,
        time_in_force=wish["time_in_force"],
        post_only=wish["post_only"],
    )
    try:
        venue.place(request)
    except OrderRejected:
        return


def perform(venue: Venue, steady: Steady, step: Any) -> None:
    if isinstance(step, dict):
        place(venue, step)
    elif isinstance(step, int):
        steady.seconds += step
        venue.advance()
    elif isinstance(step, tuple):
        side, hundredths = step
        price = Decimal(1) if side is Side.SELL else Decimal(10_000_000)
        venue.engine.hit_resting("BTC/USDT", side, price, Decimal(hundredths) / 100)
    else:
        for order in venue.engine.orders.open()[:1]:
            venue.engine.cancel(order)


def expected_total(venue: Venue, asset: str) -> Decimal:
    """What was held at first, and what every recorded fill moved since, fees apart."""
    total = HELD.get(asset, Decimal(0)) - venue.account.fees_paid.get(asset, Decimal(0))
    for order, fill in venue.engine.orders.fills():
        sign = 1 if order.side is Side.BUY else -1
        if asset == order.instrument.base:
            total += sign * fill.quantity
        if asset == order.instrument.quote:
            total -= sign * fill.cost
    return total


def needed(venue: Venue, order: Order) -> Decimal:
    """What an order must keep locked: just enough for what is left of it."""
    if not order.is_open or order.price is None:
        return Decimal(0)
    if order.side is Side.SELL:
        return order.remaining
    fees = venue.engine.fees
    surcharge = max(fees.maker, fees.taker) if fees.mode == "quote" else Decimal(0)
    return order.remaining * order.price * (1 + surcharge)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(MODES), STEPS)
def test_nothing_is_created_or_lost(mode: str, steps: list[Any]) -> None:
    """Balances are what the fills and fees say; none is negative; locks belong to open orders alone."""
    steady = Steady()
    venue = venue_for(mode, steady)
    for step in steps:
        perform(venue, steady, step)
        for asset, balance in venue.account.balances.items():
            assert balance.free >= 0 and balance.locked >= 0
            assert balance.free + balance.locked == expected_total(venue, asset)
        locked = sum((balance.locked for balance in venue.account.balances.values()), Decimal(0))
        open_orders = venue.engine.orders.open()
        assert locked == sum((order.locked for order in open_orders), Decimal(0))
        assert all(order.remaining > 0 for order in open_orders)
        assert all(order.locked == needed(venue, order) for order in venue.engine.orders.all())
        assert all(fill.quantity > 0 for _, fill in venue.engine.orders.fills())
    for order in venue.engine.orders.open():
        venue.engine.cancel(order)
    assert all(balance.locked == 0 for balance in venue.account.balances.values())


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_two_runs_agree(steps: list[Any]) -> None:
    """The same seed, the same orders and the same market times give the same fills and the same books."""
    outcomes = []
    for _ in range(2):
        steady = Steady()
        venue = venue_for("received", steady)
        for step in steps:
            perform(venue, steady, step)
        fills = [fill for _, fill in venue.engine.orders.fills()]
        outcomes.append((fills, [venue.depth("BTC/USDT", side) for side in Side]))
    assert outcomes[0] == outcomes[1]


@settings(max_examples=60, deadline=None)
@given(order_requests())
def test_fills_respect_the_limit(wish: dict[str, Any]) -> None:
    """No limit order trades at a worse price than its limit, and none trades more than it asked for."""
    venue = venue_for("received", Steady())
    place(venue, wish)
    for order, fill in venue.engine.orders.fills():
        if order.price is not None:
            worse = fill.price - order.price
            assert (worse if order.side is Side.BUY else -worse) <= 0
        assert order.executed <= order.quantity
