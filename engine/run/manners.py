"""What people choose about being told: how loud each kind of message is, and when nobody is to be woken.

A choice concerns everyone who uses the bot. One that changes nothing is not written, so that a second press is no news.
"""

from __future__ import annotations

from engine.model import events as ev
from engine.model.errors import InvalidValue
from engine.model.notices import NEVER_OFF, Loudness, NoticeKind, QuietChoice, loudness_of
from engine.model.policy import QuietHours
from engine.run.approvals import Person
from engine.run.scribe import Scribe


class Manners:
    """Takes people's choices."""

    def __init__(self, scribe: Scribe) -> None:
        self._scribe = scribe

    async def set_loudness(self, kind: NoticeKind, loudness: Loudness, who: Person) -> bool:
        """Choose how loud a kind is. False for what must never be off: nothing is changed then."""
        if loudness is Loudness.OFF and kind in NEVER_OFF:
            return False
        standing = await self._scribe.journal.standing()
        if loudness_of(standing.loudness, kind) is not loudness:
            await self._scribe.note(ev.LoudnessChosen(kind, loudness, who.id, who.name))
        return True

    async def set_quiet(self, hours: QuietHours | None, who: Person) -> None:
        """Choose the quiet hours; None: none. Raises InvalidValue for hours that begin when they end."""
        if hours is not None and hours.begin == hours.end:
            raise InvalidValue("the end", "must differ from the beginning")
        if (await self._scribe.journal.standing()).quiet != QuietChoice(hours):
            await self._scribe.note(ev.QuietChosen(hours, False, who.id, who.name))

    async def set_quiet_by_policy(self, who: Person) -> None:
        """Let the quiet hours be those of the policy again."""
        if (await self._scribe.journal.standing()).quiet is not None:
            await self._scribe.note(ev.QuietChosen(None, True, who.id, who.name))
