"""What is solved for: what is held where, the weights it shall have, and the lanes over which it can be traded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from engine.decide.lanes import Lane, LaneKey, Place
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import ZERO, Bps, Money, Price, Quantity, Weight, floor_to_step

WHOLE: Final = 10_000.0
"""The managed value in the program's units, basis points of it: the solver's tolerances are absolute."""
BEYOND_NEED: Final = 1.05
SHARE_ON_THE_WAY: Final = 0.02
"""Of what its venue holds, what is looked at of a lane that is only a step on the way."""


@dataclass(frozen=True)
class Problem:
    """What is held, where it shall go, and over which lanes. Values are in the numeraire."""

    values: Mapping[str, Money]
    """What each name is worth now; together they are the whole."""
    destination: Mapping[str, Weight]
    tolerance: Mapping[str, Weight]
    """How far each name may stay from its destination."""
    half_step: Mapping[str, Weight]
    """Half of the coarsest step that each name can be traded by."""
    names: Mapping[Asset, str]
    """The name that each asset counts towards."""
    lanes: Sequence[Lane]
    free: Mapping[Place, Quantity]
    marks: Mapping[Asset, Price]
    extra_bps: Sequence[Bps]
    """Of each lane, what its trades cost beyond their estimates: learned from those before, and tax where it weighs."""

    @cached_property
    def unit(self) -> float:
        """How many of the program's units one of the numeraire is."""
        return WHOLE / sum(float(value) for value in self.values.values())

    @cached_property
    def gaps(self) -> dict[str, float]:
        """What each name has too much of (above zero) or lacks, in the program's units, before costs."""
        return {n: float(v) * self.unit - float(self.destination[n]) * WHOLE for n, v in self.values.items()}

    @cached_property
    def turnover_one_way(self) -> float:
        """What must change its name at least."""
        return sum(gap for gap in self.gaps.values() if gap > 0)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where something lies or can arrive that counts towards a name."""
        touched = {place for lane in self.lanes for place in (lane.spends, lane.brings)}
        held = {place for place in self.free if self.names.get(place[1]) in self.values}
        return tuple(sorted(touched | held))

    @cached_property
    def _numbers(self) -> dict[LaneKey, int]:
        return {lane.key: number for number, lane in enumerate(self.lanes)}

    def opposite(self, number: int) -> int | None:
        """The other direction of a lane's market, where it may be traded too."""
        lane = self.lanes[number]
        return self._numbers.get((*lane.market.key, Side.SELL if lane.side is Side.BUY else Side.BUY))

    def free_value(self, place: Place) -> float:
        """What can be spent in a place, in the program's units; where it is only sold, in whole steps."""
        free, step = self.free.get(place, Quantity(ZERO)), self._sold_in.get(place)
        spendable = floor_to_step(free, step) if step else free
        return float(spendable) * float(self.marks[place[1]]) * self.unit

    @cached_property
    def _sold_in(self) -> dict[Place, Quantity]:
        """The finest step of what is sold from each place, where nothing is bought with it."""
        steps: dict[Place, Quantity] = {}
        for lane in self.lanes:
            if lane.side is Side.SELL:
                steps[lane.spends] = min(lane.step, steps.get(lane.spends, lane.step))
        paying = {lane.spends for lane in self.lanes if lane.side is Side.BUY}
        return {place: step for place, step in steps.items() if place not in paying}

    @cached_property
    def free_values(self) -> dict[Place, float]:
        """The same for all places."""
        return {place: self.free_value(place) for place in self.places}

    @cached_property
    def needs(self) -> tuple[float, ...]:
        """How much of each lane may be needed, mostly: what its venue can pay, and not more than is out of place."""
        reach: dict[VenueName, float] = {}
        for (venue, _), value in self.free_values.items():
            reach[venue] = reach.get(venue, 0.0) + value
        most = self.turnover_one_way * BEYOND_NEED + 1
        return tuple(min(most, self._need(lane, reach[lane.market.venue])) for lane in self.lanes)

    def _need(self, lane: Lane, reach: float) -> float:
        """A sale of what is there, a purchase of what lacks; else a step on the way, which is seldom large."""
        name = self.names[lane.market.instrument.base]
        wanted = self.free_values[lane.spends] if lane.side is Side.SELL else min(reach, -self.gaps[name])
        return max(wanted, reach * SHARE_ON_THE_WAY) * BEYOND_NEED

    def amount(self, lane: Lane, quantity: Quantity) -> float:
        """A quantity in the program's units."""
        return float(quantity) * float(lane.market.marks.base) * self.unit
