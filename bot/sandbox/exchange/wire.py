"""What the dialects have in common: a request and a reply without any HTTP library, and number formats."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Protocol
from urllib.parse import parse_qsl

_PLAIN_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class VenueRequest:
    """One call: `path` without the venue's prefix, `query` and `body` exactly as they were sent."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str

    def params(self) -> dict[str, str]:
        """Query and form fields together."""
        return dict(parse_qsl(self.query, keep_blank_values=True) + parse_qsl(self.body, keep_blank_values=True))

    def fields(self) -> dict[str, str]:
        """Query and the fields of a JSON body together, as texts; raises ValueError where the body is no object."""
        body = json.loads(self.body) if self.body else {}
        if not isinstance(body, dict):
            raise ValueError("the body must be a JSON object")
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
        return dict(parse_qsl(self.query, keep_blank_values=True)) | texts


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer."""

    payload: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


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


def plain_number(text: str) -> Decimal | None:
    """A non-negative number written without sign and exponent, or None."""
    return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None


def decimals_of(value: Decimal) -> int:
    """How many decimals the value needs."""
    return max(0, -int(value.normalize().as_tuple().exponent))


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Whether the value is a whole number of steps."""
    return value % step == 0
