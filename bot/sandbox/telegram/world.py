"""The sandbox Telegram as a whole: an honest Bot API server, people who chat with the bot, and a page to watch.

world = TelegramWorld("123456:sandbox-token-sandbox-token")
world.register(app)
await world.user_sends("/start")
card = await world.wait_for(lambda: world.screen()[1:])
await world.user_presses("Approve")
"""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from bot.sandbox.telegram.acts import PersonsActs
from bot.sandbox.telegram.bot_api import BotApi
from bot.sandbox.telegram.control import ControlFace
from bot.sandbox.telegram.faults import FaultScript
from bot.sandbox.telegram.files import Upload
from bot.sandbox.telegram.page_server import PageServer
from bot.sandbox.telegram.people import ADA
from bot.sandbox.telegram.screen import ScreenMessage, read_screen
from bot.sandbox.telegram.state import TelegramSettings, TelegramState
from bot.sandbox.telegram.wire import Wire

PREFIX = "/telegram"
T = TypeVar("T")


class TelegramWorld:
    """The server side (`register`) and the face that tests use in the same process."""

    def __init__(
        self,
        token: str,
        settings: TelegramSettings | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.state = TelegramState(token, settings or TelegramSettings(), wall)
        self.acts = PersonsActs(self.state)

    @property
    def faults(self) -> FaultScript:
        """The script of things that go wrong."""
        return self.state.faults

    def register(self, app: web.Application) -> None:
        """Add the Bot API, the control face and the page to an application, and end its streams on shutdown."""
        BotApi(self.state).register(app, PREFIX)
        ControlFace(self.state, self.acts).register(app)
        PageServer(self.state).register(app)
        app.on_shutdown.append(self._close)

    async def user_sends(
        self, text: str, user: int = ADA, chat: int | None = None, reply_to: int | None = None
    ) -> Wire:
        """Somebody writes to the bot (or into the group `chat`); the message as posted."""
        return self.acts.send(text, user, chat, reply_to)

    async def user_sends_file(self, name: str, content: bytes, user: int = ADA, caption: str = "") -> Wire:
        """Somebody sends a file to the bot; the message as posted."""
        return self.acts.send_document(Upload(name, content, "text/csv"), user, caption)

    async def user_presses(
        self, label: str, user: int = ADA, message_id: int | None = None, chat: int | None = None
    ) -> str:
        """Somebody presses the newest button whose label contains `label`; the id of the query.

        Raises LookupError when there is no such button.
        """
        return self.acts.press(user, user if chat is None else chat, message_id, label, None).query_id

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 5.0) -> T:
        """The predicate's value as soon as it is true, looked at again after everything that happens.

        Raises TimeoutError, with the screen in its text, after `timeout` seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (value := predicate()):
                    await self.state.feed.changed()
        except TimeoutError:
            chats = [*self.state.people.people, *self.state.people.groups]
            shown = [str(message) for chat in chats for message in self.screen(chat)]
            raise TimeoutError("waited in vain; on the screens:\n" + "\n".join(shown)) from None
        return value

    def screen(self, user: int = ADA) -> list[ScreenMessage]:
        """The chat with this person (or the group with this id) as it looks now, oldest message first."""
        return read_screen(self.state, user)

    def toasts(self, user: int | None = None) -> list[str]:
        """Texts with which the bot answered presses, oldest first."""
        return [press.text or "" for press in self.state.presses.answers(user)]

    def on_waiting_card(self, listener: Callable[[bool], None]) -> None:
        """Tell the listener when a card begins to wait for approval (True) and when none waits any more (False)."""
        self.state.cards.on_change(listener)

    async def _close(self, _app: web.Application) -> None:
        self.state.feed.close()
