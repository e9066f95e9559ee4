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
from typing import TYPE_CHECKING, Final

from bot.cli.outcome import BAD_INPUT, DONE, FAILED, CommandFailed
from bot.config.mistakes import ConfigMistakes
from engine.model.errors import EngineError, InvalidValue
from engine.model.lots import LotMethod, OrderKey, Scope, Shortfall
from engine.model.money import use_exact_context

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

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
    for name, (about, as_json) in ON_A_CONFIGURATION.items():
        command = commands.add_parser(name, help=about)
        command.add_argument("config", type=Path, help=CONFIG_HELP)
        if as_json:
            command.add_argument("--json", action="store_true", help="print JSON")
        command.set_defaults(module=name.replace("-", "_"))
    _add_demo(commands)
    _add_deciding(commands)
    return parser


ON_A_CONFIGURATION: Final = {
    "run": ("run the bot", False),
    "check-config": ("name every mistake of a configuration file", True),
    "pair": ("print a one-time code; who sends it to the bot becomes its owner", False),
    "kill": ("stop everything at once, also a bot that is running", False),
    "doctor": ("check exchanges, keys, clock, Telegram and database", True),
}
"""The commands that need a configuration file and nothing else, and whether they print JSON too."""


def _add_demo(commands: Commands) -> None:
    demo = commands.add_parser("demo", help="run the bot against simulated exchanges and a chat in the browser")
    demo.add_argument("--prices", type=Path, help="a CSV of closes to replay: timestamp,BTC,ETH,…")
    demo.add_argument("--speed", type=float, default=1.0, help="how much faster than real time the market runs")
    demo.add_argument("--seed", type=int, default=7, help="of the market's random walk")
    demo.add_argument("--port", type=int, default=0, help="where the chat page listens; 0: any free port")
    demo.add_argument("--state", type=Path, help="keep the journal in this folder; without it, it is thrown away")
    demo.add_argument("--no-browser", action="store_true", help="do not open the page")
    demo.set_defaults(module="demo")


def _add_deciding(commands: Commands) -> None:
    plan = commands.add_parser("plan", help="decide once on a state file, without any network")
    plan.add_argument("--state", required=True, help="the state as JSON; - is standard input")
    plan.add_argument("--policy", required=True, help="the policy as TOML; - is standard input")
    plan.add_argument("--now", action="store_true", help="make a plan whatever the drift")
    plan.add_argument("--json", action="store_true", help="print JSON")
    plan.set_defaults(module="plan")

    _add_lots(commands)
    _add_tax(commands)

    venues = commands.add_parser("venues", help="the exchanges that can be traded on, and what each promises")
    venues.add_argument("--json", action="store_true", help="print JSON")
    venues.set_defaults(module="venues")

    replay = commands.add_parser("replay", help="decide a stored decision again and compare byte for byte")
    replay.add_argument("decision", help="its id, or `latest`")
    replay.add_argument("--config", type=Path, required=True, help=CONFIG_HELP)
    replay.add_argument("--json", action="store_true", help="print JSON")
    replay.set_defaults(module="replay")


def _add_lots(commands: Commands) -> None:
    lots = commands.add_parser("lots", help="which lots a history of sales uses up, and the gains, without any network")
    lots.add_argument("events", help="the history as JSON; - is standard input")
    lots.add_argument("--method", required=True, choices=list(LotMethod), help="which lots a sale uses up")
    _add_lot_options(lots)
    lots.add_argument("--json", action="store_true", help="print JSON")
    lots.set_defaults(module="lots")


def _add_lot_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--year-method", action="append", default=[], metavar="YEAR=METHOD", help="a year's own method"
    )
    command.add_argument("--scope", choices=list(Scope), default=Scope.ACCOUNT, help="from where a sale takes its lots")
    command.add_argument(
        "--order-key", choices=list(OrderKey), default=OrderKey.UNIT_COST, help="what makes a lot dear"
    )
    command.add_argument("--holding", default="anniversary", help="anniversary, days:N, seconds:N or none")
    command.add_argument("--timezone", default="UTC", help="of the taxpayer's calendar")
    command.add_argument(
        "--shortfall", choices=list(Shortfall), default=Shortfall.ERROR, help="of units never acquired"
    )
    command.add_argument("--profile", help="how gains are taxed, for min_tax: a country's name, or a TOML file")


def _add_tax(commands: Commands) -> None:
    tax = commands.add_parser("tax", help="a year's gains, income and lots as files: estimates, not tax advice")
    export = tax.add_subparsers(required=True, metavar="ACTION").add_parser("export", help="write them as files")
    source = export.add_mutually_exclusive_group(required=True)
    source.add_argument("--config", type=Path, help=CONFIG_HELP)
    source.add_argument("--events", help="a history as JSON instead of the bot's own; - is standard input")
    export.add_argument("--year", type=int, required=True, help="the tax year, by the year in which it begins")
    export.add_argument("--what", choices=EXPORTED, default="all", help="which tables")
    export.add_argument("--format", choices=("csv", "xlsx"), default="csv", help="of the files")
    export.add_argument("--out", type=Path, required=True, help="the file; for all tables as CSV, the folder")
    export.add_argument("--force", action="store_true", help="overwrite what is there")
    export.add_argument("--form-1099-da", choices=REPORTED, default="none", help="what brokers reported, for Form 8949")
    export.add_argument("--method", choices=list(LotMethod), default=LotMethod.FIFO, help="with --events: which lots")
    _add_lot_options(export)
    export.add_argument("--json", action="store_true", help="print JSON")
    export.set_defaults(module="tax")


EXPORTED: Final = ("gains", "income", "lots", "8949", "all")
REPORTED: Final = ("none", "with-basis", "without-basis")
"""As in `bot.exports`, which is not imported before it is needed."""


if __name__ == "__main__":
    raise SystemExit(main())
