"""The guards as people see them: every one with what it watches, armed or the reason why not. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from bot.chat.guard_payloads import GuardPress, GuardVerb, guard_payload
from bot.chat.message import Button, Keyboard, Message, Style
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import ends, fitting, lines, paragraphs, table
from bot.chat.render.names import bare, cell, name
from bot.chat.render.operands import Operands
from bot.chat.render.reasons import sentence
from engine.model.conditions import Condition, Finding, Level, Step
from engine.model.guards import RISK_TARGETS, Rule, Stance
from engine.model.ids import VenueName
from engine.model.money import exact
from engine.model.reasons import ReasonCode

if TYPE_CHECKING:
    from engine.api import GuardView, Said

SUBJECT_COLUMNS: Final = 12
MOST_BUTTONS: Final = 6
RULE_NAMES: Final = {
    Rule.STOP_LOSS: "Stop-loss",
    Rule.DEPEG: "Stablecoins",
    Rule.CORRELATION: "Correlation",
    Rule.CONCENTRATION: "Concentration",
    Rule.DAILY_LOSS: "Day's loss",
    Rule.LIQUIDITY: "Liquidity",
    Rule.EXCHANGE_HEALTH: "Exchanges",
    Rule.DAILY_TURNOVER: "Day's turnover",
    Rule.PLAN_SIZE: "Size of a plan",
}
STANCES: Final = {
    Stance.OFF: "off",
    Stance.ALERT: "tells you",
    Stance.PROPOSE: "asks you",
    Stance.ACT: "acts",
}


@exact
def guards(view: GuardView, frame: Frame) -> Message:
    """Every guard: what it sees, what stands, and what is not armed and why."""
    return Message(fitting(lambda room: _text(view, frame, room)), _keyboard(view))


def _text(view: GuardView, frame: Frame, room: int) -> str:
    rules = [rule for rule in Rule if any(f.rule is rule for f in view.findings)]
    return paragraphs(
        f"🛡 <b>Guards</b> · {figures.moment(frame.now, frame)}",
        *(_rule(rule, view, frame, room) for rule in rules),
        "What stands in 🔴 lowers targets or waits for you. /risk rearm ASSET arms a stop again, from now's price.",
    )


def _rule(rule: Rule, view: GuardView, frame: Frame, room: int) -> str:
    found = [f for f in view.findings if f.rule is rule]
    standing = {c.subject: c for c in view.conditions if c.rule is rule}
    quiet = [
        f for f in found if f.level is not Level.UNARMED and f.subject not in standing and f.stance is not Stance.OFF
    ]
    unarmed = [
        f for f in found if f.level is Level.UNARMED and f.subject not in standing and f.stance is not Stance.OFF
    ]
    gone = [f for f in unarmed if f.reason.code is ReasonCode.NOT_HELD]
    told = [f for f in unarmed if f not in gone]
    off = [f for f in found if f.stance is Stance.OFF]
    rest = max(len(quiet) - room, 0) + max(len(told) - room, 0)
    return lines(
        f"<b>{RULE_NAMES[rule]}</b> · {_stance(rule, found, view)}",
        *(_standing(condition, frame) for condition in list(standing.values())[:room]),
        table(row for finding in quiet[:room] for row in _row(finding, frame)),
        *(f"⚪ {sentence(f.reason, frame)}" for f in told[:room]),
        f"⚪ {', '.join(name(f.subject) for f in gone[:room])}: not held." if gone else "",
        f"Off: {', '.join(name(f.subject) for f in off[:room])}." if off and len(off) < len(found) else "",
        f"and {figures.count(rest)} more" if rest else "",
    )


def _stance(rule: Rule, found: list[Finding], view: GuardView) -> str:
    stances = list(dict.fromkeys(f.stance for f in found))
    said = " / ".join(STANCES[stance] for stance in stances)
    if Stance.ACT not in stances or rule not in RISK_TARGETS:
        return said
    signed = next((s for s in view.signatures if s.rule is rule), None)
    if signed is None:
        return f"{said}, and is not signed: until then it asks you"
    return f"{said} up to {figures.amount(signed.up_to)}, signed by {name(signed.name)}"


def _standing(condition: Condition, frame: Frame) -> str:
    return f"🔴 {sentence(condition.reason, frame)} {_step(condition, frame)}"


def _step(condition: Condition, frame: Frame) -> str:
    kept = figures.percent(condition.keeps)
    match condition.step:
        case Step.WANTED if condition.rest_until is not None and frame.now < condition.rest_until:
            return f"Its plan was not answered; it comes again at {figures.moment(condition.rest_until, frame)}."
        case Step.WANTED:
            return "Its plan waits for you, or is about to be made."
        case Step.DONE:
            return (
                f"Its plan was carried out; {kept} of the target is kept." if condition.assets else "It was acted on."
            )
        case Step.WAIVED:
            return "You refused its plan: it is silent until it is armed again."
        case Step.NONE:
            return ""


def _row(finding: Finding, frame: Frame) -> list[str]:
    shown = SHORT.get(finding.reason.code)
    right = shown(Operands(finding.reason, frame)) if shown is not None else finding.level.value
    return ends(cell(finding.subject, SUBJECT_COLUMNS), right)


def _stop(o: Operands) -> str:
    price, stop = o.number("price"), o.number("stop")
    if price is None or stop is None or not price:
        return "armed"
    return f"{figures.price(stop)}, {figures.percent((price - stop) / price)} away"


def _limit(o: Operands, value: str, limit: str, shown: Callable[[Decimal], str]) -> str:
    return f"{o.figure(value, shown)} of {o.figure(limit, shown)}"


def _least(o: Operands, value: str, limit: str, shown: Callable[[Decimal], str]) -> str:
    return f"{o.figure(value, shown)}, least {o.figure(limit, shown)}"


def _over(o: Operands) -> str:
    weight, target = o.number("weight"), o.number("target")
    if weight is None or target is None:
        return ""
    return f"{figures.points(weight - target)} of {o.figure('points', figures.threshold_points)}"


SHORT: Final[dict[ReasonCode, Callable[[Operands], str]]] = {
    ReasonCode.STOP_ARMED: _stop,
    ReasonCode.STOP_HIT: lambda _: "at its stop",
    ReasonCode.AT_PEG: lambda o: _limit(o, "off_bps", "limit_bps", figures.bps),
    ReasonCode.DEPEGGED: lambda o: _limit(o, "off_bps", "limit_bps", figures.bps),
    ReasonCode.CONCENTRATED: _over,
    ReasonCode.NOT_CONCENTRATED: _over,
    ReasonCode.BETS_FEW: lambda o: _least(o, "bets", "limit", figures.correlation),
    ReasonCode.BETS_ENOUGH: lambda o: _least(o, "bets", "limit", figures.correlation),
    ReasonCode.EXIT_SLOW: lambda o: f"{_limit(o, 'days', 'limit', figures.amount)} days",
    ReasonCode.EXIT_QUICK: lambda o: f"{_limit(o, 'days', 'limit', figures.amount)} days",
    ReasonCode.MARKET_AT_EASE: lambda _: "as usual",
    ReasonCode.MARKET_STRAINED: lambda _: "strained",
    ReasonCode.AVERAGE_CORRELATION_HIGH: lambda o: _limit(o, "average", "limit", figures.correlation),
    ReasonCode.AVERAGE_CORRELATION_USUAL: lambda o: _limit(o, "average", "limit", figures.correlation),
    ReasonCode.PAIR_CORRELATION_HIGH: lambda o: _limit(o, "correlation", "limit", figures.correlation),
    ReasonCode.PAIR_CORRELATION_USUAL: lambda o: _limit(o, "correlation", "limit", figures.correlation),
    ReasonCode.BETS_FEW: lambda o: _limit(o, "bets", "limit", figures.correlation),
    ReasonCode.BETS_ENOUGH: lambda o: _limit(o, "bets", "limit", figures.correlation),
    ReasonCode.LOST_IN_A_DAY: lambda o: _limit(o, "loss", "limit", figures.percent),
    ReasonCode.NOT_LOST_IN_A_DAY: lambda o: _limit(o, "loss", "limit", figures.percent),
    ReasonCode.VENUE_JUDGED: lambda o: f"{o.text('health')}, {o.text('score')} of 100",
    ReasonCode.DAILY_TURNOVER_CAP: lambda o: f"{o.money('room')} left",
    ReasonCode.PLAN_SIZE_CAP: lambda o: o.money("cap"),
}


def _keyboard(view: GuardView) -> Keyboard:
    rows = [[button] for button in _buttons(view)]
    return tuple(tuple(row) for row in rows[:MOST_BUTTONS])


def _buttons(view: GuardView) -> Iterator[Button]:
    for condition in view.conditions:
        payload = guard_payload(GuardVerb.REARM, condition.rule, condition.subject)
        if payload and condition.step is not Step.NONE:
            yield Button(f"Arm again: {bare(condition.subject, SUBJECT_COLUMNS)}", payload)
    acting = {f.rule for f in view.findings if f.stance is Stance.ACT} & RISK_TARGETS
    signed = {s.rule for s in view.signatures}
    for rule in sorted(acting | signed):
        verb = GuardVerb.UNSIGN if rule in signed else GuardVerb.SIGN
        label = f"Ask again: {RULE_NAMES[rule]}" if rule in signed else f"Sign: {RULE_NAMES[rule]}"
        payload = guard_payload(verb, rule)
        if payload and (rule in signed or view.act_up_to):
            yield Button(label, payload, Style.PLAIN if rule in signed else Style.DANGER)


def said(answer: Said, press: GuardPress) -> str:
    """What became of a person's word to a guard. Plain text: it is shown as a toast too."""
    what = f"{RULE_NAMES[press.rule]}{f': {bare(press.subject)}' if press.subject else ''}"
    done = {
        GuardVerb.REARM: f"{what} is armed again.",
        GuardVerb.SIGN: f"{what} may act by itself now, up to what the policy says.",
        GuardVerb.UNSIGN: f"{what} asks you again before anything is traded.",
    }
    words = {
        "not_halted": f"{what}: nothing is to be done.",
        "done": done[press.verb],
        "nothing_to_do": f"{what}: nothing is to be done.",
        "unknown": f"{what}: it is not watched. /risk lists what is.",
        "no_price": f"{what}: there is no price now to measure from. Try again in a minute.",
        "not_to_act": f'{what}: the policy does not let it act. Write stance = "act" for it first.',
        "no_cap": f"{what}: write risk.act_up_to into the policy first, the most that its plans may trade.",
        "moved_on": f"{what}: something changed at the same moment. Look at /risk and try again.",
    }
    return words[answer.value]


def said_of_venue(answer: Said, venue: VenueName) -> str:
    """What became of a person's word on a halted venue. Plain text: it is shown as a toast too."""
    who = bare(venue)
    words = {
        "done": f"{who} is used again.",
        "not_halted": f"{who} is not halted.",
        "unknown": f"Nothing is known of {who} yet. Try again in a minute.",
    }
    return words.get(answer.value, f"{who}: something changed at the same moment. Look at /venues and try again.")
