"""What is known of the bot's own health, for /health: collected from the parts, asked when it is wanted."""

from __future__ import annotations

from importlib.metadata import version

from bot.chat.polls import PollWatch
from bot.chat.render.health import HealthView
from bot.config.settings import Settings
from bot.outbox import Outbox
from bot.wiring import Parts
from engine.api import ENGINE_VERSION, JournalUnavailable


class HealthDesk:
    """Knows whom to ask."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._polls: PollWatch | None = None
        self._outbox: Outbox | None = None

    def attach(self, polls: PollWatch, outbox: Outbox) -> None:
        """The parts that are made after the desk."""
        self._polls = polls
        self._outbox = outbox

    async def view(self) -> HealthView:
        """How everything is now."""
        return HealthView(
            engine=await self._parts.engine.health(),
            polled_at=self._polls.answered_at if self._polls else None,
            outbox_depth=self._outbox.depth if self._outbox else 0,
            database_ok=await self._database_ok(),
            database_bytes=self._database_bytes(),
            versions=(("equipoise", version("equipoise")), ("engine", ENGINE_VERSION)),
        )

    async def _database_ok(self) -> bool:
        try:
            await self._parts.journal.plans(1)
        except JournalUnavailable:
            return False
        return True

    def _database_bytes(self) -> int | None:
        path = self._settings.journal_file
        return path.stat().st_size if path.exists() else None
