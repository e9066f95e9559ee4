"""The database as a file: who may read it, how it is set up, who holds it, and what is said when it cannot be used."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from engine.model import events as ev
from engine.model.errors import InvalidValue, JournalUnavailable
from engine.model.ids import VenueName
from engine.model.portfolio import VenueHealth
from engine.store.connection import Database, open_database
from engine.store.journal import SqlJournal, open_journal
from tests.store import journal_samples as a

SHORT = timedelta(milliseconds=20)
NOBODY = 65534
PAGE = 4096


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def opened(path: Path) -> SqlJournal:
    return await open_journal(url_of(path), a.MAIN, a.FixedClock(), busy_timeout=SHORT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "j.sqlite"


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[SqlJournal]:
    made = await opened(path)
    yield made
    await made.close()


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    """The database under a journal, once that has made it."""
    await (await opened(path)).close()
    made = open_database(url_of(path), SHORT)
    yield made
    await made.close()


async def refusal(path: Path) -> str:
    """What is said where the journal cannot be opened; it names the file, in one sentence."""
    with pytest.raises(JournalUnavailable) as caught:
        await opened(path)
    text = str(caught.value)
    assert str(path) in text
    assert text.replace(str(path), "").count(".") == 1
    return text


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def write_diary(path: Path) -> None:
    path.write_bytes(b"dear diary, " * 1000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def content(path: Path) -> bytes:
    return path.read_bytes()


def spoil(path: Path) -> None:
    """Overwrite all but the first page."""
    whole = path.read_bytes()
    path.write_bytes(whole[:PAGE] + b"\xff" * (len(whole) - PAGE))


@contextmanager
def a_stranger() -> Iterator[None]:
    """Give up the superuser's rights, which no file mode keeps out."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """Also the files SQLite keeps beside it, and the folders that had to be made."""
    before = os.umask(0o022)
    try:
        journal = await opened(tmp_path / "data" / "deep" / "j.sqlite")
        await journal.append([a.proposed()])
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "data").rglob("*")}
    finally:
        os.umask(before)
    await journal.close()
    assert modes == {
        "deep": 0o700,
        "j.sqlite": 0o600,
        "j.sqlite-wal": 0o600,
        "j.sqlite-shm": 0o600,
        "j.sqlite.lock": 0o600,
    }
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


async def test_the_writer_loses_nothing_and_checks_references(database: Database) -> None:
    """Write-ahead log, every commit synced, foreign keys, and patience with whoever else has it open."""
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 20}
    async with database.writer.connect() as connection:
        found = {name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar() for name in wanted}
    assert found == wanted


async def test_five_seconds_of_patience_unless_told_otherwise(path: Path) -> None:
    """A backup that holds the file for a moment is waited for."""
    journal = await open_journal(url_of(path), a.MAIN, a.FixedClock())
    await journal.close()
    assert open_journal.__kwdefaults__ == {"busy_timeout": timedelta(seconds=5)}


async def test_readers_cannot_write(database: Database) -> None:
    """A mistake in a query cannot change the journal."""
    with pytest.raises(JournalUnavailable, match="read-only"):
        await database.read(lambda connection: connection.exec_driver_sql("DELETE FROM event"))


async def test_what_was_written_is_there_after_a_restart(path: Path) -> None:
    """Opening again brings nothing up and loses nothing."""
    journal = await opened(path)
    events = await journal.append(a.whole_life())
    await journal.close()
    again = await opened(path)
    found = await again.stream(events[0].stream)
    await again.close()
    assert found == events


async def test_a_locked_database_is_said_to_be_locked(journal: SqlJournal, path: Path) -> None:
    """Reads go on meanwhile, and afterwards so do writes: nothing is lost."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnavailable, match="locked by another program: close what has it open") as caught:
            await journal.append([a.proposed()])
        assert str(path) in str(caught.value)
        assert caught.value.__cause__ is not None
        assert await journal.plans(5) == ()
        other.execute("ROLLBACK")
    await journal.append([a.proposed()])
    assert len(await journal.plans(5)) == 1


async def test_a_full_disk_is_said_to_be_full(database: Database) -> None:
    """What fitted before stays; nothing of the append that did not fit is there."""
    journal = SqlJournal(database, a.MAIN, a.FixedClock())
    await journal.append([a.proposed()])
    async with database.writer.connect() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar()
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    code = ev.VenueHealthChanged(VenueName("kraken"), VenueHealth.UNREACHABLE, "f" * 100_000)
    with pytest.raises(JournalUnavailable, match="disk is full: free some space"):
        await journal.append([a.own(code), a.of_plan(a.approved())])
    assert await journal.stream(a.PORTFOLIO) == ()
    assert [summary.status.value for summary in await journal.plans(5)] == ["proposed"]


async def test_a_file_that_is_no_database(path: Path) -> None:
    """It is left as it is."""
    write_diary(path)
    diary = content(path)
    assert "is not a database: restore it from a backup, or name another file" in await refusal(path)
    assert content(path) == diary


async def test_a_damaged_database(path: Path) -> None:
    """A database whose pages were overwritten is not used."""
    journal = await opened(path)
    await journal.append(a.whole_life())
    await journal.close()
    spoil(path)
    assert "is damaged: restore it from a backup" in await refusal(path)


async def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """The remedy is a right that the user can give."""
    folder = tmp_path / "data"
    path = folder / "j.sqlite"
    await (await opened(path)).close()
    path.chmod(0)
    folder.chmod(0o777 if os.geteuid() == 0 else 0o700)
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        if os.geteuid() == 0:
            parent.chmod(0o755)
    (folder / "j.sqlite.lock").unlink()
    with a_stranger():
        assert "let this user read and write it and its folder" in await refusal(path)


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """The remedy is a file's name."""
    assert "is a folder: name a file in it" in await refusal(tmp_path)


async def test_a_path_through_a_file(path: Path) -> None:
    """A file stands where a folder is needed."""
    write_diary(path)
    assert "has a file where its path needs a folder" in await refusal(path / "deeper" / "j.sqlite")


async def test_a_loop_of_links(tmp_path: Path) -> None:
    """A path that leads nowhere is said to be wrong."""
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert "check its path" in await refusal(loop)


async def test_a_database_of_a_newer_program(path: Path) -> None:
    """Known by its revision; it is not touched."""
    await (await opened(path)).close()
    change(path, "UPDATE alembic_version SET version_num = '9999'")
    assert "newer version of Equipoise: update the program" in await refusal(path)


async def test_facts_of_a_newer_program(path: Path) -> None:
    """Known by the version of their shape, where the tables are the same."""
    journal = await opened(path)
    await journal.append([a.proposed()])
    await journal.close()
    change(path, "UPDATE event SET schema_version = 99")
    assert "newer version of Equipoise: update the program" in await refusal(path)


async def test_a_database_of_another_program(path: Path) -> None:
    """No tables are put into it."""
    change(path, "CREATE TABLE photos (id INTEGER)")
    assert "belongs to another program: name another file" in await refusal(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


async def test_a_second_instance_is_turned_away(journal: SqlJournal, path: Path, tmp_path: Path) -> None:
    """Also where it comes by another name; the message names the process that has it."""
    link = tmp_path / "link.sqlite"
    link.symlink_to(path)
    for name in (path, link):
        with pytest.raises(JournalUnavailable, match="another Equipoise is already running on this database") as caught:
            await opened(name)
        assert f"({path}, process {os.getpid()})" in str(caught.value)
    await journal.append([a.proposed()])


async def test_an_instance_that_is_gone_holds_nothing(path: Path) -> None:
    """After it was closed, or was killed and left its lock's file behind."""
    path.with_name("j.sqlite.lock").write_text("1234567890\n")
    await (await opened(path)).close()
    await (await opened(path)).close()


async def test_a_failed_start_holds_nothing(path: Path) -> None:
    """After the file has been put right, the next start works."""
    write_diary(path)
    await refusal(path)
    empty(path)
    await (await opened(path)).close()


async def test_a_closed_journal_says_so(path: Path) -> None:
    """It does not quietly open the file again, without its lock."""
    journal = await opened(path)
    await journal.close()
    with pytest.raises(JournalUnavailable, match="was closed"):
        await journal.append([a.proposed()])


@pytest.mark.parametrize("url", ["sqlite:///x.sqlite", "sqlite+aiosqlite://", "postgresql://host/x", "nonsense"])
async def test_a_url_that_cannot_serve(url: str) -> None:
    """The key and the right form are named."""
    with pytest.raises(InvalidValue, match=r"database.url: expected sqlite\+aiosqlite:////folder/file.sqlite"):
        await open_journal(url, a.MAIN, a.FixedClock())
