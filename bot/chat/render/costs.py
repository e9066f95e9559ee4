"""What trading came to beside its estimates: of all trades by venue and asset, and of one order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from bot.chat.message import Message
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import columns, fitting, lines, listed, paragraphs, table
from bot.chat.render.names import cell, name
from bot.chat.render.plan_parts import ASSET_COLUMNS, title_of
from engine.model.costs import Experience, LegCost
from engine.model.money import BPS_IN_ONE, Bps, exact, total
from engine.model.order import Fill, average_price

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.api import OrderState, PlanState

FIGURE_COLUMNS: Final = 6
SHORT: Final = 8
"""So much of an order's id tells it from all others."""
NOTHING_TRADED: Final = "📊 <b>Costs</b>\n\nNothing has been traded yet. After the first plan its costs are kept here."


@exact
def costs(known: Sequence[Experience], extra: Callable[[Experience], Bps], frame: Frame) -> Message:
    """What all trades came to; `extra` is what the next plan adds to its estimates for it."""
    if not known:
        return Message(NOTHING_TRADED)
    return Message(fitting(lambda room: _costs(known, extra, frame, room)))


def _costs(known: Sequence[Experience], extra: Callable[[Experience], Bps], frame: Frame, room: int) -> str:
    largest = sorted(known, key=lambda each: -each.traded)[: room * 3]
    venues = sorted({each.venue for each in largest})
    tables = [
        lines(
            f"🏦 <b>{name(venue)}</b>",
            table(
                [
                    *columns("bps", ("legs", "real", "est.", "next"), FIGURE_COLUMNS),
                    *(row for each in largest if each.venue == venue for row in _row(each, extra(each))),
                ]
            ),
        )
        for venue in venues
    ]
    traded, real, estimated = (
        total(getattr(each, field) for each in known) for field in ("traded", "real", "estimated")
    )
    unit = frame.numeraire
    return paragraphs(
        f"📊 <b>Costs</b> · what trades came to, of {figures.money(traded, unit)} traded",
        *tables,
        f"In all <b>{figures.money(real, unit)}</b> against {figures.money(estimated, unit)} estimated.",
        "Real and estimated: fee, spread and price against the plan's marks, in basis points of what was traded "
        "(1 bps is 0.01 %). Next: what the next plan adds to its estimate, once three legs are known.\n"
        "/trade shows the newest orders one by one.",
    )


def _row(each: Experience, extra: Bps) -> list[str]:
    real, estimated = (part * BPS_IN_ONE / each.traded for part in (each.real, each.estimated))
    shown = (figures.count(each.legs), *(_bps(value) for value in (real, estimated)), _bps(extra) if extra else "–")
    return columns(cell(each.asset, ASSET_COLUMNS), shown, FIGURE_COLUMNS)


def _bps(value: Decimal) -> str:
    return figures.bps(value).removesuffix(" bps")


@exact
def trade(state: PlanState, order: OrderState, cost: LegCost | None, frame: Frame) -> Message:
    """One order: what was asked for, under which ids, every fill, and what it came to."""
    return Message(fitting(lambda room: _trade(state, order, cost, frame, room)))


def _trade(state: PlanState, order: OrderState, cost: LegCost | None, frame: Frame, room: int) -> str:
    request = order.request
    leg = state.proposed.plan.leg(request.leg)
    what = f"{request.side} {figures.units(request.quantity, request.base)}"
    slices = f", slice {figures.count(request.slice_number)} of {figures.count(len(leg.parts))}" if leg.slices else ""
    at = f"{figures.price(request.limit_price)} {name(request.quote)} {'at rest' if request.post_only else 'at worst'}"
    return paragraphs(
        lines(
            f"🧾 <b>Order</b> · {order.status.value.replace('_', ' ')}",
            f"<b>{what}</b> on {name(request.venue)}, {at}",
            f"{title_of(state.proposed.plan_id)}, {name(request.leg)}{slices}, "
            f"attempt {figures.count(request.attempt)}",
            f"Meant to be sent at {figures.moment_seconds(request.intended_at, frame)}.",
        ),
        lines(
            f"Our id: <code>{name(request.client_order_id)}</code>",
            f"The exchange's id: <code>{name(order.venue_order_id)}</code>" if order.venue_order_id else "",
        ),
        lines("<b>Fills</b>", *listed([_fill(fill, frame) for fill in order.fills], room))
        if order.fills
        else "Nothing was traded.",
        _came_to(order, cost, frame),
        f"⚠️ {name(order.problem)}" if order.problem else "",
    )


def _fill(fill: Fill, frame: Frame) -> str:
    fees = ", ".join(figures.units(fee.quantity, fee.asset) for fee in fill.fees if fee.quantity)
    return (
        f"{figures.moment_seconds(fill.traded_at, frame)} {figures.units(fill.quantity, fill.base)} at "
        f"{figures.price(fill.price)}{f', fee {fees}' if fees else ''} (<code>{name(fill.id)}</code>)"
    )


def _came_to(order: OrderState, cost: LegCost | None, frame: Frame) -> str:
    average = average_price(order.fills)
    if average is None or cost is None:
        return ""
    unit, traded = frame.numeraire, cost.traded
    without = f" (without {', '.join(name(asset) for asset in cost.unpriced)})" if cost.unpriced else ""
    return lines(
        f"Average {figures.price(average)} {name(order.request.quote)}, "
        f"{figures.span(cost.delay)} after the plan began.",
        f"Against the marks of the plan: <b>{figures.money(cost.real, unit)}</b> "
        f"({figures.bps_of_whole(cost.real, traded)}): fee {figures.amount(cost.fee)}, "
        f"price {figures.amount(cost.slippage)}{without}. Estimated were {figures.money(cost.estimated, unit)}.",
    )


def trades(states: Sequence[PlanState], frame: Frame) -> Message:
    """The newest orders, one a line, and how to see one of them."""
    orders = [order for state in states for order in reversed(state.orders)]
    if not orders:
        return Message("🧾 <b>Orders</b>\n\nNo order has been sent yet.")
    shown = [_order_line(order, frame) for order in orders]
    how = "/trade with the beginning of an id shows all of it."
    return Message(fitting(lambda room: paragraphs("🧾 <b>Newest orders</b>", lines(*listed(shown, room)), how)))


def _order_line(order: OrderState, frame: Frame) -> str:
    request = order.request
    return (
        f"<code>{name(request.client_order_id[:SHORT])}</code> {figures.moment(request.intended_at, frame)} "
        f"{request.side} {figures.units(order.filled or request.quantity, request.base)} on {name(request.venue)}: "
        f"{order.status.value.replace('_', ' ')}"
    )


def no_such_order(wanted: str) -> Message:
    """An id that leads to no order, or to several."""
    return Message(f"No order of the newest plans has an id that begins with {name(wanted)}. /trade lists them.")
