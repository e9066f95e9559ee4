"""The one gate: whoever is not a member gets no answer, whatever they send or press, but their own id to /whoami.

It runs before every handler, commands and callbacks alike, and ends the update there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from telegram import Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, ContextTypes, TypeHandler

from bot.chat.members import Members
from bot.chat.render import replies
from engine.api import Person
from engine.model.ids import UserId

log = structlog.get_logger(__name__)

GATE_GROUP: Final = -1
WHOAMI: Final = "/whoami"

Welcome = Callable[[Person], Awaitable[None]]


class Gate:
    """Lets members through, and refuses everyone else."""

    def __init__(self, members: Members, welcome: Welcome) -> None:
        self._members = members
        self._welcome = welcome

    def handler(self) -> TypeHandler[Update, ContextTypes.DEFAULT_TYPE, None]:
        """To be added in `GATE_GROUP`, before everything else."""
        return TypeHandler(Update, self._judge)

    async def _judge(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        user, chat = update.effective_user, update.effective_chat
        private = chat is not None and chat.type == ChatType.PRIVATE
        if user is not None and private and UserId(user.id) in self._members.ids:
            return
        if user is not None and private and update.message is not None:
            try:
                await self._strangers_word(update, UserId(user.id), user.full_name)
            except Exception as error:  # the gate must hold whatever fails; the failure is reported
                log.error("stranger_not_answered", error=type(error).__name__, exc_info=error)
        raise ApplicationHandlerStop

    async def _strangers_word(self, update: Update, user: UserId, name: str) -> None:
        """A stranger may ask for their own id, and may send a pairing code."""
        assert update.message is not None, "the caller has looked"
        text = update.message.text or ""
        if text.split("@")[0].strip() == WHOAMI:
            await update.message.reply_html(replies.whoami_stranger(user).html)
        elif text and await self._members.claim(text, user, name):
            await self._welcome(Person(user, name))
