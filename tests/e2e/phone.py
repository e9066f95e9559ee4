"""A person with a phone: reads the chat with the bot, writes to it, and presses its buttons."""

from __future__ import annotations

from typing import Final

from bot.sandbox.telegram.screen import ScreenMessage
from bot.sandbox.telegram.world import TelegramWorld

LIMIT: Final = 10.0
"""Seconds that something is waited for before the test fails with what is on the screens."""


class Phone:
    """The private chat of one person."""

    def __init__(self, telegram: TelegramWorld, user: int) -> None:
        self._telegram = telegram
        self.user = user

    def messages(self, *words: str) -> list[ScreenMessage]:
        """The bot's messages that hold all these words, oldest first."""
        said = [message for message in self._telegram.screen(self.user) if message.from_bot]
        return [message for message in said if all(word in message.text for word in words)]

    def message(self, number: int) -> ScreenMessage:
        """A message by its id, as it looks now."""
        return next(message for message in self._telegram.screen(self.user) if message.id == number)

    async def shows(self, *words: str, after: int = 0) -> ScreenMessage:
        """Wait for a message of the bot that holds all these words, below the one with the id `after`: the newest."""
        found = await self._telegram.wait_for(lambda: [m for m in self.messages(*words) if m.id > after], LIMIT)
        return found[-1]

    async def becomes(self, number: int, *words: str) -> ScreenMessage:
        """Wait until this very message holds all these words."""
        await self._telegram.wait_for(lambda: all(word in self.message(number).text for word in words), LIMIT)
        return self.message(number)

    async def writes(self, text: str) -> int:
        """Write to the bot; the id of the message."""
        return int((await self._telegram.user_sends(text, self.user))["message_id"])

    async def asks(self, text: str, *words: str) -> ScreenMessage:
        """Write to the bot, and wait for an answer that holds all these words."""
        return await self.shows(*words, after=await self.writes(text))

    async def presses(self, label: str, message: int | None = None) -> str:
        """Press a button, and wait for the toast that answers the press."""
        return await toast_of(self._telegram, await self._telegram.user_presses(label, self.user, message))

    async def forges(self, payload: str, number: int, owner: int | None = None) -> str:
        """Send a press that no screen offers: on a button that is gone, or on a card in the chat of its `owner`.

        Returns the id of the query, answered or not.
        """
        state = self._telegram.state
        chat = self.user if owner is None else owner
        message = state.messages.find(chat, number)
        assert message is not None, f"no message {number} in chat {chat}"
        press = state.presses.press(self.user, chat, number, payload)
        update = {
            "id": press.query_id,
            "from": state.people.person(self.user).user(),
            "message": message.wire,
            "chat_instance": "7000000001001",
            "data": payload,
        }
        state.updates.push("callback_query", update)
        return press.query_id


async def toast_of(telegram: TelegramWorld, query: str) -> str:
    """Wait for the toast that answers a press."""
    answers = await telegram.wait_for(
        lambda: [p for p in telegram.state.presses.answers() if p.query_id == query], LIMIT
    )
    return answers[0].text or ""
