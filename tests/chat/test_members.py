"""Members: named in the configuration, or paired once with a code that is nowhere kept in clear."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.chat.members import CODE_LENGTH, CODE_LETTERS, CODE_LIFE, Members
from engine.clock import ManualClock
from engine.model.events import Event, MemberAdded, PairingCodeIssued, Role, StreamId, members_stream
from engine.model.ids import UserId
from engine.store.memory import MemoryJournal
from tests.chat import builders as a
from tests.chat.fakes import MAIN


class YieldingJournal(MemoryJournal):
    """Lets others run between reading and writing, as a database does."""

    async def stream(self, stream: StreamId) -> tuple[Event, ...]:
        found = await super().stream(stream)
        await asyncio.sleep(0)
        return found


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(a.T0)


@pytest.fixture
def journal(clock: ManualClock) -> MemoryJournal:
    return YieldingJournal(MAIN, clock)


async def members(journal: MemoryJournal, clock: ManualClock, *allowed: UserId) -> Members:
    made = Members(journal, clock, MAIN, allowed)
    await made.load()
    return made


async def test_nobody_can_begin_without_a_name_or_a_code(journal: MemoryJournal, clock: ManualClock) -> None:
    """Either of the two is enough."""
    nobody = await members(journal, clock)
    assert (nobody.ids, nobody.can_begin) == ((), False)
    assert (await members(journal, clock, a.ADA)).can_begin
    await nobody.issue_code()
    assert nobody.can_begin
    assert (await members(journal, clock)).can_begin


async def test_who_sends_the_code_becomes_an_owner_for_good(journal: MemoryJournal, clock: ManualClock) -> None:
    """Case and blanks do not matter; those who are named stay beside."""
    code = await (await members(journal, clock)).issue_code()
    assert len(code) == CODE_LENGTH and set(code) <= set(CODE_LETTERS)
    bot = await members(journal, clock, a.ADA)
    assert await bot.claim(f"  {code.lower()}\n", a.BEN, "Ben")
    assert bot.ids == (a.BEN, a.ADA)
    assert (await members(journal, clock)).ids == (a.BEN,)
    added = [event.fact for event in await journal.facts(MemberAdded)]
    assert added == [MemberAdded(a.BEN, "Ben", Role.OWNER)]


@pytest.mark.parametrize("text", ["", " ", "ABCDEFGHJK", "/start", "hello", "é" * 3000])
async def test_another_text_claims_nothing(journal: MemoryJournal, clock: ManualClock, text: str) -> None:
    """Nor does it use the code up."""
    bot = await members(journal, clock)
    code = await bot.issue_code()
    assert not await bot.claim(text, a.BEN, "Ben")
    assert await bot.claim(code, a.ADA, "Ada")


async def test_a_code_works_once(journal: MemoryJournal, clock: ManualClock) -> None:
    """Not even for the same person again."""
    bot = await members(journal, clock)
    code = await bot.issue_code()
    assert await bot.claim(code, a.ADA, "Ada")
    assert not await bot.claim(code, a.ADA, "Ada")
    assert not await bot.claim(code, a.BEN, "Ben")
    assert bot.ids == (a.ADA,)


async def test_two_who_send_the_code_at_once_cannot_both_win(journal: MemoryJournal, clock: ManualClock) -> None:
    """The journal takes one of them."""
    bot = await members(journal, clock)
    code = await bot.issue_code()
    won = await asyncio.gather(bot.claim(code, a.ADA, "Ada"), bot.claim(code, a.BEN, "Ben"))
    assert sorted(won) == [False, True]
    assert len((await members(journal, clock)).ids) == 1


async def test_a_code_lives_for_an_hour(journal: MemoryJournal, clock: ManualClock) -> None:
    """To the second."""
    bot = await members(journal, clock)
    code = await bot.issue_code()
    can_begin = []
    for pause in (CODE_LIFE - timedelta(seconds=1), timedelta(seconds=1)):
        await clock.advance(pause)
        can_begin.append(bot.can_begin)
    assert can_begin == [True, False]
    assert not await bot.claim(code, a.ADA, "Ada")


async def test_a_new_code_makes_an_earlier_one_worthless(journal: MemoryJournal, clock: ManualClock) -> None:
    """There is one at a time."""
    bot = await members(journal, clock)
    first, second = await bot.issue_code(), await bot.issue_code()
    assert not await bot.claim(first, a.ADA, "Ada")
    assert await bot.claim(second, a.ADA, "Ada")


async def test_the_journal_keeps_only_the_hash_of_a_code(journal: MemoryJournal, clock: ManualClock) -> None:
    """Who reads the database cannot become an owner with it."""
    bot = await members(journal, clock)
    code = await bot.issue_code()
    (event,) = await journal.stream(members_stream(MAIN))
    assert isinstance(event.fact, PairingCodeIssued)
    assert code not in repr(event) and len(event.fact.code_hash) == 64
    assert not await bot.claim(event.fact.code_hash, a.BEN, "Ben")
