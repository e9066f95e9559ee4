"""What a seed stands for: which exchanges, what is held, how bad the weather is, and when the process is killed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.model.venue import Capabilities, ClientIdScope

LAG: Final = timedelta(seconds=2)
RULES: Final[Mapping[str, Capabilities]] = MappingProxyType(
    {
        "alpha": Capabilities(ClientIdScope.OPEN_ORDERS, timedelta(seconds=5), LAG),
        "beta": Capabilities(ClientIdScope.FOREVER, None, LAG),
        "gamma": Capabilities(ClientIdScope.NONE, None, LAG),
        "delta": Capabilities(ClientIdScope.FOREVER, timedelta(seconds=5), LAG),
    }
)
"""An exchange for every rule that there is: requests expire, ids are kept for ever, neither, and both."""
CAPITALS: Final = (("alpha", "beta"), ("alpha", "beta"), ("alpha", "delta"), ("alpha", "gamma"), ("beta", "delta"))
CLOCK_STEPS: Final = (-300.0, -30.0, -8.0, 8.0, 30.0, 300.0)


class Moment(StrEnum):
    """What the steps of a life are counted by."""

    STEP = "step"
    COMMIT = "commit"
    """A write of the journal has reached the disk, and the program does not know yet."""
    ORDER_LEAVES = "order_leaves"
    ORDER_ANSWERED = "order_answered"
    MESSAGE_TAKEN = "message_taken"


class Manner(StrEnum):
    """How the people are."""

    WILLING = "willing"
    """They approve every card at once, and do nothing else; the market stands still before them."""
    LIVELY = "lively"
    """They do all that people do."""
    TARDY = "tardy"
    """Lively, and they approve when a card's time is over, or nearly."""


@dataclass(frozen=True)
class Doom:
    """The process is killed when a moment has come for the n-th time in its life, and started again after a while."""

    moment: Moment
    count: int
    down_for: float = 3.0


@dataclass(frozen=True)
class Scenario:
    """One run. Equal scenarios give equal runs."""

    seed: int
    venues: tuple[str, ...]
    dooms: tuple[Doom, ...]
    strength: float
    """Of all troubles on the way to exchanges and Telegram."""
    trouble: float
    """How often a call of the database fails."""
    approvers: int
    busy_for: float
    """Seconds after which the weather is calm, the market rests, and people sleep."""
    outage: float
    """Seconds for which Telegram is out of reach."""
    slice_max: int = 1_000_000
    """Legs of a greater worth are cut into slices."""
    maker_wait: float = 0.0
    """Seconds for which a slice rests in the book first; 0: it crosses at once."""
    manner: Manner = Manner.LIVELY
    clock_step: float = 0.0
    """Seconds by which the machine's clock is set wrong for a while: above zero, it runs ahead of the world."""
    fall: bool = False
    """A price falls below its stop, and stays there."""
    halt: bool = False
    """An exchange closes its withdrawals, for which it is halted."""

    def random(self, part: str) -> random.Random:
        """The dice of one part of the world."""
        return random.Random(f"{self.seed} {part}")


def of_seed(seed: int) -> Scenario:
    """The scenario of a seed: bad weather, several lives, lively people."""
    dice = random.Random(f"scenario {seed}")
    return Scenario(
        seed=seed,
        venues=dice.choice(CAPITALS),
        dooms=tuple(_doom(dice) for _ in range(dice.choice((0, 1, 1, 2, 2, 3, 4)))),
        strength=dice.choice((0.3, 1.0, 1.0, 1.8)),
        trouble=dice.choice((0.0, 0.001, 0.003, 0.01)),
        approvers=dice.choice((1, 1, 1, 2)),
        busy_for=dice.choice((80.0, 120.0, 180.0)),
        slice_max=dice.choice((1_000_000, 60_000, 25_000)),
        maker_wait=dice.choice((0.0, 4.0, 12.0)),
        manner=dice.choice((*(Manner.LIVELY,) * 19, Manner.TARDY)),
        outage=3600.0 if dice.random() < 0.02 else dice.choice((0.0, 0.0, 30.0, 120.0)),
        clock_step=dice.choice(CLOCK_STEPS) if dice.random() < 0.1 else 0.0,
        fall=dice.random() < 0.3,
        halt=dice.random() < 0.2,
    )


def quiet(seed: int, *dooms: Doom) -> Scenario:
    """The scenario of a seed in which nothing goes wrong but the kills: for a kill at every step."""
    dice = random.Random(f"quiet {seed}")
    venues = dice.choice(CAPITALS)
    pace = {"slice_max": dice.choice((1_000_000, 60_000)), "maker_wait": dice.choice((0.0, 4.0))}
    calm = {"approvers": 1, "busy_for": 20.0, "outage": 0.0, "manner": Manner.WILLING}
    return Scenario(seed, venues, dooms, 0.0, 0.0, **calm, **pace)


def _doom(dice: random.Random) -> Doom:
    down_for = dice.choice((0.5, 3.0, 20.0, 60.0))
    moment = dice.choice((Moment.STEP, *Moment))
    longest = {Moment.STEP: 3000, Moment.COMMIT: 60, Moment.MESSAGE_TAKEN: 12}.get(moment, 5)
    return Doom(moment, dice.randint(1, longest), down_for)
