"""What every Journal promises of decisions, of the outbox and of cards, in memory and on SQLite."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from engine.model import events as ev
from engine.model.canonical import canonical_json
from engine.ports import CardRecord
from tests.store import journal_samples as a
from tests.store.journal_samples import AnyJournal


async def test_announced_facts_wait_in_the_outbox(journal: AnyJournal) -> None:
    """In their order, until they are told; the others never come there."""
    started = ev.EngineStarted("1.0", ev.Mode.SANDBOX)
    events = await journal.append([a.own(started), a.proposed(), a.of_plan(a.approved()), a.of_plan(a.started())])
    waiting = await journal.outbox(2)
    assert [row.event for row in waiting] == list(events[1:3])
    assert [row.attempts for row in waiting] == [0, 0]
    await journal.mark_told([events[1].seq, events[3].seq])
    assert [row.event.seq for row in await journal.outbox(9)] == [events[2].seq]


async def test_failed_tellings_are_counted(journal: AnyJournal) -> None:
    """A fact stays in the outbox until it is told, with the number of failures."""
    (event,) = await journal.append([a.proposed()])
    await journal.mark_failed([event.seq])
    await journal.mark_failed([event.seq, 999])
    (row,) = await journal.outbox(9)
    assert row.attempts == 2
    await journal.mark_told([event.seq])
    await journal.mark_failed([event.seq])
    assert await journal.outbox(9) == ()


async def test_a_card_is_kept_per_chat_and_replaced(journal: AnyJournal) -> None:
    """So that a message is edited instead of sent again."""
    first = CardRecord("plan:aaaaaaaa", -1001234567890, 7, "hash-1", a.T0)
    await journal.put_card(first)
    await journal.put_card(replace(first, chat_id=5, message_id=8))
    second = replace(first, message_id=9, content_hash="hash-2", updated_at=a.T0 + timedelta(microseconds=1))
    await journal.put_card(second)
    assert await journal.card("plan:aaaaaaaa", -1001234567890) == second
    other = await journal.card("plan:aaaaaaaa", 5)
    assert other is not None
    assert other.message_id == 8
    assert await journal.card("plan:bbbbbbbb", 5) is None


async def test_a_decision_comes_back_whole(journal: AnyJournal) -> None:
    """Equal, byte for byte, and by the first sixteen digits of its digest."""
    decision = a.a_decision()
    name = await journal.save_decision(decision)
    assert name == decision.digest[:16]
    found = await journal.decision(name)
    assert found == decision
    assert canonical_json(found) == canonical_json(decision)


async def test_a_decision_saved_again_changes_nothing(journal: AnyJournal) -> None:
    """The newest stays the newest that was stored first."""
    first, second = a.a_decision(), a.a_decision(engine_version="1.1")
    name = await journal.save_decision(first)
    await journal.save_decision(second)
    assert await journal.save_decision(first) == name
    assert await journal.latest_decision() == second
