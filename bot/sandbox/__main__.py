"""The sandbox from the command line: `python -m bot.sandbox --port 0 --seed 7`.

Prints one JSON line when it listens: {"base": "http://127.0.0.1:PORT", …} with all a bot must be configured with.
Diagnostics go to standard error. Exit status: 0 stopped by a signal, 2 bad input.
"""

import argparse
import asyncio
import json
import signal
import sys
from datetime import datetime
from pathlib import Path

from bot.sandbox.app import Sandbox, SandboxOptions, build_sandbox, describe, serving
from bot.sandbox.exchange.snapshot import world_state
from bot.sandbox.telegram.screen import read_screen


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted; the exit status."""
    given = parse(arguments)
    try:
        options = SandboxOptions(
            seed=given.seed,
            speed=given.speed,
            prices=given.prices,
            world=given.world,
            start=given.start,
            hold_for_approval=not given.no_hold,
        )
        sandbox = build_sandbox(options)
        asyncio.run(run(sandbox, given.port, given.state_json))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return 2
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line; exits with status 2 on a mistake, as argparse does."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="Exchanges and Telegram to play with.")
    add = parser.add_argument
    add("--port", type=int, default=0, help="port on 127.0.0.1; 0 (default): any free one")
    add("--seed", type=int, default=7, help="seed of the market; the same seed, the same prices")
    add("--speed", type=float, default=1.0, help="market seconds per second; 600: ten minutes each second")
    add("--prices", type=Path, help="CSV to replay: timestamp,BTC,ETH,…")
    add("--world", type=Path, help="JSON document with other venues and another market")
    add("--start", type=_instant, help="market time to begin at, ISO 8601 with time zone")
    add("--no-hold", action="store_true", help="do not slow down to real time while a card waits for approval")
    add("--state-json", action="store_true", help="print the final state as one more JSON line when stopped")
    return parser.parse_args(arguments)


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} needs a time zone, such as 2024-01-01T00:00:00+00:00")
    return moment


async def run(sandbox: Sandbox, port: int, state_json: bool) -> None:
    """Serve until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with serving(sandbox.app, port) as base:
        _print_line(describe(sandbox, base))
        await stopped.wait()
    if state_json:
        _print_line(final_state(sandbox))


def final_state(sandbox: Sandbox) -> dict[str, object]:
    """The exchanges' state and every chat as lines of text."""
    exchanges = sandbox.exchanges
    state = sandbox.telegram.state
    chats = {
        str(chat): [str(message) for message in read_screen(state, chat)]
        for chat in [*state.people.people, *state.people.groups]
    }
    return {**world_state(sandbox.clock, exchanges.market, exchanges.venues, exchanges.faults), "chats": chats}


def _print_line(document: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
