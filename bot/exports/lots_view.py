"""The lots of an asset that are held, with what a sale now would make of them. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal

from bot.exports.views import LotRow, LotsView
from engine.api import LotRules
from engine.model.ids import SHORT_ID_LENGTH, Asset
from engine.model.lots import Lot, Settlement, Term
from engine.model.money import exact, ratio


def lot_handle(lot: str) -> str:
    """A short name of a lot for people to type: the ids of trades and openings are too long for that."""
    return hashlib.sha256(lot.encode()).hexdigest()[:SHORT_ID_LENGTH]


@exact
def lots_view(settlement: Settlement, rules: LotRules, asset: Asset, now: datetime, mark: Decimal | None) -> LotsView:
    """By account, the oldest first. `mark` is the price of a unit now, None where there is none."""
    held = [lot for lot in settlement.remaining if lot.asset == asset]
    ordered = sorted(held, key=lambda lot: (lot.account, lot.acquired_at, lot.id))
    return LotsView(asset, now, mark, tuple(_row(lot, rules, now, mark) for lot in ordered))


def _row(lot: Lot, rules: LotRules, now: datetime, mark: Decimal | None) -> LotRow:
    term = rules.term(lot.acquired_at, now)
    long_on = rules.holding.long_on(lot.acquired_at, rules.zone) if term is Term.SHORT else None
    return LotRow(
        account=lot.account,
        acquired=lot.acquired_at.astimezone(rules.zone).date(),
        quantity=lot.quantity,
        basis=lot.basis,
        unit_cost=ratio(lot.basis, lot.quantity),
        value=None if mark is None else lot.quantity * mark,
        term=term,
        long_on=long_on,
        days_to_long=None if long_on is None else (long_on - now.astimezone(rules.zone).date()).days,
        is_known=lot.is_known,
        handle=lot_handle(lot.id) if lot.id else "",
    )
