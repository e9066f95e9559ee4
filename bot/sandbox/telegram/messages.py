"""The messages of every chat, as the Bot API shows them, with what only a screen needs to know beside it."""

import itertools
from dataclasses import dataclass, field

from bot.sandbox.telegram.feed import Feed
from bot.sandbox.telegram.pins import Pins
from bot.sandbox.telegram.waiting_cards import WaitingCards
from bot.sandbox.telegram.wire import Wire


@dataclass(slots=True)
class StoredMessage:
    """One message: its wire form, and how a phone would show it."""

    wire: Wire
    silent: bool = False
    text_edited: bool = False
    reactions: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, int]:
        """Chat id and message id."""
        return self.wire["chat"]["id"], self.wire["message_id"]

    @property
    def from_bot(self) -> bool:
        """True for what the bot wrote."""
        return bool(self.wire["from"]["is_bot"])

    @property
    def buttons(self) -> list[Wire]:
        """The inline buttons, row by row, in one list."""
        rows = self.wire.get("reply_markup", {}).get("inline_keyboard", [])
        return list(itertools.chain.from_iterable(rows))

    @property
    def labels(self) -> list[str]:
        """What is written on the inline buttons."""
        return [button["text"] for button in self.buttons]


class MessageStore:
    """Every message by chat and id; it keeps the pins and the waiting cards true to what is there."""

    def __init__(self, feed: Feed, pins: Pins, cards: WaitingCards) -> None:
        self._feed = feed
        self._pins = pins
        self._cards = cards
        self._messages: dict[tuple[int, int], StoredMessage] = {}
        self._numbers = itertools.count(1)

    def next_id(self) -> int:
        """Message ids rise over all chats, as they do for a bot on Telegram."""
        return next(self._numbers)

    def find(self, chat_id: int, message_id: int) -> StoredMessage | None:
        """The message, or None when it never existed or was deleted."""
        return self._messages.get((chat_id, message_id))

    def in_chat(self, chat_id: int) -> list[StoredMessage]:
        """All messages of the chat, oldest first."""
        return [message for (chat, _), message in sorted(self._messages.items()) if chat == chat_id]

    def put(self, message: StoredMessage) -> None:
        """Add a message, or put its newer form in its place."""
        kind = "edit" if message.key in self._messages else "message"
        self._messages[message.key] = message
        self._feed.publish(kind, message.key[0], message_id=message.key[1])
        self._cards.review(message.key, message.labels)

    def delete(self, chat_id: int, message_id: int) -> bool:
        """Remove a message; False when it is not there."""
        if self._messages.pop((chat_id, message_id), None) is None:
            return False
        self._pins.unpin(chat_id, message_id)
        self._feed.publish("delete", chat_id, message_id=message_id)
        self._cards.review((chat_id, message_id), [])
        return True
