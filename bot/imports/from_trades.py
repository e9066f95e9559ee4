"""An exchange's own history of trades as entries of the ledger, by the same rules as a file. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bot.imports.entries import entries_of
from bot.imports.files import counts_of
from bot.imports.records import Amount, LineMistake, Preview, Swap, Terms
from engine.model.errors import InvalidValue
from engine.model.lots import Entry
from engine.model.market import Side
from engine.model.money import exact
from engine.model.order import HistoricTrade


@exact
def swap_of(trade: HistoricTrade) -> Swap:
    """A trade as what was given and what was got; its venue is the account, and its id that of our own fills."""
    base, quote = Amount(trade.base, trade.quantity), Amount(trade.quote, trade.quote_amount)
    is_purchase = trade.side is Side.BUY
    spent, received = (quote, base) if is_purchase else (base, quote)
    return Swap(f"{trade.venue}:{trade.id}", trade.at, trade.venue, spent, received, is_purchase, trade.fees)


def preview_of_trades(trades: Iterable[HistoricTrade], terms: Terms) -> Preview:
    """What importing these trades would add. Each mistake has the number of its trade, oldest first, for a line.

    `terms.account` is not used: every trade is of its venue.
    """
    ordered = sorted(trades, key=lambda trade: (trade.at, trade.venue, trade.id))
    entries: list[Entry] = []
    mistakes: list[LineMistake] = []
    for number, trade in enumerate(ordered, start=1):
        try:
            entries += entries_of(swap_of(trade), terms)
        except InvalidValue as error:
            mistakes.append(LineMistake(number, "", f"{trade.venue}, {trade.at:%Y-%m-%d %H:%M} UTC: {error.problem}"))
    if mistakes:
        return Preview("trade history", len(ordered), errors=tuple(mistakes))
    found = tuple(sorted(entries, key=lambda entry: (entry.at, entry.id)))
    days = [entry.at.astimezone(terms.zone).date() for entry in found]
    first, last = (days[0], days[-1]) if days else (None, None)
    return Preview("trade history", len(ordered), entries=found, counts=counts_of(found), first=first, last=last)
