"""Letting things happen in the sandbox: there only where a sandbox is what is traded on."""

from __future__ import annotations

from typing import Final

from bot.chat.message import Message
from bot.chat.render import replies, sandbox
from bot.chat.sandbox_events import SandboxControl, SandboxEvent, SandboxFailed, read_event
from bot.chat.services import Ask, Replies
from engine.api import InvalidValue

HOW: Final = "write /sandbox halt VENUE, slow VENUE, depeg USDC 0.93, crash BTC 30, or recover"
NOTHING_HAPPENED: Final = "nothing happened in the sandbox; /sandbox alone shows what can"


class SandboxTalk:
    """Takes what is to happen."""

    def __init__(self, control: SandboxControl) -> None:
        self._control = control

    async def sandbox(self, ask: Ask) -> Replies:
        """/sandbox [EVENT ...]: show what can happen, or let it."""
        try:
            if not ask.words:
                return (sandbox.events_card(await self._control.subjects()),)
            return (await self.cause(read_event(ask.words)),)
        except InvalidValue as error:
            return (replies.failed("That", f"{error.field} {error.problem}", HOW),)
        except SandboxFailed as error:
            return (replies.failed("That", str(error), NOTHING_HAPPENED),)

    async def cause(self, event: SandboxEvent) -> Message:
        """Let an event happen, and say what to watch for."""
        try:
            return sandbox.happened(event, await self._control.cause(event))
        except SandboxFailed as error:
            return replies.failed("That", str(error), NOTHING_HAPPENED)
