"""The outbox: at least once, in order, edited in place, and patient with what cannot be delivered now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.backoff import FIRST, LONGEST
from bot.chat.delivery import Delivered, Delivery, Post
from bot.chat.message import Message
from bot.outbox import BATCH, Outbox
from engine.clock import ManualClock
from engine.model.errors import JournalUnavailable
from engine.model.events import Draft, Event, PlanningPaused, portfolio_stream
from engine.model.ids import UserId
from engine.ports import CardRecord
from engine.store.memory import MemoryJournal
from tests.chat import builders as a
from tests.chat.fakes import MAIN, FakeMessenger

LATER = Delivered(Delivery.LATER)
BLOCKED = Delivered(Delivery.IMPOSSIBLE)


class ForgetfulJournal(MemoryJournal):
    """Can be told to fail at the moment when something is to be remembered."""

    fails_at = ""

    async def mark_told(self, seqs: Sequence[int]) -> None:
        if self.fails_at == "mark_told":
            raise JournalUnavailable("the disk is full")
        await super().mark_told(seqs)

    async def put_card(self, record: CardRecord) -> None:
        if self.fails_at == "put_card":
            raise JournalUnavailable("the disk is full")
        await super().put_card(record)


@dataclass
class Desk:
    """An outbox in which every fact becomes the post with the key and text that its name gives: "key=text"."""

    recipients: list[UserId] = field(default_factory=lambda: [a.ADA])
    composed: list[int] = field(default_factory=list)
    """How many facts were composed at once."""

    def __post_init__(self) -> None:
        self.clock = ManualClock(a.T0)
        self.journal = ForgetfulJournal(MAIN, self.clock)
        self.messenger = FakeMessenger()
        self.outbox = Outbox(self.journal, self.clock, self.messenger, self._compose, lambda: self.recipients)

    async def announce(self, *names: str) -> None:
        facts = [PlanningPaused(a.BEN, None, name) for name in names]
        await self.journal.append([Draft(portfolio_stream(MAIN), fact, self.clock.now()) for fact in facts])

    async def untold(self) -> list[int]:
        """How often each fact that waits was tried."""
        return [row.attempts for row in await self.journal.outbox(BATCH)]

    async def _compose(self, events: Sequence[Event]) -> tuple[Post, ...]:
        self.composed.append(len(events))
        names = [event.fact.name for event in events if isinstance(event.fact, PlanningPaused)]
        if any(name.endswith("=unspeakable") for name in names):
            raise KeyError("no words")
        return tuple(_post(name) for name in names)


def _post(name: str) -> Post:
    """From "key=text", or "key<other=text" for one that takes over another's message."""
    left, _, text = name.partition("=")
    key, _, other = left.partition("<")
    return Post(Message(text), key, takes_over=other)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_what_is_announced_is_delivered_once_and_in_order(desk: Desk) -> None:
    """To every recipient; a second round has nothing to do."""
    desk.recipients = [a.ADA, a.BEN]
    await desk.announce("1=one", "2=two")
    assert await desk.outbox.deliver_pending() is None
    assert await desk.outbox.deliver_pending() is None
    assert desk.messenger.sent == [(a.ADA, "one"), (a.BEN, "one"), (a.ADA, "two"), (a.BEN, "two")]
    assert await desk.untold() == []


async def test_a_person_who_has_the_answer_already_is_passed_over(desk: Desk) -> None:
    """The others are told what that person did."""
    desk.recipients = [a.ADA, a.BEN]

    async def compose(_: Sequence[Event]) -> tuple[Post, ...]:
        return (Post(Message("paused by Ben"), "k", except_for=a.BEN),)

    outbox = Outbox(desk.journal, desk.clock, desk.messenger, compose, lambda: desk.recipients)
    await desk.announce("1=one")
    await outbox.deliver_pending()
    assert desk.messenger.sent == [(a.ADA, "paused by Ben")]


async def test_a_message_that_stands_for_something_is_edited_in_place(desk: Desk) -> None:
    """The same key: the same message; the same text: no call at all."""
    for name in ("card=proposed", "card=approved", "card=approved"):
        await desk.announce(name)
        await desk.outbox.deliver_pending()
    assert desk.messenger.sent == [(a.ADA, "proposed")]
    assert desk.messenger.edited == [(a.ADA, 101, "approved")]


async def test_a_message_can_take_the_place_of_another(desk: Desk) -> None:
    """Where that stands it is edited, and from then on it is its own; where there is none, it is sent."""
    await desk.announce("night=first", "morning<nothing=a plan")
    await desk.outbox.deliver_pending()
    await desk.announce("night2<night=second")
    await desk.outbox.deliver_pending()
    await desk.announce("night2=third")
    await desk.outbox.deliver_pending()
    assert [text for _, text in desk.messenger.sent] == ["first", "a plan"]
    assert [(number, text) for _, number, text in desk.messenger.edited] == [(101, "second"), (101, "third")]


async def test_what_was_to_take_anothers_place_has_its_own_once_it_is_there(desk: Desk) -> None:
    """There was no other message: it was sent as one of its own, and is that which changes."""
    await desk.announce("2<1=one")
    await desk.outbox.deliver_pending()
    await desk.announce("2<1=two")
    await desk.outbox.deliver_pending()
    assert desk.messenger.sent == [(a.ADA, "one")]
    assert desk.messenger.edited == [(a.ADA, 101, "two")]


async def test_a_message_that_was_deleted_is_followed_by_its_successor(desk: Desk) -> None:
    """An edit that had to send anew answers with another message; later edits go there."""
    await desk.announce("card=proposed")
    await desk.outbox.deliver_pending()
    desk.messenger.outcomes = [Delivered(Delivery.DONE, 555)]
    await desk.announce("card=approved")
    await desk.outbox.deliver_pending()
    await desk.announce("card=completed")
    await desk.outbox.deliver_pending()
    assert desk.messenger.edited == [(a.ADA, 555, "completed")]


async def test_what_happened_in_the_meantime_is_composed_together(desk: Desk) -> None:
    """Facts that wait are handed over at once, so that several can become one message."""
    await desk.announce("card=1", "card=2", "card=3")
    await desk.outbox.deliver_pending()
    assert desk.composed == [3]


async def test_what_cannot_be_delivered_now_keeps_its_place(desk: Desk) -> None:
    """Nothing overtakes it; it is tried again after longer and longer pauses, and counted."""
    await desk.announce("1=one", "2=two")
    desk.messenger.outcomes = [LATER] * 9
    pauses = [await desk.outbox.deliver_pending() for _ in range(9)]
    assert pauses == [min(FIRST * 2**n, LONGEST) for n in range(9)]
    assert desk.messenger.sent == []
    assert await desk.untold() == [9, 9]
    assert desk.outbox.depth == 2

    await desk.outbox.deliver_pending()
    assert desk.messenger.sent == [(a.ADA, "one"), (a.ADA, "two")]
    assert desk.outbox.depth == 0
    await desk.announce("3=three")
    desk.messenger.outcomes = [LATER]
    assert await desk.outbox.deliver_pending() == FIRST


async def test_an_interrupted_batch_goes_on_where_it_stopped(desk: Desk) -> None:
    """What was delivered before the interruption is not sent again."""
    desk.recipients = [a.ADA, a.BEN]
    await desk.announce("1=one", "2=two")
    desk.messenger.outcomes = [Delivered(Delivery.DONE, 1), Delivered(Delivery.DONE, 2), LATER]
    await desk.outbox.deliver_pending()
    await desk.outbox.deliver_pending()
    assert desk.messenger.sent == [(a.ADA, "one"), (a.BEN, "one"), (a.ADA, "two"), (a.BEN, "two")]


async def test_what_will_never_be_taken_is_given_up(desk: Desk) -> None:
    """A person who has blocked the bot holds up nobody."""
    desk.recipients = [a.ADA, a.BEN]
    await desk.announce("1=one")
    desk.messenger.outcomes = [BLOCKED]
    assert await desk.outbox.deliver_pending() is None
    assert desk.messenger.sent == [(a.BEN, "one")]
    assert await desk.untold() == []


async def test_nothing_is_sent_twice_when_the_mark_could_not_be_written(desk: Desk) -> None:
    """The fact waits on, but its message is known: the next round only writes the mark."""
    await desk.announce("1=one")
    desk.journal.fails_at = "mark_told"
    with pytest.raises(JournalUnavailable):
        await desk.outbox.deliver_pending()
    desk.journal.fails_at = ""
    assert await desk.outbox.deliver_pending() is None
    assert desk.messenger.sent == [(a.ADA, "one")]
    assert await desk.untold() == []


async def test_a_message_that_could_not_be_recorded_is_recorded_and_not_sent_anew(desk: Desk) -> None:
    """However long the disk is full: nobody gets the same message at every try."""
    await desk.announce("1=one", "2=two")
    desk.journal.fails_at = "put_card"
    for _ in range(3):
        with pytest.raises(JournalUnavailable):
            await desk.outbox.deliver_pending()
    assert desk.messenger.sent == [(a.ADA, "one")]
    desk.journal.fails_at = ""
    assert await desk.outbox.deliver_pending() is None
    assert desk.messenger.sent == [(a.ADA, "one"), (a.ADA, "two")]


async def test_the_loop_waits_as_long_as_telegram_says(desk: Desk) -> None:
    """Not a second less."""
    desk.messenger.outcomes = [Delivered(Delivery.LATER, retry_after=timedelta(seconds=7))]
    await desk.announce("1=one")
    loop = asyncio.create_task(desk.outbox.run())
    await desk.clock.advance(timedelta(seconds=6.9))
    assert desk.messenger.sent == []
    await desk.clock.advance(timedelta(seconds=0.1))
    assert desk.messenger.sent == [(a.ADA, "one")]
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


async def test_the_loop_delivers_when_it_is_called_and_outlives_a_journal_that_fails(desk: Desk) -> None:
    """It looks again a minute later."""
    loop = asyncio.create_task(desk.outbox.run())
    await desk.clock.advance(timedelta(0))
    desk.journal.fails_at = "mark_told"
    await desk.announce("1=one")
    desk.outbox.call()
    await desk.clock.advance(timedelta(0))
    assert await desk.untold() == [0]
    desk.journal.fails_at = ""
    await desk.clock.advance(LONGEST)
    assert await desk.untold() == []
    assert desk.messenger.sent == [(a.ADA, "one")]
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


async def test_a_stop_lets_the_message_under_way_be_remembered(desk: Desk) -> None:
    """Else the next start would send it once more."""
    under_way, may_end = asyncio.Event(), asyncio.Event()

    class SlowMessenger(FakeMessenger):
        async def send(self, chat_id: int, message: Message) -> Delivered:
            under_way.set()
            await may_end.wait()
            return await super().send(chat_id, message)

    slow = SlowMessenger()
    outbox = Outbox(desk.journal, desk.clock, slow, desk._compose, lambda: desk.recipients)
    await desk.announce("1=one", "2=two")
    loop = asyncio.create_task(outbox.run())
    await under_way.wait()
    loop.cancel()
    may_end.set()
    await asyncio.gather(loop, return_exceptions=True)
    assert await desk.journal.card("1", a.ADA) is not None
    await desk.outbox.deliver_pending()
    assert (slow.sent, desk.messenger.sent) == ([(a.ADA, "one")], [(a.ADA, "two")])


async def test_a_fact_that_cannot_be_put_into_words_does_not_silence_the_others(desk: Desk) -> None:
    """What is behind it is told, and so is that something happened; nothing stays in the outbox."""
    await desk.announce("1=one", "2=unspeakable", "3=three")
    assert await desk.outbox.deliver_pending() is None
    said = [text for _, text in desk.messenger.sent]
    assert (said[0], said[2]) == ("one", "three")
    assert "could not put into words (PlanningPaused)" in said[1]
    assert await desk.untold() == []
