"""What the user decided about lots and tax: the method, how periods and fees count, and the law to reckon with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.holding import A_YEAR, Holding
from engine.model.lots import LotMethod, OrderKey, Scope
from engine.model.tax import TaxProfile


class FeePolicy(StrEnum):
    """What a fee is that was paid in a coin."""

    DISPOSE = "dispose"
    """A sale of that coin at what it was worth."""
    REDUCE = "reduce"
    """Units that are gone: no gain is booked of them."""


class OpeningBasis(StrEnum):
    """What units cost that were there before the books were, or came in from outside."""

    UNKNOWN = "unknown"
    """Nobody knows until somebody says; until then it counts as nothing."""
    PRICE = "price"
    """What they were worth when they were first seen."""


class Harvesting(StrEnum):
    """What becomes of losses that would save more tax than they cost to realise."""

    OFF = "off"
    SUGGEST = "suggest"
    """They are shown."""
    PROPOSE = "propose"
    """A plan is made of them, to be approved like any other."""


@dataclass(frozen=True, slots=True)
class TaxPolicy:
    """How lots are kept. `profile` is the law itself, so that a decision carries what it was made by."""

    method: LotMethod = LotMethod.HIFO
    by_year: tuple[tuple[int, LotMethod], ...] = ()
    scope: Scope = Scope.ACCOUNT
    order_key: OrderKey = OrderKey.UNIT_COST
    holding: Holding = A_YEAR
    timezone: str = "UTC"
    fees: FeePolicy = FeePolicy.DISPOSE
    opening_basis: OpeningBasis = OpeningBasis.UNKNOWN
    profile: TaxProfile | None = None
    weight_in_plan: bool = False
    """Whether the tax of a sale is a cost of the plan."""
    harvesting: Harvesting = Harvesting.OFF
