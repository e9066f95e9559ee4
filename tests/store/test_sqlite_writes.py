"""Writes on SQLite: no update is lost, and whatever fails and whenever, an append is there in full or not at all."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.util import await_

from engine.model import events as ev
from engine.model.decision import CashFlow
from engine.model.errors import ConcurrentWrite, JournalUnavailable
from engine.model.ids import PortfolioId
from engine.model.money import Quantity
from engine.store import event_log
from engine.store.connection import Database, open_database
from engine.store.journal import SqlJournal, open_journal
from tests.store import journal_samples as a

FOLDED = ("plan", "plan_order", "fill", "fill_fee", "standing")
WRITTEN = ("event", *FOLDED, "outbox")
PATIENCE = timedelta(seconds=60)
"""Only ever waited for on a machine that is very busy."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "j.sqlite"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    """A database that holds a plan under way, with an order out."""
    journal = await open_journal(f"sqlite+aiosqlite:///{path}", a.MAIN, a.FixedClock())
    await journal.append(a.whole_life()[:6])
    await journal.close()
    made = open_database(f"sqlite+aiosqlite:///{path}", PATIENCE)
    yield made
    await made.close()


@pytest.fixture
def journal(database: Database) -> SqlJournal:
    return SqlJournal(database, a.MAIN, a.FixedClock())


def rows(path: Path, tables: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    """All that some tables hold."""
    with closing(sqlite3.connect(path)) as connection:
        return {table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr) for table in tables}


LAST_FACTS = a.whole_life()[6:]


async def after_all(path: Path, tmp_path: Path) -> dict[str, list[tuple[object, ...]]]:
    """What the tables hold after the append of `LAST_FACTS`, made on a copy where nothing fails."""
    calm = tmp_path / "calm.sqlite"
    shutil.copy(path, calm)
    journal = await open_journal(f"sqlite+aiosqlite:///{calm}", a.MAIN, a.FixedClock())
    await journal.append(LAST_FACTS)
    await journal.close()
    return rows(calm, WRITTEN)


class Crash(Exception):
    """A defect in the midst of an append."""


def call_at_each_step(database: Database, act: Callable[[], None]) -> None:
    """Have `act` called before and after every statement of the writer, and before its commits."""
    engine = database.writer.sync_engine

    def at_statement(*_: object) -> None:
        act()

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        sa.event.listen(engine, name, at_statement)


@pytest.mark.parametrize("failure", [Crash, sqlite3.OperationalError])
async def test_an_append_that_fails_anywhere_writes_nothing(
    journal: SqlJournal, database: Database, path: Path, tmp_path: Path, failure: type[BaseException]
) -> None:
    """At every step, by a defect or by an error of the database; when the fault is over, the same append works."""
    whole = await after_all(path, tmp_path)
    before = rows(path, WRITTEN)
    steps_left = 0

    def fail() -> None:
        nonlocal steps_left
        steps_left -= 1
        if steps_left == 0:
            raise failure("the n-th step")

    call_at_each_step(database, fail)
    failures = 0
    while True:
        steps_left = failures + 1
        try:
            await journal.append(LAST_FACTS)
        except (Crash, JournalUnavailable):
            assert rows(path, WRITTEN) == before, f"step {failures + 1} left something behind"
            failures += 1
        else:
            break
    assert failures > 2 * 10
    assert rows(path, WRITTEN) == whole


async def test_the_files_left_by_a_kill_hold_all_or_nothing(
    journal: SqlJournal, database: Database, path: Path, tmp_path: Path
) -> None:
    """The files as they are on disk at every step, opened again: nothing of the append until its commit is there."""
    whole = await after_all(path, tmp_path)
    before = rows(path, WRITTEN)
    copies: list[Path] = []

    def copy() -> None:
        folder = tmp_path / f"step-{len(copies)}"
        folder.mkdir()
        for name in ("j.sqlite", "j.sqlite-wal"):
            shutil.copy(tmp_path / name, folder / name)
        copies.append(folder / "j.sqlite")

    call_at_each_step(database, copy)
    await journal.append(LAST_FACTS)
    assert all(rows(left, WRITTEN) == before for left in copies)
    copy()
    assert rows(copies[-1], WRITTEN) == whole
    reopened = await open_journal(f"sqlite+aiosqlite:///{copies[-2]}", a.MAIN, a.FixedClock())
    await reopened.append(LAST_FACTS)
    await reopened.close()
    assert rows(copies[-2], WRITTEN) == whole


async def test_a_cancelled_append_is_carried_to_its_end(journal: SqlJournal) -> None:
    """Whoever stops waiting does not leave a write of which nobody knows the end."""
    appending = asyncio.create_task(journal.append([a.of_plan(a.filled())]))
    await asyncio.sleep(0)
    appending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await appending
    await journal.append([a.own(ev.PlanningResumed(a.ALICE))])
    state = await journal.open_plan()
    assert state is not None
    assert [fill.id for fill in state.fills] == ["t1"]


async def test_closing_waits_for_what_is_under_way(database: Database, path: Path) -> None:
    """The last append before the end is written."""
    journal = SqlJournal(database, a.MAIN, a.FixedClock())
    appending = asyncio.create_task(journal.append([a.of_plan(a.filled())]))
    await asyncio.sleep(0)
    await journal.close()
    assert len(rows(path, ("fill",))["fill"]) == 1
    assert len(await appending) == 1


async def test_many_appends_at_once_lose_nothing(journal: SqlJournal) -> None:
    """Each is a read-modify-write of the standing."""
    flows = [CashFlow(f"d{number:02d}", a.ALPHA, a.USDT, Quantity(a.WEI), a.T0) for number in range(20)]
    await asyncio.gather(*(journal.append([a.own(ev.CashFlowSeen(flow))]) for flow in flows))
    standing = await journal.standing()
    assert sorted(flow.deposit_id for flow in standing.cash_flows) == [flow.deposit_id for flow in flows]
    versions = [event.stream_version for event in await journal.stream(a.PORTFOLIO)]
    assert versions == list(range(1, 21))


async def test_two_writers_lose_no_update(database: Database, path: Path) -> None:
    """Another program that writes to the same file meanwhile: every update of both is counted."""
    times = 40

    def count_up(connection: sa.Connection) -> None:
        (seen,) = connection.exec_driver_sql("SELECT version FROM standing").one()
        connection.exec_driver_sql("UPDATE standing SET version = ?", (seen + 1,))

    def other_program() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=PATIENCE.total_seconds())) as other:
            for _ in range(times):
                other.execute("BEGIN IMMEDIATE")
                (seen,) = other.execute("SELECT version FROM standing").fetchone()
                other.execute("UPDATE standing SET version = ?", (seen + 1,))
                other.execute("COMMIT")

    (before,) = rows(path, ("standing",))["standing"]
    thread = threading.Thread(target=other_program)
    thread.start()
    for _ in range(times):
        await database.write(count_up)
    await asyncio.to_thread(thread.join)
    (after,) = rows(path, ("standing",))["standing"]
    assert after[1] == int(str(before[1])) + 2 * times


async def test_the_database_itself_keeps_versions_apart(database: Database) -> None:
    """Behind the check of versions stands a key: of two writers that saw the same version, one is told."""

    def write_behind(connection: sa.Connection, version: int) -> None:
        seen = {a.PORTFOLIO: version}
        event_log.insert_events(connection, a.MAIN, [a.own(ev.PlanningResumed(a.ALICE))], seen, a.T0)

    await database.write(partial(write_behind, version=0))
    with pytest.raises(ConcurrentWrite, match="has grown since it was read"):
        await database.write(partial(write_behind, version=0))
    await database.write(partial(write_behind, version=1))


async def test_a_reader_does_not_wait_for_a_writer(database: Database, journal: SqlJournal) -> None:
    """While a write is open, reads see what was there before it."""

    def read_in_the_middle(connection: sa.Connection) -> int:
        connection.exec_driver_sql("DELETE FROM outbox")
        return len(await_(journal.outbox(9)))

    assert await database.write(read_in_the_middle) == 4
    assert await journal.outbox(9) == ()


async def test_figures_of_a_fill_keep_every_digit(journal: SqlJournal, path: Path) -> None:
    """The ledger's rows hold what the venue said, and the fees apart; a trade told twice is one row."""
    fill = a.filled("t9", "0.1").fill
    exact = replace(fill, quantity=Quantity(a.WEI))
    await journal.append([a.of_plan(ev.FillBooked(exact))])
    await journal.append([a.of_plan(ev.FillBooked(replace(exact, fees=exact.fees[::-1] * 2)))])
    found = rows(path, ("fill", "fill_fee"))
    ((venue, trade, order, plan, seq, *_, quantity, price, _at),) = found["fill"]
    assert (venue, trade, order, plan, seq) == ("alpha", "t9", a.order_id(), "aaaaaaaa.1", 7)
    assert (quantity, price) == (str(a.WEI), "60010")
    assert [row[2:] for row in found["fill_fee"]] == [(0, "USDT", "12.002"), (1, "BTC", "0.000000000000000001")]


async def test_refolding_rebuilds_every_row(journal: SqlJournal, path: Path) -> None:
    """Also rows that were lost or spoiled, or that no fact speaks of: the facts are enough."""
    await journal.append(LAST_FACTS)
    await journal.append([a.proposed("bbbbbbbb"), a.own(ev.PlanningPaused(a.ALICE, None))])
    whole = rows(path, WRITTEN)
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in ("fill_fee", "fill", "plan_order"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("INSERT INTO plan_order VALUES ('stray', 'aaaaaaaa.1')")
        connection.execute("UPDATE plan SET status = 'nonsense', is_open = 0, version = 0")
        connection.execute("""UPDATE standing SET payload = '{}', version = 0""")
    assert rows(path, FOLDED) != {table: whole[table] for table in FOLDED}
    await journal.refold()
    assert rows(path, WRITTEN) == whole


async def test_tables_folded_by_an_older_program_are_folded_again(database: Database, path: Path) -> None:
    """At the next start, by the version that is kept with the standing."""
    whole = rows(path, WRITTEN)
    await database.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("""UPDATE standing SET payload = '{"old": 1}', schema_version = 0""")
    journal = await open_journal(f"sqlite+aiosqlite:///{path}", a.MAIN, a.FixedClock())
    await journal.close()
    assert rows(path, WRITTEN) == whole


async def test_portfolios_of_one_database_know_nothing_of_each_other(path: Path) -> None:
    """Each has its standing, its open plan, its outbox and its decisions."""
    url = f"sqlite+aiosqlite:///{path}"
    main = await open_journal(url, a.MAIN, a.FixedClock())
    await main.append([a.proposed(), a.own(ev.PlanningPaused(a.ALICE, None))])
    await main.save_decision(a.a_decision())
    await main.close()
    savings = PortfolioId("savings")
    other = await open_journal(url, savings, a.FixedClock())
    seen = (await other.plans(5), await other.outbox(5), (await other.standing()).pause, await other.latest_decision())
    fact = a.proposal("bbbbbbbb", portfolio=savings)
    await other.append([a.draft(ev.plan_stream(fact.plan_id), fact)])
    await other.refold()
    opened = await other.open_plan()
    await other.close()
    assert seen == ((), (), None, None)
    assert opened is not None
    assert opened.proposed.portfolio == savings


async def test_large_inputs_are_kept_once(journal: SqlJournal, path: Path) -> None:
    """Decisions on the same snapshot share it; the row itself stays small."""
    await journal.save_decision(a.a_decision())
    await journal.save_decision(a.a_decision(engine_version="1.1"))
    await journal.save_decision(a.a_decision(cash="2000"))
    found = rows(path, ("blob", "decision"))
    assert len(found["decision"]) == 3
    assert len(found["blob"]) == 4
    assert all("balances" not in str(row[7]) for row in found["decision"])
