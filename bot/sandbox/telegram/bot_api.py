"""The HTTP face that bots talk to: token check, faults, dispatch, the long poll and file downloads."""

import asyncio
import re
from typing import Any

from aiohttp import web

from bot.sandbox.telegram.calls import ApiCall, read_call
from bot.sandbox.telegram.faults import DOWNLOAD, FaultRule
from bot.sandbox.telegram.methods.table import GET_UPDATES, METHODS
from bot.sandbox.telegram.state import TelegramState
from bot.sandbox.telegram.wire import ApiError

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]{20,}")
_NOT_FOUND = ApiError(404, "Not Found")


class BotApi:
    """Answers `/bot<token>/<method>` and `/file/bot<token>/<path>` under the given prefix."""

    def __init__(self, state: TelegramState) -> None:
        self._state = state

    def register(self, app: web.Application, prefix: str) -> None:
        """Add the routes."""
        app.router.add_get(prefix + "/file/bot{token}/{path:.+}", self._file)
        app.router.add_route("*", prefix + "/bot{token}/{method}", self._method)

    async def _method(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        rule: FaultRule | None = None
        try:
            self._check_token(request.match_info["token"])
            call = await read_call(request, method)
            if method.lower() != GET_UPDATES:
                self._state.calls.append(call)
            rule = await self._struck(method)
            body: dict[str, Any] = {"ok": True, "result": await self._run(call)}
        except ApiError as error:
            return self._answer(request, rule, error.wire(), error.code)
        except ConnectionError:
            return _drop(request)
        return self._answer(request, rule, body, 200)

    async def _struck(self, method: str) -> FaultRule | None:
        """The fault that is scripted for this call. Raises ApiError or ConnectionError where it ends the call."""
        if self._state.faults.outage:
            raise ConnectionError("the sandbox plays an outage")
        rule = self._state.faults.strike(method)
        if rule is not None and rule.action == "drop":
            raise ConnectionError("a fault cuts the connection")
        if rule is not None and rule.action == "error":
            raise rule.error()
        if rule is not None and rule.action == "stall":
            await self._stall(rule.seconds)
        return rule

    def _answer(
        self, request: web.Request, rule: FaultRule | None, body: dict[str, Any], status: int
    ) -> web.StreamResponse:
        self._state.feed.publish("call", method=request.match_info["method"])
        if rule is not None and rule.action == "deliver_then_drop":
            return _drop(request)
        return web.json_response(body, status=status)

    def _check_token(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise _NOT_FOUND
        if token != self._state.token:
            raise ApiError(401, "Unauthorized")

    async def _run(self, call: ApiCall) -> object:
        name = call.method.lower()
        if name == GET_UPDATES:
            return await self._poll(call)
        if name not in METHODS:
            raise _NOT_FOUND
        return METHODS[name](self._state, call)

    async def _poll(self, call: ApiCall) -> object:
        allowed = call.structure("allowed_updates")
        if isinstance(allowed, list):
            self._state.updates.allow([str(kind) for kind in allowed])
        limit = min(max(call.integer("limit") or 100, 1), 100)
        return await self._state.updates.poll(call.integer("offset") or 0, limit, call.number("timeout"))

    async def _stall(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not self._state.feed.closed:
                    await self._state.feed.changed()
        except TimeoutError:
            return

    async def _file(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_token(request.match_info["token"])
            rule = await self._struck(DOWNLOAD)
            stored = self._state.files.at_path(request.match_info["path"])
            if stored is None:
                raise _NOT_FOUND
        except ApiError as error:
            return web.json_response(error.wire(), status=error.code)
        except ConnectionError:
            return _drop(request)
        if rule is not None and rule.action == "deliver_then_drop":
            return _drop(request)
        return web.Response(body=stored.upload.content, content_type="application/octet-stream")


def _drop(request: web.Request) -> web.Response:
    """Cut the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)
