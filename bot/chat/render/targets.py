"""Targets that follow the market: the card of a proposal, what became of it, and what the model says now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from bot.chat.message import Button, Message, Style
from bot.chat.model_payloads import TargetsVerb, targets_payload
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import columns, fitting, lines, listed, paragraphs, table
from bot.chat.render.names import bare, cell, name
from bot.chat.render.reasons import sentence
from engine.model import events as ev
from engine.model.money import ZERO, exact
from engine.model.policy import TriggerKind
from engine.model.reasons import Reason
from engine.model.target_changes import ModelOutcome, NamedWeights, ShadowLine, ShadowRecord, TargetChange
from engine.model.target_models import ModelKind, ModelStance, TargetModel

if TYPE_CHECKING:
    from engine.api import TargetsAnswer

NAME_COLUMNS: Final = 11
FIGURE_COLUMNS: Final = 7
RECORD_COLUMNS: Final = 9
KINDS: Final[dict[ModelKind, str]] = {
    ModelKind.VOLATILITY_REGIME: "volatility regime",
    ModelKind.VOLATILITY_TARGET: "volatility target",
    ModelKind.RISK_PARITY: "risk parity",
    ModelKind.MOMENTUM: "momentum",
    ModelKind.ACCUMULATION: "accumulation",
    ModelKind.SIGNALS: "signals",
}
STANCES: Final[dict[ModelStance, str]] = {
    ModelStance.OFF: "off",
    ModelStance.SHADOW: "shadow: it keeps a record, and changes nothing",
    ModelStance.PROPOSE: "propose: you are asked before targets change",
    ModelStance.AUTO: "auto: targets change without asking, and you are told",
}
ADOPT_TRADES_NOTHING: Final = "Adopt changes the targets and trades nothing by itself: "
BY_ITS_CHANGE: Final = "a plan towards them follows, and is asked for like any other."
BY_ITS_TRIGGER: Final = "your limits and dates call for plans towards them, which are asked for like any other."


@exact
def proposed(change: TargetChange, frame: Frame, trigger: TriggerKind) -> Message:
    """The card that asks for other targets."""
    keyboard = (
        (
            Button("✅ Adopt", targets_payload(TargetsVerb.ADOPT, change.id), Style.SUCCESS),
            Button("Keep as they are", targets_payload(TargetsVerb.KEEP, change.id)),
        ),
    )
    return Message(fitting(lambda room: _card(change, frame, "🎯 <b>Other targets?</b>", room, trigger)), keyboard)


@exact
def adopted(fact: ev.TargetsAdopted, frame: Frame, trigger: TriggerKind) -> Message:
    """The targets are others now."""
    by = name(fact.name)
    return Message(fitting(lambda room: _card(fact.change, frame, f"🎯 <b>Other targets</b>, by {by}", room, trigger)))


@exact
def kept(fact: ev.TargetsKept, frame: Frame) -> Message:
    """A person wants the targets to stay."""
    return Message(
        lines(
            f"🎯 <b>The targets stay as they are</b>, says {name(fact.name)}.",
            f"Nothing like what {KINDS[fact.change.kind]} asked for on {_day(fact.change, frame)} is proposed again "
            "for two weeks. /models shows what it says.",
        )
    )


@exact
def lapsed(fact: ev.TargetsLapsed, frame: Frame) -> Message:
    """A proposal that nobody answered and that does not hold any more."""
    why = "Another one takes its place." if fact.is_replaced else "It is not called for any more."
    return Message(
        f"🎯 <b>Other targets were proposed</b> on {_day(fact.change, frame)}, and nobody answered. {why}", silent=True
    )


@exact
def dropped(fact: ev.TargetsDropped) -> Message:
    """Another policy: its static targets count."""
    shown = ", ".join(f"{name(n)} {figures.percent(weight)}" for n, weight in fact.adopted[:6])
    return Message(f"🎯 <b>Your policy has changed: its own targets hold again</b>, instead of {shown}.")


def answer(said: TargetsAnswer, frame: Frame) -> str:
    """What became of a press, as plain text for a toast."""
    standing = said.standing
    match said.kind.value:
        case "adopted":
            return "Adopted. Plans lead to these targets from now on."
        case "kept":
            return "The targets stay as they are. Nothing like it is proposed for two weeks."
        case _ if standing.asked is not None:
            return "This proposal is out of date: another one waits for your word below. /models shows it."
        case _ if standing.adopted is not None:
            at = figures.moment(standing.adopted.since, frame)
            return f"Nothing waits for your word: other targets hold since {at}, by {bare(standing.adopted.by, 30)}."
        case _:
            return "Nothing waits for your word: the targets of your policy hold."


@exact
def models(
    outcome: ModelOutcome | None, model: TargetModel, record: ShadowRecord, asked: TargetChange | None, frame: Frame
) -> Message:
    """To /models: what the model says now, its bounds, and its record."""
    if outcome is None:
        return Message(
            "🎯 <b>Targets are static.</b> No model changes them. <code>[model]</code> in the configuration names one; "
            'begin with <code>stance = "shadow"</code>, which changes nothing and keeps a record.'
        )
    html = fitting(lambda room: _models_text(outcome, model, record, frame, room))
    if asked is None:
        return Message(html)
    again = f"A proposal of {_day(asked, frame)} waits for your word:"
    keyboard = (
        (
            Button("✅ Adopt", targets_payload(TargetsVerb.ADOPT, asked.id), Style.SUCCESS),
            Button("Keep as they are", targets_payload(TargetsVerb.KEEP, asked.id)),
        ),
    )
    return Message(paragraphs(html, lines(again, _before_after(asked.before, asked.after, "asked"))), keyboard)


def _models_text(outcome: ModelOutcome, model: TargetModel, record: ShadowRecord, frame: Frame, room: int) -> str:
    says = "<b>What it says now</b>" if outcome.wants else "<b>It cannot tell now, and changes nothing</b>"
    return paragraphs(
        lines(
            f"🎯 <b>Targets by {KINDS[outcome.kind]}</b>, {model.every}",
            f"Stance {STANCES[outcome.stance]}.",
        ),
        lines(says, *listed([sentence(reason, frame) for reason in outcome.reasons], room)),
        _bounded(outcome, model),
        f"At most {figures.threshold_points(model.max_step)} a change; none of under "
        f"{figures.threshold_points(model.min_change)}, and none within {figures.span(model.rest)} of the last.",
        _record(record, frame) if outcome.stance is ModelStance.SHADOW or record.days else "",
    )


def _bounded(outcome: ModelOutcome, model: TargetModel) -> str:
    """Weights now and as the model wants them, with their bounds."""
    wants, rows = dict(outcome.wants), columns("%", ("now", "wants", "bounds"), FIGURE_COLUMNS)
    for target, weight in outcome.present:
        bound = model.bound(target)
        wanted = figures.percent_digits(wants[target]) if target in wants else "?"
        span = f"{_whole(bound.least)}-{_whole(bound.most)}"
        rows += columns(cell(target, NAME_COLUMNS), (figures.percent_digits(weight), wanted, span), FIGURE_COLUMNS)
    return table(rows)


@exact
def _whole(weight: Decimal) -> str:
    return figures.whole_percent(weight).removesuffix(" %")


def _record(record: ShadowRecord, frame: Frame) -> str:
    if record.since is None or not record.days:
        return "<b>The record</b> begins with the first date, and tells something from the second on."
    rows = columns("", ("static", "model"), RECORD_COLUMNS)
    rows += columns("made", (_made(record.static), _made(record.model)), RECORD_COLUMNS)
    turned = tuple(figures.whole_percent(line.turnover) for line in (record.static, record.model))
    rows += columns("traded", turned, RECORD_COLUMNS)
    left_out = record.left_out
    return lines(
        f"<b>The record</b>, {figures.count(record.days, 'day')} since {figures.day(record.since.date(), frame)}",
        table(rows),
        f"Both rebalanced on every date at daily closes, for {figures.percent(record.fee)} of what is traded, without "
        "spread and tax. Weeks are not years: this shows what it does, not whether it pays.",
        f"{figures.count(left_out, 'span')} without prices left out." if left_out else "",
    )


def _made(line: ShadowLine) -> str:
    return f"{figures.relative_digits(line.value - 1)} %"


def _card(change: TargetChange, frame: Frame, title: str, room: int, trigger: TriggerKind) -> str:
    follows = BY_ITS_CHANGE if trigger is TriggerKind.CALENDAR else BY_ITS_TRIGGER
    return paragraphs(
        lines(title, f"{KINDS[change.kind].capitalize()} asks for them, on {_day(change, frame)}."),
        _before_after(change.before, change.after, "new"),
        lines("<b>Why</b>", *_why(change.reasons, frame, room)),
        f"{ADOPT_TRADES_NOTHING}{follows}" if title.endswith("?</b>") else follows.capitalize(),
    )


def _why(reasons: Sequence[Reason], frame: Frame, room: int) -> list[str]:
    return listed([sentence(reason, frame) for reason in reasons], room)


def _before_after(before: NamedWeights, after: NamedWeights, new: str) -> str:
    """Per name: the weight, the new one, and by how much it differs."""
    known, rows = dict(before), columns("%", ("now", new, "change"), FIGURE_COLUMNS)
    for target, weight in after:
        was = known.get(target, ZERO)
        shown = (figures.percent_digits(was), figures.percent_digits(weight), figures.points_digits(weight - was))
        rows += columns(cell(target, NAME_COLUMNS), shown, FIGURE_COLUMNS)
    return table(rows)


def _day(change: TargetChange, frame: Frame) -> str:
    return figures.day(change.date.astimezone(frame.zone).date(), frame)
