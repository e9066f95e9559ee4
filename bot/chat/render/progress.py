"""How far a plan has come, leg by leg, while it is carried out and after it was stopped. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import ends, lines, listed, table
from bot.chat.render.names import cell, name
from bot.chat.render.plan_parts import ASSET_COLUMNS
from bot.chat.render.reasons import clause, clauses
from engine.model.order import OrderStatus, average_price
from engine.model.plan import Leg, PlanStatus

if TYPE_CHECKING:
    from engine.api import PlanState

NOT_STARTED: Final = frozenset(
    {PlanStatus.PROPOSED, PlanStatus.APPROVED, PlanStatus.DECLINED, PlanStatus.EXPIRED, PlanStatus.SUPERSEDED}
)
MOST_WAITING: Final = 4


def progress(state: PlanState, frame: Frame, room: int) -> str:
    """A bar for each leg with what was filled at which price, and what the others wait for."""
    legs = state.proposed.plan.legs
    if state.status in NOT_STARTED or not legs:
        return ""
    rows = [row for leg in legs[:room] for row in _rows(state, leg)]
    rest = len(legs) - room
    more = f"and {figures.count(rest, 'more leg')}" if rest > 0 else ""
    return lines("<b>How far</b>", table(rows), more, *_waiting(state, frame, min(room, MOST_WAITING)))


def _rows(state: PlanState, leg: Leg) -> list[str]:
    filled, average = state.filled(leg.id), average_price(state.fills_of(leg.id))
    done = figures.share(filled, leg.quantity)
    head = f"{leg.id} {leg.side.upper()} {cell(leg.base, ASSET_COLUMNS)}"
    at = f"avg {figures.price(average)}" if average is not None else ""
    number = state.slice_at(leg)
    if leg.slices and number is not None and not state.leg(leg.id).settled:
        head = f"{head} {figures.count(number)}/{figures.count(len(leg.slices))}"
    amounts = f"{figures.quantity(filled)}/{figures.quantity(leg.quantity)}"
    return [*ends(head, amounts), *ends(f"   {figures.bar(done)} {figures.whole_percent(done)}", at)]


def _waiting(state: PlanState, frame: Frame, room: int) -> list[str]:
    said = []
    for leg in state.proposed.plan.legs:
        now = state.leg(leg.id)
        lost = next((o for o in state.orders_of(leg.id) if o.status is OrderStatus.UNKNOWN), None)
        if lost is not None:
            why = f" ({clause(now.waiting, frame)})" if now.waiting is not None else ""
            said.append(
                f"⏳ {name(leg.id)}: the venue has not confirmed an order; "
                f"it is asked before anything else is sent{why}"
            )
        elif now.settled and now.reasons:
            said.append(f"⚠️ {name(leg.id)} is over: {clauses(now.reasons, frame)}")
        elif now.waiting is not None and not state.is_terminal:
            said.append(f"⏳ {name(leg.id)} waits: {clause(now.waiting, frame)}")
    return listed(said, room)
