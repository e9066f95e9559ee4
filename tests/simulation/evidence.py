"""What the promises are judged by: the journal as it is on disk, and what only the world knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from engine.execute.plan_state import PlanState, apply
from engine.model import events as ev
from engine.model.events import Event, StreamId
from engine.model.ids import ClientOrderId, PlanId
from engine.model.money import Quantity
from engine.model.order import Fill, OrderRequest
from engine.model.plan import Leg
from engine.store import codec
from tests.simulation.exchange import VenueOrder
from tests.simulation.running import Run
from tests.simulation.world import World

F = TypeVar("F")


class Evidence:
    """A run that is over, as a judge reads it."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.world: World = run.world

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """All facts in their order."""
        columns = "seq, stream, stream_version, kind, schema_version, payload, ts_event, ts_recorded"
        with self.world.disk.read() as disk:
            rows = disk.execute(f"SELECT {columns} FROM event ORDER BY seq").fetchall()
        return tuple(
            Event(
                seq,
                StreamId(stream),
                version,
                codec.read_fact(kind, schema, payload),
                datetime.fromisoformat(at),
                datetime.fromisoformat(recorded),
            )
            for seq, stream, version, kind, schema, payload, at, recorded in rows
        )

    @cached_property
    def plans(self) -> dict[PlanId, PlanState]:
        """Every plan as its stream says."""
        states: dict[StreamId, PlanState] = {}
        for event in self.events:
            if isinstance(event.fact, ev.PlanFact | ev.OrderFact):
                states[event.stream] = apply(states.get(event.stream), event)
        return {state.proposed.plan_id: state for state in states.values()}

    @cached_property
    def plan_of(self) -> dict[ClientOrderId, PlanId]:
        """The plan of each order that was ever intended."""
        return {
            fact.order.client_order_id: PlanId(event.stream.removeprefix("plan:"))
            for event, fact in self.facts(ev.OrderSubmitting)
        }

    @cached_property
    def booked(self) -> list[Fill]:
        """Every fill that was booked, as often as it was booked."""
        return [fact.fill for _, fact in self.facts(ev.FillBooked)]

    @property
    def venue_orders(self) -> Iterator[VenueOrder]:
        """All that the exchanges accepted."""
        for exchange in self.world.exchanges.values():
            yield from exchange.orders

    @property
    def arrivals(self) -> Iterator[OrderRequest]:
        """All that reached the exchanges."""
        for exchange in self.world.exchanges.values():
            yield from exchange.arrivals

    def facts(self, kind: type[F]) -> Iterator[tuple[Event, F]]:
        """All facts of a kind."""
        for event in self.events:
            if isinstance(event.fact, kind):
                yield event, event.fact

    def leg_of(self, request: OrderRequest) -> Leg | None:
        """What was planned where an order trades; None where no plan knows of it."""
        plan = self.plan_of.get(request.client_order_id)
        if plan is None:
            return None
        legs = self.plans[plan].proposed.plan.legs
        return next((leg for leg in legs if leg.id == request.leg), None)

    def approved_for(self, leg: Leg, slice_number: int) -> Quantity:
        """How much an approval allows to be traded in a slice of a leg."""
        return leg.parts[slice_number - 1]
