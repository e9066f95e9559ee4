"""Small builders of the records that the chat shows: plans and their lives, decisions, frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.chat.render.frame import Frame, Terms
from engine.api import PlanState
from engine.execute.plan_state import fold
from engine.execute.shortfall import leg_costs
from engine.model import events as ev
from engine.model.decision import Drift
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
from engine.model.market import Side
from engine.model.money import Bps, Money, Price, Quantity, Weight
from engine.model.order import FeePaid, Fill, OrderRequest, OrderStatus
from engine.model.plan import (
    NO_COST,
    CostEstimate,
    DroppedLeg,
    Leg,
    Plan,
    PlanTrigger,
    SuggestedTransfer,
    WeightLine,
    plan_id,
)
from engine.model.policy import Policy, Target
from engine.model.reasons import Reason, ReasonCode, reason

D = Decimal
T0: Final = datetime(2026, 3, 2, 13, 2, 0, tzinfo=UTC)
BERLIN: Final = ZoneInfo("Europe/Berlin")
"""One hour ahead of UTC on that day."""
USDT: Final = Asset("USDT")
ROOT: Final = "7f3a91c2"
PLAN_ID: Final = PlanId(f"{ROOT}.1")
ADA, BEN = UserId(12345), UserId(678)
HOSTILE: Final = '<b>&"/kill @all t.me/x'
ARABIC: Final = "عملة\u202eBTC"
EMOJI: Final = "🚀🌕 to the moon 🚀🌕 to the moon 🚀🌕"
LONG: Final = "A123456789B123456789C123456789D123456789"


def a_frame(minutes: int = 0, numeraire: str = "USDT") -> Frame:
    return Frame(T0 + timedelta(minutes=minutes), BERLIN, Asset(numeraire))


ONE_APPROVER: Final = Terms(Bps(D(30)), 1)
TWO_APPROVERS: Final = Terms(Bps(D(30)), 2)


def a_leg(
    number: int = 1,
    side: Side = Side.SELL,
    base: str = "BTC",
    quantity: str = "0.05",
    price: str = "60000",
    venue: str = "kraken",
    quote: str = "USDT",
) -> Leg:
    """A leg that costs 10 bps of fee, 1 bps of spread and 2 bps of impact."""
    worth = D(quantity) * D(price)
    name = base
    gap = reason(
        ReasonCode.OVERWEIGHT if side is Side.SELL else ReasonCode.UNDERWEIGHT,
        name=name,
        weight=D("0.383"),
        target=D("0.333"),
        destination=D("0.333"),
        gap=-worth if side is Side.SELL else worth,
    )
    funds = (
        reason(ReasonCode.HELD_HERE, venue=venue, asset=base, free=D(quantity) * 3)
        if side is Side.SELL
        else reason(ReasonCode.CASH_HERE, venue=venue, asset=quote, available=worth * 2)
    )
    expected = D(price) * (1 + side.sign * D("0.0003"))
    return Leg(
        id=LegId(f"L{number}"),
        venue=VenueName(venue),
        base=Asset(base),
        quote=Asset(quote),
        side=side,
        quantity=Quantity(D(quantity)),
        limit_price=Price(D(price) * (1 + side.sign * D("0.005"))),
        expected_price=Price(expected),
        notional=Money(worth),
        cost=CostEstimate(Money(worth * D("0.001")), Money(worth * D("0.0001")), Money(worth * D("0.0002"))),
        reasons=(gap, funds),
    )


def a_drift(name: str = "BTC", weight: str = "0.383", target: str = "0.333", threshold: str = "0.04") -> Drift:
    absolute = D(weight) - D(target)
    relative = absolute / D(target) if D(target) else None
    return Drift(
        name,
        Weight(D(weight)),
        Weight(D(target)),
        Weight(absolute),
        relative,
        D(threshold),
        abs(absolute) / D(threshold),
    )


def over_threshold(name: str = "BTC", weight: str = "0.383", target: str = "0.333") -> Reason:
    absolute = D(weight) - D(target)
    return reason(
        ReasonCode.DRIFT_OVER_THRESHOLD,
        name=name,
        weight=D(weight),
        target=D(target),
        absolute=absolute,
        relative=absolute / D(target),
        threshold=D("0.04"),
        mode="absolute",
    )


def weight_line(name: str, before: str, target: str, after: str, destination: str = "") -> WeightLine:
    return WeightLine(name, Weight(D(before)), Weight(D(target)), Weight(D(destination or target)), Weight(D(after)))


THREE_WEIGHTS: Final = (
    weight_line("BTC", "0.383", "0.333", "0.3333"),
    weight_line("ETH", "0.281", "0.333", "0.3328"),
    weight_line("USDT", "0.336", "0.334", "0.3339"),
)
TWO_LEGS: Final = (a_leg(), a_leg(2, Side.BUY, "ETH", "0.996", "3000", "binance"))


def a_plan(legs: Sequence[Leg] = TWO_LEGS, **changes: Any) -> Plan:
    plan = Plan(
        trigger=PlanTrigger.THRESHOLD,
        reasons=(over_threshold(),),
        legs=tuple(legs),
        weights=THREE_WEIGHTS,
        managed_value=Money(D(60000)),
        cost=sum((leg.cost for leg in legs), NO_COST),
        naive_cost=Money(D("12.30")),
    )
    return replace(plan, **changes)


def dropped_leg(base: str, why: Reason | None = None, venue: str = "kraken") -> DroppedLeg:
    small = reason(ReasonCode.BELOW_MIN_TRADE, notional=D("4.2"), minimum=D(10))
    return DroppedLeg(
        VenueName(venue), Asset(base), USDT, Side.SELL, Money(D("4.2")), (why or small, over_threshold(base))
    )


def transfer(asset: str = "USDT", quantity: str = "500") -> SuggestedTransfer:
    return SuggestedTransfer(
        Asset(asset), VenueName("kraken"), VenueName("binance"), Quantity(D(quantity)), Money(D(quantity))
    )


def a_policy(**targets: str) -> Policy:
    chosen = targets or {"BTC": "0.4", "ETH": "0.3", "USDT": "0.3"}
    return Policy(tuple(Target(name, Weight(D(weight))) for name, weight in chosen.items()))


# --- the life of a plan ----------------------------------------------------------------------------------------------


def proposal(plan: Plan, mode: ev.Mode = ev.Mode.SANDBOX, revision: int = 1, **changes: Any) -> ev.PlanProposed:
    fact = ev.PlanProposed(
        plan_id=plan_id(ROOT, revision),
        root=ROOT,
        revision=revision,
        portfolio=PortfolioId("main"),
        mode=mode,
        plan=plan,
        digest=plan.digest,
        decision=DecisionId("d1"),
        expires_at=T0 + timedelta(minutes=30),
        drifts=(a_drift(), a_drift("ETH", "0.281"), a_drift("USDT", "0.336", "0.334")),
    )
    return replace(fact, **changes)


def life(first: ev.PlanProposed, *facts: tuple[int, ev.PlanFact | ev.OrderFact]) -> PlanState:
    """The state of a plan after facts at so many seconds after its proposal."""
    stream = ev.plan_stream(first.plan_id)
    timed: list[tuple[int, ev.Fact]] = [(0, first), *facts]
    events = [
        ev.Event(n, stream, n, fact, T0 + timedelta(seconds=seconds), T0 + timedelta(seconds=seconds))
        for n, (seconds, fact) in enumerate(timed, start=1)
    ]
    state = fold(events)
    assert state is not None
    if state.ended is None:
        return state
    return replace(state, ended=replace(state.ended, costs=leg_costs(state, USDT)))


def approval(plan: Plan, by: UserId = ADA, name: str = "Ada") -> ev.ApprovalGiven:
    return ev.ApprovalGiven(by, plan.digest, name)


def approved(plan: Plan, *names: str) -> ev.PlanApproved:
    return ev.PlanApproved(names or ("Ada",), plan.digest)


def started() -> ev.ExecutionStarted:
    return ev.ExecutionStarted(T0 + timedelta(minutes=15))


def order_id(leg: Leg, revision: int = 1) -> ClientOrderId:
    return client_order_id(plan_id(ROOT, revision), leg.id, 1, 1)


def submitting(leg: Leg) -> ev.OrderSubmitting:
    return ev.OrderSubmitting(order_request(leg))


def order_request(leg: Leg) -> OrderRequest:
    return OrderRequest(
        client_order_id=order_id(leg),
        leg=leg.id,
        slice_number=1,
        attempt=1,
        venue=leg.venue,
        base=leg.base,
        quote=leg.quote,
        side=leg.side,
        quantity=leg.quantity,
        limit_price=leg.limit_price,
        intended_at=T0,
    )


def filled(leg: Leg, quantity: str, price: str, *fees: tuple[str, str], trade: str = "t1") -> ev.FillBooked:
    return ev.FillBooked(
        Fill(
            id=trade,
            client_order_id=order_id(leg),
            venue=leg.venue,
            base=leg.base,
            quote=leg.quote,
            side=leg.side,
            quantity=Quantity(D(quantity)),
            price=Price(D(price)),
            fees=tuple(FeePaid(Asset(asset), Quantity(D(fee))) for asset, fee in fees),
            traded_at=T0,
        )
    )


def completed(*weights: tuple[str, str]) -> ev.PlanCompleted:
    return ev.PlanCompleted(tuple((name, Weight(D(weight))) for name, weight in weights))


def executing(plan: Plan, mode: ev.Mode = ev.Mode.SANDBOX) -> PlanState:
    """Half of the first leg is filled, the second waits for its price."""
    sell, buy = plan.legs
    return life(
        proposal(plan, mode),
        (11, approval(plan)),
        (11, approved(plan)),
        (12, started()),
        (13, submitting(sell)),
        (14, filled(sell, "0.025", "60010", ("USDT", "1.5"))),
        (20, ev.LegWaiting(buy.id, reason(ReasonCode.PRICE_OUTSIDE_BOUND, best=D("3020"), bound=D("3015")))),
    )


def carried_out(plan: Plan, mode: ev.Mode = ev.Mode.SANDBOX) -> PlanState:
    """The sale went better than expected, the purchase worse and only in part; a fee was taken in a third coin."""
    sell, buy = plan.legs
    over = reason(ReasonCode.TIME_OVER, deadline=T0 + timedelta(minutes=15))
    return life(
        proposal(plan, mode),
        (11, approval(plan)),
        (11, approved(plan)),
        (12, started()),
        (13, submitting(sell)),
        (14, filled(sell, "0.05", "60000", ("USDT", "3"))),
        (15, ev.LegSettled(sell.id)),
        (16, submitting(buy)),
        (17, filled(buy, "0.7", "3002.5", ("BNB", "0.0035"))),
        (18, ev.OrderClosed(order_id(buy), OrderStatus.EXPIRED, Quantity(D("0.7")))),
        (900, ev.LegSettled(buy.id, (over,))),
        (901, completed(("BTC", "0.3333"), ("ETH", "0.3181"), ("USDT", "0.3486"))),
    )
