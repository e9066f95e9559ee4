"""The parts that a plan's card, its reasons and its report share: the plate of the mode, the title, the tables."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import columns, ends, lines, table
from bot.chat.render.names import cell, name
from engine.model.events import Mode, PlanDeclined, PlanProposed, PlanSuperseded
from engine.model.ids import PlanId
from engine.model.plan import Leg, Plan, PlanStatus, PlanTrigger, WeightLine, root_and_revision

if TYPE_CHECKING:
    from engine.api import PlanState

MOST_AIMS: Final = 4
PLATES: Final[dict[Mode, str]] = {
    Mode.SANDBOX: "🟦 <b>SANDBOX</b> · pretended exchanges, play money",
    Mode.SIMULATION: "🟨 <b>SIMULATION</b> · real prices, pretended trades",
    Mode.LIVE: "🟥 <b>LIVE</b> · real money moves",
}
STATUS_SIGNS: Final[dict[PlanStatus, str]] = {
    PlanStatus.PROPOSED: "🟡 waits for approval",
    PlanStatus.APPROVED: "✅ approved, about to start",
    PlanStatus.EXECUTING: "▶️ executing",
    PlanStatus.PAUSED: "⏸ paused",
    PlanStatus.WINDING_DOWN: "⏹ stopping",
    PlanStatus.COMPLETED: "🏁 completed",
    PlanStatus.ABORTED: "⏹ stopped",
    PlanStatus.DECLINED: "✖️ rejected",
    PlanStatus.EXPIRED: "⌛ expired",
    PlanStatus.SUPERSEDED: "🔁 replaced",
}
NAME_COLUMNS: Final = 11
FIGURE_COLUMNS: Final = 7
VENUE_COLUMNS: Final = 11
ASSET_COLUMNS: Final = 10


def title(proposed: PlanProposed) -> str:
    """What people call the plan, as HTML."""
    return f"<b>{title_of(proposed.plan_id)}</b>"


def title_of(plan: PlanId) -> str:
    """The same, from its id alone and without emphasis."""
    root, revision = root_and_revision(plan)
    return f"Plan {name(root)} · rev {name(revision)}"


def status_words(state: PlanState) -> str:
    """Where the plan is in its life. A snooze is a refusal with a date; a plan that none replaces is withdrawn."""
    match state.trail[-1].fact if state.trail else None:
        case PlanDeclined(snoozed_until=until) if until:
            return "💤 snoozed"
        case PlanSuperseded(by_plan=None):
            return "🔁 withdrawn"
        case _:
            return STATUS_SIGNS[state.status]


def order_words(leg: Leg) -> str:
    """What a leg does, for a table: "L1 SELL 0.05 BTC"."""
    return f"{leg.id} {leg.side.upper()} {figures.quantity(leg.quantity)} {cell(leg.base, ASSET_COLUMNS)}"


def legs_table(plan: Plan, frame: Frame, room: int) -> str:
    """Two rows for each leg: what and how much, where and at which cost."""
    if not plan.legs:
        return "No leg is left: there is nothing to trade."
    rows = ends("", f"in {cell(frame.numeraire, ASSET_COLUMNS)}") if frame.numeraire else []
    for leg in plan.legs[:room]:
        rows += ends(order_words(leg), figures.amount(leg.notional))
        cost = f"cost {figures.amount(leg.cost.total)}, {figures.bps_of_whole(leg.cost.total, leg.notional)}"
        rows += ends(f"   {cell(leg.venue, VENUE_COLUMNS)}", cost)
        if leg.slices:
            rows += ends("", f"in {figures.count(len(leg.slices), 'slice')}")
    rest = len(plan.legs) - room
    more = f"\nand {figures.count(rest, 'more leg')}: Why" if rest > 0 else ""
    return f"{table(rows)}{more}"


def weights_table(lines: Sequence[WeightLine], room: int) -> str:
    """Weights in percent before and after, and the target; the widest gaps where not all can be shown."""
    kept = sorted(lines, key=lambda line: (-abs(line.before - line.target), line.name))[:room]
    rows = columns("%", ("now", "after", "target"), FIGURE_COLUMNS)
    for line in sorted(kept, key=lambda line: line.name):
        weights = (line.before, line.after, line.target)
        shown = tuple(figures.percent_digits(weight) for weight in weights)
        rows += columns(cell(line.name, NAME_COLUMNS), shown, FIGURE_COLUMNS)
    rest = len(lines) - len(kept)
    more = f"\nand {figures.count(rest)} more: Why" if rest > 0 else ""
    return f"{table(rows)}{more}" if lines else ""


def risk_lines(plan: Plan) -> str:
    """The portfolio's risk before and after; nothing where it is not known."""
    if plan.risk is None:
        return ""
    before, after = plan.risk.before, plan.risk.after
    spread = (
        _change("diversification", before.diversification, after.diversification),
        _change("bets", before.bets, after.bets),
    )
    told = ", ".join(each for each in spread if each)
    volatility = f"{figures.percent(before.volatility)} → <b>{figures.percent(after.volatility)}</b>"
    return lines(f"Volatility a year: {volatility}.", f"{told[:1].upper()}{told[1:]}." if told else "")


def _change(what: str, before: Decimal | None, after: Decimal | None) -> str:
    """Of a figure that a portfolio without risk does not have."""
    if before is None and after is None:
        return ""
    was, becomes = ("none" if figure is None else figures.amount(figure) for figure in (before, after))
    return f"{what} {was} → {becomes}"


def aims(plan: Plan) -> str:
    """Said where the plan goes part of the way on purpose."""
    partial = [line for line in plan.weights if line.destination != line.target]
    if not partial:
        return ""
    if plan.trigger is PlanTrigger.RISK:
        return "It sells for safety and brings nothing else to its target: minutes matter."
    shown = ", ".join(f"{name(line.name)} {figures.percent(line.destination)}" for line in partial[:MOST_AIMS])
    more = f" and {figures.count(len(partial) - MOST_AIMS)} more" if len(partial) > MOST_AIMS else ""
    return f"It goes part of the way on purpose, to {shown}{more}."
