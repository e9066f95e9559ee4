"""The list of past plans. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bot.chat.message import Message
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import fitting, paragraphs
from bot.chat.render.names import name
from bot.chat.render.plan_parts import STATUS_SIGNS

if TYPE_CHECKING:
    from engine.api import PlanSummary

MOST_PLANS: Final = 30


def plans_list(summaries: Sequence[PlanSummary], frame: Frame) -> Message:
    """The newest plans, one a line, and how to see one of them."""
    if not summaries:
        return Message("📋 <b>Plans</b>\n\nThere has been no plan yet. /rebalance asks for one.")
    shown = [plan_line(summary, frame) for summary in summaries[:MOST_PLANS]]
    newest = f"/plan {name(summaries[0].plan_id)} shows the newest; any other goes by its id."
    return Message(fitting(lambda room: paragraphs("📋 <b>Plans</b>", "\n".join(shown[: room * 3]), newest)))


def plan_line(summary: PlanSummary, frame: Frame) -> str:
    """One plan in one line, as HTML: its id, where it is in its life, and since when."""
    at = figures.moment(summary.updated_at, frame)
    return f"<code>{name(summary.plan_id)}</code> {STATUS_SIGNS[summary.status]} · {at}"
