"""What people say about being told: how loud each kind of message is, and when nobody is to be woken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from typing import Final

from bot.chat.manner_payloads import MannersPress, NotifyPress, QuietWord
from bot.chat.message import Message
from bot.chat.render import loudness, quiet_hours, replies
from bot.chat.services import Ask, ChatServices, Replies
from engine.api import InvalidValue, Person
from engine.api import quiet_hours as hours_in_force
from engine.model.notices import Loudness, NoticeKind
from engine.model.policy import QuietHours

CLOCK_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
HOW_TO_NOTIFY: Final = f"write /notify drift silent; there are {', '.join(NoticeKind)}, each {', '.join(Loudness)}"
HOW_TO_BE_QUIET: Final = "write /quiet 22:30 07:00, /quiet off, or /quiet file for the policy file's own"


class MannersTalk:
    """Takes what people choose."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services
        self._manners = services.engine.manners

    async def notify(self, ask: Ask) -> Replies:
        """/notify [KIND LOUDNESS]: show how loudly what is told, or choose it."""
        if not ask.words:
            return (await self._loudness_card(),)
        words = [word.lower() for word in ask.words]
        if len(words) != 2 or words[0] not in set(NoticeKind) or words[1] not in set(Loudness):
            return (replies.failed("Choosing that", "the words were not understood", HOW_TO_NOTIFY),)
        refused = await self._set_loudness(NotifyPress(NoticeKind(words[0]), Loudness(words[1])), ask.person)
        return (Message(refused) if refused else await self._loudness_card(),)

    async def quiet(self, ask: Ask) -> Replies:
        """/quiet [BEGIN END | off | file]: show the quiet hours, or choose them."""
        if not ask.words:
            return (await self._quiet_card(),)
        try:
            await self._set_quiet(_wanted(ask.words), ask.person)
        except InvalidValue as error:
            return (replies.failed("Choosing the hours", f"{error.field} {error.problem}", HOW_TO_BE_QUIET),)
        return (await self._quiet_card(),)

    async def press(self, press: MannersPress, person: Person) -> tuple[str, Message | None]:
        """Take a press; gives a short word where it is refused, else the card as it is then."""
        if isinstance(press, NotifyPress):
            refused = await self._set_loudness(press, person)
            return refused, None if refused else await self._loudness_card()
        try:
            await self._set_quiet(press.wanted, person)
        except InvalidValue as error:
            return f"{error.field} {error.problem}.".capitalize(), None
        return "", await self._quiet_card()

    async def _set_loudness(self, wanted: NotifyPress, person: Person) -> str:
        """Choose; gives the sentence for what is refused."""
        taken = await self._manners.set_loudness(wanted.kind, wanted.loudness, person)
        return "" if taken else loudness.never_off(wanted.kind)

    async def _set_quiet(self, wanted: QuietHours | QuietWord, person: Person) -> None:
        """Choose. Raises InvalidValue for hours that are none."""
        if wanted is QuietWord.FILE:
            await self._manners.set_quiet_by_policy(person)
        else:
            await self._manners.set_quiet(None if wanted is QuietWord.OFF else wanted, person)

    async def _loudness_card(self) -> Message:
        return loudness.loudness_card((await self._services.journal.standing()).loudness)

    async def _quiet_card(self) -> Message:
        standing = await self._services.journal.standing()
        hours = hours_in_force(self._services.engine.settings.policy, standing)
        return quiet_hours.quiet_card(hours, self._services.frame, from_file=standing.quiet is None)


def _wanted(words: Sequence[str]) -> QuietHours | QuietWord:
    """Read the words of /quiet. Raises InvalidValue."""
    if len(words) == 1 and words[0].lower() in set(QuietWord):
        return QuietWord(words[0].lower())
    if len(words) != 2:
        raise InvalidValue("the hours", "need a beginning and an end")
    return QuietHours(_clock_time(words[0]), _clock_time(words[1]))


def _clock_time(word: str) -> time:
    match = CLOCK_TIME.fullmatch(word)
    if match is None:
        raise InvalidValue("each hour", "is to be a time of day")
    return time(int(match[1]), int(match[2]))
