"""What a file would bring into the books, before anything is changed. Pure.

Nothing is imported while a line is wrong, and what is known already adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
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
MOST_VENUES: Final = 5
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
    later: int = 0
    """Records of a time that the books know themselves: they are left out."""
    unknown: int = 0
    """Deposits from elsewhere: what they cost is not known."""
    gone: int = 0
    """Withdrawals to elsewhere: they take their lots along without a gain."""
    without_id: int = 0
    """Rows without an id of the trade: one that the exchange itself tells of cannot be recognised in them."""

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
        lines(*_remarks(preview)),
        _what_next(preview),
    )


def _amount(preview: ImportPreview) -> str:
    kinds = ", ".join(figures.count(count, *KINDS[kind]) for kind, count in preview.kinds if count)
    new = f"New: {kinds}." if kinds else "It holds nothing new."
    known = f" {figures.count(preview.known, 'record')} known already: nothing is added twice." if preview.known else ""
    return new + known


def _remarks(preview: ImportPreview) -> list[str]:
    """What a person should know before saying yes."""
    if preview.problems:
        return []
    said = (
        (preview.later, "of a time that my own books cover already: left out"),
        (preview.unknown, "deposited from elsewhere: what they cost is not known until you say so with /basis"),
        (preview.gone, "withdrawn to elsewhere: they leave with their lots, and without a gain"),
        (preview.without_id, "without an id of the trade: do not import the same trades from the exchange as well"),
    )
    return [f"ℹ️ {figures.count(count, 'record')} {words}." for count, words in said if count]


def how_to_import(venues: Sequence[str]) -> Message:
    """To /import alone."""
    own = " or ".join(f"/import {name(venue)}" for venue in venues[:MOST_VENUES])
    return Message(
        paragraphs(
            "📥 <b>Bring in what came before</b>",
            "Send me a CSV file: an export of an exchange or of another tax program, or your own with a date, a type, "
            "an asset and an amount. Where the file does not name the account, write it as the file's caption.",
            f"{own} asks the exchange itself for the trades that it still knows." if own else "",
            "I show what I understood before anything is changed. The same file twice adds nothing.",
        )
    )


def imported(new: int) -> Message:
    """After a file was taken over."""
    return Message(
        f"✅ {figures.count(new, 'record')} imported. /tax shows the year, /lots what is held and what it cost."
    )


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
    """None where something is wrong, or nothing is new: there is nothing to decide."""
    if preview.problems or not preview.fresh:
        return ()
    accept = Button("✅ Import", import_payload(ImportVerb.ACCEPT, preview.id), Style.SUCCESS)
    return ((accept, Button("Cancel", import_payload(ImportVerb.CANCEL, preview.id))),)
