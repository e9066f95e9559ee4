"""Into how many orders a large trade is cut, and how large each is. Pure and exact."""

from __future__ import annotations

import itertools
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from engine.model.market import Instrument
from engine.model.money import ONE, Money, Price, Quantity, floor_to_step

MOST_SLICES: Final = Decimal(200)


def slice_sizes(
    instrument: Instrument, quantity: Quantity, notional: Money, most: Money, limit: Price
) -> tuple[Quantity, ...]:
    """Cut a quantity that is on the market's step into the fewest equal parts of at most `most` in the numeraire.

    The parts are on the step and add up to the quantity. None is under the market's minimums at `limit`: where the cut
    would make them so, or more than 200, there are fewer and larger ones.
    """
    # More would be a crowd of orders that nobody could follow.
    wanted = (notional / most).to_integral_value(rounding=ROUND_CEILING) if most else ONE
    least = max(instrument.amount_step, instrument.min_amount, instrument.min_notional / limit)
    # Rounding to the step can take one step from a part.
    possible = (quantity / (least + instrument.amount_step)).to_integral_value(rounding=ROUND_FLOOR)
    count = int(max(ONE, min(wanted, possible, MOST_SLICES)))
    ends = [floor_to_step(quantity * Decimal(n) / count, instrument.amount_step) for n in range(count + 1)]
    return tuple(Quantity(end - begin) for begin, end in itertools.pairwise(ends))
