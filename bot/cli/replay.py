"""`equipoise replay DECISION`: decide a stored decision again; the same engine must agree byte for byte."""

from __future__ import annotations

import argparse
import asyncio
import difflib
import json

from bot.cli.outcome import DONE, FAILED, CommandFailed, say, say_json
from bot.config.load import read_settings
from bot.config.settings import Settings
from bot.wiring import journal_of, system_clock
from engine.api import Replay, replay
from engine.model.canonical import digest_of, primitive
from engine.model.decision import Decision
from engine.model.ids import DecisionId

NEWEST = "latest"


def command(options: argparse.Namespace) -> int:
    """Replay, and show the difference where there is one."""
    again = replay(asyncio.run(_stored(read_settings(options.config), options.decision)))
    if options.json:
        say_json(_record(again))
    elif again.agrees:
        say(f"agrees byte for byte (engine {again.stored.engine_version}, digest {again.stored.digest})")
    else:
        _print_difference(again)
    return DONE if again.agrees or not again.same_version else FAILED


async def _stored(settings: Settings, wanted: str) -> Decision:
    journal = await journal_of(settings, system_clock())
    try:
        decision = await (journal.latest_decision() if wanted == NEWEST else journal.decision(DecisionId(wanted)))
    finally:
        await journal.close()
    if decision is None:
        if wanted == NEWEST:
            raise CommandFailed("no decision is kept in this database yet; let the bot look at the portfolio first")
        raise CommandFailed(f"there is no decision {wanted}; check its id, `{NEWEST}` is the newest")
    return decision


def _record(again: Replay) -> dict[str, object]:
    return {
        "agrees": again.agrees,
        "same_engine_version": again.same_version,
        "stored": {"engine_version": again.stored.engine_version, "outcome": digest_of(again.stored.outcome)},
        "again": {"engine_version": again.again.engine_version, "outcome": digest_of(again.again.outcome)},
    }


def _print_difference(again: Replay) -> None:
    say(f"differs: decided by engine {again.stored.engine_version}, now {again.again.engine_version}")
    before, after = (_lines(d) for d in (again.stored, again.again))
    for line in difflib.unified_diff(before, after, "stored", "now", lineterm="", n=1):
        say(line)


def _lines(decision: Decision) -> list[str]:
    return json.dumps(primitive(decision.outcome), indent=1, sort_keys=True).splitlines()
