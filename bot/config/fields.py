"""The kinds of values that files hold, each read strictly and refused with what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Final, NoReturn
from urllib.parse import urlsplit

from pydantic import BeforeValidator, PlainValidator

from bot.config.durations import duration
from bot.config.mistakes import shown
from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.money import ONE, decimal_of

ASSET_NAME: Final = re.compile(r"[A-Z0-9.]{1,15}")
SHORT_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
CLOCK_TIME: Final = re.compile(r"[0-2][0-9]:[0-5][0-9]")


def number(value: object) -> Decimal:
    """Read a finite decimal, written with or without quotes. Raises ValueError."""
    try:
        return decimal_of(value, "")
    except InvalidValue as error:
        raise ValueError(error.problem) from None


def number_where(holds: Callable[[Decimal], bool], problem: str) -> PlainValidator:
    """A decimal that also satisfies a condition; `problem` says what would be right."""

    def read(value: object) -> Decimal:
        decimal = number(value)
        if not holds(decimal):
            raise ValueError(f"{problem}, got {shown(value)}")
        return decimal

    return PlainValidator(read)


def asset_name(value: object) -> Asset:
    """Read an asset's name as exchanges write it. Raises ValueError."""
    if not isinstance(value, str) or not ASSET_NAME.fullmatch(value):
        raise ValueError(asset_remedy(value))
    return Asset(value)


def asset_remedy(value: object) -> str:
    """What to write in place of what is no asset's name."""
    capitals = value.upper() if isinstance(value, str) else ""
    example = capitals if ASSET_NAME.fullmatch(capitals) else "BTC"
    return f"{shown(value)} is no asset; write it in capitals as the exchange does: {example}"


def short_name(value: object) -> str:
    """Read a name that fits into commands and file names. Raises ValueError."""
    if not isinstance(value, str) or not SHORT_NAME.fullmatch(value):
        raise ValueError(f"expected up to 32 letters, digits, - and _, got {shown(value)}")
    return value


def instant(value: object) -> datetime:
    """Read an instant with its zone, ISO 8601. Raises ValueError."""
    remedy = "write an instant with its zone, such as 2026-01-01T00:00:00Z"
    if not isinstance(value, str):
        raise ValueError(f"is no instant; {remedy}")
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{shown(value)} is no instant; {remedy}") from None
    if read.tzinfo is None:
        raise ValueError(f"{shown(value)} has no zone; {remedy}")
    return read


def web_address(value: object) -> str:
    """Read an address. One that holds a password is refused: it would be kept in clear. Raises ValueError."""
    remedy = "write an address such as https://host:8443"
    if not isinstance(value, str):
        raise ValueError(f"is no address; {remedy}")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"is no address that can be used; {remedy}")
    if "@" in parts.netloc:
        raise ValueError(f"a secret does not belong in this file; {remedy}, without a user and password")
    return value.rstrip("/")


def clock_time(value: object) -> time:
    """Read a time of day, with or without quotes. Raises ValueError."""
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(value) if isinstance(value, str) and CLOCK_TIME.fullmatch(value) else _no_time(value)
    except ValueError:
        return _no_time(value)


def _no_time(value: object) -> NoReturn:
    raise ValueError(f'{shown(value)} is no time of day; write one such as "22:00"')


ClockTime = Annotated[time, PlainValidator(clock_time)]
Number = Annotated[Decimal, PlainValidator(number)]
Positive = Annotated[Decimal, number_where(lambda n: n > 0, "must be above 0")]
NotNegative = Annotated[Decimal, number_where(lambda n: n >= 0, "must not be negative")]
FeeRate = Annotated[Decimal, number_where(lambda n: -ONE < n < ONE, "must be a fraction such as 0.001")]
AssetName = Annotated[Asset, PlainValidator(asset_name)]
ShortName = Annotated[str, PlainValidator(short_name)]
Duration = Annotated[timedelta, BeforeValidator(duration)]
Instant = Annotated[datetime, BeforeValidator(instant)]
WebAddress = Annotated[str, BeforeValidator(web_address)]
