"""What people type: each command parses, asks the engine, and gives back what is to be said. No Telegram in here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation

from bot.chat.message import Message
from bot.chat.render import answers, health, plan_card, plans, portfolio, texts, why
from engine.api import Answer, AnswerKind, Clock, Engine, Journal, Person, PlanState
from engine.model.ids import Digest, PlanId

LONGEST_PAUSE_HOURS = Decimal(24 * 365)
PLANS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Ask:
    """A command as it was sent."""

    person: Person
    words: tuple[str, ...] = ()


Replies = tuple[Message, ...]
Command = Callable[[Ask], Awaitable[Replies]]


@dataclass(frozen=True, slots=True)
class ChatServices:
    """What commands and presses work with."""

    engine: Engine
    journal: Journal
    clock: Clock
    zone: tzinfo
    health_view: Callable[[], Awaitable[health.HealthView]]

    @property
    def frame(self) -> Frame:
        """What every message is written for, now."""
        return Frame(self.clock.now(), self.zone, self.engine.numeraire or Asset(""))

    @property
    def terms(self) -> Terms:
        """What the policy adds to every plan."""
        return terms_of(self.engine.settings.policy)


class Commands:
    """Every command by its name: `table` is also the menu that people see."""

    def __init__(self, services: ChatServices) -> None:
        self._engine = services.engine
        self._journal = services.journal
        self._clock = services.clock
        self._zone = services.zone
        self._health_view = services.health_view
        self.table: dict[str, Command] = {
            "start": self._start,
            "portfolio": self._portfolio,
            "drift": self._drift,
            "plan": self._plan,
            "plans": self._plans,
            "why": self._why,
            "rebalance": self._rebalance,
            "approve": self._approve,
            "reject": self._reject,
            "pause": self._pause,
            "resume": self._resume,
            "health": self._health,
            "cancel": self._cancel,
            "whoami": self._whoami,
            "help": self._help,
        }

    async def unknown(self, ask: Ask) -> Replies:
        """Anything that is no command of ours."""
        return (texts.unknown(ask.words[0] if ask.words else "", tuple(self.table)),)

    async def _start(self, ask: Ask) -> Replies:
        decision = await self._engine.look()
        return texts.start(ask.person.name, self._engine.settings.mode), portfolio.portfolio(decision, self._zone)

    async def _portfolio(self, _: Ask) -> Replies:
        return (portfolio.portfolio(await self._engine.look(), self._zone),)

    async def _drift(self, _: Ask) -> Replies:
        return (portfolio.drift(await self._engine.look(), self._zone),)

    async def _plan(self, ask: Ask) -> Replies:
        state = await self._plan_meant(ask)
        if state is None:
            return (texts.no_plan(),)
        return (plan_card.plan_card(state, self._clock.now(), self._zone),)

    async def _plans(self, _: Ask) -> Replies:
        return (plans.plans_list(await self._journal.plans(PLANS_SHOWN), self._zone),)

    async def _why(self, ask: Ask) -> Replies:
        state = await self._plan_meant(ask)
        if state is not None and (ask.words or not state.is_terminal):
            return why.why_plan(state)
        return (why.why_not(await self._engine.look()),)

    async def _rebalance(self, _: Ask) -> Replies:
        decision = await self._engine.rebalance()
        if decision.outcome.plan is not None:
            # The card comes by itself: it is announced like every plan.
            return ()
        return (why.why_not(decision),)

    async def _approve(self, ask: Ask) -> Replies:
        state = await self._plan_meant(ask)
        if state is None:
            return (texts.no_plan(),)
        return self._answered(await self.approve(state.proposed.plan_id, state.proposed.digest, ask.person))

    async def _reject(self, ask: Ask) -> Replies:
        state = await self._plan_meant(ask)
        if state is None:
            return (texts.no_plan(),)
        return self._answered(await self._engine.decline(state.proposed.plan_id, ask.person))

    async def approve(self, plan: PlanId, digest: Digest, person: Person) -> Answer:
        """Count an approval: the one way for buttons and commands."""
        return await self._engine.approve(plan, digest, person)

    async def _pause(self, ask: Ask) -> Replies:
        hours = _hours(ask.words)
        if ask.words and hours is None:
            return (texts.pause_usage(),)
        until = pause_end(self._clock.now(), hours)
        await self._engine.pause(ask.person, until)
        return (texts.paused(until, self._clock.now(), self._zone),)

    async def _resume(self, ask: Ask) -> Replies:
        await self._engine.resume(ask.person)
        return (texts.resumed(),)

    async def _health(self, _: Ask) -> Replies:
        return (health.health_message(await self._health_view(), self._zone),)

    async def _cancel(self, _: Ask) -> Replies:
        return (texts.nothing_to_cancel(),)

    async def _whoami(self, ask: Ask) -> Replies:
        return (texts.whoami(ask.person.id),)

    async def _help(self, _: Ask) -> Replies:
        return (texts.help_text(),)

    async def _plan_meant(self, ask: Ask) -> PlanState | None:
        """The plan that is named, or the open one, or the newest."""
        if ask.words:
            return await self._journal.plan(PlanId(ask.words[0] if "." in ask.words[0] else f"{ask.words[0]}.1"))
        state = await self._journal.open_plan()
        if state is not None:
            return state
        newest = await self._journal.plans(1)
        return await self._journal.plan(newest[0].plan_id) if newest else None

    def _answered(self, answer: Answer) -> Replies:
        """What was done shows on the plan's card; only what was not done needs words."""
        if answer.kind is AnswerKind.DONE:
            return ()
        return (Message(answers.answer(answer, self._clock.now(), self._zone)),)


def _hours(words: tuple[str, ...]) -> Decimal | None:
    """The hours of `/pause 4` or `/pause 4h`."""
    try:
        hours = Decimal(words[0].lower().removesuffix("h")) if words else None
    except InvalidOperation:
        return None
    return hours if hours is not None and 0 < hours <= LONGEST_PAUSE_HOURS else None


def pause_end(now: datetime, hours: Decimal | None) -> datetime | None:
    """When a pause of so many hours ends; None for one without an end."""
    return now + timedelta(seconds=int(hours * 3600)) if hours else None
