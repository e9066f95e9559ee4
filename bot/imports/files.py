"""A CSV file of a history as entries of the ledger: first shown, then added. Pure.

text -> lines -> the columns' meanings -> records -> pairs of withdrawals and deposits -> entries. A file with a single
mistake yields none; all its mistakes are told at once.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal

from bot.imports.dates import DateOrder, zone_in_header
from bot.imports.entries import entries_of
from bot.imports.layout import NUMBERS, Field, Layout, layout_of
from bot.imports.ledgers import name_of_group, record_of_group, together
from bot.imports.numbers import DecimalMark
from bot.imports.pairing import Paired, paired
from bot.imports.records import ColumnUse, Count, LineMistake, Movement, Preview, Record, Skipped, Terms
from bot.imports.rows import Reading, Row, record_of, zone_of
from bot.imports.table import Line, NoTable, lines_of
from engine.model.errors import InvalidValue
from engine.model.lots import Entry
from engine.model.money import exact, total

HASH_LENGTH = 16
BETWEEN_CELLS = "\x1f"


def preview_of(text: str, terms: Terms) -> Preview:
    """Read a file, as far as it can be read. Whatever is wrong is in the preview, and then there are no entries."""
    try:
        lines = lines_of(text)
        layout = layout_of(lines, terms.numeraire)
    except NoTable as error:
        return Preview("unknown", 0, errors=(LineMistake(error.line, "", error.problem),))
    rows = _rows(lines, layout, terms)
    columns = tuple(map(ColumnUse, layout.headers, layout.meanings()))
    reader = _Reader(terms)
    groups = together(rows) if layout.format.is_ledger else [[row] for row in rows]
    reader.read(groups)
    return reader.preview(layout.format.name, len(rows), columns)


def counts_of(entries: Iterable[Entry]) -> tuple[Count, ...]:
    """Entries by kind and asset, in the order of both."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        found.setdefault((entry.kind.value, entry.asset), []).append(entry)
    return tuple(
        Count(same[0].kind, same[0].asset, len(same), _sum(each.quantity for each in same))
        for _, same in sorted(found.items())
    )


@exact
def _sum(quantities: Iterable[Decimal]) -> Decimal:
    return total(quantities)


def _rows(lines: Sequence[Line], layout: Layout, terms: Terms) -> list[Row]:
    body = [line for line in lines if line.number > layout.line and line.cells != layout.headers]

    def cells(wanted: Field) -> list[str]:
        place = layout.places.get(wanted)
        return [] if place is None else [line.cells[place] for line in body if place < len(line.cells)]

    zone = zone_of(layout, zone_in_header(layout.headers[layout.places[Field.AT]]), terms.zone, UTC)
    mark = DecimalMark(text for each in NUMBERS for text in cells(each))
    names = (Field.ASSET, Field.BASE, Field.QUOTE, Field.FEE_ASSET)
    known = {terms.numeraire, *(text.upper() for each in names for text in cells(each) if text)}
    reading = Reading(layout, terms, mark, DateOrder(cells(Field.AT), zone), known)
    return [Row(line, reading) for line in body]


@dataclass(slots=True)
class _Reader:
    """Reads rows, and goes on after a mistake."""

    terms: Terms
    mistakes: list[LineMistake] = field(default_factory=list)
    records: list[tuple[Row, Record]] = field(default_factory=list)
    skipped: Counter[Skipped] = field(default_factory=Counter)
    without_id: int = 0
    _seen: dict[str, tuple[int, str]] = field(default_factory=dict)
    _occurrences: Counter[str] = field(default_factory=Counter)

    def read(self, groups: Sequence[Sequence[Row]]) -> None:
        """Read rows that belong together, group by group."""
        for rows in groups:
            try:
                found = self._record(rows)
            except InvalidValue as error:
                self._mistake(rows[0], error)
                continue
            if isinstance(found, Skipped):
                self.skipped[found] += len(rows)
            else:
                self.records.append((rows[0], found))

    def preview(self, name: str, rows: int, columns: tuple[ColumnUse, ...]) -> Preview:
        """All that was read, as it is shown."""
        found = paired(record for _, record in self.records)
        entries = self._entries(found)
        mistakes = tuple(sorted(self.mistakes, key=lambda mistake: (mistake.line, mistake.column)))
        if mistakes:
            return Preview(name, rows, columns, skipped=self._skips(), errors=mistakes)
        days = sorted(entry.at.astimezone(self.terms.zone).date() for entry in entries)
        return Preview(
            name,
            rows,
            columns,
            entries,
            counts_of(entries),
            first=days[0] if days else None,
            last=days[-1] if days else None,
            transfers=found.transfers,
            unpaired_deposits=found.unpaired_deposits,
            unpaired_withdrawals=found.unpaired_withdrawals,
            without_id=self.without_id,
            skipped=self._skips(),
        )

    def _skips(self) -> tuple[tuple[Skipped, int], ...]:
        return tuple(sorted(self.skipped.items()))

    def _record(self, rows: Sequence[Row]) -> Record | Skipped:
        row = rows[0]
        content = _content(rows)
        is_ledger = row.reading.layout.format.is_ledger
        name = name_of_group(rows) if is_ledger else row.text(Field.ID)
        stem = f"{row.account}:{name or self._by_content(content)}"
        found = record_of_group(rows, stem) if is_ledger else record_of(row, stem)
        if isinstance(found, Skipped):
            return found
        if isinstance(found, Movement) and found.moved.asset == self.terms.numeraire and not found.fees:
            return Skipped.CASH
        line, earlier = self._seen.setdefault(stem, (row.line.number, content))
        if line != row.line.number:
            if content == earlier:
                return Skipped.REPEATED
            problem = f"is there already in line {line}, of something else; each row needs an id of its own"
            raise InvalidValue(row.header(Field.ID), problem)
        self.without_id += not name or not row.reading.layout.format.has_ids_of_trades
        return found

    def _by_content(self, content: str) -> str:
        """A name for a row without any: a digest of its content, and of equal rows their number."""
        self._occurrences[content] += 1
        digest = hashlib.sha256(content.encode()).hexdigest()[:HASH_LENGTH]
        return f"row-{digest}-{self._occurrences[content]}"

    def _entries(self, found: Paired) -> tuple[Entry, ...]:
        lines = {record.stem: row for row, record in self.records}
        made: list[Entry] = []
        for record in found.records:
            try:
                made += entries_of(record, self.terms)
            except InvalidValue as error:
                self._mistake(lines[record.stem], error)
        return tuple(sorted(made, key=lambda entry: (entry.at, entry.id)))

    def _mistake(self, row: Row, error: InvalidValue) -> None:
        meanings = {"value": Field.VALUE, "fee": Field.FEE}
        column = row.header(meanings[error.field], "") if error.field in meanings else error.field
        self.mistakes.append(LineMistake(row.line.number, column, error.problem))


def _content(rows: Sequence[Row]) -> str:
    return "\n".join(sorted(BETWEEN_CELLS.join(row.line.cells) for row in rows))
