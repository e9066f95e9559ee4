"""The control face over HTTP: what tests and the chat page use to act as people and to script faults.

Everything lies under /_sandbox/telegram/. Bodies are JSON objects; a mistake is answered with 400 and {"error": …}.
"""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.sandbox.telegram.acts import PersonsActs
from bot.sandbox.telegram.files import Upload
from bot.sandbox.telegram.screen import screen_wire
from bot.sandbox.telegram.state import TelegramState
from bot.sandbox.telegram.wire import ApiError, Wire

PREFIX = "/_sandbox/telegram"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ControlFace:
    """Routes for people's acts, screens, answers, faults and calls."""

    def __init__(self, state: TelegramState, acts: PersonsActs) -> None:
        self._state = state
        self._acts = acts

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        add = app.router.add_route
        add("GET", PREFIX + "/users", self._checked(self._users))
        add("GET", PREFIX + "/screen", self._checked(self._screen))
        add("GET", PREFIX + "/answers", self._checked(self._answers))
        add("GET", PREFIX + "/calls", self._checked(self._calls))
        add("POST", PREFIX + "/send", self._checked(self._send))
        add("POST", PREFIX + "/document", self._checked(self._document))
        add("POST", PREFIX + "/press", self._checked(self._press))
        add("POST", PREFIX + "/block", self._checked(self._block))
        add("GET", PREFIX + "/faults", self._checked(self._faults))
        add("POST", PREFIX + "/fault", self._checked(self._fault))
        add("POST", PREFIX + "/faults/clear", self._checked(self._clear_faults))
        add("POST", PREFIX + "/outage", self._checked(self._outage))

    def _checked(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except ApiError as error:
                return web.json_response({"error": error.description}, status=400)
            except web.HTTPRequestEntityTooLarge:
                return web.json_response({"error": "this is more than the sandbox takes"}, status=400)
            except (LookupError, ValueError, TypeError) as error:
                return web.json_response({"error": str(error.args[0] if error.args else error)}, status=400)

        return handle

    async def _users(self, _request: web.Request) -> web.Response:
        people = [{**p.user(), "started": p.started, "blocked": p.blocked} for p in self._state.people.people.values()]
        groups = [{**g.chat(), "members": sorted(g.members)} for g in self._state.people.groups.values()]
        return web.json_response({"users": people, "groups": groups})

    async def _screen(self, request: web.Request) -> web.Response:
        user = int(request.query.get("user", "1001"))
        return web.json_response(screen_wire(self._state, user, int(request.query.get("chat", user))))

    async def _answers(self, request: web.Request) -> web.Response:
        query = request.query.get("query_id")
        user = request.query.get("user")
        presses = self._state.presses.answers(int(user) if user else None)
        return web.json_response([asdict(p) for p in presses if query in (None, p.query_id)])

    async def _calls(self, request: web.Request) -> web.Response:
        wanted = request.query.get("method", "").lower()
        calls = [
            {"method": call.method, "parameters": dict(call.parameters), "uploads": sorted(call.uploads)}
            for call in self._state.calls
            if wanted in ("", call.method.lower())
        ]
        return web.json_response(calls)

    async def _send(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"user", "text", "chat", "reply_to"})
        chat, reply_to = body.get("chat"), body.get("reply_to")
        return web.json_response(
            self._acts.send(str(body.get("text", "")), int(body.get("user", 1001)), chat, reply_to)
        )

    async def _document(self, request: web.Request) -> web.Response:
        """A file: `content` is its text, or `content_base64` its bytes."""
        known = {"user", "chat", "reply_to", "name", "mime_type", "content", "content_base64", "caption"}
        body = await read_body(request, known)
        if ("content" in body) == ("content_base64" in body):
            raise ValueError("send either content or content_base64")
        encoded = body.get("content_base64")
        content = str(body["content"]).encode() if encoded is None else base64.b64decode(str(encoded), validate=True)
        upload = Upload(str(body.get("name", "")), content, str(body.get("mime_type", "text/plain")))
        user, caption = int(body.get("user", 1001)), str(body.get("caption", ""))
        return web.json_response(
            self._acts.send_document(upload, user, caption, body.get("chat"), body.get("reply_to"))
        )

    async def _press(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"user", "chat", "message_id", "label", "data"})
        user = int(body.get("user", 1001))
        press = self._acts.press(
            user, int(body.get("chat", user)), body.get("message_id"), body.get("label"), body.get("data")
        )
        return web.json_response({"query_id": press.query_id})

    async def _block(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"user", "blocked"})
        self._acts.set_blocked(int(body.get("user", 1001)), bool(body.get("blocked", True)))
        return web.json_response({"ok": True})

    async def _faults(self, _request: web.Request) -> web.Response:
        return web.json_response(self._state.faults.wire())

    async def _fault(self, request: web.Request) -> web.Response:
        self._state.faults.add_wire(await read_body(request))
        return web.json_response(self._state.faults.wire())

    async def _clear_faults(self, _request: web.Request) -> web.Response:
        self._state.faults.clear()
        return web.json_response(self._state.faults.wire())

    async def _outage(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"on"})
        self._state.faults.set_outage(bool(body.get("on", True)))
        return web.json_response(self._state.faults.wire())


async def read_body(request: web.Request, known: set[str] | None = None) -> Wire:
    """The JSON object of a request. Raises ValueError for anything else and for unknown keys.

    The content type is insisted on, so that no foreign web page can post here without the browser asking first.
    """
    if request.content_type != "application/json":
        raise ValueError("send a JSON object with content type application/json")
    body: Any = json.loads(await request.text() or "{}")
    if not isinstance(body, dict):
        raise ValueError("send a JSON object")
    unknown = sorted(set(body) - known) if known is not None else []
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(known or ()))}")
    return body
