"""Files that people send: fetched from Telegram within bounds, held in memory alone, handed on as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog
from telegram import Document
from telegram.error import TelegramError

from bot.chat.render import files
from bot.chat.services import Ask, ReceivedFile, Replies

log = structlog.get_logger(__name__)

TOO_BIG: Final = "file is too big"
PATIENCE: Final = timedelta(minutes=1)
"""How long a whole file may take to come."""

Reader = Callable[[Ask, ReceivedFile], Awaitable[Replies]]


class IncomingFiles:
    """Fetches one file at a time, so that many at once fill no memory, and lets `reader` answer."""

    def __init__(self, reader: Reader, patience: timedelta = PATIENCE) -> None:
        self._reader = reader
        self._patience = patience
        self._turn = asyncio.Lock()

    async def answer(self, ask: Ask, document: Document) -> Replies:
        """What is said to a file. One that cannot be had is answered with what happens next; nothing is raised for it.

        The name is the sender's and may be anything; so may the size, which is why it is looked at again.
        """
        called = document.file_name or ""
        if (document.file_size or 0) > files.MOST_FETCHED:
            return (files.too_large_to_read(called),)
        async with self._turn:
            try:
                content = await self._fetch(document)
            except (_TooLarge, _NotFetched, TimeoutError, TelegramError) as error:
                log.warning("file_not_fetched", error=type(error).__name__)
                is_large = isinstance(error, _TooLarge) or TOO_BIG in str(error).lower()
                return (files.too_large_to_read(called) if is_large else files.not_fetched(called),)
            return await self._reader(ask, ReceivedFile(called, content))

    async def _fetch(self, document: Document) -> bytes:
        seconds = self._patience.total_seconds()
        async with asyncio.timeout(seconds):
            file = await document.get_file()
            if (file.file_size or 0) > files.MOST_FETCHED:
                raise _TooLarge
            # The library would read a path without an address from this machine's own disk.
            if "://" not in (file.file_path or ""):
                raise _NotFetched
            content = bytes(await file.download_as_bytearray())
        if len(content) > files.MOST_FETCHED:
            raise _TooLarge
        return content


class _TooLarge(Exception):
    """It is more than a bot is handed."""


class _NotFetched(Exception):
    """Telegram did not say where it is."""
