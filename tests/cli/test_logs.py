"""The log: one line for each thing that happened, and no secret in any of them, whoever wrote it."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Any

import httpx
import pytest
import structlog

from bot.config.load import load_settings
from bot.logs import configure_logs
from tests.cli.processes import ROOT
from tests.e2e.stage import Stage

TOKEN = "123456789:AAcanary-canary-canary-canary-canary"
KEY, SECRET = "canary-key", "canary/secret+with=signs"
PRIVATE_KEY = "0x" + "c0ffee11" * 8
OTHER_TOKEN = "987654321:BBanother-bot-nobody-configured-here"


class Log:
    """What was written to standard error since it was read last."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def read(self) -> str:
        """The lines."""
        out, err = self._capsys.readouterr()
        assert out == ""
        return err


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Log:
    return Log(capsys)


def set_up(level: str = "info", *, as_json: bool = False) -> None:
    configure_logs(level, as_json=as_json, secrets=[TOKEN, KEY, SECRET, ""])


LEAKS: dict[str, str] = {
    "token": TOKEN,
    "key": KEY,
    "secret": SECRET,
    "private key": PRIVATE_KEY,
    "token of another bot": OTHER_TOKEN,
    "token in an address": f"https://api.telegram.org/bot{OTHER_TOKEN}/getMe",
    "signature": "timestamp=1&signature=5ca1ab1e5ca1ab1e&x=1",
    "api key": "api_key=5ca1ab1e5ca1ab1e",
}
TELLTALES = ("canary", "c0ffee", "BBanother", "5ca1ab1e")


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("leak", LEAKS)
def test_no_secret_is_written(log: Log, leak: str, as_json: bool) -> None:
    """Not as an event, a value, a nested value, an argument of the standard library, or an exception's text."""
    set_up(as_json=as_json)
    text, ours, theirs = LEAKS[leak], structlog.get_logger("ours"), logging.getLogger("somebody.else")
    ours.info(f"event {text}")
    ours.info("event", value=text, nested={"list": [text], text: 1})
    ours.info("event %s", text)
    theirs.warning("message %s and %r", text, {"key": text})
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        ours.error("failed", exc_info=error)
        ours.error("failed", error=error)
        theirs.exception("failed")
        theirs.error("failed: %s", error, stack_info=True)
    written = log.read()
    assert written.count("***") >= 9
    assert not [telltale for telltale in TELLTALES if telltale in written], written
    assert written.count("RuntimeError") >= 2


@pytest.mark.parametrize("leak", LEAKS)
def test_what_ends_the_program_is_written_without_secrets(log: Log, leak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody caught, with all that led to it."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    set_up()
    try:
        try:
            raise RuntimeError(LEAKS[leak])
        except RuntimeError as error:
            raise KeyError("a defect") from error
    except KeyError as error:
        sys.excepthook(KeyError, error, error.__traceback__)
    written = log.read()
    assert "ended_unforeseen" in written and "RuntimeError" in written and "a defect" in written
    assert not [telltale for telltale in TELLTALES if telltale in written], written


def test_no_line_of_a_long_secret_is_written(log: Log) -> None:
    """A key in PEM has several, whose ends a log may write in another way; one line alone gives half of it away."""
    lines = ["MHcCAQEEIBcanaryOneOneOneOne", "oAoGCCqGSM49canaryTwoTwoTwo=="]
    secret = "\n".join(["-----BEGIN EC PRIVATE KEY-----", *lines, "-----END EC PRIVATE KEY-----"])
    configure_logs("info", as_json=True, secrets=[secret])
    structlog.get_logger("bot").info("event", whole=secret, shown=repr(secret), line=lines[1])
    assert "canary" not in log.read()


def test_arguments_are_put_into_the_text(log: Log) -> None:
    """Of the standard library's loggers and of ours."""
    set_up(as_json=True)
    logging.getLogger("engine.venues").warning("%s: a market was left out: %d", "kraken", 3)
    structlog.get_logger("bot").warning("%s markets", 3)
    assert [json.loads(line)["event"] for line in log.read().splitlines()] == [
        "kraken: a market was left out: 3",
        "3 markets",
    ]


def test_json_is_one_object_a_line(log: Log) -> None:
    """With level, time in UTC and the values under their names; an exception stays on its line."""
    set_up(as_json=True)
    try:
        raise ValueError("broken")
    except ValueError as error:
        structlog.get_logger("bot").error("failed", venue="kraken", tries=3, exc_info=error)
    (line,) = log.read().splitlines()
    told: dict[str, Any] = json.loads(line)
    assert {"event": "failed", "level": "error", "venue": "kraken", "tries": 3}.items() <= told.items()
    assert told["timestamp"].endswith("Z")
    assert "ValueError: broken" in told["exception"]


def test_the_console_form_is_for_people(log: Log) -> None:
    """Level, event and values on one line, without escape sequences."""
    set_up()
    structlog.get_logger("bot").info("started", mode="sandbox")
    (line,) = log.read().splitlines()
    assert "[info     ] started" in line
    assert line.endswith("mode=sandbox")
    assert "\x1b" not in line


@pytest.mark.parametrize(("level", "expected"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_the_level_is_kept_to(log: Log, level: str, expected: int) -> None:
    """Lower ones are not written, of ours and of others alike."""
    set_up(level)
    for logger in (structlog.get_logger("bot"), logging.getLogger("engine")):
        logger.debug("one")
        logger.info("two")
        logger.warning("three")
        logger.error("four")
    assert len(log.read().splitlines()) == 2 * expected


async def test_requests_to_telegram_are_not_logged(log: Log, stage: Stage) -> None:
    """httpx writes the whole address, token included, at the info level."""
    set_up("debug")
    async with httpx.AsyncClient() as client:
        await client.get(f"{stage.base}/telegram/bot{OTHER_TOKEN}/getMe")
    assert log.read() == ""


async def test_being_told_to_end_is_no_failure(log: Log) -> None:
    """APScheduler logs a look that is broken off at the end with a stack trace; nobody needs it."""
    set_up()
    scheduler = logging.getLogger("apscheduler.executors.default")
    try:
        raise asyncio.CancelledError
    except asyncio.CancelledError:
        scheduler.exception("Job raised an exception")
    assert log.read() == ""
    try:
        raise RuntimeError("a defect")
    except RuntimeError:
        scheduler.exception("Job raised an exception")
    assert "a defect" in log.read()


def test_secrets_of_the_settings_are_shown_as_stars(log: Log) -> None:
    """Settings that are logged whole give nothing away either, with the scrubber knowing none of them."""
    configure_logs("info", as_json=True, secrets=[])
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8").replace("# key_env", "key_env")
    text = text.replace("# secret_env", "secret_env")
    environ = {"EQUIPOISE_TELEGRAM_TOKEN": TOKEN, "KRAKEN_KEY": KEY, "KRAKEN_SECRET": SECRET}
    settings = load_settings(text, environ=environ, home=ROOT)
    structlog.get_logger("bot").info("settings", settings=settings)
    written = log.read()
    assert "VenueSettings" in written
    assert "canary" not in written
