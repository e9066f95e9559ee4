"""What is left behind for the next decision, as a fold over the facts of the portfolio and of its plans. Pure."""

from __future__ import annotations

from dataclasses import replace

from engine.model import events as ev
from engine.model.decision import AlertChange, DriftAlert, Pause, Refusal, Standing
from engine.model.plan import PlanTrigger


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
            return replace(standing, active_since=event.ts_event)
        case ev.PlanningPaused():
            return replace(standing, pause=Pause(fact.by, event.ts_event, fact.until))
        case ev.PlanningResumed():
            return replace(standing, pause=None, refusal=None)
        case ev.DriftAlertsChanged():
            return replace(standing, alerts=_alerts_after(standing.alerts, fact.changes))
        case ev.CalendarAnswered():
            return replace(standing, last_date_fired=fact.date)
        case ev.CashFlowSeen():
            return replace(standing, cash_flows=(*standing.cash_flows, fact.cash_flow))
        case _:
            return standing


def _after_plan_fact(standing: Standing, fact: ev.PlanFact, event: ev.Event) -> Standing:
    match fact:
        case ev.PlanProposed():
            spent = fact.plan.trigger is PlanTrigger.CASH_FLOW
            flows = () if spent else standing.cash_flows
            return replace(standing, open_plan=fact.plan_id, cash_flows=flows)
        case ev.PlanDeclined():
            refusal = Refusal(event.ts_event, fact.band_use, fact.snoozed_until)
            return replace(standing, open_plan=None, last_rebalance=event.ts_event, refusal=refusal)
        case ev.PlanExpired():
            refusal = Refusal(event.ts_event, fact.band_use)
            return replace(standing, open_plan=None, last_rebalance=event.ts_event, refusal=refusal)
        case ev.PlanSuperseded():
            return replace(standing, open_plan=None, refusal=None)
        case ev.PlanCompleted() | ev.PlanAborted():
            return replace(standing, open_plan=None, last_rebalance=event.ts_event, refusal=None)
        case _:
            return standing


def _alerts_after(alerts: tuple[DriftAlert, ...], changes: tuple[AlertChange, ...]) -> tuple[DriftAlert, ...]:
    standing = {alert.name: alert for alert in alerts}
    for change in changes:
        if change.level is None:
            standing.pop(change.name, None)
        else:
            standing[change.name] = DriftAlert(change.name, change.level)
    return tuple(standing[name] for name in sorted(standing))
