"""What people ask and say about taxes and lots: a year, an asset's lots, what things cost, and histories they bring."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from html import escape
from typing import Final

from bot.chat.message import Message, OutgoingFile
from bot.chat.render import figures, replies
from bot.chat.render.lots import lots_card, lots_overview
from bot.chat.render.tax import tax_card
from bot.chat.services import Ask, ChatServices, Replies
from bot.chat.tax_payloads import ExportFormat, ExportPress, LotsLook, TaxLook, parse_tax
from bot.exports.csv_text import csv_text
from bot.exports.form_8949 import Reported
from bot.exports.lots_view import lot_handle, lots_view
from bot.exports.report import FILES, What, book, tables
from bot.exports.spreadsheet import NoSpreadsheets, workbook
from bot.exports.tax_view import method_results, tax_year_view
from bot.exports.views import TaxYearView
from engine.api import InvalidValue, LedgerView
from engine.model.ids import Asset
from engine.model.money import Money, decimal_of

SPREADSHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AMOUNT: Final = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
"""A comma stands between thousands alone: in 12,5 it means something else."""
HOW_TO_TAX: Final = "write /tax, or /tax 2026 for a year"
HOW_TO_SAY: Final = "write /basis ID 12000, or /basis ID 12000 2024-05-31: what all of it cost, and since when"
NO_LEDGER: Final = "no venue has shown its balances yet; try again in a minute"
COUNTS_FROM_NOW: Final = "It counts from now on, also in plans that are made next."


class TaxTalk:
    """Takes what people ask and say about taxes and lots."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services
        self._engine = services.engine

    async def tax(self, ask: Ask) -> Replies:
        """/tax [YEAR]: what a year came to."""
        view = await self._engine.lots.view()
        if view is None:
            return (replies.failed("Telling of taxes", NO_LEDGER, HOW_TO_TAX),)
        if not ask.words:
            return (await self._year(view, view.rules.year_of(self._services.clock.now())),)
        asked = parse_tax(f"v1:tax:{ask.words[0]}")
        if not isinstance(asked, TaxLook):
            return (replies.failed("Telling of taxes", "the year was not understood", HOW_TO_TAX),)
        return (await self._year(view, asked.year),)

    async def lots(self, ask: Ask) -> Replies:
        """/lots [ASSET]: the lots of an asset, or what there is."""
        view = await self._engine.lots.view()
        if view is None:
            return (replies.failed("Telling of lots", NO_LEDGER, "write /lots BTC"),)
        if not ask.words:
            unlike = await self._engine.lots.unlike_books()
            return (lots_overview(view.settlement.remaining, unlike, self._services.frame),)
        return (await self._lots(view, Asset(ask.words[0].upper()), 1),)

    async def basis(self, ask: Ask) -> Replies:
        """/basis ID AMOUNT [DATE]: what a lot cost in total, and since when it is held."""
        try:
            lot, cost, since = await self._stated(ask.words)
            await self._engine.lots.state_basis(lot, cost, since, ask.person)
        except InvalidValue as error:
            return (replies.failed("Noting that", f"{error.field} {error.problem}", HOW_TO_SAY),)
        return (Message(f"Noted: {figures.money(cost, self._services.frame.numeraire)} in all. {COUNTS_FROM_NOW}"),)

    async def look(self, press: TaxLook | LotsLook) -> Message:
        """What a button of a card shows."""
        view = await self._engine.lots.view()
        if view is None:
            return replies.failed("That", NO_LEDGER, HOW_TO_TAX)
        if isinstance(press, TaxLook):
            return await self._year(view, press.year)
        return await self._lots(view, press.asset, press.page)

    async def export(self, press: ExportPress) -> Replies:
        """A year's tables as files."""
        view = await self._engine.lots.view()
        if view is None:
            return (replies.failed("Exporting", NO_LEDGER, HOW_TO_TAX),)
        told = await self._told(view, press.year)
        try:
            files = await asyncio.to_thread(lambda: tuple(_files(press, view, told)))
        except (InvalidValue, NoSpreadsheets) as error:
            return (replies.failed("Exporting", str(error), "press CSV for the same in plain files"),)
        return tuple(Message(escape(file.name), file=file) for file in files)

    async def _told(self, view: LedgerView, year: int) -> TaxYearView:
        # A long history takes seconds for each method, in which everything else goes on.
        others = await asyncio.to_thread(method_results, view.ledger.entries, view.rules, year)
        return tax_year_view(view.settlement, view.rules, year, self._services.clock.now(), others)

    async def _year(self, view: LedgerView, year: int) -> Message:
        return tax_card(await self._told(view, year), self._services.frame)

    async def _lots(self, view: LedgerView, asset: Asset, page: int) -> Message:
        """With the marks of now."""
        decision = await self._engine.look()
        marks = {mark.asset: Decimal(mark.price) for mark in decision.outcome.valuation.marks}
        now = self._services.clock.now()
        told = lots_view(view.settlement, view.rules, asset, now, marks.get(asset))
        return lots_card(told, self._services.frame, page)

    async def _stated(self, words: Sequence[str]) -> tuple[str, Money, datetime | None]:
        """The words of /basis. Raises InvalidValue, which names the word."""
        if len(words) not in (2, 3):
            raise InvalidValue("it", "needs the id that /lots shows, an amount, and a date where you know it")
        view = await self._engine.lots.view()
        meant = [e.id for e in view.to_be_told if lot_handle(e.id) == words[0].lower()] if view else []
        if view is None or len(meant) != 1:
            raise InvalidValue("the id", "is not one of those that /lots shows")
        if "," in words[1] and not AMOUNT.fullmatch(words[1]):
            raise InvalidValue("the amount", "is to be written as 12000.50 or 12,000.50")
        cost = Money(decimal_of(words[1].replace(",", ""), "the amount"))
        return meant[0], cost, _since(words[2:], view.rules.zone)


def _files(press: ExportPress, view: LedgerView, told: TaxYearView) -> Iterator[OutgoingFile]:
    """One spreadsheet, or a CSV of every table. Raises InvalidValue or NoSpreadsheets."""
    if press.format is ExportFormat.SPREADSHEET:
        sheets = book(view.settlement, told, What.ALL, Reported.NOTHING)
        yield OutgoingFile(f"equipoise-{press.year}.xlsx", workbook(sheets), SPREADSHEET_TYPE)
        return
    for table, sheet in tables(view.settlement, told.year, What.ALL, Reported.NOTHING).items():
        yield OutgoingFile(f"{press.year}-{FILES[table]}", csv_text(sheet).encode(), "text/csv")


def _since(words: Sequence[str], zone: tzinfo) -> datetime | None:
    if not words:
        return None
    try:
        return datetime.combine(date.fromisoformat(words[0]), time.min, zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidValue("the date", "is to be written as 2024-05-31") from error
