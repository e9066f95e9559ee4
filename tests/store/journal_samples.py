"""Small hand-made facts and records for journal tests: one portfolio, one plan with one leg, one order, one fill."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from engine.model import events as ev
from engine.model.decision import (
    Decision,
    DecisionInputs,
    Drift,
    Lot,
    Outcome,
    PriceSeries,
    Standing,
    TriggerVerdict,
)
from engine.model.events import Draft, Fact, StreamId, plan_stream, portfolio_stream
from engine.model.ids import (
    Asset,
    ClientOrderId,
    DecisionId,
    LegId,
    PlanId,
    PortfolioId,
    UserId,
    VenueName,
    client_order_id,
)
from engine.model.market import Instrument, Level, Mark, OrderBook, Side
from engine.model.money import Money, Price, Quantity, Weight
from engine.model.order import FeePaid, Fill, OrderRequest
from engine.model.plan import CostEstimate, Leg, Plan, PlanTrigger, WeightLine, plan_id
from engine.model.policy import Policy, Target
from engine.model.portfolio import Balance, Snapshot, Valuation, VenueHealth, VenueSnapshot
from engine.model.reasons import ReasonCode, reason
from engine.store.journal import SqlJournal
from engine.store.memory import MemoryJournal

AnyJournal: TypeAlias = SqlJournal | MemoryJournal

MAIN = PortfolioId("main")
PORTFOLIO = portfolio_stream(MAIN)
T0 = datetime(2026, 1, 1, tzinfo=UTC)
ALICE = UserId(42)
ALPHA = VenueName("alpha")
BTC, USDT = Asset("BTC"), Asset("USDT")
LEG = LegId("leg-1")
WEI = Decimal("123456789012345678901234.567890123456789012")
"""More digits than a float, or the default decimal context, can hold."""


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = T0) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant

    async def sleep(self, duration: timedelta) -> None:
        self.instant += duration
        await asyncio.sleep(0)


def a_plan() -> Plan:
    leg = Leg(
        id=LEG,
        venue=ALPHA,
        base=BTC,
        quote=USDT,
        side=Side.BUY,
        quantity=Quantity(Decimal("0.50")),
        limit_price=Price(Decimal("60100")),
        expected_price=Price(Decimal("60010")),
        notional=Money(Decimal("30000")),
        cost=CostEstimate(Money(Decimal("30")), Money(Decimal("5")), Money(Decimal("0.1"))),
        reasons=(reason(ReasonCode.REQUESTED),),
    )
    weight = WeightLine(
        "BTC", Weight(Decimal("0.4")), Weight(Decimal("0.5")), Weight(Decimal("0.5")), Weight(Decimal("0.4999"))
    )
    return Plan(PlanTrigger.MANUAL, (), (leg,), (weight,), Money(Decimal("100000")), leg.cost, None)


def a_drift() -> Drift:
    return Drift(
        "BTC",
        Weight(Decimal("0.4")),
        Weight(Decimal("0.5")),
        Weight(Decimal("-0.1")),
        Decimal("-0.2"),
        Decimal("0.05"),
        Decimal(2),
    )


def proposal(root: str = "aaaaaaaa", revision: int = 1, portfolio: PortfolioId = MAIN) -> ev.PlanProposed:
    plan = a_plan()
    return ev.PlanProposed(
        plan_id=plan_id(root, revision),
        root=root,
        revision=revision,
        portfolio=portfolio,
        mode=ev.Mode.SANDBOX,
        plan=plan,
        digest=plan.digest,
        decision=DecisionId("0123456789abcdef"),
        expires_at=T0 + timedelta(minutes=30),
        drifts=(a_drift(),),
    )


def draft(stream: StreamId, fact: Fact, minutes: int = 0) -> Draft:
    return Draft(stream, fact, T0 + timedelta(minutes=minutes))


def own(fact: Fact, minutes: int = 0) -> Draft:
    """A fact of the portfolio."""
    return draft(PORTFOLIO, fact, minutes)


def proposed(root: str = "aaaaaaaa", revision: int = 1, minutes: int = 0) -> Draft:
    fact = proposal(root, revision)
    return draft(plan_stream(fact.plan_id), fact, minutes)


def of_plan(fact: Fact, root: str = "aaaaaaaa", revision: int = 1, minutes: int = 0) -> Draft:
    return draft(plan_stream(plan_id(root, revision)), fact, minutes)


def approved() -> ev.PlanApproved:
    return ev.PlanApproved(("Alice",), a_plan().digest)


def started() -> ev.ExecutionStarted:
    return ev.ExecutionStarted(T0 + timedelta(hours=1))


def superseded(by: PlanId | None = None) -> ev.PlanSuperseded:
    return ev.PlanSuperseded(by, (reason(ReasonCode.REQUESTED),))


def completed() -> ev.PlanCompleted:
    return ev.PlanCompleted((("BTC", Weight(Decimal("0.5"))),))


def order_id(root: str = "aaaaaaaa", attempt: int = 1) -> ClientOrderId:
    return client_order_id(plan_id(root, 1), LEG, 1, attempt)


def submitting(root: str = "aaaaaaaa", attempt: int = 1) -> ev.OrderSubmitting:
    return ev.OrderSubmitting(
        OrderRequest(
            client_order_id=order_id(root, attempt),
            leg=LEG,
            slice_number=1,
            attempt=attempt,
            venue=ALPHA,
            base=BTC,
            quote=USDT,
            side=Side.BUY,
            quantity=Quantity(Decimal("0.5")),
            limit_price=Price(Decimal("60100")),
            intended_at=T0,
        )
    )


def filled(fill_id: str = "t1", quantity: str = "0.2", root: str = "aaaaaaaa") -> ev.FillBooked:
    return ev.FillBooked(
        Fill(
            id=fill_id,
            client_order_id=order_id(root),
            venue=ALPHA,
            base=BTC,
            quote=USDT,
            side=Side.BUY,
            quantity=Quantity(Decimal(quantity)),
            price=Price(Decimal("60010")),
            fees=(FeePaid(USDT, Quantity(Decimal("12.002"))), FeePaid(BTC, Quantity(Decimal("0.000000000000000001")))),
            traded_at=T0 + timedelta(seconds=1),
        )
    )


def whole_life(root: str = "aaaaaaaa") -> list[Draft]:
    """All the facts of a plan that is carried out in two fills."""
    facts: list[Fact] = [
        proposal(root),
        ev.ApprovalGiven(ALICE, a_plan().digest, "Alice"),
        approved(),
        started(),
        submitting(root),
        ev.OrderAccepted(order_id(root), "V-1"),
        filled("t1", "0.2", root),
        filled("t2", "0.3", root),
        ev.LegSettled(LEG),
        completed(),
    ]
    return [of_plan(fact, root) for fact in facts]


def a_decision(engine_version: str = "1.0", cash: str = "1000") -> Decision:
    book = OrderBook(
        BTC,
        USDT,
        (Level(Price(Decimal("59990")), Quantity(Decimal("0.5"))),),
        (Level(Price(Decimal("60010")), Quantity(WEI)),),
        T0,
    )
    instrument = Instrument(
        ALPHA,
        BTC,
        USDT,
        Decimal("0.001"),
        Decimal("0.001"),
        Price(Decimal("0.01")),
        Quantity(Decimal("0.00001")),
        Quantity(Decimal(0)),
        Decimal(5),
    )
    balances = (Balance(BTC, Quantity(Decimal("1.20"))), Balance(USDT, Quantity(Decimal(cash))))
    venue = VenueSnapshot(ALPHA, VenueHealth.HEALTHY, T0, balances, (instrument,), (book,))
    inputs = DecisionInputs(
        snapshot=Snapshot(T0, Asset("USD"), (venue,)),
        policy=Policy((Target("BTC", Weight(Decimal("0.5"))), Target("USDT", Weight(Decimal("0.5"))))),
        standing=Standing(active_since=T0),
        now=T0,
        lots=(Lot("l1", BTC, "alpha", T0, Quantity(Decimal("1.2")), Decimal("50000")),),
        history=(PriceSeries(BTC, ((T0, Price(Decimal("60500"))),)),),
    )
    valuation = Valuation(
        Asset("USD"), (Mark(BTC, Price(Decimal("60000"))),), (), Money(Decimal(73000)), Money(Decimal(73000)), ()
    )
    verdict = TriggerVerdict(fired=True, kind=PlanTrigger.MANUAL, reasons=(reason(ReasonCode.REQUESTED),))
    return Decision(engine_version, inputs, Outcome(valuation, (a_drift(),), verdict, (), (), a_plan()))


def in_zone_of_tokyo(fact: Draft) -> Draft:
    """The same instant, said in another zone."""
    return replace(fact, at=fact.at.astimezone(ZoneInfo("Asia/Tokyo")))
