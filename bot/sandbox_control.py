"""The sandbox's control address over HTTP: what is asked of it in the chat. Nothing of the sandbox is imported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import aiohttp

from bot.chat.sandbox_events import Happening, SandboxEvent, SandboxFailed, Subjects

PATIENCE: Final = timedelta(seconds=5)
FIGURES: Final = {Happening.DEPEG: "to", Happening.CRASH: "percent"}
"""What an event's figure is called there."""
ABOUT_A_VENUE: Final = frozenset({Happening.HALT, Happening.SLOW})


class HttpSandboxControl:
    """Asks a sandbox that listens on this computer."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}/_sandbox/event"
        self._session: aiohttp.ClientSession | None = None

    async def subjects(self) -> Subjects:
        """What events can be about. Raises SandboxFailed."""
        told = await self._ask("GET", self._address)
        try:
            return Subjects(*(tuple(map(str, told[key])) for key in ("venues", "stablecoins", "assets")))
        except (KeyError, TypeError) as error:
            raise SandboxFailed("it answers, but is no sandbox that knows of events") from error

    async def cause(self, event: SandboxEvent) -> str:
        """Let an event happen; gives what the sandbox says that it did. Raises SandboxFailed."""
        body: dict[str, str] = {}
        if event.subject:
            body["venue" if event.what in ABOUT_A_VENUE else "asset"] = event.subject
        if event.figure is not None:
            body[FIGURES[event.what]] = f"{event.figure:f}"
        told = await self._ask("POST", f"{self._address}/{event.what}", body)
        return str(told.get("told", ""))

    async def close(self) -> None:
        """Let go of the connection."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, method: str, address: str, body: Mapping[str, str] | None = None) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE.total_seconds()))
        try:
            async with self._session.request(method, address, json=body) as response:
                told = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SandboxFailed(f"the sandbox does not answer ({type(error).__name__})") from error
        if not isinstance(told, dict) or response.status != 200:
            said = told.get("error") if isinstance(told, dict) else None
            raise SandboxFailed(str(said or f"the sandbox answered with status {response.status}"))
        return told
