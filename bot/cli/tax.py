"""`equipoise tax export`: a year's gains, income, open lots and Form 8949 as files. Nothing is overwritten unasked."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final, NamedTuple

from bot.cli.lot_rules import history_of
from bot.cli.outcome import DONE, CommandFailed, say, say_json
from bot.config.load import read_settings
from bot.config.mistakes import ConfigMistakes, Mistake
from bot.config.settings import Settings
from bot.exports.csv_text import csv_text
from bot.exports.form_8949 import Reported
from bot.exports.report import FILES, What, book, tables
from bot.exports.spreadsheet import NoSpreadsheets, workbook
from bot.exports.tax_view import method_results, tax_year_view
from bot.exports.tax_year import tax_year
from bot.exports.views import TaxYearView
from bot.wiring import journal_of, system_clock
from engine.api import LEDGER_FACTS, LotRules, ledger_view, settle
from engine.model.events import Event, PricesNoted
from engine.model.lots import Entry, Settlement
from engine.model.money import plain

SCHEMA: Final = "equipoise-tax-export/1"
FIRST_YEAR, LAST_YEAR = 1970, 9998
CSV: Final = "csv"


class Books(NamedTuple):
    """A history, the rules it is settled by, and what it comes to."""

    entries: tuple[Entry, ...]
    rules: LotRules
    settlement: Settlement


class File(NamedTuple):
    """A file to be written, and how many rows it has of each table."""

    path: Path
    content: bytes
    rows: dict[str, int]


def command(options: argparse.Namespace) -> int:
    """Settle, write the files, say which."""
    if not FIRST_YEAR <= options.year <= LAST_YEAR:
        raise ConfigMistakes([Mistake("--year", f"expected a year such as 2026, got {options.year}")])
    books = settlement_of(read_settings(options.config)) if options.events is None else _from_events(options)
    view = _view(books, options.year)
    files = _files(books, view, options)
    _write(files, overwrites=options.force)
    if options.json:
        say_json(_record(view, files))
    else:
        for file in files:
            rows = ", ".join(f"{count} of {table}" for table, count in file.rows.items())
            say(f"{file.path}: rows: {rows}")
    return DONE


def settlement_of(settings: Settings) -> Books:
    """The bot's own books, folded from its journal and settled by the rules of the configuration.

    Raises CommandFailed where nothing is known of them yet.
    """
    events = asyncio.run(_facts(settings))
    noted = [event.fact.numeraire for event in events if isinstance(event.fact, PricesNoted)]
    numeraire = settings.numeraire or (noted[-1] if noted else None)
    if numeraire is None:
        raise CommandFailed("nothing is in the books of this database yet; let the bot look at the portfolio first")
    view = ledger_view(events, settings.policy.tax, numeraire)
    return Books(view.ledger.entries, view.rules, view.settlement)


async def _facts(settings: Settings) -> tuple[Event, ...]:
    journal = await journal_of(settings, system_clock())
    try:
        return await journal.facts(*LEDGER_FACTS)
    finally:
        await journal.close()


def _from_events(options: argparse.Namespace) -> Books:
    entries, rules = history_of(options)
    return Books(entries, rules, settle(entries, rules))


def _view(books: Books, year: int) -> TaxYearView:
    """Looked at from the year's last day, whatever today is: equal histories are to be equal files."""
    days = tax_year(books.rules, year)
    end = datetime.combine(days.last, time.min, days.zone)
    others = method_results(books.entries, books.rules, year)
    return tax_year_view(books.settlement, books.rules, year, end, others)


def _files(books: Books, view: TaxYearView, options: argparse.Namespace) -> list[File]:
    """Raises CommandFailed where spreadsheets cannot be made, InvalidValue where the form cannot."""
    what, reported, out = What(options.what), Reported(options.form_1099_da), options.out
    made = tables(books.settlement, view.year, what, reported)
    rows = {table.value: len(sheet.rows) for table, sheet in made.items()}
    if options.format != CSV:
        try:
            return [File(out, workbook(book(books.settlement, view, what, reported)), rows)]
        except NoSpreadsheets as error:
            raise CommandFailed(str(error)) from None
    return [
        File(
            out / FILES[table] if what is What.ALL else out,
            csv_text(sheet).encode(),
            {table.value: rows[table.value]},
        )
        for table, sheet in made.items()
    ]


def _write(files: Sequence[File], *, overwrites: bool) -> None:
    """All of them, or none where one is there already. Raises CommandFailed."""
    there = [str(file.path) for file in files if file.path.exists()]
    if there and not overwrites:
        which = f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already"
        raise CommandFailed(f"{which}; write to another place, or overwrite with --force")
    for file in files:
        try:
            if len(files) > 1:
                file.path.parent.mkdir(parents=True, exist_ok=True)
            # A file that somebody else has made meanwhile is not overwritten either.
            with file.path.open("wb" if overwrites else "xb") as opened:
                opened.write(file.content)
        except OSError as error:
            raise CommandFailed(f"{file.path} cannot be written ({error.strerror}); check the path") from None


def _record(view: TaxYearView, files: Sequence[File]) -> dict[str, Any]:
    tax = view.estimate.tax
    return {
        "schema": SCHEMA,
        "year": view.year.year,
        "first_day": view.year.first.isoformat(),
        "last_day": view.year.last.isoformat(),
        "files": [{"path": str(file.path), "rows": file.rows} for file in files],
        "totals": {
            "gain": plain(view.gains.total),
            "short": plain(view.gains.short),
            "long": plain(view.gains.long),
            "income": plain(view.income),
        },
        "unknown": [{"asset": each.asset, "qty": plain(each.quantity)} for each in view.unknown],
        "estimated_tax": None if tax is None else plain(tax),
    }
