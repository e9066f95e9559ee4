"""What people are told of guards: what was found, what got worse, what is over, and what follows from it. Pure."""

from __future__ import annotations

from typing import Final

from bot.chat.message import Button, Message
from bot.chat.payloads import ViewVerb, view_payload
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import fitting, lines, paragraphs
from bot.chat.render.names import name
from bot.chat.render.reasons import sentence
from bot.chat.render.risk import RULE_NAMES
from engine.model import events as ev
from engine.model.conditions import TOLD, ChangeKind, Condition, ConditionChange, Step
from engine.model.decision import Standing
from engine.model.guards import Rule
from engine.model.money import ONE, exact
from engine.model.reasons import ReasonCode

RISK: Final = Button("🛡 Guards", view_payload(ViewVerb.RISK))


@exact
def conditions_changed(fact: ev.ConditionsChanged, frame: Frame, standing: Standing) -> Message | None:
    """What guards found, or that it is over; None where nobody is to hear of it. `standing` is that of now."""
    told = [change for change in fact.changes if change.kind in TOLD]
    if not told:
        return None
    html = fitting(lambda room: _text(told, frame, standing, room))
    return Message(html, ((RISK,),), silent=all(change.kind is ChangeKind.RESOLVED for change in told))


def _text(told: list[ConditionChange], frame: Frame, standing: Standing, room: int) -> str:
    rest = len(told) - room
    more = f"and {figures.count(rest)} more: Guards" if rest > 0 else ""
    return paragraphs(*(_change(change, frame, standing) for change in told[:room]), more)


def _change(change: ConditionChange, frame: Frame, standing: Standing) -> str:
    condition, what = change.condition, title(change.condition)
    why = sentence(change.reason, frame)
    match change.kind:
        case ChangeKind.RESOLVED:
            return lines(f"✅ <b>{what}: over.</b> {_whole_again(change)}".rstrip(), why)
        case ChangeKind.WORSE:
            waits = standing.open_plan is not None and condition.key in standing.guards.in_plan
            follows = "Its plan waits for your answer." if waits else _what_follows(condition, standing)
            return lines(f"🔴 <b>{what}: worse.</b>", why, follows)
        case _:
            return lines(f"🔴 <b>{what}</b>", why, _what_follows(condition, standing))


def title(condition: Condition) -> str:
    """A condition's name, as HTML."""
    subject = "" if condition.subject == "portfolio" else f": {name(condition.subject)}"
    return f"{RULE_NAMES[condition.rule]}{subject}"


def _whole_again(change: ConditionChange) -> str:
    """A stop that is off, or whose asset is none of the policy's any more, is over and not armed."""
    if change.condition.rule is not Rule.STOP_LOSS:
        return ""
    is_watched = change.reason.code in (ReasonCode.STOP_ARMED, ReasonCode.STOP_HIT)
    return "The stop is armed again, and the target is whole." if is_watched else "The target is whole."


def _what_follows(condition: Condition, standing: Standing) -> str:
    if condition.step in ANSWERED:
        return ANSWERED[condition.step]
    if condition.step is not Step.WANTED:
        return NO_PLAN.get(condition.rule, "You are told, and nothing is traded for it.")
    sells = _sells(condition)
    if standing.killed is not None:
        return f"{sells} No plan is made while the kill switch is pulled: /resume."
    if standing.pause is not None:
        return f"{sells} No plan is made while planning is paused: /resume."
    return f"{sells} A plan follows."


def _sells(condition: Condition) -> str:
    """What a plan will do, and what holds until then."""
    assets = ", ".join(name(asset) for asset in condition.assets)
    match condition.rule:
        case Rule.STOP_LOSS:
            sold = figures.percent(ONE - condition.keeps)
            return f"Sell {sold} of it into cash; until it is armed again none is bought."
        case Rule.DEPEG:
            return f"Sell {assets} for what is at its peg; none is bought meanwhile."
        case Rule.CORRELATION:
            return f"Keep {figures.percent(condition.keeps)} of the targets of {assets}, the rest in cash."
        case _:
            return "Bring it back to its target."


ANSWERED: Final = {
    Step.DONE: "A plan was carried out for it already; targets stay low until it is over.",
    Step.WAIVED: "You refused its plan: targets are as you set them, and nothing is asked until it is over.",
}
NO_PLAN: Final = {
    Rule.DAILY_LOSS: "You are told, and nothing is sold for it. Look before you approve anything.",
    Rule.STOP_LOSS: "Nothing is sold: the rule only tells you, or there is no cash target to sell into.",
    Rule.DEPEG: "Nothing is sold: the rule only tells you, or nothing at its peg is among your targets.",
}


def rearmed(fact: ev.GuardRearmed) -> Message:
    """A person armed a guard again."""
    mark = fact.mark
    start = (
        f" It is measured from {figures.price(mark.base)} now." if mark is not None and mark.base is not None else ""
    )
    what = f"{RULE_NAMES[fact.rule]}: {name(fact.subject)}"
    return Message(f"🛡 <b>{what} is armed again</b>, says {name(fact.name)}. Targets are whole.{start}", silent=True)


def signed(fact: ev.GuardSigned, frame: Frame) -> Message:
    """An owner lets a guard act."""
    signature = fact.signature
    up_to = figures.money(signature.up_to, frame.numeraire)
    return Message(
        f"✍️ <b>{RULE_NAMES[signature.rule]} may act by itself</b>, signed by {name(signature.name)}: its plans of up "
        f"to {up_to} are carried out without asking, and told. A changed policy must be signed anew; /risk takes it "
        "back.",
        ((RISK,),),
    )


def unsigned(fact: ev.GuardUnsigned) -> Message:
    """A standing approval was taken back."""
    return Message(f"✍️ <b>{RULE_NAMES[fact.rule]} asks again</b> before anything is traded, says {name(fact.name)}.")
