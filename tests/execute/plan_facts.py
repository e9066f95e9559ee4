"""A plan of three legs on two venues, and its life in facts: what the pure machines of execution are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from engine.execute.plan_state import PlanState, apply
from engine.execute.routing import Sight
from engine.model import events as ev
from engine.model.events import Event, Fact, plan_stream
from engine.model.ids import Asset, ClientOrderId, DecisionId, LegId, PortfolioId, VenueName, client_order_id
from engine.model.market import Side
from engine.model.money import Money, Price, Quantity
from engine.model.order import Fill, OrderReport, OrderRequest, ReportedStatus
from engine.model.plan import NO_COST, Leg, Plan, PlanTrigger, plan_id
from tests.builders import T0, Market

PLAN = plan_id("aaaaaaaa", 1)
SELL_BTC, BUY_ETH, BUY_SOL = LegId("L1"), LegId("L2"), LegId("L3")
DEADLINE = T0 + timedelta(minutes=15)


def leg(leg_id: LegId, venue: str, symbol: str, side: Side, quantity: str, limit: str) -> Leg:
    base, quote = (Asset(name) for name in symbol.split("/"))
    amount, price = Quantity(Decimal(quantity)), Price(Decimal(limit))
    return Leg(leg_id, VenueName(venue), base, quote, side, amount, price, price, Money(amount * price), NO_COST)


LEGS = (
    leg(SELL_BTC, "alpha", "BTC/USDT", Side.SELL, "1", "99"),
    leg(BUY_ETH, "alpha", "ETH/USDT", Side.BUY, "9", "10.1"),
    leg(BUY_SOL, "beta", "SOL/USDT", Side.BUY, "50", "1.01"),
)


def proposal(legs: tuple[Leg, ...] = LEGS) -> ev.PlanProposed:
    plan = Plan(PlanTrigger.MANUAL, (), legs, (), Money(Decimal(1000)), NO_COST, None)
    return ev.PlanProposed(
        plan_id=PLAN,
        root="aaaaaaaa",
        revision=1,
        portfolio=PortfolioId("main"),
        mode=ev.Mode.SANDBOX,
        plan=plan,
        digest=plan.digest,
        decision=DecisionId("d"),
        expires_at=T0 + timedelta(minutes=30),
        drifts=(),
    )


class Life:
    """A plan's stream as it grows; `state` is what is folded from it."""

    def __init__(self, *facts: Fact, legs: tuple[Leg, ...] = LEGS) -> None:
        self.events: list[Event] = []
        self._state: PlanState | None = None
        self.add(proposal(legs), *facts)

    @property
    def state(self) -> PlanState:
        assert self._state is not None
        return self._state

    def add(self, *facts: Fact) -> PlanState:
        return self.add_at(T0, *facts)

    def add_at(self, at: datetime, *facts: Fact) -> PlanState:
        for fact in facts:
            number = len(self.events) + 1
            event = Event(number, plan_stream(PLAN), number, fact, at, at)
            self._state = apply(self._state, event)
            self.events.append(event)
        return self.state


def executing(*facts: Fact, legs: tuple[Leg, ...] = LEGS) -> Life:
    """A plan that was approved and started."""
    plan = proposal(legs)
    approved = (ev.PlanApproved(("Ann",), plan.digest), ev.ExecutionStarted(DEADLINE))
    return Life(*approved, *facts, legs=legs)


def coid(leg_id: LegId = SELL_BTC, attempt: int = 1) -> ClientOrderId:
    return client_order_id(PLAN, leg_id, 1, attempt)


def request(leg_id: LegId = SELL_BTC, attempt: int = 1, quantity: str | None = None) -> OrderRequest:
    (own,) = [leg for leg in LEGS if leg.id == leg_id]
    return OrderRequest(
        coid(leg_id, attempt),
        leg_id,
        1,
        attempt,
        own.venue,
        own.base,
        own.quote,
        own.side,
        Quantity(Decimal(quantity)) if quantity else own.quantity,
        own.limit_price,
        T0,
    )


def submitting(leg_id: LegId = SELL_BTC, attempt: int = 1, quantity: str | None = None) -> ev.OrderSubmitting:
    return ev.OrderSubmitting(request(leg_id, attempt, quantity))


def fill(number: str, quantity: str, leg_id: LegId = SELL_BTC, attempt: int = 1) -> Fill:
    sent = request(leg_id, attempt)
    return Fill(
        number,
        sent.client_order_id,
        sent.venue,
        sent.base,
        sent.quote,
        sent.side,
        Quantity(Decimal(quantity)),
        sent.limit_price,
        (),
        T0,
    )


def report(status: ReportedStatus, filled: str, *fills: Fill) -> OrderReport:
    return OrderReport(coid(), "V1", status, Quantity(Decimal(filled)), fills)


def sight(leg_id: LegId, base: str = "1000", quote: str = "1000", **market: str) -> Sight:
    """A venue on which the leg can be traded at its limit, unless it is said otherwise."""
    (own,) = [leg for leg in LEGS if leg.id == leg_id]
    made = replace(Market(own.symbol, str(own.limit_price), spread="0"), **market)  # type: ignore[arg-type]
    return Sight(own.venue, made.instrument(own.venue), made.book(T0), Decimal(base), Decimal(quote))


def sights(**changed: Sight) -> dict[LegId, tuple[Sight, ...]]:
    """What the legs' own venues show for them."""
    shown = {leg.id: sight(leg.id) for leg in LEGS} | {LegId(name): seen for name, seen in changed.items()}
    return {leg_id: (seen,) for leg_id, seen in shown.items()}


def kinds(facts: Iterable[Fact]) -> list[str]:
    return [type(fact).__name__ for fact in facts]
