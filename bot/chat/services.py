"""What the chat works with, and what a command is: the services behind it, and what was asked by whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import tzinfo

from bot.chat.message import Message
from bot.chat.render.frame import Frame, Terms, terms_of
from bot.chat.render.health import HealthView
from bot.chat.sandbox_events import SandboxControl
from engine.api import Clock, Engine, Journal, Person, is_quiet
from engine.model.decision import Standing
from engine.model.ids import Asset, VenueName
from engine.model.policy import QuietHours


@dataclass(frozen=True, slots=True)
class Ask:
    """A command as it was sent."""

    person: Person
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that somebody sent. The name is what the sender calls it, or nothing: it names no file of ours."""

    name: str
    content: bytes = field(repr=False)


Replies = tuple[Message, ...]
Command = Callable[[Ask], Awaitable[Replies]]


@dataclass(frozen=True, slots=True)
class ChatServices:
    """What commands and presses work with."""

    engine: Engine
    journal: Journal
    clock: Clock
    zone: tzinfo
    health_view: Callable[[], Awaitable[HealthView]]
    venues: tuple[VenueName, ...] = ()
    """The names of the venues, in their order."""
    sandbox: SandboxControl | None = None
    """Where the sandbox is that lets things happen; None: there is none."""

    @property
    def frame(self) -> Frame:
        """What every message is written for, now."""
        return Frame(self.clock.now(), self.zone, self.engine.numeraire or Asset(""))

    def is_quiet(self, standing: Standing) -> bool:
        """Nobody is to be woken now."""
        return is_quiet(self.engine.settings.policy, standing, self.clock.now())

    @property
    def hours_of_policy(self) -> QuietHours | None:
        """The quiet hours of the policy, which hold until somebody chooses others."""
        return self.engine.settings.policy.quiet

    @property
    def terms(self) -> Terms:
        """What the policy adds to every plan."""
        return terms_of(self.engine.settings.policy)
