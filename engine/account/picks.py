"""Which lots each fill uses up: those that its plan named for the leg, one fill after the other. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from engine.model import events as ev
from engine.model.ids import ClientOrderId, VenueName
from engine.model.lots import LotPick, Scope
from engine.model.money import ZERO, Quantity
from engine.model.order import Fill


class PicksOfLegs:
    """What the plans have named, and how much of it their fills have taken so far.

    The names were on disk before the first order was: that is what makes them the taxpayer's choice.
    """

    def __init__(self, events: Iterable[ev.Event], scope: Scope) -> None:
        self._legs: dict[tuple[str, str], list[LotPick]] = {}
        self._orders: dict[ClientOrderId, tuple[str, str]] = {}
        self._places: dict[tuple[str, str], VenueName] = {}
        """Where the lots of a leg lie that can be used up there alone."""
        for event in events:
            if isinstance(event.fact, ev.PlanProposed):
                for leg in event.fact.plan.legs:
                    self._legs[event.stream, leg.id] = list(leg.picks)
                    if scope is Scope.ACCOUNT:
                        self._places[event.stream, leg.id] = leg.venue
            elif isinstance(event.fact, ev.OrderSubmitting):
                self._orders[event.fact.order.client_order_id] = (event.stream, event.fact.order.leg)

    def of_fill(self, fill: Fill, given: Decimal) -> tuple[LotPick, ...]:
        """The lots of a fill that gave so much. It is asked for each fill once, in the order of the fills."""
        leg = self._orders.get(fill.client_order_id, ("", ""))
        if self._places.get(leg, fill.venue) != fill.venue:
            # A slice that went elsewhere leaves the leg's own lots to those that do not.
            return ()
        open_picks = self._legs.get(leg, [])
        taken: list[LotPick] = []
        while given > ZERO and open_picks:
            lot, left = open_picks[0].lot, open_picks[0].quantity or ZERO
            part = min(left, given)
            taken.append(LotPick(lot, Quantity(part)))
            given -= part
            if part == left:
                del open_picks[0]
            else:
                open_picks[0] = LotPick(lot, left - part)
        return tuple(taken)
