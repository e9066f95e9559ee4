"""What people ask and say to the guards, by typing and by pressing, and every answer to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from bot.chat.guard_payloads import GuardPress, GuardVerb, ResumePress, guard_payload, parse_guard, resume_payload
from bot.chat.payloads import ViewVerb, view_payload
from bot.chat.render import risk
from bot.chat.services import Ask
from engine.api import Said
from engine.model import events as ev
from engine.model.guards import Guards, Rule, Stance, StopLoss
from engine.model.health import VenueStanding
from engine.model.ids import VenueName
from engine.model.money import Money
from engine.model.portfolio import VenueHealth
from tests import builders as b
from tests.chat import builders as a
from tests.chat import guard_builders as g
from tests.chat.fakes import PERSON, ChatParts, chat_parts

KRAKEN = VenueName("kraken")
ACTS = Guards(stop_loss=StopLoss(stance=Stance.ACT), act_up_to=Money(Decimal(5000)))


@pytest.fixture
async def parts() -> AsyncIterator[ChatParts]:
    async with chat_parts(b.policy({"BTC": "0.5", "USDT": "0.5"}, guards=ACTS)) as made:
        yield made


async def says(parts: ChatParts, words: str) -> str:
    name, *arguments = words.removeprefix("/").split()
    return "\n".join(message.html for message in await parts.commands.table[name](Ask(PERSON, tuple(arguments))))


async def presses(parts: ChatParts, payload: str | None) -> str:
    assert payload is not None
    return (await parts.presses.press(payload, PERSON)).toast


async def test_they_are_listed(parts: ChatParts) -> None:
    """Typed and pressed; without a venue nothing is known of any."""
    assert "<b>Guards</b>" in await says(parts, "/risk")
    assert "None has been looked at yet." in await says(parts, "/venues")
    pressed = await parts.presses.press(view_payload(ViewVerb.RISK), PERSON)
    assert pressed.becomes is not None and "<b>Guards</b>" in pressed.becomes.html


@pytest.mark.parametrize("words", ["/risk bark", "/risk rearm", "/risk sign BTC", "/risk unsign never"])
async def test_words_that_are_not_understood_name_those_that_are(parts: ChatParts, words: str) -> None:
    """And nothing is written."""
    assert "write /risk, /risk rearm BTC" in await says(parts, words)
    assert await parts.journal.facts(ev.GuardRearmed, ev.GuardSigned) == ()


async def test_a_guard_is_signed_and_asks_again(parts: ChatParts) -> None:
    """Typed in any spelling, and pressed; what is so already is told as that."""
    await parts.note(ev.PolicyAdopted(a.a_plan().digest, parts.services.engine.settings.policy))
    assert "Stop-loss may act by itself now" in await says(parts, "/risk SIGN Stop-Loss")
    assert "nothing is to be done" in await presses(parts, guard_payload(GuardVerb.SIGN, Rule.STOP_LOSS))
    (signed,) = [event.fact for event in await parts.journal.facts(ev.GuardSigned)]
    assert isinstance(signed, ev.GuardSigned) and signed.signature.up_to == 5000
    assert "asks you again" in await presses(parts, guard_payload(GuardVerb.UNSIGN, Rule.STOP_LOSS))
    assert "nothing is to be done" in await says(parts, "/risk unsign stop_loss")
    assert "the policy does not let it act" in await says(parts, "/risk sign depeg")


async def test_what_stands_is_armed_again(parts: ChatParts) -> None:
    """The coin and the rule are named; a stop alone needs a price to measure from."""
    await parts.note(g.changed(g.change(g.condition(Rule.DEPEG, "USDC", g.peg()))))
    assert "Stablecoins: USDC is armed again." in await says(parts, "/risk rearm depeg usdc")
    assert "nothing is to be done" in await presses(parts, guard_payload(GuardVerb.REARM, Rule.DEPEG, "USDC"))
    assert "there is no price now" in await says(parts, "/risk rearm btc")
    assert "it is not watched" in await says(parts, "/risk rearm DOGE")


async def test_a_halted_venue_is_let_in_again(parts: ChatParts) -> None:
    """Once; one that nothing is known of, and words that are none, are told."""
    standing = VenueStanding(KRAKEN, VenueHealth.HALTED, a.T0)
    await parts.note(ev.VenuesJudged((standing,)))
    assert await presses(parts, resume_payload(KRAKEN)) == "kraken is used again."
    assert await presses(parts, resume_payload(KRAKEN)) == "kraken is not halted."
    assert "Nothing is known of okx" in await presses(parts, resume_payload(VenueName("okx")))
    assert "write /venues resume NAME" in await says(parts, "/venues resume ftx")
    assert "write /venues resume NAME" in await says(parts, "/venues forget kraken")


@pytest.mark.parametrize("said", list(Said))
def test_every_answer_has_its_words(said: Said) -> None:
    """To each of the words, of a guard and of a venue, and within what a toast can hold."""
    answers = [risk.said(said, GuardPress(verb, Rule.STOP_LOSS, "A" * 32)) for verb in GuardVerb]
    for answer in (*answers, risk.said_of_venue(said, VenueName("v" * 32))):
        assert 0 < len(answer) <= 200 and answer.endswith(".")


PAYLOADS: list[tuple[str, Any]] = [
    ("v1:guard:rearm:stop_loss:BTC", GuardPress(GuardVerb.REARM, Rule.STOP_LOSS, "BTC")),
    ("v1:guard:sign:depeg", GuardPress(GuardVerb.SIGN, Rule.DEPEG)),
    ("v1:venue:resume:kraken", ResumePress(KRAKEN)),
    ("v1:guard:bite:depeg", None),
    ("v1:guard:sign:weather", None),
    ("v1:guard:rearm:stop_loss:" + "A" * 33, None),
    ("v1:venue:resume:", None),
    ("v1:venue:resume:a b", None),
]


@pytest.mark.parametrize(("payload", "meant"), PAYLOADS)
def test_buttons_are_read_as_they_were_written(payload: str, meant: Any) -> None:
    """And nothing else is read into them."""
    assert parse_guard(payload) == meant
