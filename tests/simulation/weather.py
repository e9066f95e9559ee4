"""How bad the world is: what becomes of requests, how often, and until when."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Fate(StrEnum):
    """What becomes of one request on its way to an exchange or to Telegram, and of its answer."""

    FINE = "fine"
    SLOW = "slow"
    """Some seconds, within the patience of whoever asks."""
    LOST = "lost"
    """It never arrives, and whoever asked waits in vain."""
    ANSWER_LOST = "answer_lost"
    """It had its effect, and whoever asked waits in vain."""
    LATE = "late"
    """It arrives when whoever asked may have given up: 1 to 40 seconds later."""
    UNCLEAR = "unclear"
    """It arrives, and the answer is an error that does not say so."""
    UNAVAILABLE = "unavailable"
    """503: surely without effect."""
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    """The other side says no, for good."""


ORDER_RISKS: Mapping[Fate, float] = MappingProxyType(
    {
        Fate.SLOW: 0.04,
        Fate.LOST: 0.05,
        Fate.ANSWER_LOST: 0.09,
        Fate.LATE: 0.09,
        Fate.UNCLEAR: 0.14,
        Fate.UNAVAILABLE: 0.05,
        Fate.RATE_LIMITED: 0.03,
        Fate.REFUSED: 0.02,
    }
)
READ_RISKS: Mapping[Fate, float] = MappingProxyType(
    {Fate.SLOW: 0.02, Fate.LOST: 0.01, Fate.UNAVAILABLE: 0.03, Fate.RATE_LIMITED: 0.02}
)
MESSAGE_RISKS: Mapping[Fate, float] = MappingProxyType(
    {Fate.SLOW: 0.04, Fate.LOST: 0.04, Fate.ANSWER_LOST: 0.04, Fate.RATE_LIMITED: 0.05, Fate.UNAVAILABLE: 0.03}
)


@dataclass
class Weather:
    """Draws fates until it is `calm`. `strength` scales all risks; at 0 nothing ever goes wrong."""

    seed: str
    strength: float = 1.0
    calm: bool = False
    met: Counter[str] = field(default_factory=Counter)
    """How often each trouble was met."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def fate(self, risks: Mapping[Fate, float]) -> Fate:
        """What becomes of the next request."""
        drawn = self._random.random()
        if self.calm or not self.strength:
            return Fate.FINE
        for fate, risk in risks.items():
            drawn -= risk * self.strength
            if drawn < 0:
                self.met[fate] += 1
                return fate
        return Fate.FINE

    def between(self, least: float, most: float) -> float:
        """A duration."""
        return self._random.uniform(least, most)

    def happens(self, chance: float) -> bool:
        """Whether something with this chance happens now."""
        drawn = self._random.random() < chance * self.strength
        return drawn and not self.calm
