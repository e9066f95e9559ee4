"""What assets were worth at an instant, by the prices that were noted nearest to it. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from engine.model.ids import Asset
from engine.model.money import ONE, ZERO, ratio, total
from engine.model.tax_facts import PricesNoted


class Worth:
    """Prices over time, all in one currency."""

    def __init__(self, numeraire: Asset, noted: Iterable[tuple[datetime, PricesNoted]]) -> None:
        self._numeraire = numeraire
        self._noted: dict[Asset, tuple[list[datetime], list[Decimal]]] = {}
        for at, fact in sorted(noted, key=lambda each: each[0]):
            if fact.numeraire != numeraire:
                # Prices of the time before the numeraire was changed say nothing in this one.
                continue
            for asset, price in fact.prices:
                times, prices = self._noted.setdefault(asset, ([], []))
                times.append(at)
                prices.append(price)

    def price(self, asset: Asset, at: datetime) -> Decimal | None:
        """Of one unit; None where none was ever noted."""
        if asset == self._numeraire:
            return ONE
        times, prices = self._noted.get(asset, ([], []))
        if not times:
            return None
        after = bisect_left(times, at)
        near = [place for place in (after - 1, after) if 0 <= place < len(times)]
        return prices[min(near, key=lambda place: abs(times[place] - at))]

    def value(self, asset: Asset, quantity: Decimal, at: datetime) -> Decimal | None:
        """Of so much; None where no price was noted."""
        price = self.price(asset, at)
        return None if price is None else ratio(price * quantity, ONE)

    def total(self, amounts: Iterable[tuple[Asset, Decimal]], at: datetime) -> Decimal | None:
        """Of several assets together; None where one of them has no price."""
        values = [self.value(asset, quantity, at) for asset, quantity in amounts]
        known = [value for value in values if value is not None]
        return total(known) if len(known) == len(values) else None


def shared(value: Decimal | None, part: Decimal, whole: Decimal) -> Decimal | None:
    """The part of a value that falls on a part of a whole."""
    return None if value is None else (ratio(value * part, whole) if whole else ZERO)
