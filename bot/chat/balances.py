"""What people say about balances, typed or pressed: what a change was, where something goes, what is about to move."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.chat.message import Message
from bot.chat.payloads import ForgetPress, SaidPress, WherePress
from bot.chat.render import balances, replies
from bot.chat.services import Ask, ChatServices, Replies
from engine.api import Heard, InvalidValue, Person
from engine.model.ids import Asset, VenueName
from engine.model.ledger import Explanation
from engine.model.money import Quantity, decimal_of

ASSET: Final = re.compile(r"[A-Z0-9.]{1,15}")
WORDS: Final[dict[Heard, str]] = {
    Heard.DONE: "Booked. Thank you.",
    Heard.OVER: "This was answered already, or has gone by itself. /questions shows what is open.",
    Heard.CHANGED: "More has changed since: the question stands with other figures now. /questions shows it.",
    Heard.UNFIT: "That does not fit: what rose cannot have been taken out, nor what fell have come in.",
}
FORGOTTEN: Final = "Forgotten: a change like that is asked about again."
HOW_TO_ANSWER: Final = "write /answer ID deposit, withdrawal, trade, reward or fee, or /answer ID transfer VENUE"
HOW_TO_MOVE: Final = "write /moved 500 USDT to VENUE, /moved 0.1 BTC from VENUE, or /moved 0.1 BTC from VENUE to VENUE"


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement as a person typed it."""

    quantity: Quantity
    asset: Asset
    from_venue: VenueName | None
    to_venue: VenueName | None


class BalanceTalk:
    """Takes what people say about balances."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services
        self._engine = services.engine

    async def questions(self, _: Ask) -> Replies:
        """Everything that waits: the questions with their buttons, then the list."""
        standing = await self._services.journal.standing()
        frame, venues = self._services.frame, self._services.venues
        asked = [balances.question(q, frame, venues) for q in standing.questions]
        return (*asked, balances.open_matters(standing, frame))

    async def answer(self, ask: Ask) -> Replies:
        """/answer ID WORD [VENUE]: the same as a press."""
        standing = await self._services.journal.standing()
        found = next((q for q in standing.questions if ask.words and q.id == ask.words[0]), None)
        said = next((e for e in Explanation if len(ask.words) > 1 and e == ask.words[1].lower()), None)
        if found is None or said is None:
            known = "the id is not one of those that /questions lists" if found is None else "the word is not known"
            return (replies.failed("Answering", known, HOW_TO_ANSWER),)
        venue = self._venue(ask.words[2]) if len(ask.words) > 2 else None
        if said is Explanation.TRANSFER and venue is None:
            return (replies.failed("Answering", "the venue that it goes to is missing or not known", HOW_TO_ANSWER),)
        heard = await self._engine.explanations.answer(found.id, found.version, said, ask.person, venue)
        return (Message(WORDS[heard]),)

    async def moved(self, ask: Ask) -> Replies:
        """/moved AMOUNT ASSET [from VENUE] [to VENUE]: tell of a movement in advance."""
        try:
            movement = self._read(ask.words)
        except InvalidValue as error:
            return (replies.failed("Noting that", f"{error.field} {error.problem}", HOW_TO_MOVE),)
        declared = await self._engine.explanations.declare(
            movement.quantity, movement.asset, movement.from_venue, movement.to_venue, ask.person
        )
        return (balances.declared(declared),)

    async def press(self, press: SaidPress | WherePress | ForgetPress, person: Person) -> str:
        """Take a press; gives the short word for it."""
        explanations = self._engine.explanations
        match press:
            case SaidPress():
                venue = self._venue(press.to_venue) if press.to_venue else None
                heard = await explanations.answer(press.question, press.version, press.explanation, person, venue)
            case WherePress():
                heard = await explanations.say_where(press.transit, press.to_venue, person)
            case ForgetPress():
                heard = await explanations.take_back(press.declaration)
                return FORGOTTEN if heard is Heard.DONE else WORDS[heard]
        return WORDS[heard]

    def _read(self, words: Sequence[str]) -> Movement:
        """Read the words of /moved. Raises InvalidValue, which names the word."""
        if len(words) not in (4, 6):
            raise InvalidValue("the movement", "needs an amount, an asset, and from or to a venue")
        amount, asset = decimal_of(words[0].replace(",", ""), "the amount"), words[1].upper()
        if amount <= Decimal(0):
            raise InvalidValue("the amount", "must be above 0")
        if not ASSET.fullmatch(asset):
            raise InvalidValue("the asset", "is to be written as the exchange does, such as BTC")
        ends = {words[i].lower(): words[i + 1] for i in range(2, len(words), 2)}
        if not ends.keys() <= {"from", "to"} or len(ends) != len(words[2::2]):
            raise InvalidValue("the venues", "are told with from and to, each once")
        from_venue, to_venue = (self._known(ends[end]) if end in ends else None for end in ("from", "to"))
        if from_venue == to_venue:
            raise InvalidValue("the venues", "must differ")
        return Movement(Quantity(amount), Asset(asset), from_venue, to_venue)

    def _known(self, word: str) -> VenueName:
        venue = self._venue(word)
        if venue is None:
            raise InvalidValue("the venue", f"must be one of {', '.join(self._services.venues)}")
        return venue

    def _venue(self, word: str) -> VenueName | None:
        return next((v for v in self._services.venues if v.lower() == word.lower()), None)
