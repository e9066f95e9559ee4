"""What people type: each command parses, asks the engine, and gives back what is to be said. No Telegram in here."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from html import escape

from bot.chat.balances import BalanceTalk
from bot.chat.correlation_talk import CorrelationTalk
from bot.chat.guard_talk import GuardTalk
from bot.chat.import_talk import ImportTalk
from bot.chat.manners_talk import MannersTalk
from bot.chat.message import Message
from bot.chat.model_talk import ModelTalk
from bot.chat.payloads import PlanVerb
from bot.chat.render import answers, costs, health, plan_card, plans, portfolio, replies, why
from bot.chat.sandbox_talk import SandboxTalk
from bot.chat.services import Ask, ChatServices, Command, ReceivedFile, Replies
from bot.chat.tax_talk import TaxTalk
from engine.api import Answer, PlanState, extra_of, order_cost
from engine.model.events import Role
from engine.model.ids import PlanId
from engine.model.plan import plan_id

LONGEST_PAUSE_HOURS = Decimal(24 * 365)
PLANS_SHOWN = 10
PLANS_SEARCHED = 30
"""Among the orders of so many plans one is looked for."""
REVIVE = "trading"
"""The word that makes /resume lift the kill switch."""


class Commands:
    """Every command by its name; `bot.chat.render.replies` says what each does."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services
        self._engine = services.engine
        self._journal = services.journal
        self.balances = BalanceTalk(services)
        self.taxes = TaxTalk(services)
        self.imports = ImportTalk(services)
        self.guards = GuardTalk(services)
        self.manners = MannersTalk(services)
        self.sandbox = SandboxTalk(services.sandbox) if services.sandbox is not None else None
        self.models = ModelTalk(services)
        self.table: dict[str, Command] = {
            "start": self._start,
            "portfolio": self._portfolio,
            "drift": self._drift,
            "correlation": CorrelationTalk(services).correlation,
            "costs": self._costs,
            "trade": self._trade,
            "plan": self._plan,
            "plans": self._plans,
            "why": self._why,
            "rebalance": self._rebalance,
            "approve": self._approve,
            "reject": self._reject,
            "stop": self._stop,
            "pause": self._pause,
            "kill": self._kill,
            "resume": self._resume,
            "questions": self.balances.questions,
            "answer": self.balances.answer,
            "moved": self.balances.moved,
            "tax": self.taxes.tax,
            "lots": self.taxes.lots,
            "basis": self.taxes.basis,
            "import": self.imports.ask,
            "risk": self.guards.risk,
            "venues": self.guards.venues,
            "notify": self.manners.notify,
            "quiet": self.manners.quiet,
            "models": self.models.models,
            "health": self._health,
            "cancel": self._cancel,
            "whoami": self._whoami,
            "help": self._help,
        }
        if self.sandbox is not None:
            self.table["sandbox"] = self.sandbox.sandbox

    async def unknown(self, ask: Ask) -> Replies:
        """Anything that is no command of ours."""
        return (replies.unknown_words(" ".join(ask.words)),)

    async def received(self, ask: Ask, file: ReceivedFile) -> Replies:
        """A file that somebody sent, with its caption in the words: a history to be imported."""
        return await self.imports.received(ask, file)

    async def _start(self, ask: Ask) -> Replies:
        decision = await self._engine.look()
        greeting = replies.start(ask.person.name, self._engine.settings.mode)
        return greeting, portfolio.portfolio(decision, self._services.frame)

    async def _portfolio(self, _: Ask) -> Replies:
        decision = await self._engine.look()
        return (portfolio.portfolio(decision, self._services.frame),)

    async def _drift(self, _: Ask) -> Replies:
        decision = await self._engine.look()
        return (portfolio.drift(decision, self._services.frame),)

    async def _costs(self, _: Ask) -> Replies:
        known = (await self._journal.standing()).experience
        extra = partial(extra_of, known)
        return (costs.costs(known, extra, self._services.frame),)

    async def _trade(self, ask: Ask) -> Replies:
        """The order whose id begins so, among those of the newest plans."""
        found = [await self._journal.plan(summary.plan_id) for summary in await self._journal.plans(PLANS_SEARCHED)]
        states = [state for state in found if state is not None]
        frame = self._services.frame
        if not ask.words:
            return (costs.trades(states, frame),)
        wanted = ask.words[0].lower()
        meant = [(s, o) for s in states for o in s.orders if o.request.client_order_id.startswith(wanted)]
        if len(meant) != 1:
            return (costs.no_such_order(ask.words[0]),)
        state, order = meant[0]
        return (costs.trade(state, order, order_cost(state, order, self._engine.numeraire), frame),)

    async def _plan(self, ask: Ask) -> Replies:
        state = await self._plan_meant(ask)
        return (self._no_plan(ask) if state is None else self._card(state),)

    async def _plans(self, _: Ask) -> Replies:
        return (plans.plans_list(await self._journal.plans(PLANS_SHOWN), self._services.frame),)

    async def _why(self, ask: Ask) -> Replies:
        state = await self._plan_meant(ask)
        if state is None and ask.words:
            return (self._no_plan(ask),)
        if state is not None and (ask.words or not state.is_terminal):
            return why.why_plan(state, self._services.frame)
        decision = await self._engine.look()
        return (why.why_not(decision, self._services.frame),)

    async def _rebalance(self, _: Ask) -> Replies:
        """A plan's card comes by itself, as it does for every plan; why there is none must be said."""
        state = await self._journal.open_plan()
        if state is not None:
            return (self._card(state),)
        decision = await self._engine.rebalance()
        return () if decision.outcome.plan else (why.why_not(decision, self._services.frame),)

    async def _approve(self, ask: Ask) -> Replies:
        """Only by its id: a tap on the word in a list must not trade."""
        state = await self._plan_meant(ask)
        if state is None:
            return (self._no_plan(ask),)
        if not ask.words:
            return (self._card(state),)
        answer = await self._engine.approve(state.proposed.plan_id, state.proposed.digest, ask.person)
        return self._answered(answer, PlanVerb.APPROVE)

    async def _reject(self, ask: Ask) -> Replies:
        state = await self._plan_meant(ask)
        if state is None:
            return (self._no_plan(ask),)
        if not ask.words:
            return (self._card(state),)
        return self._answered(await self._engine.decline(state.proposed.plan_id, ask.person), PlanVerb.REJECT)

    async def _stop(self, ask: Ask) -> Replies:
        state = await self._journal.open_plan()
        if state is None:
            return (replies.nothing_to_stop(),)
        return self._answered(await self._engine.stop_plan(state.proposed.plan_id, ask.person), PlanVerb.STOP)

    async def _pause(self, ask: Ask) -> Replies:
        killed = (await self._journal.standing()).killed
        if killed is not None:
            return (replies.stopped_already(killed.since, self._services.frame),)
        hours = _hours(ask.words)
        if ask.words and hours is None:
            most = f"write /pause, or /pause 4 for four hours, {LONGEST_PAUSE_HOURS:,} at the most"
            return (replies.failed("Pausing", "the hours were not understood", most),)
        until = pause_end(self._services.clock.now(), hours)
        await self._engine.pause(ask.person, until)
        return (replies.paused_reply(until, self._services.frame),)

    async def _kill(self, ask: Ask) -> Replies:
        """The word to everyone says what was done; a second pull is answered by itself."""
        before = (await self._journal.standing()).killed
        await self._engine.kill(ask.person)
        return (replies.stopped_already(before.since, self._services.frame),) if before is not None else ()

    async def _resume(self, ask: Ask) -> Replies:
        """After the kill switch it takes a second word."""
        killed = (await self._journal.standing()).killed
        if killed is not None and ask.words[:1] != (REVIVE,):
            return (replies.revive_question(killed.since, self._services.frame),)
        if killed is not None:
            await self._engine.revive(ask.person)
            return ()
        await self._engine.resume(ask.person)
        return (replies.resumed_reply(),)

    async def _health(self, _: Ask) -> Replies:
        return (health.health(await self._services.health_view(), self._services.frame),)

    async def _cancel(self, _: Ask) -> Replies:
        return (replies.nothing_pending(),)

    async def _whoami(self, ask: Ask) -> Replies:
        return (replies.whoami_member(ask.person.id, ask.person.name, Role.OWNER.value),)

    async def _help(self, _: Ask) -> Replies:
        return (replies.help_page(with_sandbox=self.sandbox is not None),)

    async def _plan_meant(self, ask: Ask) -> PlanState | None:
        """The plan that is named, or the open one, or the newest."""
        if ask.words:
            named = ask.words[0].lower()
            return await self._journal.plan(PlanId(named) if "." in named else plan_id(named, 1))
        state = await self._journal.open_plan()
        if state is not None:
            return state
        newest = await self._journal.plans(1)
        return await self._journal.plan(newest[0].plan_id) if newest else None

    def _card(self, state: PlanState) -> Message:
        return plan_card.plan_card(state, self._services.frame, self._services.terms)

    def _no_plan(self, ask: Ask) -> Message:
        return replies.unknown_plan(ask.words[0]) if ask.words else replies.no_open_plan()

    def _answered(self, answer: Answer, verb: PlanVerb) -> Replies:
        """What a press is told in a toast; the plan's card shows the rest."""
        return (Message(escape(answers.plan_answer(answer, verb, self._services.frame, self._services.terms))),)


def _hours(words: tuple[str, ...]) -> Decimal | None:
    """The hours of `/pause 4` or `/pause 4h`."""
    try:
        hours = Decimal(words[0].lower().removesuffix("h")) if words else None
        # Not a number cannot be compared either.
        return hours if hours is not None and 0 < hours <= LONGEST_PAUSE_HOURS else None
    except InvalidOperation:
        return None


def pause_end(now: datetime, hours: Decimal | None) -> datetime | None:
    """When a pause of so many hours ends; None for one without an end."""
    return now + timedelta(seconds=int(hours * 3600)) if hours else None
