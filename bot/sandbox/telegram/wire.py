"""The two things every part of the sandbox Telegram speaks: objects as they go over the wire, and refusals."""

from typing import Any, TypeAlias

Wire: TypeAlias = dict[str, Any]
"""A JSON object in the shape of the Bot API."""


class ApiError(Exception):
    """A refusal in the words of the Bot API: HTTP status, description, and for 429 the seconds to wait."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def wire(self) -> Wire:
        """The body of the answer."""
        body: Wire = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(reason: str) -> ApiError:
    """A 400 with Telegram's usual prefix."""
    return ApiError(400, f"Bad Request: {reason}")
