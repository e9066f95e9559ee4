"""What must hold of the guards after every run, each giving its violations."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import events as ev
from engine.model.ids import ClientOrderId, VenueName
from engine.model.portfolio import VenueHealth
from tests.guards.bought_back import bought_back
from tests.simulation.evidence import Evidence


def nothing_is_bought_back(seen: Evidence) -> Iterator[str]:
    """No order brings what a fired stop has sold, before it is refused or armed again."""
    unsent = _never_sent(seen)
    yield from (found for found in bought_back([e for e in seen.events if _order_of(e.fact) not in unsent]))


def nothing_is_sent_to_a_halted_venue(seen: Evidence) -> Iterator[str]:
    """Once the halt is on record nothing but cancels goes there, until a person resumes it."""
    halted: frozenset[VenueName] = frozenset()
    unsent = _never_sent(seen)
    for event in seen.events:
        match event.fact:
            case ev.VenuesJudged(standings):
                halted = frozenset(s.venue for s in standings if s.health is VenueHealth.HALTED)
            case ev.VenueResumed(standing):
                halted -= {standing.venue}
            case ev.OrderSubmitting(order) if order.venue in halted and order.client_order_id not in unsent:
                yield f"order {order.client_order_id} was sent to {order.venue}, which is halted"
            case _:
                pass


def _order_of(fact: ev.Fact) -> ClientOrderId | None:
    return fact.order.client_order_id if isinstance(fact, ev.OrderSubmitting) else None


def _never_sent(seen: Evidence) -> frozenset[ClientOrderId]:
    """What was intended and never reached its exchange: the intent is written before the last look."""
    arrived = {request.client_order_id for request in seen.arrivals}
    return frozenset(
        fact.order.client_order_id
        for _, fact in seen.facts(ev.OrderSubmitting)
        if fact.order.client_order_id not in arrived
    )
