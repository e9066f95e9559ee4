"""One life of the bot: engine, outbox, chat and ticker put together as `bot.app` does, without Telegram's own library.

The gate, the presses, the commands, the announcer and the outbox are the real ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from bot.backoff import FIRST
from bot.chat.announce import Announcer
from bot.chat.auth import Gate
from bot.chat.commands import Commands
from bot.chat.delivery import Post
from bot.chat.members import Members
from bot.chat.presses import Presses
from bot.chat.render.health import HealthView
from bot.chat.services import Ask, ChatServices
from bot.outbox import Outbox
from engine.api import Clock, Engine, EngineSettings, Journal, Person, Venue
from engine.model.errors import JournalUnavailable
from engine.model.events import Event
from engine.model.ids import UserId, VenueName
from tests.simulation.people import MEMBERS
from tests.simulation.telegram import TelegramWorld, Word

Told = Callable[[Sequence[Event], Sequence[Post]], None]


@dataclass(frozen=True)
class Around:
    """What a life of the bot finds when it begins."""

    settings: EngineSettings
    venues: Mapping[VenueName, Venue]
    telegram: TelegramWorld
    clock: Clock
    check_every: timedelta
    told: Told
    """Called with what the announcer made of facts."""


class Process:
    """The bot, from its start to its end or its kill."""

    def __init__(self, around: Around, journal: Journal) -> None:
        self._around = around
        self.journal = journal
        self.engine = Engine(around.settings, around.venues, journal, around.clock)
        self._members = Members(journal, around.clock, around.settings.portfolio, map(UserId, MEMBERS))
        services = ChatServices(self.engine, journal, around.clock, UTC, self._health, tuple(around.venues))
        self._commands = Commands(services)
        self._presses = Presses(services, self._commands)
        self._gate = Gate(self._members, self._welcome).handler()
        self._announcer = Announcer(services)
        self._outbox = Outbox(journal, around.clock, around.telegram, self._compose, lambda: self._members.ids)
        self.defects: list[BaseException] = []
        """What was raised that the bot does not raise on purpose."""
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Recover and begin to work, in the order of `bot.app`."""
        await self._members.load()
        await self.engine.start()
        self.engine.listen(lambda _: self._outbox.call())
        for loop in (self._outbox.run, self._poll, self._tick):
            self._tasks.append(asyncio.create_task(self._alive(loop)))

    async def stop(self) -> None:
        """End in good order."""
        await self.engine.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.journal.close()

    async def _alive(self, loop: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await loop()
            except Exception as error:  # noqa: BLE001 - what must survive in the bot survives here, and is reported
                self._note(error)
            await self._around.clock.sleep(FIRST)

    async def _tick(self) -> None:
        while True:
            try:
                await self.engine.advance()
            except Exception as error:  # noqa: BLE001 - the next tick must come
                self._note(error)
            await self._around.clock.sleep(self._around.check_every)

    async def _poll(self) -> None:
        """Take words as long as there are any; one is only over when it was answered."""
        telegram = self._around.telegram
        telegram.waiting = asyncio.Event()
        telegram.wake()
        while True:
            await telegram.waiting.wait()
            telegram.waiting.clear()
            while telegram.words:
                await self._hear(telegram.words[0])
                telegram.words.popleft()

    async def _hear(self, word: Word) -> None:
        """What `bot.chat.application` does with an update: the gate, then the handler."""
        try:
            await self._gate.callback(Update.de_json(_update(word), None), None)  # type: ignore[arg-type]
        except ApplicationHandlerStop:
            return
        person = Person(UserId(word.user), word.name)
        try:
            if word.payload:
                await self._presses.press(word.payload, person)
            else:
                await self._commands.table[word.command](Ask(person, word.words))
        except Exception as error:  # noqa: BLE001 - a handler that fails says so to the person, and the bot goes on
            self._note(error)

    async def _compose(self, events: Sequence[Event]) -> tuple[Post, ...]:
        try:
            posts = await self._announcer.compose(events)
        except Exception as error:
            self._note(error)
            raise
        self._around.told(events, posts)
        return posts

    async def _welcome(self, person: Person) -> None:
        raise AssertionError(f"no pairing code is out, and {person.name} was let in")

    async def _health(self) -> HealthView:
        return HealthView(await self.engine.health(), self._around.clock.now(), 0, True, None)

    def _note(self, error: BaseException) -> None:
        if not isinstance(error, JournalUnavailable):
            self.defects.append(error)


def _update(word: Word) -> dict[str, Any]:
    """The word as Telegram delivers it."""
    who = {"id": word.user, "is_bot": False, "first_name": word.name}
    message = {"message_id": 1, "date": 0, "chat": {"id": word.user, "type": "private"}, "text": f"/{word.command}"}
    if word.payload:
        pressed = {"id": "1", "from": who, "chat_instance": "1", "data": word.payload, "message": message}
        return {"update_id": 1, "callback_query": pressed}
    return {"update_id": 1, "message": message | {"from": who}}
