"""Pressed buttons: each press is a query that can be answered once, and only for a while."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.telegram.feed import Feed
from bot.sandbox.telegram.wire import bad_request

MAX_ANSWER_CHARACTERS = 200


@dataclass(slots=True)
class Press:
    """A pressed button and, once it came, the bot's answer (a toast, or an alert to be closed by hand)."""

    query_id: str
    user: int
    chat: int
    message_id: int
    data: str
    pressed_at: float
    answered: bool = False
    text: str | None = None
    alert: bool = False


class PressDesk:
    """Open and answered queries. `timeout` is in seconds by the given wall clock."""

    def __init__(self, feed: Feed, wall: Callable[[], float], timeout: float) -> None:
        self.timeout = timeout
        self._feed = feed
        self._wall = wall
        self._numbers = itertools.count(4_815_162_342_000_001)
        self._presses: dict[str, Press] = {}

    def press(self, user: int, chat: int, message_id: int, data: str) -> Press:
        """Open a query."""
        query_id = str(next(self._numbers))
        pressed = Press(query_id, user, chat, message_id, data, self._wall())
        self._presses[query_id] = pressed
        self._feed.publish("press", chat, message_id=message_id, query_id=query_id, user=user)
        return pressed

    def answers(self, user: int | None = None) -> list[Press]:
        """Answered presses, oldest first."""
        return [p for p in self._presses.values() if p.answered and user in (None, p.user)]

    def answer(self, query_id: str, text: str | None, alert: bool) -> None:
        """The bot's answer. Raises ApiError 400 when the query is unknown, too old, or answered already."""
        press = self._presses.get(query_id)
        if press is None or press.answered or self._wall() - press.pressed_at > self.timeout:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        if len(text or "") > MAX_ANSWER_CHARACTERS:
            raise bad_request("MESSAGE_TOO_LONG")
        press.answered, press.text, press.alert = True, text, alert
        self._feed.publish("answer", press.chat, query_id=query_id, user=press.user, text=text or "", alert=alert)
