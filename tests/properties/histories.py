"""Histories that never sell more than there is, for hypothesis; and the same as entries of the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st

from engine.model.ids import Asset
from engine.model.lots import Entry, EntryKind
from tests.properties.lots_oracle import Happening

ACCOUNTS = ("main", "cold", "hot")
BEGIN = datetime(2022, 2, 20, 22, tzinfo=UTC)
GAPS = [timedelta(0), timedelta(0), timedelta(hours=1), timedelta(hours=7), timedelta(days=3), timedelta(days=29)]
GAPS += [timedelta(days=30), timedelta(days=31), timedelta(days=150)]
KINDS = ["acquire", "acquire", "income", "dispose", "dispose", "fee", "reduce", "transfer"]


class Step(NamedTuple):
    """What happens next, if there is enough of it; quantities in hundredths."""

    kind: str
    gap: timedelta
    account: str
    to: str
    units: int
    worth: int | None
    fee: int


def _steps() -> st.SearchStrategy[Step]:
    account = st.sampled_from(ACCOUNTS)
    worth = st.none() | st.integers(0, 3_000)
    return st.builds(
        Step,
        st.sampled_from(KINDS),
        st.sampled_from(GAPS),
        account,
        account,
        st.integers(1, 500),
        worth,
        st.integers(0, 60),
    )


def histories() -> st.SearchStrategy[list[Happening]]:
    """Up to thirty lines, some of one instant, in three accounts."""
    return st.lists(_steps(), min_size=1, max_size=30).map(_told)


def _told(steps: list[Step]) -> list[Happening]:
    held = dict.fromkeys(ACCOUNTS, 0)
    now, history = BEGIN, []
    for number, step in enumerate(steps):
        now += step.gap
        happening, here = None, held[step.account]
        if step.kind in ("acquire", "income"):
            held[step.account] += step.units
            happening = _line(number, now, step, step.units, step.worth or 0)
        elif step.kind == "transfer":
            fee = min(step.fee, here)
            moved = min(step.units, here - fee)
            if moved or fee:
                held[step.account] -= moved + fee
                held[step.to] += moved
                happening = _line(number, now, step, moved, None, fee)
        elif here:
            units = min(step.units, here)
            held[step.account] -= units
            happening = _line(number, now, step, units, None if step.kind == "reduce" else step.worth)
        if happening:
            history.append(happening)
    return history


def _line(number: int, now: datetime, step: Step, units: int, worth: int | None, fee: int = 0) -> Happening:
    value = None if worth is None else Fraction(worth, 100)
    fee_value = None if step.worth is None else Fraction(step.worth, 100)
    is_way = step.kind == "transfer"
    return Happening(
        name=f"e{number}",
        at=now,
        kind=step.kind,
        account=step.account,
        quantity=Fraction(units, 100),
        value=value,
        to=step.to if is_way else "",
        fee=Fraction(fee, 100),
        fee_value=fee_value if is_way else None,
    )


def entries(history: list[Happening]) -> list[Entry]:
    """The ledger that says the same."""
    return [
        Entry(
            h.name,
            h.at,
            EntryKind(h.kind),
            Asset("X"),
            h.account,
            decimal(h.quantity),
            None if h.value is None else decimal(h.value),
            to_account=h.to,
            fee_quantity=decimal(h.fee),
            fee_value=None if h.fee_value is None else decimal(h.fee_value),
        )
        for h in history
    ]


def decimal(number: Fraction) -> Decimal:
    """A number of few decimals."""
    return Decimal(number.numerator) / Decimal(number.denominator)
