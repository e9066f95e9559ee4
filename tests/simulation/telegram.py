"""Telegram as the bot meets it: messages that stand in chats, answers that get lost, outages, and presses that wait.

It outlives the bot. A press that the bot had not finished with when it died is delivered again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from bot.chat.delivery import Delivered, Delivery
from bot.chat.message import Message
from tests.simulation.timetable import Timetable
from tests.simulation.weather import MESSAGE_RISKS, Fate, Weather

PATIENCE: Final = 5.0


@dataclass(frozen=True)
class Word:
    """Something that a person pressed (`payload`) or typed (`command`)."""

    user: int
    name: str
    payload: str = ""
    command: str = ""
    words: tuple[str, ...] = ()


@dataclass
class Sending:
    """One call that Telegram took: a new message in a chat, or an edit of one."""

    at: float
    life: int
    chat: int
    message_id: int
    message: Message
    is_new: bool
    troubles_before: int
    """How many calls of the database had failed by then."""
    answered: bool = False


@dataclass
class Circumstances:
    """What Telegram's records name beside its own: which life of the bot it was, and how its disk did."""

    life: Callable[[], int]
    troubles: Callable[[], int]
    taken: Callable[[], None]
    """Called when a message was taken, before the bot knows."""


class TelegramWorld:
    """All chats of the bot."""

    def __init__(self, world: Timetable, weather: Weather, around: Circumstances) -> None:
        self._world = world
        self._weather = weather
        self._around = around
        self.sendings: list[Sending] = []
        self.words: deque[Word] = deque()
        self.blocked_by: frozenset[int] = frozenset()
        self.out_until = 0.0
        self.seen: Callable[[int, Message], None] = lambda _, __: None
        self.waiting: asyncio.Event | None = None
        """Of the bot that polls."""

    def say(self, word: Word) -> None:
        """A person presses or types something."""
        self.words.append(word)
        self.wake()

    def wake(self) -> None:
        """There is something for the bot that polls, if there is one."""
        if self.waiting is not None and self.words and self._world.now >= self.out_until:
            self.waiting.set()

    def go_out(self, until: float) -> None:
        """An outage: nothing goes in or out."""
        self.out_until = until
        self._world.at(until, self.wake)

    async def send(self, chat_id: int, message: Message) -> Delivered:
        """Put a new message into a chat."""
        return await self._call(chat_id, None, message)

    async def edit(self, chat_id: int, message_id: int, message: Message) -> Delivered:
        """Replace a message."""
        return await self._call(chat_id, message_id, message)

    async def _call(self, chat: int, message_id: int | None, message: Message) -> Delivered:
        fate = self._weather.fate(MESSAGE_RISKS)
        if self._world.now < self.out_until or fate is Fate.UNAVAILABLE:
            return Delivered(Delivery.LATER)
        if chat in self.blocked_by:
            return Delivered(Delivery.IMPOSSIBLE)
        if fate is Fate.RATE_LIMITED:
            return Delivered(Delivery.LATER, retry_after=timedelta(seconds=self._weather.between(1, 9)))
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if fate is not Fate.LOST:
            way = self._weather.between(1, 4) if fate is Fate.SLOW else self._weather.between(0.02, 0.3)
            self._world.after(way, partial(self._take, fate, (chat, message_id, message), answer))
        try:
            async with asyncio.timeout(PATIENCE):
                return Delivered(Delivery.DONE, await answer)
        except TimeoutError:
            return Delivered(Delivery.LATER)

    def _take(self, fate: Fate, wanted: tuple[int, int | None, Message], answer: asyncio.Future[int]) -> None:
        chat, message_id, message = wanted
        number = message_id if message_id is not None else len(self.sendings) + 1
        sending = Sending(
            self._world.now,
            self._around.life(),
            chat,
            number,
            message,
            is_new=message_id is None,
            troubles_before=self._around.troubles(),
        )
        self.sendings.append(sending)
        self.seen(chat, message)
        self._around.taken()
        if fate is not Fate.ANSWER_LOST:
            self._world.after(self._weather.between(0.02, 0.2), partial(_answer, sending, answer))


def _answer(sending: Sending, answer: asyncio.Future[int]) -> None:
    if not answer.done():
        sending.answered = True
        answer.set_result(sending.message_id)
