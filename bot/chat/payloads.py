"""What a button carries, at most 64 bytes: `v1:verb:root:revision:digest` and the like. Ids, never figures. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from engine.model.ids import SHORT_ID_LENGTH, ClientOrderId, Digest, PlanId, VenueName, short
from engine.model.ledger import Declaration, Explanation, Question, Transit
from engine.model.plan import plan_id, root_and_revision

MOST_BYTES: Final = 64
SNOOZE: Final = timedelta(hours=4)
"""How long a snoozed plan keeps quiet."""
PLAN_PAYLOAD: Final = re.compile(r"v1:([a-z]+):([0-9a-f]{1,16}):([0-9]{1,6}):([0-9a-f]{1,16})")
SAID_PAYLOAD: Final = re.compile(r"v1:said:([a-z]+):([0-9a-f]{1,16}):([0-9]{1,6})(?::([A-Za-z0-9_-]{1,32}))?")
WHERE_PAYLOAD: Final = re.compile(r"v1:where:([0-9a-f]{1,16})(?::([A-Za-z0-9_-]{1,32}))?")
FORGET_PAYLOAD: Final = re.compile(r"v1:forget:([0-9a-f]{1,16})")
VIEW_PAYLOAD: Final = re.compile(r"v1:([a-z]+)")


class PlanVerb(StrEnum):
    """What a button on a plan's card tells the engine."""

    APPROVE = "ok"
    REJECT = "no"
    SNOOZE = "snooze"
    STOP = "stop"
    PAUSE = "hold"
    RESUME = "go"
    GONE = "gone"
    """An order is not at its venue; the digest's place holds the beginning of its id."""


class PlanView(StrEnum):
    """What a button on a plan's card or its reasons shows."""

    WHY = "why"
    CARD = "card"
    """Back from the reasons to the card."""


class ViewVerb(StrEnum):
    """What a button on any other message asks for."""

    PORTFOLIO = "pf"
    DRIFT = "drift"
    REBALANCE = "rebalance"
    HEALTH = "health"
    RESUME = "resume"
    REVIVE = "revive"
    PLANS = "plans"
    QUESTIONS = "questions"
    RISK = "risk"
    VENUES = "venues"


@dataclass(frozen=True, slots=True)
class PlanPress:
    """A press on one version of one plan. `digest` is the short form that the button carried."""

    verb: PlanVerb
    plan: PlanId
    digest: Digest


@dataclass(frozen=True, slots=True)
class PlanLook:
    """A press that asks for a view of a plan."""

    view: PlanView
    plan: PlanId


@dataclass(frozen=True, slots=True)
class ViewPress:
    """A press that asks for a view or an action that no plan is part of."""

    verb: ViewVerb


@dataclass(frozen=True, slots=True)
class SaidPress:
    """What a person says of a change of balances. `version` is that of the question on the card."""

    question: str
    version: int
    explanation: Explanation
    to_venue: VenueName | None


@dataclass(frozen=True, slots=True)
class WherePress:
    """Where something goes that left a venue; None: out of the portfolio."""

    transit: str
    to_venue: VenueName | None


@dataclass(frozen=True, slots=True)
class ForgetPress:
    """A declared movement is taken back."""

    declaration: str


Press = PlanPress | PlanLook | ViewPress | SaidPress | WherePress | ForgetPress


def said_payload(question: Question, explanation: Explanation, to_venue: VenueName | None = None) -> str:
    """What a button carries that explains a change."""
    venue = f":{to_venue}" if to_venue else ""
    return f"v1:said:{explanation}:{question.id}:{question.version}{venue}"


def where_payload(transit: Transit, to_venue: VenueName | None) -> str:
    """What a button carries that says where something goes."""
    return f"v1:where:{transit.handle}" + (f":{to_venue}" if to_venue else "")


def forget_payload(declaration: Declaration) -> str:
    """What a button carries that takes a declared movement back."""
    return f"v1:forget:{declaration.id}"


def plan_payload(verb: PlanVerb | PlanView, plan: PlanId, digest: Digest) -> str:
    """What a button on the card of this version of a plan carries."""
    root, revision = root_and_revision(plan)
    return f"v1:{verb}:{root}:{revision}:{short(digest)}"


def gone_payload(plan: PlanId, order: ClientOrderId) -> str:
    """What a button carries that says that an order is not there."""
    root, revision = root_and_revision(plan)
    return f"v1:{PlanVerb.GONE}:{root}:{revision}:{order[:SHORT_ID_LENGTH]}"


def view_payload(verb: ViewVerb) -> str:
    """What a button that no plan is part of carries."""
    return f"v1:{verb}"


def parse(payload: str) -> Press | None:
    """Read what a button carried. None for anything that none of ours ever did."""
    if match := PLAN_PAYLOAD.fullmatch(payload):
        verb, root, revision, digest = match.groups()
        if verb in set(PlanVerb):
            return PlanPress(PlanVerb(verb), plan_id(root, int(revision)), Digest(digest))
        if verb in set(PlanView):
            return PlanLook(PlanView(verb), plan_id(root, int(revision)))
    elif (match := VIEW_PAYLOAD.fullmatch(payload)) and match.group(1) in set(ViewVerb):
        return ViewPress(ViewVerb(match.group(1)))
    return _parse_about_balances(payload)


def _parse_about_balances(payload: str) -> Press | None:
    if match := SAID_PAYLOAD.fullmatch(payload):
        said, question, version, venue = match.groups()
        if said in set(Explanation):
            return SaidPress(question, int(version), Explanation(said), VenueName(venue) if venue else None)
    elif match := WHERE_PAYLOAD.fullmatch(payload):
        return WherePress(match.group(1), VenueName(match.group(2)) if match.group(2) else None)
    elif match := FORGET_PAYLOAD.fullmatch(payload):
        return ForgetPress(match.group(1))
    return None
