"""An adaptive band in a working engine: its price history comes from the venues, and is kept with the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.decide.replay import replay
from engine.model import events as ev
from engine.model.decision import Decision
from engine.model.guards import Correlation, Guards, Stance
from engine.model.market import Close
from engine.model.money import Price
from engine.model.plan import PlanStatus
from engine.model.policy import Policy, TriggerKind
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.run.conftest import OpenDesk
from tests.run.desk import TARGETS, Desk

DAY = timedelta(days=1)
CALM, WILD = [Decimal("0.01")] * 80, [*[Decimal("0.01")] * 60, *[Decimal("0.09")] * 20]


def policy(kind: TriggerKind = TriggerKind.ADAPTIVE) -> Policy:
    """Bands of a quarter of the target, looked at daily."""
    return b.policy(TARGETS, trigger={"kind": kind, "threshold": Decimal("0.25"), "every": "daily"})


def rising(moves: Sequence[Decimal]) -> tuple[Close, ...]:
    """A price that rises by these fractions, day by day until today's midnight."""
    price, closes = Decimal(100), []
    for number, move in enumerate(moves, start=1):
        price = (price * (1 + move)).quantize(Decimal("1e-12"))
        closes.append((b.T0 - (len(moves) - number) * DAY, Price(price)))
    return tuple(closes)


async def decided(desk: Desk) -> Decision:
    await desk.start()
    await desk.engine.advance()
    found = await desk.journal.latest_decision()
    assert found is not None
    return found


@pytest.fixture
def drifted(open_desk: OpenDesk) -> Desk:
    """Bitcoin is at 53 % instead of 40 %: a third beyond its target."""
    desk = open_desk(policy=policy(), alpha={"BTC": "6", "ETH": "25", "USDT": "275"})
    desk.alpha.days = {"BTC/USDT": rising(CALM), "ETH/USDT": rising([Decimal(0)] * 80)}
    return desk


async def test_in_a_calm_market_the_band_is_as_written(drifted: Desk) -> None:
    """A third is beyond a quarter."""
    decision = await decided(drifted)
    assert (await drifted.open_plan()).status is PlanStatus.PROPOSED
    (scaled,) = [r for r in decision.outcome.verdict.reasons if r.code is R.BAND_SCALED]
    assert scaled.get("factor") == "1"


async def test_in_a_wild_market_the_same_drift_is_within_the_band(drifted: Desk) -> None:
    """Four times a quarter is the whole target; the date is answered, and not looked at again."""
    drifted.alpha.days["BTC/USDT"] = rising(WILD)
    decision = await decided(drifted)
    assert await drifted.journal.open_plan() is None
    assert next(d.threshold for d in decision.outcome.drifts if d.name == "BTC") == 1
    assert [type(e.fact) for e in await drifted.journal.facts(ev.CalendarAnswered)] == [ev.CalendarAnswered]


async def test_without_history_the_band_is_as_written_and_the_decision_says_so(drifted: Desk) -> None:
    """A venue that tells no closes is no reason to stand still."""
    drifted.alpha.days = {}
    decision = await decided(drifted)
    assert R.BAND_UNSCALED in b.codes(decision.outcome.verdict.reasons)
    assert (await drifted.open_plan()).status is PlanStatus.PROPOSED


async def test_a_decision_is_replayed_with_the_history_that_it_was_made_on(drifted: Desk) -> None:
    """Whatever the venues say today of the same days."""
    decision = await decided(drifted)
    drifted.alpha.days["BTC/USDT"] = rising(WILD)
    assert {series.asset for series in decision.inputs.history} == {"BTC", "ETH"}
    assert replay(decision).agrees


async def test_other_triggers_ask_for_no_history(drifted: Desk) -> None:
    """It costs requests, and room in the journal: only what looks back is worth it."""
    await drifted.start(replace(policy(TriggerKind.HYBRID), guards=Guards(correlation=Correlation(Stance.OFF))))
    await drifted.engine.advance()
    assert drifted.alpha.asked_for_days == []
