"""How loudly people are told, over Telegram: a kind of message by a button, the quiet hours by a word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.api import Engine
from engine.clock import SystemClock
from tests.e2e.stage import Stage


def around_now() -> str:
    """Quiet hours, as they are typed, that it is in the middle of; the stage's time zone is UTC."""
    now = SystemClock().now()
    return " ".join(f"{now + shift:%H:%M}" for shift in (timedelta(hours=-2), timedelta(hours=2)))


async def test_a_kind_is_made_silent_and_then_switched_off_by_its_button(stage: Stage) -> None:
    """The card shows it in its place; the plan is told with a sound as ever."""
    await stage.start_bot()
    card = await stage.ada.asks("/notify", "What I tell, and how loudly")
    await stage.ada.presses("drift: loud → silent", card.id)
    await stage.ada.becomes(card.id, "drift    limits, dates    silent")
    await stage.shock(ETH="1.16", BTC="0.90")
    assert (await stage.ada.shows("has reached its limit")).silent
    assert not (await stage.ada.shows("waits for approval")).silent
    await stage.ada.presses("drift: silent → off", card.id)
    await stage.ada.becomes(card.id, "drift    limits, dates       off")
    await stage.shock(ETH="0.862", BTC="1.11")
    await stage.looks(3)
    assert stage.ada.messages("back within its band") == []


async def test_in_the_quiet_hours_a_plan_makes_no_sound_and_the_kill_switch_does(stage: Stage) -> None:
    """Chosen in the chat, and over a restart."""
    await stage.start_bot()
    await stage.ada.asks(f"/quiet {around_now()}", "Quiet hours: ", "chosen in this chat")
    await stage.stop_bot()
    await stage.start_bot()
    await stage.shock(ETH="1.16", BTC="0.90")
    assert (await stage.ada.shows("waits for approval")).silent
    assert not (await stage.ada.asks("/kill", "Everything is stopped")).silent


async def test_what_the_journal_cannot_announce_wakes_nobody_either(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that fails at night is told without a sound, and with one by day."""

    async def fail(_: Engine) -> None:
        raise ZeroDivisionError

    await stage.start_bot()
    await stage.ada.asks(f"/quiet {around_now()}", "chosen in this chat")
    looked = Engine.advance
    monkeypatch.setattr(Engine, "advance", fail)
    at_night = await stage.ada.shows("Looking at the market failed")
    assert at_night.silent
    monkeypatch.setattr(Engine, "advance", looked)
    await stage.ada.asks("/quiet off", "Quiet hours: none")
    await stage.looks()
    monkeypatch.setattr(Engine, "advance", fail)
    assert not (await stage.ada.shows("Looking at the market failed", after=at_night.id)).silent
