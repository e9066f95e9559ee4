"""`equipoise tax export`: files of a year, nothing overwritten unasked, and every refusal with its remedy."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.__main__ import EXPORTED, REPORTED, main
from bot.exports.form_8949 import Reported
from bot.exports.report import FILES, What
from engine.clock import ManualClock
from engine.model.events import (
    BalancesAdopted,
    Draft,
    Fact,
    HistoryImported,
    PricesNoted,
    portfolio_stream,
)
from engine.model.ids import PortfolioId, UserId, VenueName
from engine.model.ledger import BookLine
from engine.model.lots import Entry, EntryKind
from engine.model.money import Price, Quantity
from engine.store.journal import open_journal
from tests.builders import BTC, USDT
from tests.cli.processes import TOKEN, equipoise

HISTORY = {
    "schema": "equipoise-events/1",
    "currency": "USD",
    "events": [
        {"id": "b1", "t": "2024-03-01T10:00:00Z", "asset": "BTC", "kind": "acquire", "qty": "1", "cost": "30000"},
        {"id": "i1", "t": "2026-01-15T10:00:00Z", "asset": "ETH", "kind": "income", "qty": "0.1", "cost": "300"},
        {"id": "s1", "t": "2026-02-01T10:00:00Z", "asset": "BTC", "kind": "dispose", "qty": "0.5", "proceeds": "31000"},
    ],
}


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A purchase, income, and a long-term sale in 2026."""
    path = tmp_path / "events.json"
    path.write_text(json.dumps(HISTORY))
    return path


def export(events: Path | str, out: Path, *options: str) -> int:
    return main(["tax", "export", "--events", str(events), "--year", "2026", "--out", str(out), *options])


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on standard error; there must be nothing on standard output."""
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    return line


def test_all_tables_are_files_of_a_folder(events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is made where it is not there; each file is named with its rows."""
    out = tmp_path / "taxes" / "2026"
    assert export(events, out) == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES.values())
    assert capsys.readouterr().out.splitlines() == [
        f"{out}/gains.csv: rows: 1 of gains",
        f"{out}/income.csv: rows: 1 of income",
        f"{out}/open-lots.csv: rows: 2 of lots",
        f"{out}/form-8949.csv: rows: 2 of 8949",
    ]
    assert "L,0.50000000 BTC,03/01/2024,02/01/2026,31000.00,15000.00,,,16000.00," in (out / "form-8949.csv").read_text()


def test_one_table_is_one_file(events: Path, tmp_path: Path) -> None:
    """With the boxes that were asked for."""
    out = tmp_path / "form.csv"
    assert export(events, out, "--what", "8949", "--form-1099-da", "without-basis") == 0
    assert out.read_text().splitlines()[2].startswith("K,")


def test_a_spreadsheet_holds_all(events: Path, tmp_path: Path) -> None:
    """In one file."""
    out = tmp_path / "2026.xlsx"
    assert export(events, out, "--format", "xlsx", "--profile", "generic") == 0
    assert load_workbook(out).sheetnames == ["Gains", "Income", "Open lots", "Form 8949", "Summary", "Notes"]


def test_the_record_has_the_totals(events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For other programs: files, rows, totals, and the tax where a profile is named."""
    out = tmp_path / "gains.csv"
    assert export(events, out, "--what", "gains", "--json", "--profile", "generic") == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema": "equipoise-tax-export/1",
        "year": 2026,
        "first_day": "2026-01-01",
        "last_day": "2026-12-31",
        "files": [{"path": str(out), "rows": {"gains": 1}}],
        "totals": {"gain": "16000", "short": "0", "long": "16000", "income": "300"},
        "unknown": [],
        "estimated_tax": "4000",
    }


def test_nothing_is_overwritten_unasked(events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even the files beside it are written."""
    out = tmp_path / "taxes"
    out.mkdir()
    kept = out / "income.csv"
    kept.write_text("mine")
    assert export(events, out) == 1
    assert refused(capsys) == f"{kept} is there already; write to another place, or overwrite with --force"
    assert [path.name for path in out.iterdir()] == ["income.csv"]
    assert kept.read_text() == "mine"
    assert export(events, out, "--force") == 0
    assert kept.read_text() != "mine"


def test_a_path_that_cannot_be_is_named(events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder for one file that is not there."""
    out = tmp_path / "nowhere" / "gains.csv"
    assert export(events, out, "--what", "gains") == 1
    assert refused(capsys) == f"{out} cannot be written (No such file or directory); check the path"


def test_a_year_that_is_none_is_refused(events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As bad input."""
    assert main(["tax", "export", "--events", str(events), "--year", "26", "--out", str(tmp_path / "x")]) == 2
    assert refused(capsys) == "--year: expected a year such as 2026, got 26"


def test_the_form_asks_for_terms(events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By rules without any, all else is exported, and the form is refused by name."""
    out = tmp_path / "form.csv"
    assert export(events, out, "--what", "8949", "--holding", "none") == 2
    assert refused(capsys).startswith("s1: is neither short nor long, and Form 8949 asks which")
    assert export(events, tmp_path / "all", "--holding", "none") == 0
    assert not (tmp_path / "all" / "form-8949.csv").exists()


def test_without_the_library_csv_is_the_remedy(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written."""
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    assert export(events, tmp_path / "2026.xlsx", "--format", "xlsx") == 1
    assert "or export CSV" in refused(capsys)
    assert not (tmp_path / "2026.xlsx").exists()


async def test_the_same_history_gives_the_same_bytes(events: Path, tmp_path: Path) -> None:
    """In two processes, spreadsheets too."""
    files = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    for file in files:
        done = await equipoise("tax", "export", "--events", events, "--year", "2026", "--format", "xlsx", "--out", file)
        assert done.status == 0, done.err
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_options_are_those_that_can_be_exported() -> None:
    """They are written down twice, so that other commands need not wait for the exports."""
    assert list(EXPORTED) == [what.value for what in What]
    assert list(REPORTED) == [reported.value for reported in Reported]


def test_the_source_must_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A configuration or a file of events, and not both."""
    arguments: list[Any] = ["tax", "export", "--year", "2026", "--out", str(tmp_path / "x")]
    for source in ([], ["--config", "a", "--events", "b"]):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, *source])
        assert ended.value.code == 2
    capsys.readouterr()


CONFIG = """
[targets]
BTC = 0.5
USDT = 0.5
[tax]
profile = "generic"
method = "fifo"
[telegram]
token_env = "BOT_TOKEN"
[venues.kraken]
exchange = "kraken"
holdings = {{ USDT = 1000 }}
[database]
url = "sqlite:///{folder}/journal.sqlite"
"""
AT = datetime(2026, 2, 1, tzinfo=UTC)
BOUGHT = Entry("kraken:1:in", AT - timedelta(days=99), EntryKind.ACQUIRE, BTC, "kraken", Decimal(2), Decimal(80))


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration whose journal holds a balance and the history that explains it."""
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(folder=tmp_path))

    async def keep() -> None:
        main_portfolio = PortfolioId("main")
        journal = await open_journal(f"sqlite+aiosqlite:///{tmp_path}/journal.sqlite", main_portfolio, ManualClock(AT))
        line = BookLine(VenueName("kraken"), BTC, Quantity(Decimal(3)))
        facts: list[Fact] = [
            PricesNoted(USDT, ((BTC, Price(Decimal(100))),)),
            BalancesAdopted(VenueName("kraken"), (line,)),
            HistoryImported("a file", (BOUGHT,), UserId(1), "Ada"),
        ]
        await journal.append([Draft(portfolio_stream(main_portfolio), fact, AT) for fact in facts])
        await journal.close()

    asyncio.run(keep())
    return config


def test_the_bots_own_books_are_exported(books: Path, tmp_path: Path) -> None:
    """What it holds, what that cost, and what is unknown of it."""
    out = tmp_path / "lots.csv"
    assert main(["tax", "export", "--config", str(books), "--year", "2026", "--what", "lots", "--out", str(out)]) == 0
    rows = list(csv.DictReader(out.read_text().splitlines()[1:]))
    assert [(row["Lot"], row["Quantity"], row["Cost"]) for row in rows] == [
        ("kraken:1:in", "2", "80"),
        ("opening:kraken:BTC:2026-02-01", "1", "0"),
    ]


def test_books_that_hold_nothing_are_no_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot has to look first."""
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(folder=tmp_path))
    assert main(["tax", "export", "--config", str(config), "--year", "2026", "--out", str(tmp_path / "x")]) == 1
