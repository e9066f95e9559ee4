"""What is left behind for the next decision, as a fold over the facts of the portfolio and of its plans. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.model import events as ev
from engine.model.decision import AlertChange, CashFlow, DriftAlert, Pause, Refusal, Standing
from engine.model.plan import PlanTrigger

DEPOSITS_REMEMBERED: Final = timedelta(days=30)
"""Longer than any venue is asked back for deposits."""


def apply(standing: Standing, event: ev.Event) -> Standing:
    """The standing after one more fact."""
    fact = event.fact
    if isinstance(fact, ev.PortfolioFact):
        return _after_portfolio_fact(standing, fact, event)
    if isinstance(fact, ev.PlanFact):
        return _after_plan_fact(standing, fact, event)
    return standing


def _after_portfolio_fact(standing: Standing, fact: ev.PortfolioFact, event: ev.Event) -> Standing:
    match fact:
        case ev.PolicyAdopted():
            return replace(standing, active_since=event.ts_event, policy=fact.digest)
        case ev.PlanningPaused():
            return replace(standing, pause=Pause(fact.by, event.ts_event, fact.until))
        case ev.PlanningResumed():
            return replace(standing, pause=None, refusal=None)
        case ev.DriftAlertsChanged():
            return replace(standing, alerts=_alerts_after(standing.alerts, fact.changes))
        case ev.VetoesChanged():
            return replace(standing, vetoes_told=fact.vetoes)
        case ev.CalendarAnswered():
            return replace(standing, last_date_fired=fact.date)
        case ev.CashFlowSeen():
            return _with_cash_flow(standing, fact.cash_flow)
        case _:
            return standing


def _after_plan_fact(standing: Standing, fact: ev.PlanFact, event: ev.Event) -> Standing:
    match fact:
        case ev.PlanProposed():
            known = tuple(flow.deposit_id for flow in standing.cash_flows)
            return replace(standing, open_plan=fact.plan_id, open_trigger=fact.plan.trigger, flows_in_plan=known)
        case ev.PlanSuperseded():
            return replace(standing, open_plan=None, open_trigger=None, flows_in_plan=())
        case ev.PlanDeclined():
            refusal = Refusal(event.ts_event, fact.band_use, fact.snoozed_until)
            return replace(_ended(standing, event.ts_event), refusal=refusal)
        case ev.PlanExpired():
            return replace(_ended(standing, event.ts_event), refusal=Refusal(event.ts_event, fact.band_use))
        case ev.PlanCompleted() | ev.PlanAborted():
            return _ended(standing, event.ts_event, carried_out=True)
        case _:
            return standing


def _ended(standing: Standing, at: datetime, *, carried_out: bool = False) -> Standing:
    """No plan is open any more; new money that it was to use is used up, or was refused a use.

    What came in while the plan was open still waits for a use of its own.
    """
    used = standing.flows_in_plan if carried_out or standing.open_trigger is PlanTrigger.CASH_FLOW else ()
    return replace(
        standing,
        open_plan=None,
        open_trigger=None,
        last_rebalance=at,
        refusal=None,
        cash_flows=tuple(flow for flow in standing.cash_flows if flow.deposit_id not in used),
        flows_in_plan=(),
    )


def _with_cash_flow(standing: Standing, flow: CashFlow) -> Standing:
    if flow.deposit_id in {known for known, _ in standing.deposits_seen}:
        return standing
    recent = [(known, at) for known, at in standing.deposits_seen if flow.at - at < DEPOSITS_REMEMBERED]
    seen = (*recent, (flow.deposit_id, flow.at))
    return replace(standing, cash_flows=(*standing.cash_flows, flow), deposits_seen=seen)


def _alerts_after(alerts: tuple[DriftAlert, ...], changes: tuple[AlertChange, ...]) -> tuple[DriftAlert, ...]:
    standing = {alert.name: alert for alert in alerts}
    for change in changes:
        if change.level is None:
            standing.pop(change.name, None)
        else:
            standing[change.name] = DriftAlert(change.name, change.level)
    return tuple(standing[name] for name in sorted(standing))
