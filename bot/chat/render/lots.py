"""The lots of an asset on a card: what each cost, what it is worth, and from when on it is long-term. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Final

from bot.chat.message import Button, Keyboard, Message
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import columns, ends, joined, lines, listed, paragraphs, table
from bot.chat.render.names import bare, cell, name
from bot.chat.tax_payloads import lots_payload
from bot.exports.views import LotRow, LotsView
from engine.model.ledger import BookLine
from engine.model.lots import Lot, Term
from engine.model.money import ZERO, exact, total

NAME_COLUMNS: Final = 8
FIGURE_COLUMNS: Final = 12
MOST_ASSETS: Final = 40
MOST_UNKNOWN: Final = 12
MOST_UNLIKE: Final = 5
PAGE: Final = 8
"""Lots on a page: more would not be read on a phone."""


@exact
def lots_card(view: LotsView, frame: Frame, page: int = 1) -> Message:
    """To /lots: one page of an asset's lots, and what all of them come to."""
    if not view.rows:
        return Message(f"🪙 <b>Lots of {name(view.asset)}</b>\n\nNone is held. /portfolio shows what is.")
    pages = -(-len(view.rows) // PAGE)
    page = min(max(page, 1), pages)
    shown = view.rows[(page - 1) * PAGE : page * PAGE]
    where = f", page {figures.count(page)} of {figures.count(pages)}" if pages > 1 else ""
    html = paragraphs(
        lines(
            f"🪙 <b>Lots of {name(view.asset)}</b> · {figures.count(len(view.rows), 'lot')}{where}",
            *_in_all(view, frame),
        ),
        *(_account(account, list(rows), view, frame) for account, rows in groupby(shown, lambda row: row.account)),
        _unknown(view),
    )
    return Message(html, _keyboard(view, page, pages))


@exact
def lots_overview(held: Sequence[Lot], unlike: Sequence[BookLine], frame: Frame) -> Message:
    """To /lots alone: what there are lots of, what they cost, and of what that is not known."""
    if not held:
        return Message("🪙 <b>Lots</b>\n\nNone is held. /portfolio shows what is.")
    rows = columns("", ("units", "cost"), FIGURE_COLUMNS)
    unknown = []
    assets = [(asset, list(lots)) for asset, lots in groupby(sorted(held, key=_asset), key=_asset)]
    for asset, own in assets[:MOST_ASSETS]:
        known = all(lot.is_known for lot in own)
        cost = figures.amount(total(lot.basis for lot in own)) + ("" if known else "?")
        rows += columns(
            cell(asset, NAME_COLUMNS), (figures.quantity(total(lot.quantity for lot in own)), cost), FIGURE_COLUMNS
        )
        unknown += [] if known else [name(asset)]
    rest = len(assets) - MOST_ASSETS
    more = f"and {figures.count(rest, 'more asset')}" if rest > 0 else ""
    return Message(
        paragraphs(
            lines("🪙 <b>Lots</b>", f"Cost in {name(frame.numeraire)}." if frame.numeraire else "", table(rows), more),
            f"⚠️ Not all is known of what {joined(unknown, MOST_UNKNOWN)} cost." if unknown else "",
            _unlike(unlike),
            f"/lots {name(assets[0][0])} shows them one by one; /tax shows the year.",
        )
    )


def _asset(lot: Lot) -> str:
    return lot.asset


def _unlike(unlike: Sequence[BookLine]) -> str:
    """Where the lots do not add up to the books: said, so that nobody relies on a sum that is wrong."""
    if not unlike:
        return ""
    said = [
        f"{'too little' if line.quantity > 0 else 'too much'} at {name(line.venue)}: "
        f"{figures.units(abs(line.quantity), line.asset)}"
        for line in unlike
    ]
    return lines(
        "⚠️ <b>The lots do not add up to what the books hold</b>",
        *listed(said, MOST_UNLIKE),
        "A history that is not complete does that: bring in the rest with /import.",
    )


def _in_all(view: LotsView, frame: Frame) -> list[str]:
    """Of all lots, also those on other pages: cost, value, the gain of a sale of them, and what turns long next."""
    known = [row for row in view.rows if row.is_known]
    unit = frame.numeraire
    as_far = "" if len(known) == len(view.rows) else " as far as it is known"
    cost = figures.money(total(row.basis for row in known), unit) + as_far
    held = figures.units(total(row.quantity for row in view.rows), view.asset)
    if view.mark is None:
        return [f"{held}, cost {cost}. There is no price now: what it is worth is not known.", _next_long(view, frame)]
    worth = figures.money(total(row.value or ZERO for row in view.rows), unit)
    open_gain = total(row.unrealised or ZERO for row in known)
    short = total(row.unrealised or ZERO for row in known if row.term is not Term.LONG)
    parts = "" if open_gain == short else f" ({figures.gain(short)} short, {figures.gain(open_gain - short)} long)"
    return [
        f"{held}, cost {cost}, now {worth} at {figures.price(view.mark)}.",
        f"Not realised: <b>{figures.gain_money(open_gain, unit)}</b>{parts}." if known else "",
        _next_long(view, frame),
    ]


def _next_long(view: LotsView, frame: Frame) -> str:
    turning = [row for row in view.rows if row.long_on is not None and row.is_known]
    if not turning:
        return ""
    first = min(row.long_on for row in turning if row.long_on is not None)
    units = total(row.quantity for row in turning if row.long_on == first)
    days = next(row.days_to_long or 0 for row in turning if row.long_on == first)
    when = f"{figures.day(first, frame)}, in {figures.count(days, 'day')}"
    return f"Next to turn long-term: {figures.units(units, view.asset)} from {when}."


def _account(account: str, rows: Sequence[LotRow], view: LotsView, frame: Frame) -> str:
    whole = figures.units(total(row.quantity for row in view.rows if row.account == account), view.asset)
    told = [line for row in rows for line in _lot(row, view, frame)]
    return lines(f"🏦 <b>{name(account)}</b> · {whole}", table(told))


def _lot(row: LotRow, view: LotsView, frame: Frame) -> list[str]:
    """Three lines a lot: when and how much, what it cost, what it is worth; and from when on it is long-term."""
    head = ends(figures.full_day(row.acquired), f"{figures.quantity(row.quantity)} {bare(view.asset, 8)}")
    if not row.is_known:
        worth = [] if row.value is None else ends(" now", figures.amount(row.value))
        named = ends(" id", row.handle) if row.handle else []
        return [*head, *ends(" cost", "not known"), *named, *worth]
    cost = ends(f" at {figures.price(row.unit_cost)}", f"cost {figures.amount(row.basis)}")
    worth = []
    if row.value is not None and row.unrealised is not None:
        worth = ends(f" now {figures.amount(row.value)}", figures.gain(row.unrealised))
    return [*head, *cost, *worth, *_term(row, frame)]


def _term(row: LotRow, frame: Frame) -> list[str]:
    if row.term is Term.LONG:
        return [" long-term"]
    if row.long_on is None:
        return []
    return ends(f" long from {figures.day(row.long_on, frame)}", f"in {figures.span(timedelta(row.days_to_long or 0))}")


def _unknown(view: LotsView) -> str:
    units = total(row.quantity for row in view.rows if not row.is_known)
    if not units:
        return ""
    return (
        f"⚠️ What {figures.units(units, view.asset)} cost is not known: if they are sold, all of it counts as gain. "
        "Bring in what came before with /import, or say what it cost in all, and since when it is held: "
        f"/basis {_example(view)} 12000 2024-05-31"
    )


def _example(view: LotsView) -> str:
    return next((row.handle for row in view.rows if not row.is_known and row.handle), "ID")


def _keyboard(view: LotsView, page: int, pages: int) -> Keyboard:
    """Pages and the same page anew; none where the asset's name fits no button."""
    refresh = lots_payload(view.asset, page)
    turns = [
        Button(label, payload)
        for label, to in (("◀ Before", page - 1), ("Next ▶", page + 1))
        if 1 <= to <= pages and (payload := lots_payload(view.asset, to)) is not None
    ]
    return tuple(row for row in (tuple(turns), (Button("🔄 Refresh", refresh),) if refresh else ()) if row)
