"""What a state file says that earlier evaluations left behind, as the engine's records."""

from __future__ import annotations

from datetime import datetime

from bot.state_schema import ConditionEntry, StandingEntry
from bot.state_signals import FROM_A_FILE, judgements_of, questions_of
from engine.model.conditions import Condition, GuardStanding, Stage, StopMark
from engine.model.decision import Standing
from engine.model.ids import Asset, Digest
from engine.model.money import Money, Price
from engine.model.target_changes import AdoptedTargets, ModelStanding, named


def standing_of(entry: StandingEntry, as_of: datetime, numeraire: Asset) -> Standing:
    """The standing that a file describes. What was traded today counts as traded now, in the numeraire."""
    return Standing(
        last_rebalance=entry.last_rebalance,
        last_date_fired=entry.last_date_fired,
        open_plan=Digest(entry.open_plan) if entry.open_plan else None,
        guards=GuardStanding(
            conditions=tuple(sorted((_condition(each) for each in entry.conditions), key=lambda c: c.key)),
            stops=tuple(
                StopMark(
                    s.asset, Price(s.peak), s.armed, Price(s.base) if s.base is not None else None, None, numeraire
                )
                for s in sorted(entry.stops, key=lambda s: s.asset)
            ),
            prices=tuple(
                (noted.at, tuple((asset, Price(price)) for asset, price in sorted(noted.prices.items())))
                for noted in sorted(entry.prices, key=lambda noted: noted.at)
            ),
            traded=None if entry.traded_today is None else ((as_of, Money(entry.traded_today)),),
            venues=judgements_of(entry.venues),
        ),
        models=_models(entry),
        questions=questions_of(entry.questions),
    )


def _models(entry: StandingEntry) -> ModelStanding:
    adopted = entry.adopted
    return ModelStanding(
        adopted=AdoptedTargets(named(adopted.weights), adopted.since, adopted.by, (FROM_A_FILE,), adopted.traded)
        if adopted is not None
        else None,
        last_date=entry.last_model_date,
        signals=tuple(entry.signals),
    )


def _condition(entry: ConditionEntry) -> Condition:
    return Condition(
        rule=entry.rule,
        subject=entry.subject,
        stage=entry.stage,
        since=entry.since,
        reason=FROM_A_FILE,
        grade=entry.grade,
        times=entry.times,
        raised_at=entry.since if entry.stage is Stage.RAISED else None,
        clear_since=entry.clear_since,
        assets=tuple(entry.assets),
        keeps=entry.keeps,
        shares=tuple(entry.shares),
        step=entry.step,
        rest_until=entry.rest_until,
    )
