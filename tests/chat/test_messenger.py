"""The messenger over real HTTP: what becomes of a message when Telegram takes, refuses, delays or loses it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.chat.delivery import Delivered, Delivery
from bot.chat.message import Button, Message, Style
from bot.chat.telegram_messenger import TelegramMessenger
from bot.sandbox.telegram.faults import FaultRule
from bot.sandbox.telegram.people import ADA, BEN
from tests.sandbox.telegram_fixtures import Sandbox, build_bot, sandbox

__all__ = ["sandbox"]

LATER = Delivered(Delivery.LATER)
IMPOSSIBLE = Delivered(Delivery.IMPOSSIBLE)
BROKEN = "a <b>price & <i>more</b> than 5 &lt; 6"


@pytest.fixture
async def messenger(sandbox: Sandbox) -> AsyncIterator[TelegramMessenger]:
    await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as application:
        yield TelegramMessenger(application.bot)


def said(sandbox: Sandbox) -> list[str]:
    return [message.html for message in sandbox.world.screen() if message.from_bot]


async def test_a_message_arrives_as_it_is_meant(sandbox: Sandbox, messenger: TelegramMessenger) -> None:
    """Formatting, rows of coloured buttons, and no sound."""
    keyboard = ((Button("Approve", "v1:ok", Style.SUCCESS), Button("Why", "v1:why")), (Button("Later", "v1:x"),))
    done = await messenger.send(ADA, Message("<b>Plan</b> &amp; card", keyboard, silent=True))
    shown = sandbox.world.screen()[-1]
    assert done == Delivered(Delivery.DONE, shown.id)
    assert (shown.html, shown.silent) == ("<b>Plan</b> &amp; card", True)
    assert shown.labels == (("Approve", "Why"), ("Later",))
    stored = sandbox.world.state.messages.find(ADA, shown.id)
    assert stored is not None
    assert [button.get("style") for button in stored.buttons] == ["success", None, None]


async def test_a_long_message_comes_in_parts(sandbox: Sandbox, messenger: TelegramMessenger) -> None:
    """Nothing is lost, and the buttons are under the last part."""
    lines = [f"line {n}" for n in range(1200)]
    done = await messenger.send(ADA, Message("\n".join(lines), ((Button("Why", "v1:why"),),)))
    shown = [message for message in sandbox.world.screen() if message.from_bot]
    assert len(shown) == 3
    assert "\n".join(message.text for message in shown).splitlines() == lines
    assert [bool(message.labels) for message in shown] == [False, False, True]
    assert done.message_id == shown[-1].id


async def test_what_telegram_cannot_parse_is_sent_as_plain_text(sandbox: Sandbox, messenger: TelegramMessenger) -> None:
    """A defect of ours in the markup must not cost the user the message."""
    done = await messenger.send(ADA, Message(BROKEN, ((Button("Why", "v1:why"),),)))
    assert done.outcome is Delivery.DONE
    assert sandbox.world.screen()[-1].text == "a price & more than 5 < 6"
    assert sandbox.world.screen()[-1].labels == (("Why",),)
    assert done.message_id is not None
    again = await messenger.edit(ADA, done.message_id, Message(f"changed: {BROKEN}"))
    assert again == done
    assert sandbox.world.screen()[-1].text == "changed: a price & more than 5 < 6"


async def test_a_message_is_edited_in_place(sandbox: Sandbox, messenger: TelegramMessenger) -> None:
    """Also where nothing has changed: that is done too."""
    first = await messenger.send(ADA, Message("proposed", ((Button("Approve", "v1:ok"),),)))
    assert first.message_id is not None
    for _ in range(2):
        assert await messenger.edit(ADA, first.message_id, Message("approved")) == first
    assert said(sandbox) == ["approved"]
    assert sandbox.world.screen()[-1].labels == ()


async def test_where_the_message_is_gone_a_new_one_takes_its_place(
    sandbox: Sandbox, messenger: TelegramMessenger
) -> None:
    """The answer names the new one."""
    first = await messenger.send(ADA, Message("proposed"))
    assert first.message_id is not None
    sandbox.world.state.messages.delete(ADA, first.message_id)
    done = await messenger.edit(ADA, first.message_id, Message("approved"))
    assert done.outcome is Delivery.DONE
    assert done.message_id == sandbox.world.screen()[-1].id != first.message_id
    assert said(sandbox) == ["approved"]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (FaultRule(retry_after=7), Delivered(Delivery.LATER, retry_after=timedelta(seconds=7))),
        (FaultRule(code=502), LATER),
        (FaultRule(code=500, description="Internal Server Error"), LATER),
        (FaultRule(action="drop"), LATER),
        (FaultRule(action="deliver_then_drop"), LATER),
        (FaultRule(code=401, description="Unauthorized"), LATER),
        (FaultRule(code=403, description="Forbidden: bot was blocked by the user"), IMPOSSIBLE),
        (FaultRule(code=403, description="Forbidden: user is deactivated"), IMPOSSIBLE),
        (FaultRule(code=400, description="Bad Request: chat not found"), IMPOSSIBLE),
        (FaultRule(code=400, description="Bad Request: BUTTON_DATA_INVALID"), IMPOSSIBLE),
    ],
    ids=lambda value: value.description if isinstance(value, FaultRule) else "",
)
async def test_every_refusal_says_whether_to_try_again(
    sandbox: Sandbox, messenger: TelegramMessenger, fault: FaultRule, outcome: Delivered
) -> None:
    """What may pass later is tried later, as late as Telegram says; what never will is not. Nothing is raised."""
    sent = await messenger.send(ADA, Message("before"))
    assert sent.message_id is not None
    for method in ("sendMessage", "editMessageText"):
        fault.method, fault.count = method, 1
        sandbox.world.faults.add(fault)
        if method == "sendMessage":
            assert await messenger.send(ADA, Message("text")) == outcome
        else:
            assert await messenger.edit(ADA, sent.message_id, Message("edited")) == outcome


async def test_people_who_never_wrote_or_do_not_exist_are_out_of_reach(messenger: TelegramMessenger) -> None:
    """A bot may not begin a conversation."""
    assert await messenger.send(BEN, Message("hello")) == IMPOSSIBLE
    assert await messenger.send(4711, Message("hello")) == IMPOSSIBLE


async def test_an_outage_in_the_middle_of_a_long_message_is_told(
    sandbox: Sandbox, messenger: TelegramMessenger
) -> None:
    """It is not done before its last part is."""
    sandbox.world.faults.add(FaultRule("sendMessage", code=502, count=1))
    assert await messenger.send(ADA, Message("x" * 5000)) == LATER
    assert said(sandbox) == []
