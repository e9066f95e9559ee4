"""`equipoise plan`: one evaluation of a state file, without any network."""

from __future__ import annotations

import argparse

from bot.cli.outcome import DONE, CommandFailed, read_input, say, say_json
from bot.config.load import load_policy
from bot.decision_json import decision_json
from bot.state_file import load_state
from engine.api import decide
from engine.model.decision import Decision, RequestKind
from engine.model.money import plain


def command(options: argparse.Namespace) -> int:
    """Decide and print."""
    if options.state == options.policy == "-":
        raise CommandFailed("only one of --state and --policy can be standard input")
    policy = load_policy(read_input(options.policy))
    request = RequestKind.MANUAL if options.now else RequestKind.SCHEDULED
    decision = decide(load_state(read_input(options.state), policy, request))
    if options.json:
        say_json(decision_json(decision))
    else:
        _print(decision)
    return DONE


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
