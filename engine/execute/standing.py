"""What is left behind for the next decision, as a fold over the facts of the portfolio and of its plans. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.account.movements import returned_key
from engine.execute import guard_standing, model_standing
from engine.model import events as ev
from engine.model.decision import AlertChange, CashFlow, DriftAlert, Pause, Refusal, Standing
from engine.model.ledger import BalanceChange, Explanation, Question, Transit
from engine.model.money import Quantity
from engine.model.notices import QuietChoice
from engine.model.plan import PlanTrigger
from engine.pricing.experience import learned

MOVEMENTS_REMEMBERED: Final = timedelta(days=30)
"""Longer than any venue is asked back for deposits and withdrawals."""


def apply(standing: Standing, event: ev.Event) -> Standing:
    """The standing after one more fact."""
    fact = event.fact
    if isinstance(fact, ev.GuardFact):
        return replace(standing, guards=guard_standing.after_guard_fact(standing.guards, fact))
    if isinstance(fact, ev.ModelFact):
        return replace(standing, models=model_standing.after_model_fact(standing.models, fact, event.ts_event))
    if isinstance(fact, ev.PortfolioFact):
        return _after_portfolio_fact(standing, fact, event)
    if isinstance(fact, ev.PlanFact):
        return _after_plan_fact(standing, fact, event)
    return standing


def _after_portfolio_fact(standing: Standing, fact: ev.PortfolioFact, event: ev.Event) -> Standing:
    match fact:
        case ev.PolicyAdopted():
            guards = guard_standing.with_signatures_of(standing.guards, fact.digest)
            version = standing.policy_version + 1
            adopted = replace(standing, active_since=event.ts_event, policy=fact.digest, policy_version=version)
            return replace(adopted, guards=guards, models=model_standing.under_new_policy(standing.models))
        case ev.EngineStarted():
            return replace(standing, guards=guard_standing.begun(standing.guards))
        case ev.PlanningPaused():
            return replace(standing, pause=Pause(fact.by, event.ts_event, fact.until))
        case ev.PlanningResumed():
            return replace(standing, pause=None, refusal=None)
        case ev.TradingKilled():
            return replace(standing, killed=Pause(fact.by, event.ts_event))
        case ev.TradingRevived():
            return replace(standing, killed=None)
        case ev.DriftAlertsChanged():
            return replace(standing, alerts=_alerts_after(standing.alerts, fact.changes, event.ts_event))
        case ev.VetoesChanged():
            return replace(standing, vetoes_told=fact.vetoes)
        case ev.CalendarAnswered():
            return replace(standing, last_date_fired=fact.date)
        case ev.CashFlowSeen():
            return _with_cash_flow(standing, fact.cash_flow)
        case ev.LoudnessChosen() | ev.QuietChosen():
            return _after_choice(standing, fact)
        case _:
            return _after_ledger_fact(standing, fact, event)


def _after_choice(standing: Standing, fact: ev.LoudnessChosen | ev.QuietChosen) -> Standing:
    """What people want to be told, and when; the last word on it counts."""
    if isinstance(fact, ev.QuietChosen):
        return replace(standing, quiet=None if fact.from_file else QuietChoice(fact.quiet))
    others = tuple(choice for choice in standing.loudness if choice[0] is not fact.kind)
    return replace(standing, loudness=tuple(sorted((*others, (fact.kind, fact.loudness)))))


def _after_ledger_fact(standing: Standing, fact: ev.PortfolioFact, event: ev.Event) -> Standing:
    match fact:
        case ev.PricesNoted():
            return replace(standing, guards=guard_standing.with_prices(standing.guards, fact, event.ts_event))
        case ev.ChangeQuestioned():
            return _with_question(standing, fact.question)
        case ev.ChangeResolved():
            return _without_question(standing, fact.question)
        case ev.ChangeAnswered():
            return _answered(standing, fact, event.ts_event)
        case ev.MovementDeclared():
            return replace(standing, declared=(*standing.declared, fact.declaration))
        case ev.DeclarationUsed():
            left = tuple(d for d in standing.declared if d.id != fact.declaration)
            return replace(standing, declared=left)
        case ev.HarvestSuggested():
            return replace(standing, harvest_told_at=event.ts_event)
        case _:
            return _after_transit_fact(standing, fact)


def _after_transit_fact(standing: Standing, fact: ev.PortfolioFact) -> Standing:
    match fact:
        case ev.WithdrawalSeen():
            w = fact.withdrawal
            seen = _remembered(standing.withdrawals_seen, w.key, w.at)
            return replace(standing, transits=(*standing.transits, fact.transit), withdrawals_seen=seen)
        case ev.WithdrawalReturned():
            w = fact.withdrawal
            seen = _remembered(standing.withdrawals_seen, returned_key(w), w.at)
            return replace(_without_transit(standing, w.key), withdrawals_seen=seen)
        case ev.TransitAnswered(to_venue=None):
            return _without_transit(standing, fact.transit.id)
        case ev.TransitAnswered():
            told = tuple(
                replace(t, to_venue=fact.to_venue) if t.id == fact.transit.id else t for t in standing.transits
            )
            return replace(standing, transits=told)
        case ev.TransferArrived():
            standing = _without_transit(standing, fact.transit.id)
            if fact.deposit is None:
                return standing
            seen = _remembered(standing.deposits_seen, fact.deposit.key, fact.deposit.at)
            return replace(standing, deposits_seen=seen)
        case _:
            return standing


def _answered(standing: Standing, fact: ev.ChangeAnswered, at: datetime) -> Standing:
    """A person's word on a change: new money is put to use like any other, and what is on its way is counted."""
    question = fact.question
    standing = _without_question(standing, question)
    if fact.explanation is Explanation.DEPOSIT:
        for change in question.changes:
            if change.quantity > 0:
                flow = CashFlow(f"{question.id}:{change.asset}", question.venue, change.asset, change.quantity, at)
                standing = _with_cash_flow(standing, flow)
    if fact.explanation is Explanation.TRANSFER:
        gone = tuple(_transit_of(fact, change, at) for change in question.changes if change.quantity < 0)
        standing = replace(standing, transits=(*standing.transits, *gone))
    return standing


def _transit_of(fact: ev.ChangeAnswered, change: BalanceChange, at: datetime) -> Transit:
    question = fact.question
    quantity = Quantity(-change.quantity)
    return Transit(f"{question.id}:{change.asset}", change.asset, quantity, question.venue, at, fact.to_venue)


def _with_question(standing: Standing, question: Question) -> Standing:
    others = tuple(q for q in standing.questions if q.id != question.id)
    return replace(standing, questions=(*others, question))


def _without_question(standing: Standing, question: Question) -> Standing:
    return replace(standing, questions=tuple(q for q in standing.questions if q.id != question.id))


def _without_transit(standing: Standing, transit: str) -> Standing:
    return replace(standing, transits=tuple(t for t in standing.transits if t.id != transit))


def _remembered(seen: tuple[tuple[str, datetime], ...], key: str, at: datetime) -> tuple[tuple[str, datetime], ...]:
    recent = tuple((known, when) for known, when in seen if at - when < MOVEMENTS_REMEMBERED)
    return (*recent, (key, at))


def _after_plan_fact(standing: Standing, fact: ev.PlanFact, event: ev.Event) -> Standing:
    match fact:
        case ev.PlanProposed():
            known = tuple(flow.deposit_id for flow in standing.cash_flows)
            guards = guard_standing.proposed(standing.guards, fact.plan.trigger, event.ts_event)
            opened = replace(standing, open_plan=fact.plan_id, open_trigger=fact.plan.trigger, flows_in_plan=known)
            # Any plan made since leads to the adopted targets: they call for none of their own any more.
            return replace(opened, guards=guards, models=model_standing.traded(standing.models))
        case ev.PlanSuperseded():
            return replace(standing, open_plan=None, open_trigger=None, flows_in_plan=())
        case ev.PlanDeclined():
            refusal = Refusal(event.ts_event, fact.band_use, fact.snoozed_until)
            guards = guard_standing.refused(standing.guards, fact.snoozed_until)
            return replace(_unanswered(standing, event.ts_event, refusal), guards=guards)
        case ev.PlanExpired():
            guards = guard_standing.unanswered(standing.guards, event.ts_event)
            refusal = Refusal(event.ts_event, fact.band_use)
            return replace(_unanswered(standing, event.ts_event, refusal), guards=guards)
        case ev.PlanCompleted() | ev.PlanAborted():
            ended = _ended(standing, event.ts_event, carried_out=True)
            guards = guard_standing.carried_out(standing.guards, fact.costs, event.ts_event)
            return replace(ended, experience=learned(standing.experience, fact.costs), guards=guards)
        case _:
            return standing


def _unanswered(standing: Standing, at: datetime, refusal: Refusal) -> Standing:
    """Nothing like it is proposed for a while. What is said to a guard says nothing of ordinary plans."""
    is_guards = standing.open_trigger is PlanTrigger.RISK
    return replace(_ended(standing, at), refusal=standing.refusal if is_guards else refusal)


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
    seen = _remembered(standing.deposits_seen, flow.deposit_id, flow.at)
    return replace(standing, cash_flows=(*standing.cash_flows, flow), deposits_seen=seen)


def _alerts_after(
    alerts: tuple[DriftAlert, ...], changes: tuple[AlertChange, ...], at: datetime
) -> tuple[DriftAlert, ...]:
    """The alerts that stand, and those that are over and whose back-off still counts, in the order of names."""
    known = {alert.name: alert for alert in alerts}
    for change in changes:
        known[change.name] = known.get(change.name, DriftAlert(change.name, None)).after(change, at)
    return tuple(known[name] for name in sorted(known) if not _is_forgotten(known[name], at))


def _is_forgotten(alert: DriftAlert, at: datetime) -> bool:
    return alert.level is None and (alert.back_off is None or alert.back_off.is_forgotten(at))
