"""The normal start: adopt the policy, fold what was left open, doubt every order whose answer is not on disk."""

from __future__ import annotations

from engine.model import events as ev
from engine.model.canonical import digest_of
from engine.model.events import Mode
from engine.model.ids import PlanId
from engine.model.order import OrderStatus
from engine.model.plan import PlanStatus
from engine.model.policy import Policy
from engine.run.scribe import Scribe

INTERRUPTED = "the program was restarted before the venue's answer was on disk"


async def recover(scribe: Scribe, policy: Policy, mode: Mode, engine_version: str) -> PlanId | None:
    """Bring the journal up to date with this start. Returns the plan that is to be driven on, if there is one."""
    standing = await scribe.journal.standing()
    digest = digest_of(policy)
    if standing.policy != digest:
        adopted = standing.models.adopted
        if adopted is not None:
            await scribe.note(ev.TargetsDropped(adopted.weights))
        await scribe.note(ev.PolicyAdopted(digest, policy))
    await scribe.note(ev.EngineStarted(engine_version, mode))
    plan = await scribe.journal.open_plan()
    if plan is None or plan.status is PlanStatus.PROPOSED:
        return None
    unanswered = [order for order in plan.orders if order.status is OrderStatus.SUBMITTED]
    doubts = [ev.OrderUnconfirmed(order.request.client_order_id, INTERRUPTED) for order in unanswered]
    if doubts:
        await scribe.note_plan(plan.proposed.plan_id, plan.version, *doubts)
    return plan.proposed.plan_id
