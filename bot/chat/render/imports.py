"""What a file would bring into the books, before anything is changed. Pure.

Nothing is imported while a line is wrong, and what is known already adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from bot.chat.message import Button, Keyboard, Message, Style
from bot.chat.render import figures
from bot.chat.render.layout import columns, fitting, lines, listed, paragraphs, table
from bot.chat.render.names import cell, name, problem
from bot.chat.tax_payloads import ImportVerb, import_payload
from engine.model.ids import Asset
from engine.model.lots import EntryKind
from engine.model.money import exact

NAME_COLUMNS: Final = 8
FIGURE_COLUMNS: Final = 12
COLUMN_NAME: Final = 24
KINDS: Final[dict[EntryKind, tuple[str, str]]] = {
    EntryKind.ACQUIRE: ("purchase", ""),
    EntryKind.INCOME: ("income", "incomes"),
    EntryKind.OPENING: ("opening balance", ""),
    EntryKind.DISPOSE: ("sale", ""),
    EntryKind.FEE: ("fee", ""),
    EntryKind.REDUCE: ("reduction", ""),
    EntryKind.TRANSFER: ("transfer", ""),
}


class LineProblem(NamedTuple):
    """What is wrong with a line of the file; `column` is empty where it is about the whole line."""

    line: int
    column: str
    problem: str


class AssetFlow(NamedTuple):
    """What comes and goes of an asset by the file."""

    asset: Asset
    came: Decimal
    went: Decimal


class MappedColumn(NamedTuple):
    """A column of the file, and what it is read as."""

    header: str
    read_as: str


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """A file that was read and not yet imported. `id` names it on its buttons: sixteen hexadecimal digits at most."""

    id: str
    source: str
    """The file's name, or the exchange whose history was asked for."""
    kinds: tuple[tuple[EntryKind, int], ...]
    """How many records of each kind would be new."""
    known: int
    """Records that are in the books already: they add nothing."""
    assets: tuple[AssetFlow, ...]
    first: date | None
    last: date | None
    columns: tuple[MappedColumn, ...] = ()
    unread: tuple[str, ...] = ()
    """Columns that mean nothing to us."""
    problems: tuple[LineProblem, ...] = ()

    @property
    def fresh(self) -> int:
        """Records that would be new."""
        return sum(count for _, count in self.kinds)


@exact
def import_preview_card(preview: ImportPreview) -> Message:
    """To /import: what would be added, or which lines are wrong."""
    return Message(fitting(lambda room: _card(preview, room)), _keyboard(preview))


def _card(preview: ImportPreview, room: int) -> str:
    return paragraphs(
        lines(f"📥 <b>Import of {name(preview.source)}</b>", _amount(preview), _days(preview)),
        _flows(preview, room),
        _columns(preview, room),
        _problems(preview, room),
        _what_next(preview),
    )


def _amount(preview: ImportPreview) -> str:
    kinds = ", ".join(figures.count(count, *KINDS[kind]) for kind, count in preview.kinds if count)
    new = f"New: {kinds}." if kinds else "It holds nothing new."
    known = f" {figures.count(preview.known, 'record')} known already: nothing is added twice." if preview.known else ""
    return new + known


def _days(preview: ImportPreview) -> str:
    if preview.first is None or preview.last is None:
        return ""
    first, last = figures.full_day(preview.first), figures.full_day(preview.last)
    return f"On {first}." if first == last else f"From {first} to {last}."


def _flows(preview: ImportPreview, room: int) -> str:
    if not preview.assets:
        return ""
    rows = columns("", ("comes", "goes"), FIGURE_COLUMNS)
    for asset, came, went in preview.assets[:room]:
        rows += columns(cell(asset, NAME_COLUMNS), (figures.quantity(came), figures.quantity(went)), FIGURE_COLUMNS)
    rest = len(preview.assets) - room
    return lines(table(rows), f"and {figures.count(rest, 'more asset')}" if rest > 0 else "")


def _columns(preview: ImportPreview, room: int) -> str:
    if not preview.columns and not preview.unread:
        return ""
    mapped = [f"{name(column.header, COLUMN_NAME)}: {name(column.read_as)}" for column in preview.columns]
    unread = ", ".join(name(header, COLUMN_NAME) for header in preview.unread[:room])
    more = f" and {figures.count(len(preview.unread) - room)} more" if len(preview.unread) > room else ""
    return lines("<b>Columns</b>", *listed(mapped, room), f"Not read: {unread}{more}" if unread else "")


def _problems(preview: ImportPreview, room: int) -> str:
    if not preview.problems:
        return ""
    said = [_problem(each) for each in preview.problems]
    return lines(f"⚠️ <b>{figures.count(len(said), 'problem')}</b>", *listed(said, room))


def _problem(each: LineProblem) -> str:
    column = f", {name(each.column, COLUMN_NAME)}" if each.column else ""
    return f"line {each.line}{column}: {problem(each.problem)}"


def _what_next(preview: ImportPreview) -> str:
    if preview.problems:
        return "Nothing has been changed. Correct these lines and send the file again."
    if not preview.fresh:
        return "Nothing has been changed, and nothing needs to be."
    return "Nothing has been changed yet. Shall I import it?"


def _keyboard(preview: ImportPreview) -> Keyboard:
    """No Import where something is wrong, or nothing is new."""
    cancel = Button("Cancel", import_payload(ImportVerb.CANCEL, preview.id))
    if preview.problems or not preview.fresh:
        return ((cancel,),)
    accept = Button("✅ Import", import_payload(ImportVerb.ACCEPT, preview.id), Style.SUCCESS)
    return ((accept, cancel),)
