"""The people in the chat: they press what they see, at once or much too late, twice, or in somebody else's name."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from bot.chat.message import Message
from bot.chat.payloads import PlanPress, PlanVerb, parse
from engine.model.ids import Digest, PlanId
from tests.simulation.scenario import Manner
from tests.simulation.telegram import TelegramWorld, Word
from tests.simulation.timetable import Timetable

ANN, BEN, EVE = 1, 2, 3
NAMES: Final = {ANN: "Ann", BEN: "Ben", EVE: "Eve"}
MEMBERS: Final = (ANN, BEN)
"""Eve is a stranger."""
TICK: Final = 0.00001
"""The journal's instants are rounded to a millionth of a second."""


@dataclass(frozen=True)
class Press:
    """What a person did, as the world remembers it: the truth that approvals are compared with."""

    at: float
    user: int
    verb: PlanVerb
    press: PlanPress


class People:
    """They look at every message, and sometimes act, each in the manner of all."""

    def __init__(self, seed: str, world: Timetable, telegram: TelegramWorld, manner: Manner) -> None:
        self._random = random.Random(seed)
        self._world = world
        self._telegram = telegram
        self._manner = manner
        self.presses: list[Press] = []
        self.commands: list[tuple[float, int, str]] = []
        self.asleep = False
        self.find: Callable[[str], bool] = lambda _: True
        """Looks at the exchanges for an order, by the beginning of its id."""
        self.thinking = 0
        """How many presses are still to come."""
        telegram.seen = self.see

    def see(self, chat: int, message: Message) -> None:
        """A message stands in somebody's chat."""
        pressed = {p.verb: b.payload for row in message.keyboard for b in row if (p := _plan_press(b.payload))}
        if PlanVerb.GONE in pressed:
            self._later(self._random.uniform(60, 120), chat, pressed[PlanVerb.GONE])
        if self.asleep or not pressed:
            return
        if PlanVerb.APPROVE in pressed:
            self._weigh(chat, pressed)
        elif self._manner is not Manner.WILLING:
            self._watch(chat, pressed)

    def approved(self, user: int, plan: PlanId, digest: Digest, by: float) -> bool:
        """Whether somebody really approved this version of this plan until then."""
        pressed = (p for p in self.presses if p.user == user and p.verb is PlanVerb.APPROVE and p.at <= by + TICK)
        typed = any(who == user and command == "approve" and at <= by + TICK for at, who, command in self.commands)
        return typed or any(p.press.plan == plan and digest.startswith(p.press.digest) for p in pressed)

    def command(self, user: int, command: str, *words: str) -> None:
        """Somebody types a command."""
        self.commands.append((self._world.now, user, command))
        self._telegram.say(Word(user, NAMES[user], command=command, words=words))

    def _watch(self, chat: int, pressed: dict[PlanVerb, str]) -> None:
        """A plan that trades is sometimes stopped, or held for a while; one that stands still is let go on."""
        for verb, chance in ((PlanVerb.STOP, 0.01), (PlanVerb.PAUSE, 0.02), (PlanVerb.RESUME, 0.5)):
            if verb in pressed and self._random.random() < chance:
                self._later(self._random.uniform(1, 20), chat, pressed[verb])

    def _weigh(self, chat: int, pressed: dict[PlanVerb, str]) -> None:
        """What becomes of a proposal in somebody's hands."""
        approve = pressed[PlanVerb.APPROVE]
        if self._manner is Manner.WILLING:
            self._later(0.5, chat, approve)
            return
        mood = self._random.random()
        if self._manner is Manner.TARDY:
            self._later(self._random.uniform(118, 135), chat, approve)
        elif mood < 0.78:
            delay = self._random.choice((0.5, 2, 5, 15))
            self._later(delay, chat, approve)
            if mood < 0.2:
                self._later(delay + self._random.choice((0.0, 0.1, 3, 30)), chat, approve)
        elif mood < 0.84:
            # Much later the card may be stale, or the plan over.
            self._later(self._random.uniform(60, 240), chat, approve)
        elif mood < 0.90:
            self._later(self._random.uniform(1, 20), chat, pressed[PlanVerb.REJECT])
        self._meddle(chat, approve)

    def _meddle(self, chat: int, approve: str) -> None:
        """What the card never asked for."""
        if self._random.random() < 0.1:
            # A button that no card ever had: right plan, another digest.
            self._later(self._random.uniform(0.1, 10), chat, approve.rpartition(":")[0] + ":0123456789")
        if self._random.random() < 0.2:
            # Eve was shown the card, or guesses what its button carries.
            self._later(self._random.uniform(0.1, 10), EVE, approve)

    def _later(self, delay: float, user: int, payload: str) -> None:
        self.thinking += 1
        self._world.after(delay, partial(self._press, user, payload))

    def _press(self, user: int, payload: str) -> None:
        self.thinking -= 1
        press = _plan_press(payload)
        assert press is not None, "only buttons of plans are pressed here"
        if press.verb is PlanVerb.GONE and self.find(press.digest):
            # It is there after all: nobody who has looked would say that it is not.
            return
        self.presses.append(Press(self._world.now, user, press.verb, press))
        self._telegram.say(Word(user, NAMES[user], payload=payload))


def _plan_press(payload: str) -> PlanPress | None:
    press = parse(payload)
    return press if isinstance(press, PlanPress) else None
