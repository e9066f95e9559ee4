"""What the bot says about itself: the greeting, the commands, who somebody is, and replies to what it cannot do."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.chat.message import Button, Message, Style
from bot.chat.payloads import ViewVerb, view_payload
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import lines, paragraphs
from bot.chat.render.names import name, problem
from bot.chat.render.plan_parts import PLATES
from engine.model.events import Mode
from engine.model.ids import UserId


class Topic(StrEnum):
    """What a command is about."""

    LOOK = "Look"
    PLAN = "Plan and approve"
    CONTROL = "Control"
    ABOUT = "About"


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the chat. Those `in_menu` are offered by Telegram's own menu."""

    word: str
    does: str
    topic: Topic
    argument: str = ""
    in_menu: bool = True


COMMANDS: Final = (
    Command("portfolio", "value, weights, holdings", Topic.LOOK),
    Command("drift", "drift against its limits", Topic.LOOK),
    Command("risk", "every guard, armed or why not", Topic.LOOK),
    Command("venues", "how far each venue can be relied on", Topic.LOOK),
    Command("correlation", "how far your coins move together", Topic.LOOK, "dark"),
    Command("costs", "what trades cost, beside the estimates", Topic.LOOK),
    Command("trade", "the newest orders, or one with its fills", Topic.LOOK, "id"),
    Command("tax", "a year's gains, income and estimated tax", Topic.LOOK, "year"),
    Command("lots", "what is held, what it cost, since when", Topic.LOOK, "asset"),
    Command("models", "targets that follow the market, and their record", Topic.LOOK),
    Command("plan", "the open plan, or one by its id", Topic.PLAN, "id"),
    Command("plans", "past plans", Topic.PLAN),
    Command("rebalance", "ask for a plan now; nothing trades unapproved", Topic.PLAN),
    Command("why", "why there is a plan, or none", Topic.PLAN),
    Command("approve", "approve the plan of that id, without its button", Topic.PLAN, "id", in_menu=False),
    Command("reject", "reject the plan of that id, without its button", Topic.PLAN, "id", in_menu=False),
    Command("pause", "no new plans, for so many hours or until resumed", Topic.CONTROL, "hours"),
    Command("resume", "plan again, and go on with a paused plan", Topic.CONTROL),
    Command("kill", "stop everything at once, until /resume", Topic.CONTROL),
    Command("stop", "stop the plan under way", Topic.CONTROL),
    Command("questions", "changes to explain, and what is on its way", Topic.CONTROL),
    Command("answer", "explain a change without its button", Topic.CONTROL, "id word", in_menu=False),
    Command("moved", "tell of money that comes, goes or moves", Topic.CONTROL, "500 USDT to venue", in_menu=False),
    Command("import", "bring in what came before, from a file or a venue", Topic.CONTROL, "venue"),
    Command("basis", "tell what a lot of unknown cost did cost", Topic.CONTROL, "id amount date", in_menu=False),
    Command("notify", "how loudly I tell what; choose it", Topic.CONTROL, "kind loudness"),
    Command("quiet", "hours in which nothing makes a sound", Topic.CONTROL, "22:30 07:00"),
    Command("cancel", "forget the question that I asked", Topic.CONTROL, in_menu=False),
    Command("health", "how venues, database and chat are doing", Topic.ABOUT),
    Command("whoami", "your id and what you may do", Topic.ABOUT),
    Command("help", "this list", Topic.ABOUT),
    Command("start", "who I am", Topic.ABOUT, in_menu=False),
)
SANDBOX: Final = Command("sandbox", "let things happen in the sandbox", Topic.ABOUT, "event")
"""There only where a sandbox is traded on."""


def commands(*, with_sandbox: bool) -> tuple[Command, ...]:
    """Every command that is there."""
    return (*COMMANDS, SANDBOX) if with_sandbox else COMMANDS


def menu(*, with_sandbox: bool = False) -> tuple[tuple[str, str], ...]:
    """Commands with what they do, for Telegram's own menu."""
    there = commands(with_sandbox=with_sandbox)
    return tuple((command.word, command.does) for command in there if command.in_menu)


def start(who: str, mode: Mode) -> Message:
    """The greeting of a member."""
    return Message(
        paragraphs(
            f"👋 Hello {name(who)}.",
            "I keep your crypto portfolio in balance. I watch it, propose a plan when it drifts, "
            "and trade only what you approve.",
            PLATES[mode],
            lines(
                "/portfolio shows where you stand.",
                "/drift shows how far that is from your targets.",
                "/rebalance asks for a plan now.",
            ),
        ),
        ((Button("Portfolio", view_payload(ViewVerb.PORTFOLIO)), Button("Drift", view_payload(ViewVerb.DRIFT))),),
    )


def help_page(*, with_sandbox: bool = False) -> Message:
    """Every command, grouped."""
    there = commands(with_sandbox=with_sandbox)
    groups = [
        lines(f"<b>{topic}</b>", *(_usage(command) for command in there if command.topic is topic)) for topic in Topic
    ]
    return Message(paragraphs("📖 <b>What I understand</b>", *groups))


def _usage(command: Command) -> str:
    argument = f" <i>{command.argument}</i>" if command.argument else ""
    return f"/{command.word}{argument}: {command.does}"


def whoami_member(user: UserId, who: str, role: str) -> Message:
    """What a member is to the bot."""
    return Message(f"You are <b>{name(who)}</b>, {name(role)} of this bot. Your id is <code>{user}</code>.")


def whoami_stranger(user: UserId) -> Message:
    """All that a stranger is ever told."""
    return Message(f"Your id is <code>{user}</code>.")


def unknown_words(text: str) -> Message:
    """A reply to something that is no command: the nearest one, where there is one."""
    word = text.strip().split(maxsplit=1)[0].lstrip("/").partition("@")[0].lower() if text.strip() else ""
    near = difflib.get_close_matches(word, [command.word for command in COMMANDS], n=1)
    guess = f"Did you mean /{near[0]}? " if near and near[0] != "help" else ""
    return Message(f"I do not understand “{name(text)}”. {guess}/help lists what I do.")


def paused_reply(until: datetime | None, frame: Frame) -> Message:
    """To the person who paused planning."""
    how_long = f"until {figures.moment(until, frame)}" if until else "until you say /resume"
    resume = Button("▶ Resume", view_payload(ViewVerb.RESUME))
    return Message(f"⏸ No new plans {how_long}. A plan under way goes on; /stop ends it.", ((resume,),))


def resumed_reply() -> Message:
    """To the person who resumed planning."""
    return Message("▶️ Planning goes on.")


def revive_question(since: datetime, frame: Frame) -> Message:
    """To /resume after the kill switch: a second word is asked for."""
    revive = Button("▶ Trade again", view_payload(ViewVerb.REVIVE), Style.DANGER)
    return Message(
        f"🛑 Everything is stopped since {figures.moment(since, frame)}. Shall trading begin again? Plans will be made "
        "and asked about as before. Press the button, or write /resume trading.",
        ((revive,),),
    )


def nothing_pending() -> Message:
    """To /cancel where no answer is waited for."""
    return Message("There is nothing to cancel: I have not asked you anything.")


def nothing_to_stop() -> Message:
    """To /stop where no plan is under way."""
    return Message("No plan is under way: there is nothing to stop. /pause keeps new plans from being made.")


def no_open_plan() -> Message:
    """To /plan where none is open."""
    why = Button("Drift", view_payload(ViewVerb.DRIFT))
    return Message("No plan is open. /why says why, /rebalance asks for one.", ((why,),))


def unknown_plan(named: str) -> Message:
    """To a command that names a plan which is not there."""
    return Message(f"No plan has the id “{name(named)}”. /plans lists them.")


def stopped_already(since: datetime, frame: Frame) -> Message:
    """To /kill and /pause while the kill switch is pulled."""
    return Message(
        f"🛑 Everything is stopped already, since {figures.moment(since, frame)}: nothing is planned or sent. /resume "
        "asks whether to begin again."
    )


def failed(what: str, why: str, what_next: str) -> Message:
    """Something did not work, why, and what happens next. `what` and `what_next` are ours, `why` is from outside."""
    return Message(f"⚠️ {name(what, 80)} failed: {problem(why)}.\nWhat happens next: {name(what_next, 200)}.")
