"""`equipoise` as a process of its own beside the sandbox, with canaries in place of its secrets."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tests.e2e.stage import Stage, Tables

ROOT: Final = Path(__file__).parents[2]
LIMIT: Final = 60
"""Seconds that a process may take before the test fails."""
CANARY: Final = "cAnArY"
TOKEN: Final = f"770011:{CANARY}-token-of-the-bot-0123456789"
KRAKEN_SECRET: Final = base64.b64encode(b"a secret that nobody may see").decode()
SECRETS: Final = (CANARY, KRAKEN_SECRET)


def plant_canaries(stage: Stage) -> None:
    """Give the bot and its accounts secrets that can be looked for in everything that is printed."""
    stage.telegram.state.token = TOKEN
    for name, venue in stage.sandbox.exchanges.venues.items():
        secret = KRAKEN_SECRET if name == "kraken" else f"{CANARY}-{name}-secret"
        key = replace(venue.config.keys[0], key=f"{CANARY}-{name}-key", secret=secret)
        venue.keys[key.key] = key
        venue.config = replace(venue.config, keys=(key,))


def assert_clean(text: str) -> None:
    """Neither a secret nor a stack trace."""
    assert not [secret for secret in SECRETS if secret in text], text
    assert "Traceback" not in text, text


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    status: int
    out: str
    err: str

    @property
    def mistakes(self) -> list[str]:
        """What it wrote to standard error, line by line."""
        return self.err.splitlines()


@dataclass
class Running:
    """A process that runs; after the block, `log` is all that it wrote to standard error."""

    process: asyncio.subprocess.Process
    log: str = ""
    status: int | None = None


async def equipoise(
    *arguments: str | Path, environ: Mapping[str, str] | None = None, given: bytes | None = None
) -> Ended:
    """Run a command to its end, with `given` on its standard input."""
    process = await _started(arguments, environ or {})
    async with asyncio.timeout(LIMIT):
        out, err = await process.communicate(given)
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def running(
    stage: Stage, tables: Tables | None = None, environ: Mapping[str, str] | None = None
) -> AsyncIterator[Running]:
    """`equipoise run` with the stage's configuration for as long as the block lasts; it must end well."""
    config, secrets = stage.write_config(tables)
    run = Running(await _started(("run", config), secrets | dict(environ or {})))
    try:
        await stage.comes_up()
        yield run
    finally:
        if run.process.returncode is None:
            run.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LIMIT):
            out, err = await run.process.communicate()
        run.log, run.status = err.decode(), run.process.returncode
    assert (run.status, out) == (0, b""), run.log


async def _started(arguments: Sequence[str | Path], environ: Mapping[str, str]) -> asyncio.subprocess.Process:
    own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *map(str, arguments)),
        env=own | {"PYTHONPATH": str(ROOT)} | dict(environ),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
