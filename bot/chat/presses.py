"""What people press. A press names one version of one plan; whatever the card shows, the journal decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.chat.announce import card_key
from bot.chat.balances import FORGOTTEN
from bot.chat.commands import REVIVE, Commands
from bot.chat.guard_payloads import parse_guard
from bot.chat.manner_payloads import MannersPress, parse_manners
from bot.chat.message import Message
from bot.chat.model_payloads import parse_targets
from bot.chat.payloads import (
    SNOOZE,
    ForgetPress,
    PlanLook,
    PlanPress,
    PlanVerb,
    PlanView,
    SaidPress,
    ViewPress,
    ViewVerb,
    WherePress,
    parse,
)
from bot.chat.render import answers, plan_card, why
from bot.chat.sandbox_events import parse_event
from bot.chat.services import Ask, ChatServices
from bot.chat.tax_payloads import ExportPress, ImportPress, LotsLook, TaxLook, TaxPress, parse_tax
from engine.api import Answer, Person
from engine.model.ids import PlanId


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a button was pressed."""

    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Pressed:
    """The answer to a press: a short word, what the pressed message becomes, and what is said beside it."""

    toast: str = ""
    becomes: Message | None = None
    says: tuple[Message, ...] = ()


class Presses:
    """Answers presses."""

    def __init__(self, services: ChatServices, commands: Commands) -> None:
        self._services = services
        self._commands = commands

    def answers_later(self, payload: str) -> bool:
        """Whether a press asks for a look at the venues: it is acknowledged before that, as it has no toast."""
        return isinstance(parse(payload), ViewPress)

    async def press(self, payload: str, person: Person, spot: Spot | None = None) -> Pressed:
        """Do what a button asks for. A payload that none of our buttons carried does nothing, and says so.

        `spot` is where the button was; what stands there and is not the plan's own card does not follow the plan.
        """
        pressed = parse(payload)
        if isinstance(pressed, PlanPress):
            return await self._answered(pressed.verb, await self._say(pressed, person), spot)
        if isinstance(pressed, PlanLook):
            return await self._look_at(pressed)
        if isinstance(pressed, ViewPress):
            return await self._on_view(pressed, person)
        if isinstance(pressed, SaidPress | WherePress | ForgetPress):
            toast = await self._commands.balances.press(pressed, person)
            forgotten = isinstance(pressed, ForgetPress) and toast == FORGOTTEN
            return Pressed(toast, Message(f"🗑 {FORGOTTEN}") if forgotten else None)
        if guard := parse_guard(payload):
            return Pressed(await self._commands.guards.press(guard, person))
        chosen = parse_manners(payload)
        if chosen is not None:
            return await self._on_manners(chosen, person)
        event, sandbox = parse_event(payload), self._commands.sandbox
        if event is not None and sandbox is not None:
            return Pressed(says=(await sandbox.cause(event),))
        on_targets = parse_targets(payload)
        if on_targets is not None:
            return Pressed(await self._commands.models.press(on_targets, person))
        return await self._on_tax(parse_tax(payload), person)

    async def _on_manners(self, pressed: MannersPress, person: Person) -> Pressed:
        toast, card = await self._commands.manners.press(pressed, person)
        return Pressed(toast, card)

    async def _on_tax(self, pressed: TaxPress | None, person: Person) -> Pressed:
        taxes = self._commands.taxes
        match pressed:
            case TaxLook() | LotsLook():
                return Pressed(becomes=await taxes.look(pressed))
            case ExportPress():
                return Pressed(says=await taxes.export(pressed))
            case ImportPress():
                return Pressed(becomes=await self._commands.imports.decide(pressed, person))
            case None:
                return Pressed(answers.UNKNOWN_BUTTON)

    async def _say(self, press: PlanPress, person: Person) -> Answer:
        engine = self._services.engine
        match press.verb:
            case PlanVerb.APPROVE:
                return await engine.approve(press.plan, press.digest, person)
            case PlanVerb.STOP:
                return await engine.stop_plan(press.plan, person)
            case PlanVerb.GONE:
                return await engine.give_up_order(press.plan, press.digest, person)
            case PlanVerb.PAUSE:
                return await engine.hold_plan(press.plan, person, on=True)
            case PlanVerb.RESUME:
                return await engine.hold_plan(press.plan, person, on=False)
            case PlanVerb.SNOOZE:
                return await engine.decline(press.plan, person, self._services.clock.now() + SNOOZE)
            case PlanVerb.REJECT:
                return await engine.decline(press.plan, person)

    async def _answered(self, verb: PlanVerb, answer: Answer, spot: Spot | None) -> Pressed:
        """Say what became of the press. The card of a plan that lives on is the outbox's: two hands would race."""
        frame, terms = self._services.frame, self._services.terms
        toast, plan = answers.plan_answer(answer, verb, frame, terms), answer.plan
        if plan is not None and plan.is_terminal:
            return Pressed(toast, plan_card.plan_card(plan, frame, terms))
        # The question about a lost order is no copy, but a message of its own: the outbox's too.
        spot = None if verb is PlanVerb.GONE else spot
        if plan is not None and spot is not None and await self._is_a_copy(plan.proposed.plan_id, spot):
            return Pressed(toast, plan_card.copy_of_card(plan, toast))
        return Pressed(toast)

    async def _is_a_copy(self, plan: PlanId, spot: Spot) -> bool:
        card = await self._services.journal.card(card_key(plan), spot.chat_id)
        return card is not None and card.message_id != spot.message_id

    async def _look_at(self, look: PlanLook) -> Pressed:
        state = await self._services.journal.plan(look.plan)
        if state is None:
            return Pressed(answers.UNKNOWN_BUTTON)
        match look.view:
            case PlanView.WHY:
                return Pressed(says=why.why_plan(state, self._services.frame))
            case PlanView.CARD:
                return Pressed(becomes=plan_card.plan_card(state, self._services.frame, self._services.terms))

    async def _on_view(self, press: ViewPress, person: Person) -> Pressed:
        if press.verb is ViewVerb.REVIVE:
            return Pressed(says=await self._commands.table["resume"](Ask(person, (REVIVE,))))
        if press.verb is ViewVerb.REBALANCE:
            return Pressed(says=await self._commands.table["rebalance"](Ask(person)))
        replies = await self._commands.table[VIEWS[press.verb]](Ask(person))
        return Pressed(becomes=replies[-1])


VIEWS: Final = {
    ViewVerb.PORTFOLIO: "portfolio",
    ViewVerb.DRIFT: "drift",
    ViewVerb.HEALTH: "health",
    ViewVerb.RESUME: "resume",
    ViewVerb.PLANS: "plans",
    ViewVerb.QUESTIONS: "questions",
    ViewVerb.RISK: "risk",
    ViewVerb.VENUES: "venues",
}
