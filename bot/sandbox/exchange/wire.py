"""What the dialects have in common: a request and a reply without any HTTP library, and number formats."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

from bot.sandbox.exchange.config import KeyConfig, Permission

Params = dict[str, str]
_PLAIN_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class VenueRequest:
    """One call: `path` without the venue's prefix, `query` and `body` exactly as they were sent."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str

    def params(self) -> Params:
        """Query and form fields together."""
        return dict(parse_qsl(self.query, keep_blank_values=True) + parse_qsl(self.body, keep_blank_values=True))

    def fields(self) -> dict[str, Any]:
        """The fields of a JSON body, none where it is empty; raises ValueError where it is not one object.

        A list that holds one object counts as that object.
        """
        body = json.loads(self.body) if self.body else {}
        if isinstance(body, list) and len(body) == 1:
            (body,) = body
        if not isinstance(body, dict):
            raise ValueError("the body must be a JSON object")
        return body

    def texts(self) -> Params:
        """Query and the fields of a JSON body together, as texts; raises ValueError as `fields` does."""
        body = {name: value if isinstance(value, str) else json.dumps(value) for name, value in self.fields().items()}
        return dict(parse_qsl(self.query, keep_blank_values=True)) | body

    def values(self, name: str) -> list[str]:
        """All values of a query field that may be given several times."""
        return [value for key, value in parse_qsl(self.query) if key == name]


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer, or a `text` that is none."""

    payload: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What answers a call, and the right that its key must have; None is open to all."""

    handle: Callable[[Params, KeyConfig], object]
    needs: Permission | None = None


NOBODY: Final = KeyConfig("", "", ())
"""The key of a call that is open to all."""


def without_key(handle: Callable[[Params], object]) -> Callable[[Params, KeyConfig], object]:
    """A handler that does not ask who calls, as one of an endpoint."""
    return lambda params, _: handle(params)


class Dialect(Protocol):
    """How one venue speaks."""

    def answer(self, request: VenueRequest) -> Reply:
        """Carry out a call and say so in the venue's words; never raises for bad input."""

    def error(self, code: str, message: str) -> Reply:
        """An error of the given code, shaped as the venue shapes errors."""

    def maintenance(self) -> Reply:
        """What the venue says to every call while it is down for maintenance."""


def fixed(value: Decimal, places: int = 8) -> str:
    """The value with this many decimals, cut off rather than rounded up: never more than there is."""
    return format(value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN), "f")


def millis(seconds: float) -> int:
    """Milliseconds of wall seconds, as most venues write time."""
    return int(seconds * 1000)


def plain_number(text: str) -> Decimal | None:
    """A non-negative number written without sign and exponent, or None."""
    return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None


def decimals_of(value: Decimal) -> int:
    """How many decimals the value needs."""
    return max(0, -int(value.normalize().as_tuple().exponent))


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Whether the value is a whole number of steps."""
    return value % step == 0
