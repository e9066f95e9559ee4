"""`equipoise plan`: one evaluation of a state file, without any network."""

from __future__ import annotations

import argparse

from bot.cli.outcome import DONE, STANDARD_INPUT, read_input, say, say_json
from bot.config.load import load_policy
from bot.config.mistakes import ConfigMistakes, Mistake
from bot.decision_json import decision_json
from bot.state_file import load_state
from engine.api import decide
from engine.model.decision import Decision, DecisionInputs, RequestKind
from engine.model.money import ONE, Weight, plain
from engine.model.policy import Policy, Target


def command(options: argparse.Namespace) -> int:
    """Decide and print."""
    decision = decide(_inputs(options))
    if options.json:
        say_json(decision_json(decision))
    else:
        _print(decision)
    return DONE


def _inputs(options: argparse.Namespace) -> DecisionInputs:
    """Both files. Raises ConfigMistakes with the mistakes of both."""
    if options.state == options.policy == STANDARD_INPUT:
        raise ConfigMistakes([Mistake("--policy", "is standard input beside --state; name a file for one of them")])
    request = RequestKind.MANUAL if options.now else RequestKind.SCHEDULED
    found: list[Mistake] = []
    # Stands in for a policy that cannot be read, so that the state is looked at all the same.
    policy = Policy((Target("cash", Weight(ONE)),))
    try:
        policy = load_policy(read_input(options.policy))
    except ConfigMistakes as error:
        found += error.mistakes
    try:
        inputs = load_state(read_input(options.state), policy, request)
    except ConfigMistakes as error:
        raise ConfigMistakes([*found, *error.mistakes]) from None
    if found:
        raise ConfigMistakes(found)
    return inputs


def _print(decision: Decision) -> None:
    outcome = decision.outcome
    for drift in outcome.drifts:
        say(f"{drift.name:<10} {_percent(drift.weight):>8} of {_percent(drift.target):>7}")
    for reason in (*outcome.verdict.reasons, *outcome.vetoes):
        operands = ", ".join(f"{name}={value}" for name, value in reason.operands)
        say(f"{reason.code.value}: {operands}")
    if outcome.plan is None:
        say("no plan")
        return
    for leg in outcome.plan.legs:
        figures = f"{plain(leg.quantity)} {leg.symbol} at most {plain(leg.limit_price)}"
        say(f"{leg.id} {leg.venue}: {leg.side.value} {figures}, costs {leg.cost.total:.2f}")
    say(f"turnover {outcome.plan.turnover:.2f}, cost {outcome.plan.cost.total:.2f} {outcome.valuation.numeraire}")


def _percent(weight: object) -> str:
    return f"{weight:.2%}"
