"""Whether Telegram still answers: polling can die without a word, and then somebody must notice."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from telegram.error import Conflict, TelegramError

from engine.api import Clock

log = structlog.get_logger(__name__)

POLL_TIMEOUT: Final = timedelta(seconds=20)
READ_MARGIN: Final = timedelta(seconds=10)
"""How much longer than the poll itself its answer is waited for."""


class PollWatch:
    """Knows when Telegram last answered a poll: silence is how polling dies."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.answered_at = clock.now()
        self.conflict = False

    def answered(self) -> None:
        """A poll came back."""
        self.answered_at = self._clock.now()
        self.conflict = False

    def failed(self, error: TelegramError) -> None:
        """A poll failed; a conflict is told apart, as it needs a person."""
        if isinstance(error, Conflict) and not self.conflict:
            self.conflict = True
            remedy = "another program polls with this bot's token; stop it, or revoke the token"
            log.error("token_used_twice", remedy=remedy)
        elif not isinstance(error, Conflict):
            log.warning("poll_failed", error=type(error).__name__)

    @property
    def is_dead(self) -> bool:
        """No poll has come back for three times as long as one may take."""
        return self._clock.now() - self.answered_at > 3 * (POLL_TIMEOUT + READ_MARGIN)
