"""What no guard's word may be followed by, read from the facts alone: a purchase of what a fired stop has sold.

It is counted here in its own way, from what was written, and not by the fold that the engine decides with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.model import events as ev
from engine.model.conditions import ChangeKind, Step
from engine.model.events import Event
from engine.model.guards import Rule
from engine.model.ids import Asset
from engine.model.market import Side
from engine.model.plan import PlanTrigger


class FiredStops:
    """The assets whose stops have fired, were not refused, and are not armed again."""

    def __init__(self) -> None:
        self.assets: set[Asset] = set()
        self._asked: dict[str, frozenset[Asset]] = {}
        """What each guard's plan would sell, by its stream."""

    def see(self, event: Event) -> None:
        """Take one more fact, in their order."""
        match event.fact:
            case ev.ConditionsChanged(changes):
                for change in changes:
                    if change.condition.rule is Rule.STOP_LOSS:
                        self._changed(change.kind, change.condition.step, Asset(change.condition.subject))
            case ev.GuardRearmed(Rule.STOP_LOSS, subject):
                self.assets.discard(Asset(subject))
            case ev.PlanProposed(plan=plan) if plan.trigger is PlanTrigger.RISK:
                self._asked[event.stream] = frozenset(leg.base for leg in plan.legs if leg.side is Side.SELL)
            case ev.PlanDeclined(snoozed_until=None):
                self.assets -= self._asked.get(event.stream, frozenset())
            case _:
                pass

    def _changed(self, kind: ChangeKind, step: Step, asset: Asset) -> None:
        if kind is ChangeKind.RAISED and step is Step.WANTED:
            self.assets.add(asset)
        elif kind in (ChangeKind.RESOLVED, ChangeKind.FORGOTTEN):
            self.assets.discard(asset)


def bought_back(events: Sequence[Event]) -> Iterator[str]:
    """Every order that was meant to bring an asset while its stop stood fired."""
    stops = FiredStops()
    for event in events:
        stops.see(event)
        if isinstance(event.fact, ev.OrderSubmitting):
            order = event.fact.order
            brought = order.base if order.side is Side.BUY else order.quote
            if brought in stops.assets:
                yield f"order {order.client_order_id} brings {brought}, whose stop has fired"
