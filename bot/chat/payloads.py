"""What a button carries, at most 64 bytes: `v1:verb:root:revision:digest`. Ids only, never figures. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.model.ids import Digest, PlanId, short
from engine.model.plan import plan_id

MOST_BYTES: Final = 64
PLAN_PAYLOAD: Final = re.compile(r"v1:([a-z]+):([0-9a-f]{1,16}):([0-9]{1,6}):([0-9a-f]{1,16})")
VIEW_PAYLOAD: Final = re.compile(r"v1:([a-z]+)")


class PlanVerb(StrEnum):
    """What a button on a plan's card asks for."""

    APPROVE = "ok"
    REJECT = "no"
    SNOOZE = "snooze"
    WHY = "why"
    CARD = "card"
    """Back from the reasons to the card."""
    STOP = "stop"


class ViewVerb(StrEnum):
    """What a button on any other message asks for."""

    PORTFOLIO = "pf"
    DRIFT = "drift"
    REBALANCE = "rebalance"
    HEALTH = "health"
    RESUME = "resume"
    PLANS = "plans"


@dataclass(frozen=True, slots=True)
class PlanPress:
    """A press on one version of one plan. `digest` is the short form that the button carried."""

    verb: PlanVerb
    plan: PlanId
    digest: Digest


@dataclass(frozen=True, slots=True)
class ViewPress:
    """A press that asks for a view or an action that no plan is part of."""

    verb: ViewVerb


def plan_payload(verb: PlanVerb, plan: PlanId, digest: Digest) -> str:
    """What a button on the card of this version of a plan carries."""
    root, revision = plan.split(".")
    return f"v1:{verb}:{root}:{revision}:{short(digest)}"


def view_payload(verb: ViewVerb) -> str:
    """What a button that no plan is part of carries."""
    return f"v1:{verb}"


def parse(payload: str) -> PlanPress | ViewPress | None:
    """Read what a button carried. None for anything that none of ours ever did."""
    if match := PLAN_PAYLOAD.fullmatch(payload):
        verb, root, revision, digest = match.groups()
        if verb in set(PlanVerb):
            return PlanPress(PlanVerb(verb), plan_id(root, int(revision)), Digest(digest))
    elif (match := VIEW_PAYLOAD.fullmatch(payload)) and match.group(1) in set(ViewVerb):
        return ViewPress(ViewVerb(match.group(1)))
    return None
