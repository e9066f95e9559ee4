"""Deliver what the journal announces: at least once, in order, edited in place where a message stands for something.

The rows were written with the facts, so that a crash loses none. A row is marked only when Telegram has taken it, or
will never take it. What Telegram refuses for now stays and is tried again, oldest first.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

import structlog

from bot import backoff
from bot.backoff import Backoff
from bot.chat.delivery import Delivered, Delivery, Messenger, Post
from bot.chat.message import Message
from engine.api import CardRecord, Clock, Journal, JournalUnavailable
from engine.model.events import Event
from engine.model.ids import UserId

BATCH: Final = 50
IDLE: Final = timedelta(seconds=2)
"""How often the outbox looks although nobody called: a safety net."""
LAST_POST: Final = timedelta(seconds=3)
"""How long the post under way may still take when the program is stopped."""

NO_WORDS: Final = (
    "⚠️ Something happened that I could not put into words ({kind}). It is on record; the log has the error.\n"
    "/plan and /health show how things are."
)

log = structlog.get_logger(__name__)


Compose = Callable[[Sequence[Event]], Awaitable[tuple[Post, ...]]]
Recipients = Callable[[], Sequence[UserId]]


class Outbox:
    """Turns announced facts into posts and delivers them to all members."""

    def __init__(
        self, journal: Journal, clock: Clock, messenger: Messenger, compose: Compose, recipients: Recipients
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._messenger = messenger
        self._compose = compose
        self._recipients = recipients
        self._called = asyncio.Event()
        self._backoff = Backoff()
        self._unrecorded: list[CardRecord] = []
        self.depth = 0

    def call(self) -> None:
        """There is something new."""
        self._called.set()

    async def run(self) -> None:
        """Deliver for ever."""
        while True:
            pause = await self._round()
            if pause is None:
                await self._wait()
            else:
                await self._clock.sleep(pause)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(IDLE.total_seconds()):
                await self._called.wait()
        except TimeoutError:
            pass
        self._called.clear()

    async def _round(self) -> timedelta | None:
        """Deliver what is there. None: look again when called; else after so long."""
        try:
            return await self.deliver_pending()
        except JournalUnavailable as error:
            log.error("outbox_stalled", problem=str(error))
            return backoff.LONGEST

    async def deliver_pending(self) -> timedelta | None:
        """Deliver all rows that are due. Returns how long to wait before trying again what could not be delivered.

        What Telegram took and the journal could not record is recorded first: else it would be sent once more.
        """
        await self._record()
        while rows := await self._journal.outbox(BATCH):
            self.depth = len(rows)
            seqs = [row.event.seq for row in rows]
            later = await self._deliver(await self._in_words([row.event for row in rows]))
            if later is not None:
                await self._journal.mark_failed(seqs)
                return later
            await self._journal.mark_told(seqs)
            self._backoff.reset()
        self.depth = 0
        return None

    async def _in_words(self, events: Sequence[Event]) -> tuple[Post, ...]:
        """The posts of some events. One that cannot be put into words must not silence all the others."""
        try:
            return await self._compose(events)
        except JournalUnavailable:
            raise
        except Exception as error:  # the messages behind it must go out; the failure is reported
            log.error("not_in_words", events=[e.kind for e in events], error=type(error).__name__, exc_info=error)
        if len(events) == 1:
            return (Post(Message(NO_WORDS.format(kind=events[0].kind)), f"fact:{events[0].seq}"),)
        return tuple([post for event in events for post in await self._in_words([event])])

    async def _deliver(self, posts: Sequence[Post]) -> timedelta | None:
        for post in posts:
            for user in self._recipients():
                if user == post.except_for:
                    continue
                done = await self._put_whole(user, post)
                if done.outcome is Delivery.LATER:
                    wait = self._backoff.next()
                    return done.retry_after or wait
        return None

    async def _put_whole(self, chat_id: int, post: Post) -> Delivered:
        """Post and remember it together: a stop between the two would send it once more at the next start."""
        putting = asyncio.ensure_future(self._put(chat_id, post))
        try:
            return await asyncio.shield(putting)
        except asyncio.CancelledError:
            ended = asyncio.gather(putting, return_exceptions=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended, LAST_POST.total_seconds())
            raise

    async def _put(self, chat_id: int, post: Post) -> Delivered:
        card = await self._journal.card(post.key, chat_id)
        if card is None and post.takes_over:
            card = await self._journal.card(post.takes_over, chat_id)
        fingerprint = _fingerprint(post.message)
        if card is not None and card.key == post.key and card.content_hash == fingerprint:
            return Delivered(Delivery.DONE, card.message_id)
        if card is None:
            done = await self._messenger.send(chat_id, post.message)
        else:
            done = await self._messenger.edit(chat_id, card.message_id, post.message)
        if done.message_id is not None:
            record = CardRecord(post.key, chat_id, done.message_id, fingerprint, self._clock.now())
            self._unrecorded.append(record)
            await self._record()
        return done

    async def _record(self) -> None:
        while self._unrecorded:
            await self._journal.put_card(self._unrecorded[0])
            del self._unrecorded[0]


def _fingerprint(message: Message) -> str:
    return hashlib.sha256(repr(message).encode()).hexdigest()
