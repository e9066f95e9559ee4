"""A settled history as JSON, for other programs: every number a decimal string."""

from __future__ import annotations

from typing import Any, Final

from engine.model.lots import Lot, Match, Settlement, Term
from engine.model.money import plain, total

SCHEMA: Final = "equipoise-matches/1"


def settlement_json(settlement: Settlement) -> dict[str, Any]:
    """Matches, what is left, totals, and what no lot is known for."""
    return {
        "schema": SCHEMA,
        "matches": [_match(match) for match in settlement.matches],
        "remaining": [_lot(lot) for lot in settlement.remaining],
        "totals": {
            "gain": _gains(settlement, *Term),
            "short": _gains(settlement, Term.SHORT),
            "long": _gains(settlement, Term.LONG),
            "income": plain(total(income.value for income in settlement.income)),
        },
        "missing": [{"event": each.entry, "qty": plain(each.quantity)} for each in settlement.missing],
    }


def _match(match: Match) -> dict[str, Any]:
    gain = match.gain
    row: dict[str, Any] = {
        "event": match.entry,
        "lot": match.lot,
        "asset": match.asset,
        "account": match.account,
        "qty": plain(match.quantity),
        "proceeds": None if match.proceeds is None else plain(match.proceeds),
        "cost": plain(match.cost),
        "gain": None if gain is None else plain(gain),
        "term": match.term.value,
    }
    if match.rule is not None:
        row["rule"] = match.rule.value
    if match.is_washed:
        row["wash"] = True
    if match.disallowed:
        row["disallowed"] = plain(match.disallowed)
    return row


def _lot(lot: Lot) -> dict[str, Any]:
    return {
        "account": lot.account,
        "asset": lot.asset,
        "lot": lot.id or None,
        "qty": plain(lot.quantity),
        "basis": plain(lot.basis),
    }


def _gains(settlement: Settlement, *terms: Term) -> str:
    gains = (match.gain for match in settlement.matches if match.term in terms)
    return plain(total(gain for gain in gains if gain is not None))
