"""The lives of one bot: `equipoise run` as a process that is killed at a moment of the dice, and started again."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from typing import Final

from bot.sandbox.telegram.screen import ScreenMessage
from tests.e2e.stage import Stage

PATIENCE: Final = 60.0
"""Seconds that a person waits for a plan or for its end."""
SHOCKS: Final = ({"ETH": "1.16", "BTC": "0.90"}, {"ETH": "0.86", "BTC": "1.11"})
"""There and back again, so that every plan has something to do."""
LONGEST_LIFE: Final = 1.2
"""Seconds after which a life that trades is killed at the latest."""
OVER: Final = ("🏁 completed", "⌛ expired", "🔁 replaced")


class Lives:
    """One bot on the stage, life after life on the same journal."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self._stage = stage
        self._dice = dice
        self._process: asyncio.subprocess.Process | None = None
        self.plans = 0
        self.kills = 0

    async def through_one_plan(self, most_kills: int) -> None:
        """Let a plan come, approve it, kill the bot while it trades, and see the plan to its end."""
        await self._stage.shock(**SHOCKS[self.plans % len(SHOCKS)])
        self.plans += 1
        await self._come_up()
        card = await self._card()
        await self._stage.telegram.user_presses("Approve", self._stage.ada.user, card.id)
        for _ in range(min(most_kills, self._dice.randint(1, 3))):
            await self._kill_within(LONGEST_LIFE)
            await self._come_up()
        await self._over(card)

    async def end(self) -> None:
        """The last life ends as it may."""
        if self._process is not None:
            self._process.terminate()
            await self._process.wait()
            self._process = None

    async def _come_up(self) -> None:
        """Start the process, unless it lives, and wait until it has looked at an exchange."""
        if self._process is not None:
            return
        path, environ = self._stage.write_config()
        command = (sys.executable, "-m", "bot", "run", str(path))
        with (self._stage.folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*command, env=os.environ | environ, stderr=log)
        await self._stage.comes_up()

    async def _kill_within(self, longest: float) -> None:
        """SIGKILL, at a moment of the dice after the present request."""
        assert self._process is not None, "only what lives can be killed"
        await asyncio.sleep(self._dice.uniform(0, longest))
        self._process.kill()
        await self._process.wait()
        self._process = None
        self.kills += 1

    async def _card(self) -> ScreenMessage:
        """The newest card that asks for approval."""
        found = await self._stage.telegram.wait_for(self._open_cards, PATIENCE)
        return found[-1]

    def _open_cards(self) -> list[ScreenMessage]:
        cards = self._stage.ada.messages("waits for approval")
        return [card for card in cards if any("Approve" in label for row in card.labels for label in row)]

    async def _over(self, card: ScreenMessage) -> None:
        """Wait for the plan's end, whichever it is."""
        ada = self._stage.ada
        await self._stage.telegram.wait_for(lambda: any(w in ada.message(card.id).text for w in OVER), PATIENCE)
