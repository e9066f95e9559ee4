"""The messages of every chat, as the Bot API shows them, with what only a screen needs to know beside it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.telegram.feed import Feed
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


def _offers_approval(message: StoredMessage) -> bool:
    return any(button["text"].startswith("Approve") or "✅ Approve" in button["text"] for button in message.buttons)


class MessageStore:
    """Every message by chat and id, the pinned ones, and the set of cards that wait for an approval."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._messages: dict[tuple[int, int], StoredMessage] = {}
        self._pinned: dict[int, list[int]] = {}
        self._numbers = itertools.count(1)
        self._waiting: set[tuple[int, int]] = set()
        self._on_waiting: list[Callable[[bool], None]] = []

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
        self._review_waiting(message.key, _offers_approval(message))

    def delete(self, chat_id: int, message_id: int) -> bool:
        """Remove a message; False when it is not there."""
        if self._messages.pop((chat_id, message_id), None) is None:
            return False
        self.unpin(chat_id, message_id)
        self._feed.publish("delete", chat_id, message_id=message_id)
        self._review_waiting((chat_id, message_id), False)
        return True

    def pin(self, chat_id: int, message_id: int) -> None:
        """Pin a message on top of its chat."""
        self.unpin(chat_id, message_id)
        self._pinned.setdefault(chat_id, []).append(message_id)
        self._feed.publish("pin", chat_id)

    def unpin(self, chat_id: int, message_id: int | None = None) -> None:
        """Unpin one message; without an id the newest pin, as the Bot API does."""
        pins = self._pinned.get(chat_id, [])
        if pins and message_id is None:
            pins.pop()
        elif message_id in pins:
            pins.remove(message_id)
        self._feed.publish("pin", chat_id)

    def unpin_all(self, chat_id: int) -> None:
        """Unpin everything in the chat."""
        self._pinned.pop(chat_id, None)
        self._feed.publish("pin", chat_id)

    def pinned(self, chat_id: int) -> list[int]:
        """Ids of the pinned messages, the newest pin last."""
        return list(self._pinned.get(chat_id, []))

    def on_waiting(self, listener: Callable[[bool], None]) -> None:
        """Call the listener with True when the first card waits for approval, with False when none does."""
        self._on_waiting.append(listener)

    def _review_waiting(self, key: tuple[int, int], waits: bool) -> None:
        before = bool(self._waiting)
        if waits:
            self._waiting.add(key)
        else:
            self._waiting.discard(key)
        if bool(self._waiting) != before:
            for listener in self._on_waiting:
                listener(not before)
