"""The rules by example: each TOML file here holds a portfolio, a policy, and what is to come of them.

A file has `rule` (what it shows), `policy` (as in a configuration file), `[state]` (as in a state file; it may leave
out what does not matter) and `[expect]`; `[daily]` are past closes of coins, a day apart, the newest of this midnight.
Of what is expected only what is named is compared:

- `fired`, `kind`, `missed`: the verdict; `reasons` and `vetoes`: their codes, in order
- `legs`: "venue side quantity BASE/QUOTE at limit", in the order of execution; `[]` where there is no plan
- `dropped`: "venue side BASE/QUOTE: code", with the first reason; `transfers`: "quantity ASSET from VENUE to VENUE"
- `guards`: what changed of conditions, "change rule subject: code"; `unarmed`: the guards that cannot tell, and why;
  `armed`: the stops that are armed from now on, where marks have changed; `asks`: why a person must be asked
- `venues`: how each was judged and why, "venue health: codes"; without codes where there is nothing to say
- `model`: the codes of what the model says; `wants` and `change`: what it wants now, and what is due to be asked for
- `after`: the weights that the plan leads to, to three decimals; `drift`: the drifts in points
"""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.config.load import load_policy
from bot.state_file import load_state
from engine.decide.pipeline import decide
from engine.model.decision import Outcome, RequestKind
from engine.model.health import VenueVerdict
from engine.model.money import exact, plain
from engine.model.plan import Plan

SCENARIOS = sorted(Path(__file__).parent.glob("*.toml"))
MARKET = {
    "taker_fee": "0.001",
    "maker_fee": "0.001",
    "price_tick": "0.01",
    "amount_step": "0.0001",
    "min_amount": "0",
    "min_notional": "5",
}
STATE = {"schema": "equipoise-state/1", "as_of": "2026-01-15T12:00:00Z", "numeraire": "USDT"}


@exact
def observed(outcome: Outcome) -> dict[str, Any]:
    """What came of it, in the words of the scenario files."""
    plan = outcome.plan
    return {
        "fired": outcome.verdict.fired,
        "kind": outcome.verdict.kind.value if outcome.verdict.kind else "none",
        "missed": outcome.verdict.missed,
        "reasons": [why.code.value for why in outcome.verdict.reasons],
        "vetoes": [why.code.value for why in outcome.vetoes],
        "drift": {drift.name: plain(drift.absolute) for drift in outcome.drifts},
        "legs": [
            f"{leg.venue} {leg.side} {plain(leg.quantity)} {leg.symbol} at {plain(leg.limit_price)}"
            for leg in (plan.legs if plan else ())
        ],
        "dropped": _dropped(plan) if plan else [],
        "transfers": _transfers(plan) if plan else [],
        "guards": [
            f"{c.kind} {c.condition.rule} {c.condition.subject}: {c.reason.code}" for c in outcome.guards.changes
        ],
        "unarmed": [f"{f.rule} {f.subject}: {f.reason.code}" for f in outcome.guards.findings if f.level == "unarmed"],
        "armed": [s.asset for s in outcome.guards.stops or () if s.is_armed],
        "asks": [why.code.value for why in outcome.guards.must_ask],
        "venues": [_judged(verdict) for verdict in outcome.guards.venues],
        "model": [why.code.value for why in outcome.model.reasons] if outcome.model else [],
        "wants": {name: plain(weight) for name, weight in outcome.model.wants} if outcome.model else {},
        "change": _change(outcome),
        "after": {line.name: str(round(line.after, 3)) for line in plan.weights} if plan else {},
    }


def _judged(verdict: VenueVerdict) -> str:
    codes = ", ".join(why.code for why in verdict.reasons)
    return f"{verdict.venue} {verdict.health}" + (f": {codes}" if codes else "")


def _change(outcome: Outcome) -> dict[str, str]:
    change = outcome.model.change if outcome.model else None
    return {name: plain(weight) for name, weight in change.after} if change else {}


def _dropped(plan: Plan) -> list[str]:
    return [f"{d.venue} {d.side} {d.base}/{d.quote}: {d.reasons[0].code}" for d in plan.dropped]


def _transfers(plan: Plan) -> list[str]:
    return [f"{round(t.quantity)} {t.asset} from {t.from_venue} to {t.to_venue}" for t in plan.suggested_transfers]


def closes(daily: str, as_of: str) -> list[list[str]]:
    """Daily closes as a state file has them: each with its instant, the last one the midnight before."""
    prices = daily.split()
    newest = datetime.combine(datetime.fromisoformat(as_of).date(), time(), UTC)
    return [[(newest - timedelta(days=age)).isoformat(), price] for age, price in enumerate(reversed(prices))][::-1]


def completed(state: dict[str, Any], daily: dict[str, str]) -> str:
    """The state file's text, with what the scenario left out."""
    whole = STATE | state
    history = {asset: closes(prices, whole["as_of"]) for asset, prices in daily.items()}
    venues = [
        {"health": "healthy", "balances": {}}
        | venue
        | {"markets": [MARKET | market for market in venue.get("markets", [])]}
        for venue in state["venues"]
    ]
    return json.dumps(whole | {"venues": venues, "history": state.get("history", {}) | history})


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_rule_holds(path: Path) -> None:
    """What is expected is what comes of it."""
    scenario = tomllib.loads(path.read_text(encoding="utf-8"))
    policy = load_policy(scenario["policy"])
    request = RequestKind.MANUAL if scenario.get("asked") else RequestKind.SCHEDULED
    state = completed(scenario["state"], scenario.get("daily", {}))
    found = observed(decide(load_state(state, policy, request)).outcome)
    expected: dict[str, Any] = scenario["expect"]
    assert {key: found[key] for key in expected} == expected, scenario["rule"]


def test_the_scenarios_were_found() -> None:
    """An empty folder would prove nothing."""
    assert len(SCENARIOS) >= 15
