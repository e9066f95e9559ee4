"""Letting things happen in the sandbox from the chat: how it is written and pressed, and where it is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import pytest

from bot.chat.render import replies, sandbox
from bot.chat.render.answers import UNKNOWN_BUTTON
from bot.chat.sandbox_events import (
    Happening,
    SandboxEvent,
    SandboxFailed,
    Subjects,
    event_payload,
    parse_event,
    read_event,
)
from bot.chat.services import Ask
from engine.model.errors import InvalidValue
from tests.chat import builders as a
from tests.chat.fakes import PERSON, ChatParts, chat_parts
from tests.chat.golden_file import assert_golden

SUBJECTS: Final = Subjects(("binance", "kraken"), ("USDT", "USDC"), ("BTC", "ETH", "SOL", "BNB"))
HALT: Final = SandboxEvent(Happening.HALT, "kraken")


@dataclass
class FakeSandbox:
    """Remembers what it was asked to let happen, or refuses."""

    caused: list[SandboxEvent] = field(default_factory=list)
    problem: str = ""

    async def subjects(self) -> Subjects:
        if self.problem:
            raise SandboxFailed(self.problem)
        return SUBJECTS

    async def cause(self, event: SandboxEvent) -> str:
        if self.problem:
            raise SandboxFailed(self.problem)
        self.caused.append(event)
        return "kraken did <something>"


@pytest.fixture
def fake() -> FakeSandbox:
    return FakeSandbox()


@pytest.fixture
async def parts(fake: FakeSandbox) -> AsyncIterator[ChatParts]:
    async with chat_parts(sandbox=fake) as made:
        yield made


async def says(parts: ChatParts, words: str) -> str:
    name, *arguments = words.removeprefix("/").split()
    return "\n".join(message.html for message in await parts.commands.table[name](Ask(PERSON, tuple(arguments))))


@pytest.mark.parametrize(
    ("typed", "event"),
    [
        ("halt kraken", HALT),
        ("HALT Kraken", HALT),
        ("slow binance", SandboxEvent(Happening.SLOW, "binance")),
        ("depeg usdc", SandboxEvent(Happening.DEPEG, "USDC")),
        ("depeg USDC 0.95", SandboxEvent(Happening.DEPEG, "USDC", Decimal("0.95"))),
        ("crash btc 30", SandboxEvent(Happening.CRASH, "BTC", Decimal(30))),
        ("crash BTC 12.5%", SandboxEvent(Happening.CRASH, "BTC", Decimal("12.5"))),
        ("recover", SandboxEvent(Happening.RECOVER)),
    ],
)
async def test_what_is_typed_happens(parts: ChatParts, fake: FakeSandbox, typed: str, event: SandboxEvent) -> None:
    """The answer says what the sandbox did, made harmless, and what to watch for."""
    said = await says(parts, f"/sandbox {typed}")
    assert fake.caused == [event]
    assert "kraken did &lt;something&gt;" in said and "Watch" in said


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("explode", "the event must be one of halt, slow, depeg, crash, recover"),
        ("halt", "a venue is to be named"),
        ("halt kraken binance", "a venue is to be named"),
        ("crash BTC", "an asset and percent is to be named"),
        ("crash BTC a.lot", "the figure"),
        ("crash BTC -5", "the figure must be above 0"),
        ("depeg <b>", "the names are letters and digits"),
        ("recover everything", "nothing is to be named"),
    ],
)
async def test_what_cannot_be_understood_lets_nothing_happen(
    parts: ChatParts, fake: FakeSandbox, typed: str, words: str
) -> None:
    """The answer shows how it is written."""
    said = await says(parts, f"/sandbox {typed}")
    assert words in said and "write /sandbox halt VENUE" in said
    assert fake.caused == []


async def test_every_button_lets_happen_what_it_says(parts: ChatParts, fake: FakeSandbox) -> None:
    """Each is answered beside the card, which stays for the next one."""
    (card,) = await parts.commands.table["sandbox"](Ask(PERSON))
    buttons = [button for row in card.keyboard for button in row]
    for button in buttons:
        pressed = await parts.presses.press(button.payload, PERSON)
        assert pressed.becomes is None and "Watch" in pressed.says[0].html
    assert [(event.what.value, event.subject) for event in fake.caused] == [
        *(("halt", venue) for venue in SUBJECTS.venues),
        *(("slow", venue) for venue in SUBJECTS.venues),
        *(("depeg", coin) for coin in SUBJECTS.stablecoins),
        *(("crash", asset) for asset in SUBJECTS.assets[:3]),
        ("recover", ""),
    ]


async def test_what_the_sandbox_refuses_is_told_with_its_reason(parts: ChatParts, fake: FakeSandbox) -> None:
    """Typed, pressed, or only looked at."""
    fake.problem = "unknown venue ftx: one of binance, kraken"
    payload = event_payload(SandboxEvent(Happening.HALT, "ftx"))
    assert payload is not None
    pressed = await parts.presses.press(payload, PERSON)
    for said in (await says(parts, "/sandbox halt ftx"), await says(parts, "/sandbox"), pressed.says[0].html):
        assert "unknown venue ftx" in said and "nothing happened" in said


async def test_it_is_not_there_where_no_sandbox_is_known() -> None:
    """No command, no line of help, no place in the menu, and a button from another life does nothing."""
    async with chat_parts() as parts:
        assert "sandbox" not in parts.commands.table
        assert "/sandbox" not in await says(parts, "/help")
        payload = event_payload(HALT)
        assert payload is not None
        assert (await parts.presses.press(payload, PERSON)).toast == UNKNOWN_BUTTON
    assert "sandbox" not in dict(replies.menu())


async def test_it_is_in_help_and_menu_where_one_is(parts: ChatParts) -> None:
    """Like its neighbours."""
    assert "/sandbox <i>event</i>: let things happen" in await says(parts, "/help")
    assert "sandbox" in dict(replies.menu(with_sandbox=True))
    assert {c.word for c in replies.commands(with_sandbox=True)} == set(parts.commands.table)


@pytest.mark.parametrize(
    "event", [HALT, SandboxEvent(Happening.CRASH, "1INCH.S", Decimal("12.5")), SandboxEvent(Happening.RECOVER)]
)
def test_a_payload_is_read_back_as_it_was_written(event: SandboxEvent) -> None:
    """Within what a button can carry."""
    payload = event_payload(event)
    assert payload is not None and len(payload) <= 64
    assert parse_event(payload) == event


def test_a_name_that_no_button_can_carry_gets_none() -> None:
    """It can be typed, as far as it is a name at all."""
    for subject in ("a" * 60, "<b>", a.ARABIC):
        assert event_payload(SandboxEvent(Happening.HALT, subject)) is None
    with pytest.raises(InvalidValue):
        read_event(("halt", "a" * 60))


def test_the_card_of_events_and_what_is_said_of_each() -> None:
    """A sandbox that says too much, or something hostile, cannot break the message."""
    assert_golden("sandbox", sandbox.events_card(SUBJECTS))
    said = "kraken has closed the withdrawals of all its 6 coins. Its prices drift off by 1.5 % in the next 60 s"
    events = [SandboxEvent(happening, "kraken") for happening in Happening]
    assert_golden("sandbox_happened", *(sandbox.happened(event, said) for event in events))
    assert_golden("sandbox_hostile", sandbox.happened(HALT, a.HOSTILE + "x" * 400))
