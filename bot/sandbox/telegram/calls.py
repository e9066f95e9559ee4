"""One request to the Bot API, decoded on demand: query, form, JSON body and multipart uploads alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox.telegram.files import Upload
from bot.sandbox.telegram.wire import bad_request


@dataclass(frozen=True, slots=True)
class ApiCall:
    """Method, parameters and uploads. Readers raise ApiError 400 for values of the wrong kind."""

    method: str
    parameters: Mapping[str, Any]
    uploads: Mapping[str, Upload]

    def text(self, name: str) -> str | None:
        """The parameter as it was sent; None when absent."""
        value = self.parameters.get(name)
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def integer(self, name: str) -> int | None:
        """A whole number; None when absent or empty."""
        value = self.parameters.get(name)
        if value in (None, ""):
            return None
        try:
            return int(str(value))
        except ValueError:
            raise bad_request(f"invalid {name} specified") from None

    def number(self, name: str) -> float:
        """Seconds, 0 when absent."""
        try:
            return float(self.parameters.get(name) or 0)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        """True for true, 1 and their spellings."""
        return str(self.parameters.get(name, "")).lower() in ("true", "1", "yes")

    def structure(self, name: str) -> Any:
        """A JSON value; None when absent."""
        value = self.parameters.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def chat_id(self, name: str = "chat_id") -> int | str | None:
        """A chat's number, or the text that was sent instead."""
        value = self.parameters.get(name)
        try:
            return int(str(value))
        except ValueError:
            return value if isinstance(value, str) else None


async def read_call(request: web.Request, method: str) -> ApiCall:
    """Decode a request. Raises ApiError 400 for a body that is no JSON though it says so."""
    parameters: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader):
                await _read_part(part, parameters, uploads)
    elif request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if isinstance(body, dict):
            parameters.update(body)
    elif request.can_read_body:
        parameters.update(await request.post())
    return ApiCall(method, parameters, uploads)


async def _read_part(part: BodyPartReader, parameters: dict[str, Any], uploads: dict[str, Upload]) -> None:
    name = part.name or ""
    if part.filename:
        content_type = part.headers.get("Content-Type", "application/octet-stream")
        uploads[name] = Upload(part.filename, bytes(await part.read()), content_type)
    else:
        parameters[name] = await part.text()
