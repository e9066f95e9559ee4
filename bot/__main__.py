"""The command line: reads the arguments, calls the command in `bot.cli`, and turns errors into exit codes.

Exit status: 0 done, 2 bad input (one line per mistake on standard error), 1 anything else.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.cli.outcome import BAD_INPUT, DONE, FAILED, CommandFailed
from bot.config.mistakes import ConfigMistakes
from engine.model.errors import EngineError, InvalidValue
from engine.model.money import use_exact_context

CONFIG_HELP: Final = "the configuration file (see config.example.toml)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    use_exact_context()
    # python-telegram-bot then gives waiting times as durations, and does not warn that it will.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    options = _parser().parse_args(arguments)
    # Imported when it is called: `check-config` shall not wait for what only `run` needs.
    command = importlib.import_module(f"bot.cli.{options.module}").command
    try:
        return int(command(options))
    except (ConfigMistakes, InvalidValue) as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    except (CommandFailed, EngineError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    except KeyboardInterrupt:
        return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="equipoise",
        description="Keeps a crypto portfolio in balance: an engine plans, people approve in Telegram.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run the bot")
    run.add_argument("config", type=Path, help=CONFIG_HELP)
    run.set_defaults(module="run")

    demo = commands.add_parser("demo", help="run the bot against simulated exchanges and a chat in the browser")
    demo.add_argument("--prices", type=Path, help="a CSV of closes to replay: timestamp,BTC,ETH,…")
    demo.add_argument("--speed", type=float, default=1.0, help="how much faster than real time the market runs")
    demo.add_argument("--seed", type=int, default=7, help="of the market's random walk")
    demo.add_argument("--port", type=int, default=0, help="where the chat page listens; 0: any free port")
    demo.add_argument("--state", type=Path, help="keep the journal in this folder; without it, it is thrown away")
    demo.add_argument("--no-browser", action="store_true", help="do not open the page")
    demo.set_defaults(module="demo")

    check = commands.add_parser("check-config", help="name every mistake of a configuration file")
    check.add_argument("config", type=Path, help=CONFIG_HELP)
    check.add_argument("--json", action="store_true", help="print JSON")
    check.set_defaults(module="check_config")

    plan = commands.add_parser("plan", help="decide once on a state file, without any network")
    plan.add_argument("--state", required=True, help="the state as JSON; - is standard input")
    plan.add_argument("--policy", required=True, help="the policy as TOML; - is standard input")
    plan.add_argument("--now", action="store_true", help="make a plan whatever the drift")
    plan.add_argument("--json", action="store_true", help="print JSON")
    plan.set_defaults(module="plan")

    replay = commands.add_parser("replay", help="decide a stored decision again and compare byte for byte")
    replay.add_argument("decision", help="its id, or `latest`")
    replay.add_argument("--config", type=Path, required=True, help=CONFIG_HELP)
    replay.add_argument("--json", action="store_true", help="print JSON")
    replay.set_defaults(module="replay")

    pair = commands.add_parser("pair", help="print a one-time code; who sends it to the bot becomes its owner")
    pair.add_argument("config", type=Path, help=CONFIG_HELP)
    pair.set_defaults(module="pair")

    doctor = commands.add_parser("doctor", help="check exchanges, keys, clock, Telegram and database")
    doctor.add_argument("config", type=Path, help=CONFIG_HELP)
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(module="doctor")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
