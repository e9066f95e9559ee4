"""What a plan's card says is to be traded, read back from its text."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from bot.sandbox.exchange.orders import Order, Side
from bot.sandbox.telegram.screen import ScreenMessage
from bot.sandbox.telegram.world import TelegramWorld

LEG: Final = re.compile(r"^(L\d+) (SELL|BUY) ([\d.,]+) (\w+) .*\n +(\w+) +cost", re.MULTILINE)


class CardLeg(NamedTuple):
    """One leg as a person reads it."""

    id: str
    side: Side
    quantity: Decimal
    base: str
    venue: str

    @property
    def done(self) -> str:
        """How the card shows the leg once it is traded as a whole."""
        return f"{self.quantity}/{self.quantity}"

    def is_order(self, venue: str, order: Order) -> bool:
        """The order trades just this leg."""
        traded = (order.side, order.quantity, order.instrument.base, venue)
        return traded == (self.side, self.quantity, self.base, self.venue)


def legs_of(card: ScreenMessage) -> list[CardLeg]:
    """The legs in the order of their execution."""
    found = LEG.findall(card.text)
    assert f"({len(found)} leg" in card.text, card.text
    return [CardLeg(i, Side(side.lower()), Decimal(q.replace(",", "")), b, v) for i, side, q, b, v in found]


def payload_of(telegram: TelegramWorld, chat: int, number: int, label: str) -> str:
    """What a button of a message carries, so that it can be pressed when it is gone from the screen."""
    message = telegram.state.messages.find(chat, number)
    assert message is not None, f"no message {number} in chat {chat}"
    return next(str(button["callback_data"]) for button in message.buttons if label in button["text"])
