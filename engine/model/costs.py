"""What trading came to beside what it was reckoned to cost: of one leg, and of all legs of an asset at a venue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from engine.model.ids import Asset, LegId, VenueName
from engine.model.money import ZERO, Bps, Money


@dataclass(frozen=True, slots=True)
class LegCost:
    """What a leg came to. Money is in the numeraire, by the marks of the plan, for what was traded of it.

    `slippage` is the implementation shortfall beside the fee: the price of every fill against the mark when the plan
    was made, which is the arrival price. `estimated` is the plan's own estimate without what was learned before.
    """

    leg: LegId
    venue: VenueName
    asset: Asset
    traded: Money
    estimated: Money
    fee: Money
    slippage: Money
    delay: timedelta
    """From the start of the plan to its fills, each weighted by what it traded."""
    is_rerouted: bool = False
    """A slice found a better venue than the plan's: the estimate is of another one, and teaches nothing of this."""
    unpriced: tuple[Asset, ...] = ()
    """What fees were paid in that the plan has no mark for: they are not in `fee`."""

    @property
    def real(self) -> Money:
        """Fee and slippage together."""
        return Money(self.fee + self.slippage)


@dataclass(frozen=True, slots=True)
class Experience:
    """How all trades of an asset at a venue came out beside their estimates."""

    venue: VenueName
    asset: Asset
    legs: int = 0
    traded: Money = Money(ZERO)
    estimated: Money = Money(ZERO)
    real: Money = Money(ZERO)
    excess_bps: Bps = Bps(ZERO)
    """What trades cost beyond their estimates of late: a mean of the first, weighted towards the newer ones later."""
