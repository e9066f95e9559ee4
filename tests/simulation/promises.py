"""What must hold after every run, whatever went wrong in it: one function a promise, each giving its violations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.ids import Asset, UserId
from engine.model.money import ZERO, exact, total
from engine.model.order import OrderRequest
from engine.model.plan import PlanStatus
from tests.simulation import promises_of_guards, promises_of_lots, promises_of_telling
from tests.simulation.evidence import Evidence
from tests.simulation.exchange import VenueOrder
from tests.simulation.loop import seconds
from tests.simulation.people import MEMBERS

Promise = Callable[[Evidence], Iterator[str]]
DRIVEN: Final = (PlanStatus.APPROVED, PlanStatus.EXECUTING, PlanStatus.WINDING_DOWN)


def one_order_per_id(seen: Evidence) -> Iterator[str]:
    """The exchanges hold at most one order for each client order id."""
    counted = Counter((o.request.venue, o.request.client_order_id) for o in seen.venue_orders)
    for (venue, coid), count in counted.items():
        if count > 1:
            yield f"{venue} took order {coid} {count} times"


def no_more_than_approved(seen: Evidence) -> Iterator[str]:
    """Of no slice and no leg more was traded than was approved."""
    traded: dict[tuple[str, str, int], Decimal] = defaultdict(lambda: ZERO)
    by_leg: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for order in seen.venue_orders:
        request, leg = order.request, seen.leg_of(order.request)
        if leg is None:
            yield f"{request.venue} traded for an order that no plan knows: {request.client_order_id}"
            continue
        plan = seen.plan_of[request.client_order_id]
        traded[plan, leg.id, request.slice_number] += order.filled
        by_leg[plan, leg.id] += order.filled
        if traded[plan, leg.id, request.slice_number] > seen.approved_for(leg, request.slice_number):
            yield f"slice {request.slice_number} of leg {leg.id} of {plan} was traded beyond its approval"
        if by_leg[plan, leg.id] > leg.quantity:
            yield f"leg {leg.id} of {plan}: {by_leg[plan, leg.id]} traded, {leg.quantity} approved"


def no_more_at_stake_than_approved(seen: Evidence) -> Iterator[str]:
    """At no instant could the orders at large of a leg, all filled, have come to more than was approved."""
    orders = sorted(seen.venue_orders, key=lambda o: o.accepted_at)
    for place, order in enumerate(orders):
        leg = seen.leg_of(order.request)
        if leg is None:
            continue
        plan = seen.plan_of[order.request.client_order_id]
        others = (o for o in orders[:place] if _same_leg(seen, o, order))
        at_stake = order.request.quantity + total(_at_stake(other, order.accepted_at) for other in others)
        if at_stake > leg.quantity:
            yield f"leg {leg.id} of {plan}: {at_stake} at stake, {leg.quantity} approved"


def within_the_bounds(seen: Evidence) -> Iterator[str]:
    """No order differs from its leg in market or side, asks for more, or allows a worse price; no fill has one.

    A slice may go to another exchange than its leg's, where that is cheaper.
    """
    for request in seen.arrivals:
        leg = seen.leg_of(request)
        if leg is None:
            yield f"{request.venue} was sent an order that no plan knows: {request.client_order_id}"
            continue
        asked = (request.base, request.quote, request.side)
        elsewhere = request.venue != leg.venue and not leg.slices
        if asked != (leg.base, leg.quote, leg.side) or elsewhere:
            yield f"order {request.client_order_id} is not what leg {leg.id} says"
        approved = seen.approved_for(leg, request.slice_number)
        if request.quantity > approved:
            yield f"order {request.client_order_id} asks for {request.quantity} of {approved}"
        if leg.side.sign * (request.limit_price - leg.limit_price) > 0:
            yield f"order {request.client_order_id} allows {request.limit_price} beyond {leg.limit_price}"
    for order in seen.venue_orders:
        leg = seen.leg_of(order.request)
        worst = [fill for fill in order.fills if leg and leg.side.sign * (fill.price - leg.limit_price) > 0]
        if worst:
            yield f"order {order.request.client_order_id} was filled at {worst[0].price}, beyond its leg's bound"


def intent_before_effect(seen: Evidence) -> Iterator[str]:
    """An order's intent is on disk before the order leaves."""
    for order in seen.world.unintended:
        yield f"order {order.client_order_id} left before its intent was on disk"


def every_trade_is_booked_once(seen: Evidence) -> Iterator[str]:
    """The fills of the journal are the exchanges' trades, by the exchanges' own numbers: none lost, none twice."""
    booked = Counter((fill.venue, fill.id) for fill in seen.booked)
    for (venue, trade), count in booked.items():
        if count > 1:
            yield f"trade {trade} of {venue} was booked {count} times"
    facts = {(fill.venue, fill.id): fill for fill in seen.booked}
    trades = {(fill.venue, fill.id): fill for e in seen.world.exchanges.values() for fill in e.trades}
    for key in facts.keys() - trades.keys():
        yield f"trade {key} was booked and never happened"
    for key in trades.keys() & facts.keys():
        if trades[key] != facts[key]:
            yield f"trade {key} was booked as another than it was"
    for key in trades.keys() - facts.keys():
        if not _may_still_be_found(seen, trades[key].client_order_id):
            yield f"trade {key} was lost"


def tables_agree_with_facts(seen: Evidence) -> Iterator[str]:
    """The ledger's rows are the booked fills, and a plan's row is what its facts come to."""
    with seen.world.disk.read() as disk:
        rows = disk.execute("SELECT venue, id, quantity, price FROM fill ORDER BY venue, id").fetchall()
        plans = disk.execute("SELECT plan_id, status, is_open FROM plan").fetchall()
    fills = {(f.venue, f.id): (f.quantity, f.price) for f in seen.booked}
    if {(venue, trade): (Decimal(q), Decimal(p)) for venue, trade, q, p in rows} != fills:
        yield "the ledger's rows are not the booked fills"
    if {(p, s, bool(o)) for p, s, o in plans} != {
        (state.proposed.plan_id, state.status.value, not state.is_terminal) for state in seen.plans.values()
    }:
        yield "the plans' rows are not what their facts come to"


def only_approved_plans_trade(seen: Evidence) -> Iterator[str]:
    """No plan trades without enough approvals of exactly its digest by members."""
    for state in seen.plans.values():
        started = any(isinstance(entry.fact, ev.ExecutionStarted) for entry in state.trail)
        if not (started or state.orders):
            continue
        plan = state.proposed.plan_id
        given = {approval.by for approval in state.approvals if approval.digest == state.proposed.digest}
        if len(given & set(map(UserId, MEMBERS))) < seen.world.scenario.approvers:
            yield f"{plan} traded with the approvals of {sorted(given) or 'nobody'}"
        if state.proposed.digest != state.proposed.plan.digest:
            yield f"{plan} is not what its digest says"


def approvals_are_real(seen: Evidence) -> Iterator[str]:
    """Every approval that is counted was given by that person, for that very digest, and in time."""
    for state in seen.plans.values():
        for entry in state.trail:
            if isinstance(entry.fact, ev.ApprovalGiven):
                yield from _not_given(seen, state, entry.fact, seconds(entry.at))


def one_open_plan(seen: Evidence) -> Iterator[str]:
    """At most one plan is open at a time."""
    open_plans: set[str] = set()
    for event in seen.events:
        if isinstance(event.fact, ev.PlanProposed):
            open_plans.add(event.stream)
        elif isinstance(event.fact, ENDS):
            open_plans.discard(event.stream)
        if len(open_plans) > 1:
            yield f"{len(open_plans)} plans are open after fact {event.seq}"


@exact
def balances_reconcile(seen: Evidence) -> Iterator[str]:
    """What an account holds is what it began with and all fills of the journal, fees included."""
    for exchange in seen.world.exchanges.values():
        expected: dict[Asset, Decimal] = dict(exchange.start)
        unbooked = {fill.id for fill in exchange.trades} - {f.id for f in seen.booked if f.venue == exchange.name}
        fills = {fill.id: fill for fill in seen.booked if fill.venue == exchange.name}
        fills |= {fill.id: fill for fill in exchange.trades if fill.id in unbooked}
        for fill in fills.values():
            expected[fill.base] = expected.get(fill.base, ZERO) + fill.side.sign * fill.quantity
            expected[fill.quote] = expected.get(fill.quote, ZERO) - fill.side.sign * fill.quantity * fill.price
            for fee in fill.fees:
                expected[fee.asset] = expected.get(fee.asset, ZERO) - fee.quantity
        if expected != exchange.holds:
            yield f"{exchange.name} holds {exchange.holds}, by the journal {expected}"
        if min(exchange.holds.values()) < 0:
            yield f"{exchange.name} was made to spend what it does not hold"


def everything_comes_to_an_end(seen: Evidence) -> Iterator[str]:
    """Once the weather is calm, every approved plan comes to its end, or waits for a person and says so."""
    if not seen.run.came_to_rest:
        yield f"no life of {seen.world.life} came to rest"
    for state in seen.plans.values():
        if state.status in DRIVEN and not _waits_on_record(seen, state):
            yield f"{state.proposed.plan_id} is {state.status}, and nobody is told why"


def nothing_unforeseen(seen: Evidence) -> Iterator[str]:
    """No defect: nothing is raised but what the bot raises on purpose; no honest exchange makes it pause, or ask."""
    yield from (f"unforeseen: {defect}" for defect in seen.run.defects)
    for event, fact in seen.facts(ev.ExecutionPaused):
        if fact.by is None:
            yield f"{event.stream} was paused: {', '.join(why.code.value for why in fact.reasons)}"
    for _, asked in seen.facts(ev.ChangeQuestioned):
        yield f"people were asked about balances that nobody but the bot has moved: {asked.question.changes}"


ENDS: Final = (ev.PlanDeclined, ev.PlanExpired, ev.PlanSuperseded, ev.PlanCompleted, ev.PlanAborted)

PROMISES: Final[tuple[Promise, ...]] = (
    one_order_per_id,
    no_more_than_approved,
    no_more_at_stake_than_approved,
    within_the_bounds,
    intent_before_effect,
    every_trade_is_booked_once,
    tables_agree_with_facts,
    only_approved_plans_trade,
    approvals_are_real,
    one_open_plan,
    balances_reconcile,
    promises_of_lots.lots_add_up_to_what_is_held,
    promises_of_lots.every_sale_is_matched,
    promises_of_lots.lots_are_named_before_they_are_sold,
    promises_of_guards.nothing_is_bought_back,
    promises_of_guards.nothing_is_sent_to_a_halted_venue,
    everything_comes_to_an_end,
    nothing_unforeseen,
    promises_of_telling.every_end_is_told,
    promises_of_telling.nothing_is_told_twice,
    promises_of_telling.nothing_waits_untold,
)


def violations(seen: Evidence, promises: Sequence[Promise] = PROMISES) -> list[str]:
    """Every broken promise, by its name and what broke it."""
    return [f"{promise.__name__}: {found}" for promise in promises for found in promise(seen)]


def _same_leg(seen: Evidence, one: VenueOrder, other: VenueOrder) -> bool:
    def leg(request: OrderRequest) -> tuple[str | None, str]:
        return seen.plan_of.get(request.client_order_id), request.leg

    return leg(one.request) == leg(other.request)


def _at_stake(order: VenueOrder, at: float) -> Decimal:
    still_open = order.closed_at is None or order.closed_at > at
    return order.request.quantity if still_open else order.filled


def _may_still_be_found(seen: Evidence, client_order_id: str) -> bool:
    """The order is in doubt, and a person was told: its exchange gives no proof either way, or it is still asked."""
    for state in seen.plans.values():
        for order in state.orders:
            if order.request.client_order_id == client_order_id:
                return not order.is_closed and _waits_on_record(seen, state)
    return False


def _waits_on_record(seen: Evidence, state: PlanState) -> bool:
    """It is paused, or an order's fate cannot be known without a person."""
    return state.status is PlanStatus.PAUSED or any(order.quarantined for order in state.orders)


def _not_given(seen: Evidence, state: PlanState, given: ev.ApprovalGiven, at: float) -> Iterator[str]:
    plan, proposed = state.proposed.plan_id, state.proposed
    if at >= seconds(proposed.expires_at):
        yield f"{plan} was approved by {given.by} after its time"
    if given.digest != proposed.digest:
        yield f"{plan} was approved by another digest"
    by = at + max(0.0, -seen.world.scenario.clock_step)
    if not seen.world.people.approved(given.by, plan, proposed.digest, by):
        yield f"{plan} counts an approval that {given.by} never gave"
