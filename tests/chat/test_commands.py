"""Commands without Telegram: how plans are named, how pauses are written, and what is answered to what cannot be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.chat.commands import Ask
from bot.chat.render.replies import COMMANDS
from engine.model import events as ev
from tests.chat import builders as a
from tests.chat.fakes import PERSON, ChatParts, chat_parts

PLAN = a.a_plan()
FIRST = a.proposal(PLAN)


@pytest.fixture
async def parts() -> AsyncIterator[ChatParts]:
    async with chat_parts() as made:
        yield made


async def says(parts: ChatParts, words: str) -> str:
    """The answer to a command as it was typed, all messages together."""
    name, *arguments = words.removeprefix("/").split()
    return "\n".join(message.html for message in await parts.commands.table[name](Ask(PERSON, tuple(arguments))))


async def test_every_command_that_the_help_names_is_there_and_no_other(parts: ChatParts) -> None:
    """The help, the menu and the handlers cannot differ."""
    assert {command.word for command in COMMANDS} == set(parts.commands.table)


@pytest.mark.parametrize("named", ["", " 7f3a91c2", " 7f3a91c2.1"])
async def test_a_plan_is_named_by_its_root_or_not_at_all(parts: ChatParts, named: str) -> None:
    """The open plan is meant where none is named."""
    await parts.note_plan(FIRST)
    assert "Plan 7f3a91c2 · rev 1" in await says(parts, f"/plan{named}")
    assert "What called for it" in await says(parts, f"/why{named}")


@pytest.mark.parametrize("named", ["x", "7f3a91c2.9", "<b>", "../../etc", "7f3a91c2.1.1"])
async def test_a_plan_that_is_not_there_is_no_failure(parts: ChatParts, named: str) -> None:
    """The answer says that there is none, whatever was typed."""
    await parts.note_plan(FIRST)
    for command in ("plan", "why", "approve", "reject"):
        assert "No plan has the id" in await says(parts, f"/{command} {named}")


async def test_the_newest_plan_is_meant_where_none_is_open(parts: ChatParts) -> None:
    """/plan shows what became of it; /why tells why there is no other."""
    await parts.note_plan(FIRST, ev.PlanDeclined(a.BEN, "Ben", ()))
    assert "rejected by Ben" in await says(parts, "/plan")
    assert "Already rejected by Ben" in await says(parts, "/approve 7F3A91C2")
    assert "No new plan" in await says(parts, "/why")
    assert "What called for it" in await says(parts, "/why 7f3a91c2")


async def test_a_plan_is_approved_and_rejected_by_its_id_alone(parts: ChatParts) -> None:
    """A tap on the bare word in a list shows the card, and does nothing; what was done is said."""
    await parts.note_plan(FIRST)
    for command in ("/approve", "/reject"):
        assert "waits for approval" in await says(parts, command)
    assert "Rejected." in await says(parts, "/reject 7f3a91c2")
    assert "Already rejected by Ada" in await says(parts, "/reject 7f3a91c2.1")


async def test_the_kill_switch_is_answered_every_time(parts: ChatParts) -> None:
    """In an emergency people press twice; and a pause beside it would promise what is not so."""
    await says(parts, "/kill")
    for command in ("/kill", "/pause", "/pause 4"):
        assert "stopped already" in await says(parts, command)


@pytest.mark.parametrize(
    ("typed", "lasts"),
    [
        ("/pause", None),
        ("/pause 4", timedelta(hours=4)),
        ("/pause 4h", timedelta(hours=4)),
        ("/pause 1.5H", timedelta(minutes=90)),
        ("/pause 8760", timedelta(days=365)),
    ],
)
async def test_a_pause_lasts_as_long_as_was_typed(parts: ChatParts, typed: str, lasts: timedelta | None) -> None:
    """Hours, whole or not; without any, until it is resumed."""
    await says(parts, typed)
    pause = (await parts.journal.standing()).pause
    assert pause is not None
    assert pause.until == (a.T0 + lasts if lasts else None)
    await says(parts, "/resume")
    assert (await parts.journal.standing()).pause is None


@pytest.mark.parametrize("hours", ["0", "-1", "soon", "1e9", "NaN", "Infinity", "8761", "٤x", "h"])
async def test_hours_that_make_no_sense_pause_nothing(parts: ChatParts, hours: str) -> None:
    """The answer shows how it is written."""
    assert "write /pause, or /pause 4" in await says(parts, f"/pause {hours}")
    assert (await parts.journal.standing()).pause is None


async def test_a_portfolio_without_a_venue_is_shown_and_explained(parts: ChatParts) -> None:
    """Nothing to show is no failure."""
    for command in ("start", "portfolio", "drift", "why", "rebalance", "health", "plans", "stop", "help", "cancel"):
        assert await says(parts, f"/{command}")
