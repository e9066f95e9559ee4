"""`equipoise check-config FILE`: every mistake at once, each with its key and the remedy."""

from __future__ import annotations

import argparse

from bot.cli.outcome import BAD_INPUT, DONE, say, say_json
from bot.config.load import read_settings
from bot.config.mistakes import ConfigMistakes
from engine.model.policy import ASSETS_WITHOUT_WARNING


def command(options: argparse.Namespace) -> int:
    """Check a configuration file."""
    try:
        settings = read_settings(options.config)
    except ConfigMistakes as error:
        if not options.json:
            raise
        say_json({"ok": False, "mistakes": [{"key": m.key, "problem": m.problem} for m in error.mistakes]})
        return BAD_INPUT
    count = len(settings.policy.targets)
    warnings = []
    if count > ASSETS_WITHOUT_WARNING:
        warnings.append(f"targets: {count} assets; above {ASSETS_WITHOUT_WARNING} the cost of trading them is felt")
    if options.json:
        say_json({"ok": True, "mode": settings.mode.value, "warnings": warnings})
        return DONE
    for warning in warnings:
        say(warning)
    say(f"{options.config} is in order: mode {settings.mode.value}, {count} targets, {len(settings.venues)} venues")
    return DONE
