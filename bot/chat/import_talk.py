"""Histories that people bring: a file is read and shown, and written down only when its button says so."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from bot.chat.message import Message
from bot.chat.render import replies
from bot.chat.render.imports import (
    AssetFlow,
    ImportPreview,
    LineProblem,
    MappedColumn,
    how_to_import,
    import_preview_card,
    imported,
)
from bot.chat.services import Ask, ChatServices, ReceivedFile, Replies
from bot.chat.tax_payloads import ImportPress, ImportVerb
from bot.imports.files import counts_of, preview_of
from bot.imports.from_trades import preview_of_trades
from bot.imports.records import Preview, Terms
from engine.api import Imported, InvalidValue, Person, VenueError
from engine.model.ids import Asset, VenueName
from engine.model.lots import OPENS, Entry, EntryKind
from engine.model.money import ZERO

MOST_WAITING: Final = 8
"""Files that were shown and not decided on; the oldest is forgotten first."""
ID_LENGTH: Final = 12
COMMAND: Final = "/import"
CANCELLED: Final = "🗑 Nothing was imported."
FORGOTTEN: Final = "I no longer have that file. Send it again, please; what was imported before is not added twice."
NOT_YET: Final = "no venue has shown its markets yet, so that nothing can be valued"
AGAIN: Final = "nothing was changed; send it again in a minute"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A history that was shown and waits for a word."""

    source: str
    entries: tuple[Entry, ...]


class ImportTalk:
    """Takes histories. What was shown is kept in memory: after a restart it is to be sent again."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services
        self._engine = services.engine
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()

    async def ask(self, ask: Ask) -> Replies:
        """/import [VENUE]: how to bring a file, or the venue's own history."""
        if not ask.words:
            return (how_to_import(self._services.venues),)
        venue = next((v for v in self._services.venues if v.lower() == ask.words[0].lower()), None)
        if venue is None:
            known = ", ".join(self._services.venues)
            return (replies.failed("Importing", "the venue is not known", f"write /import and one of {known}"),)
        return await self._from_venue(venue)

    async def received(self, ask: Ask, file: ReceivedFile) -> Replies:
        """A file; its caption names the account, where the file does not."""
        numeraire = self._engine.numeraire
        if numeraire is None:
            return (replies.failed("Importing", NOT_YET, AGAIN),)
        try:
            text = file.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            remedy = "save it as CSV in UTF-8 and send it again"
            return (replies.failed("Importing", "the file is no text in UTF-8", remedy),)
        terms = await self._terms(numeraire, ask.words)
        # A file of a hundred thousand rows takes seconds, in which everything else goes on.
        read = await asyncio.to_thread(preview_of, text, terms)
        # The same file for another account is another history.
        name = hashlib.sha256(f"{terms.account}\n{text}".encode()).hexdigest()[:ID_LENGTH]
        return (await self._shown(file.name or "a file", name, read),)

    async def decide(self, press: ImportPress, person: Person) -> Message:
        """What a button of a preview says."""
        waiting = self._waiting.pop(press.preview, None)
        if waiting is None:
            return Message(FORGOTTEN)
        if press.verb is ImportVerb.CANCEL:
            return Message(CANCELLED)
        done = await self._engine.lots.import_history(waiting.source, waiting.entries, person)
        return imported(done.new)

    async def _from_venue(self, venue: VenueName) -> Replies:
        numeraire = self._engine.numeraire
        if numeraire is None:
            return (replies.failed("Importing", NOT_YET, AGAIN),)
        try:
            trades = await self._engine.lots.history(venue)
        except VenueError as error:
            return (replies.failed("Importing", error.message, f"export a CSV on {venue} and send it here instead"),)
        prices = await self._engine.lots.past_prices()
        read = preview_of_trades(trades, Terms(venue, numeraire, self._services.zone, prices))
        name = hashlib.sha256(f"{venue} {trades}".encode()).hexdigest()[:ID_LENGTH]
        return (await self._shown(f"the history of {venue}", name, read),)

    async def _shown(self, source: str, name: str, read: Preview) -> Message:
        """The preview of what would be new; it is kept until it is decided on."""
        try:
            new, counts = await self._engine.lots.sorted_out(read.entries)
        except InvalidValue as error:
            return replies.failed("Importing", error.problem, AGAIN)
        if new and not read.errors:
            self._waiting[name] = Waiting(source, new)
            self._waiting.move_to_end(name)
            while len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)
        return import_preview_card(_preview(name, source, read, new, counts))

    async def _terms(self, numeraire: Asset, words: Sequence[str]) -> Terms:
        """Rows happened where the caption says, else at the only venue there is, else in a wallet."""
        words = words[1:] if words[:1] == (COMMAND,) else words
        own = tuple(map(str, self._services.venues))
        account = " ".join(words) or (own[0] if len(own) == 1 else "wallet")
        terms = Terms(account, numeraire, self._services.zone, await self._engine.lots.past_prices(), own)
        return replace(terms, account=terms.account_named(account))


def _preview(name: str, source: str, read: Preview, new: Sequence[Entry], counts: Imported) -> ImportPreview:
    found = counts_of(new)
    kinds = {kind: sum(c.entries for c in found if c.kind is kind) for kind in EntryKind}
    return ImportPreview(
        id=name,
        source=source,
        kinds=tuple((kind, count) for kind, count in kinds.items() if count),
        known=counts.known,
        assets=_flows(new),
        first=read.first,
        last=read.last,
        columns=tuple(MappedColumn(column.header, column.meaning) for column in read.columns if column.meaning),
        unread=tuple(column.header for column in read.columns if not column.meaning),
        problems=tuple(LineProblem(error.line, error.column, error.problem) for error in read.errors),
        later=counts.later,
        unknown=read.unpaired_deposits,
        gone=read.unpaired_withdrawals,
        without_id=read.without_id,
    )


def _flows(entries: Iterable[Entry]) -> tuple[AssetFlow, ...]:
    came: dict[Asset, Decimal] = {}
    went: dict[Asset, Decimal] = {}
    for entry in entries:
        if entry.kind in OPENS:
            came[entry.asset] = came.get(entry.asset, ZERO) + entry.quantity
        elif entry.kind is not EntryKind.TRANSFER:
            went[entry.asset] = went.get(entry.asset, ZERO) + entry.quantity
    return tuple(AssetFlow(a, came.get(a, ZERO), went.get(a, ZERO)) for a in sorted(came.keys() | went.keys()))
