"""Golden files of what is said about costs: of all trades, and of one order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.chat.render.costs import costs, no_such_order, trade, trades
from bot.chat.render.plan_card import plan_card
from engine.api import extra_of, order_cost
from engine.model import events as ev
from engine.model.costs import Experience
from engine.model.ids import Asset, VenueName
from engine.model.money import Bps, Money
from tests.chat import builders as a
from tests.chat.golden_file import assert_golden


def known(venue: str, asset: str, legs: int, traded: str, real: str, excess: str) -> Experience:
    worth = Decimal(traded)
    estimated = Money(worth * Decimal("0.0011"))
    return Experience(
        VenueName(venue), Asset(asset), legs, Money(worth), estimated, Money(Decimal(real)), Bps(Decimal(excess))
    )


def test_costs_of_all_trades() -> None:
    """By venue, the largest first; what is known by too few legs adds nothing yet."""
    seen = (
        known("binance", "BTC", 12, "41250.5", "46.12", "0.3"),
        known("binance", "ETH", 7, "18300", "19.4", "-0.55"),
        known("kraken", "BTC", 2, "5000", "14.9", "2.5"),
        known("kraken", a.HOSTILE, 40, "123456789.12", "350000", "17.25"),
    )
    assert_golden("costs", costs(seen, lambda each: extra_of(seen, each), a.a_frame()))


def test_costs_before_the_first_trade() -> None:
    """Says when there will be some."""
    assert_golden("costs_none", costs((), lambda _: Bps(Decimal(0)), a.a_frame()))


def test_one_order() -> None:
    """With its ids, every fill, and what it came to beside the estimate."""
    state = a.carried_out(a.a_plan())
    first, second = state.orders
    assert_golden("trade_filled", trade(state, first, order_cost(state, first, a.USDT), a.a_frame(20)))
    assert_golden("trade_partly", trade(state, second, order_cost(state, second, a.USDT), a.a_frame(20)))


def test_an_order_that_was_refused() -> None:
    """Nothing was traded; the venue's words are shown."""
    plan = a.a_plan()
    leg = plan.legs[0]
    refused = ev.OrderRejected(a.order_id(leg), "-2010", "<b>no</b> funds")
    state = a.life(
        a.proposal(plan),
        (11, a.approval(plan)),
        (11, a.approved(plan)),
        (12, a.started()),
        (13, a.submitting(leg)),
        (14, refused),
    )
    assert_golden("trade_refused", trade(state, state.orders[0], None, a.a_frame(20)))


def test_the_newest_orders() -> None:
    """One a line, with the beginning of their ids."""
    assert_golden("trades", trades((a.carried_out(a.a_plan()),), a.a_frame(20)))
    assert_golden("trades_none", trades((), a.a_frame()))
    assert_golden("trade_unknown", no_such_order("<zz>"))


def test_the_card_says_what_experience_adds() -> None:
    """Beside fee, spread and impact."""
    plan = a.a_plan()
    leg = replace(plan.legs[0], cost=replace(plan.legs[0].cost, learned=Money(Decimal("0.42"))))
    dearer = replace(plan, legs=(leg, *plan.legs[1:]), cost=replace(plan.cost, learned=Money(Decimal("0.42"))))
    assert_golden("card_experience", plan_card(a.life(a.proposal(dearer)), a.a_frame(3), a.ONE_APPROVER))
