"""What the chat's parts are tried on: a journal in memory, an engine without venues, and a messenger that remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final

from bot.chat.commands import Commands
from bot.chat.delivery import Delivered, Delivery
from bot.chat.message import Message
from bot.chat.presses import Presses
from bot.chat.render.health import HealthView
from bot.chat.sandbox_events import SandboxControl
from bot.chat.services import ChatServices
from engine.api import Engine, EngineSettings, Person
from engine.clock import ManualClock
from engine.model.events import Draft, Fact, Mode, PlanProposed, plan_stream, portfolio_stream
from engine.model.ids import PortfolioId
from engine.model.policy import Policy
from engine.store.memory import MemoryJournal
from tests.chat import builders as a

MAIN: Final = PortfolioId("main")
PERSON: Final = Person(a.ADA, "Ada")


@dataclass
class FakeMessenger:
    """Takes every message unless it is told otherwise: `outcomes` are given to the next calls, in their order."""

    outcomes: list[Delivered] = field(default_factory=list)
    sent: list[tuple[int, str]] = field(default_factory=list)
    """Chat and text of what was sent anew."""
    edited: list[tuple[int, int, str]] = field(default_factory=list)
    """Chat, message and text of what was edited."""

    async def send(self, chat_id: int, message: Message) -> Delivered:
        if self.outcomes and self.outcomes[0].outcome is not Delivery.DONE:
            return self.outcomes.pop(0)
        self.sent.append((chat_id, message.html))
        return self.outcomes.pop(0) if self.outcomes else Delivered(Delivery.DONE, 100 + len(self.sent))

    async def edit(self, chat_id: int, message_id: int, message: Message) -> Delivered:
        if self.outcomes:
            return self.outcomes.pop(0)
        self.edited.append((chat_id, message_id, message.html))
        return Delivered(Delivery.DONE, message_id)


@dataclass
class ChatParts:
    """Commands and presses on an engine that has no venue, and the journal under them."""

    clock: ManualClock
    journal: MemoryJournal
    engine: Engine
    services: ChatServices
    commands: Commands
    presses: Presses

    async def note(self, *facts: Fact) -> None:
        """Write facts of the portfolio."""
        await self.journal.append([Draft(portfolio_stream(MAIN), fact, self.clock.now()) for fact in facts])

    async def note_plan(self, first: PlanProposed, *facts: Fact) -> None:
        """Write a proposal and what became of it."""
        stream = plan_stream(first.plan_id)
        await self.journal.append([Draft(stream, fact, self.clock.now()) for fact in (first, *facts)])


@asynccontextmanager
async def chat_parts(policy: Policy | None = None, sandbox: SandboxControl | None = None) -> AsyncIterator[ChatParts]:
    """The parts at the builders' instant."""
    clock = ManualClock(a.T0)
    journal = MemoryJournal(MAIN, clock)
    engine = Engine(EngineSettings(MAIN, Mode.SANDBOX, policy or a.a_policy(), a.USDT), {}, journal, clock)

    async def health() -> HealthView:
        return HealthView(await engine.health(), clock.now(), 0, database_ok=True, database_bytes=None)

    services = ChatServices(engine, journal, clock, UTC, health, sandbox=sandbox)
    commands = Commands(services)
    try:
        yield ChatParts(clock, journal, engine, services, commands, Presses(services, commands))
    finally:
        await engine.stop()
