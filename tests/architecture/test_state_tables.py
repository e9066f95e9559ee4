"""The two state machines as tables: nothing is unreachable, nothing is stuck, and no end is reopened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from engine.execute.order_machine import ORDER_TABLE, ImpossibleOrderEvent, OrderEvent
from engine.execute.order_machine import next_status as next_order_status
from engine.execute.plan_machine import PLAN_TABLE, ImpossiblePlanEvent, PlanEvent
from engine.execute.plan_machine import next_status as next_plan_status
from engine.execute.plan_state import ENDS, ORDER_EVENTS, PLAN_EVENTS
from engine.model import events as ev
from engine.model.order import CLOSED_ORDERS, OrderStatus
from engine.model.plan import TERMINAL_PLANS, PlanStatus

Table = Mapping[tuple[Any, Any], Any]
MACHINES = [
    pytest.param(PLAN_TABLE, PlanStatus.PROPOSED, PlanStatus, TERMINAL_PLANS, id="plan"),
    pytest.param(ORDER_TABLE, OrderStatus.INITIALIZED, OrderStatus, CLOSED_ORDERS, id="order"),
]


def reachable(table: Table, start: object) -> set[object]:
    """Every state that can be come to from one."""
    found, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        new = {to for (of, _), to in table.items() if of == state} - found
        found |= new
        waiting += new
    return found


@pytest.mark.parametrize(("table", "start", "states", "ends"), MACHINES)
def test_every_state_can_be_reached(table: Table, start: object, states: Any, ends: frozenset[object]) -> None:
    """From the first one."""
    assert reachable(table, start) == set(states)


@pytest.mark.parametrize(("table", "start", "states", "ends"), MACHINES)
def test_every_state_has_a_way_to_an_end(table: Table, start: object, states: Any, ends: frozenset[object]) -> None:
    """Nothing stays open for good."""
    for state in set(states) - ends:
        assert reachable(table, state) & ends, state


@pytest.mark.parametrize(("table", "start", "states", "ends"), MACHINES)
def test_no_end_is_left(table: Table, start: object, states: Any, ends: frozenset[object]) -> None:
    """What is over stays over."""
    assert [of for (of, _) in table if of in ends] == []


def test_a_plan_is_completed_only_while_it_executes() -> None:
    """One that is paused or winds down has something left that a person wanted kept back."""
    assert [of for (of, _), to in PLAN_TABLE.items() if to is PlanStatus.COMPLETED] == [PlanStatus.EXECUTING]


def test_every_event_can_happen() -> None:
    """A word that no state understands would be a dead one."""
    assert {event for _, event in PLAN_TABLE} == set(PlanEvent)
    assert {event for _, event in ORDER_TABLE} == set(OrderEvent)


def test_what_is_not_in_a_table_is_impossible() -> None:
    """It is an error, and not a silent nothing."""
    with pytest.raises(ImpossiblePlanEvent):
        next_plan_status(PlanStatus.COMPLETED, PlanEvent.APPROVE)
    with pytest.raises(ImpossibleOrderEvent):
        next_order_status(OrderStatus.FILLED, OrderEvent.SUBMIT)


def test_every_fact_of_a_plan_and_of_an_order_has_its_place() -> None:
    """Each moves its machine, or is known to be about something else."""
    about_the_plan = {ev.PlanProposed, ev.ApprovalGiven, ev.LegSettled, ev.LegWaiting, ev.SliceEnded}
    assert set(get_args(ev.PlanFact)) == set(PLAN_EVENTS) | about_the_plan
    by_quantity = {ev.OrderSubmitting, ev.FillBooked, ev.OrderClosed, ev.OrderQuarantined}
    assert set(get_args(ev.OrderFact)) == set(ORDER_EVENTS) | by_quantity
    assert set(ENDS) == {OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED}
