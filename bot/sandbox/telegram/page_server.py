"""Serves the chat page: its static files, pictures and documents of the chat, and the stream of events."""

import asyncio
import json
from pathlib import Path

from aiohttp import web

from bot.sandbox.telegram.control import PREFIX
from bot.sandbox.telegram.feed import FeedEvent
from bot.sandbox.telegram.screen import message_wire, read_message
from bot.sandbox.telegram.state import TelegramState
from bot.sandbox.telegram.wire import Wire

PAGE_DIRECTORY = Path(__file__).parent / "page"
HEARTBEAT_SECONDS = 15.0
_SHOWN = (
    "message",
    "edit",
    "delete",
    "pin",
    "action",
    "draft",
    "press",
    "answer",
    "commands",
    "profile",
    "outage",
    "blocked",
)
_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; frame-ancestors 'self'"


class PageServer:
    """The page at `/`, its files at `/page/…`, and what it needs beside the control face."""

    def __init__(self, state: TelegramState) -> None:
        self._state = state

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/", self._index)
        app.router.add_static("/page", PAGE_DIRECTORY)
        app.router.add_get(PREFIX + "/events", self._events)
        app.router.add_get(PREFIX + "/file/{file_id}", self._file)

    async def _index(self, _request: web.Request) -> web.FileResponse:
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
        return web.FileResponse(PAGE_DIRECTORY / "index.html", headers=headers)

    async def _file(self, request: web.Request) -> web.Response:
        stored = self._state.files.find(request.match_info["file_id"])
        if stored is None:
            raise web.HTTPNotFound
        is_photo = stored.path.startswith("photos/")
        headers = {"X-Content-Type-Options": "nosniff"}
        if not is_photo:
            safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in stored.upload.name)
            headers["Content-Disposition"] = f'attachment; filename="{safe}"'
        kind = "image/png" if stored.upload.content.startswith(b"\x89PNG") else "image/jpeg"
        content_type = kind if is_photo else "application/octet-stream"
        return web.Response(body=stored.upload.content, content_type=content_type, headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events from number `since` on; the page reads the screen first and follows from there."""
        feed = self._state.feed
        last = int(request.headers.get("Last-Event-ID") or request.query.get("since") or feed.seq)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await stream.prepare(request)
        await stream.write(b": hello\n\n")
        try:
            while not feed.closed:
                for event in feed.since(last):
                    last = event.seq
                    if event.kind in _SHOWN:
                        body = json.dumps(self._event_wire(event))
                        await stream.write(f"id: {event.seq}\ndata: {body}\n\n".encode())
                await self._wait(stream, last)
        except ConnectionError:
            return stream
        return stream

    async def _wait(self, stream: web.StreamResponse, last: int) -> None:
        if self._state.feed.seq > last or self._state.feed.closed:
            return
        try:
            await asyncio.wait_for(self._state.feed.changed(), HEARTBEAT_SECONDS)
        except TimeoutError:
            await stream.write(b": still here\n\n")

    def _event_wire(self, event: FeedEvent) -> Wire:
        wire: Wire = {"seq": event.seq, "kind": event.kind, "chat": event.chat, **event.details}
        if event.kind in ("message", "edit") and event.chat is not None:
            message = self._state.messages.find(event.chat, event.details["message_id"])
            if message is not None:
                wire["message"] = message_wire(message, read_message(self._state, message).html)
        return wire
