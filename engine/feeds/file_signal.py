"""A number from a file that holds nothing else, written by a person or by a program of theirs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from engine.model.errors import InvalidValue
from engine.model.money import decimal_of
from engine.model.target_changes import SignalReading

LARGEST_FILE: Final = 256
"""Of bytes: a number and a line break."""
LONGEST_UNTOUCHED: Final = timedelta(days=7)
"""What was written longer ago is no signal of today."""


class FileSignal:
    """The number in a file, read anew at every look."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def read(self, now: datetime) -> SignalReading:
        """The number that stands there now. Never raises for the file's sake: the reading says what is wrong."""
        try:
            return SignalReading(now, await asyncio.to_thread(self._number, now))
        except InvalidValue as error:
            return SignalReading(now, None, str(error))
        except OSError as error:
            return SignalReading(now, None, f"the file cannot be read ({error.strerror})")

    def _number(self, now: datetime) -> Decimal:
        written = datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
        if now - written > LONGEST_UNTOUCHED:
            raise InvalidValue("the file", f"was written {(now - written).days} days ago")
        with self._path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise InvalidValue("the file", "holds more than a number")
        try:
            text = content.decode("ascii")
        except UnicodeDecodeError:
            raise InvalidValue("the file", "holds no number") from None
        return decimal_of(text.strip(), "the file")
