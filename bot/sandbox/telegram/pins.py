"""The pinned messages of every chat."""

from bot.sandbox.telegram.feed import Feed


class Pins:
    """Message ids by chat, the newest pin last."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._pinned: dict[int, list[int]] = {}

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

    def in_chat(self, chat_id: int) -> list[int]:
        """Ids of the pinned messages, the newest pin last."""
        return list(self._pinned.get(chat_id, []))
