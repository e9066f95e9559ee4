"""Structured logs on standard error, with every secret taken out before a line is written."""

from __future__ import annotations

import logging
import sys
from asyncio import CancelledError
from collections.abc import Iterable
from types import TracebackType
from typing import Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.config.secrets import MASK, without_secrets
from engine.model.events import Event, VenueHealthChanged
from engine.model.portfolio import VenueHealth

SHORTEST_LINE: Final = 16
"""Of a secret of several lines, such as a key in PEM: a shorter one by itself gives nothing away."""
NOISY: Final = ("httpx", "httpcore", "alembic", "aiosqlite", "asyncio", "ccxt")
"""Loggers that tell too much: httpx writes the bot's token into every line."""


log = structlog.get_logger(__name__)


def configure_logs(level: str, *, as_json: bool, secrets: Iterable[str]) -> None:
    """Send structlog and the standard library's logging through one chain whose last link takes secrets out."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Scrubber(secrets),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(_is_no_farewell)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _end_of_program
    # A tick that a long look at the venues swallows is no news: the next one comes.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _end_of_program(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the program unforeseen is written like all else: Python itself would print every word of it."""
    log.critical("ended_unforeseen", error=kind.__name__, exc_info=(kind, error, trace))


def _is_no_farewell(record: logging.LogRecord) -> bool:
    """APScheduler logs a look at the market as a failure when it is broken off because the program ends."""
    return not (record.exc_info and isinstance(record.exc_info[1], CancelledError))


def note_venue_health(events: tuple[Event, ...]) -> None:
    """Write into the log what the chat is told of venues: whoever starts the bot looks there first."""
    for event in events:
        if isinstance(event.fact, VenueHealthChanged):
            fact = event.fact
            write = log.info if fact.health is VenueHealth.HEALTHY else log.warning
            write("venue_health", venue=fact.venue, health=fact.health.value, problem=fact.problem)


class Scrubber:
    """A processor that replaces secrets in every value of a line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        parts = {part for secret in secrets for part in (secret, *_long_lines(secret)) if part}
        self._secrets = sorted(parts, key=len, reverse=True)

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {key: self._clean(value) if key not in UNTOUCHED else value for key, value in event.items()}

    def _clean(self, value: object) -> object:
        if isinstance(value, bool | int | float | None):
            return value
        text = str(value)
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return without_secrets(text)


def _long_lines(secret: str) -> list[str]:
    """The lines of a secret of several: in a log its line ends may be written otherwise."""
    lines = [line.strip() for line in secret.splitlines()]
    return [line for line in lines if len(line) >= SHORTEST_LINE and not line.startswith("-----")]


UNTOUCHED: Final = frozenset({"_record", "_from_structlog"})
"""What structlog passes along for itself; it is removed before the line is rendered."""
