"""Targets that follow the market without Telegram: the proposal is announced, pressed, and what became of it shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.chat.announce import Announcer
from bot.chat.model_payloads import TargetsVerb, parse_targets, targets_payload
from bot.chat.services import Ask
from engine.api import Person
from engine.model import events as ev
from engine.model.target_models import ModelKind, ModelStance, TargetModel
from tests.chat import builders as a
from tests.chat.fakes import PERSON, ChatParts, chat_parts
from tests.chat.test_render_targets_golden import AFTER, CHANGE

BEN = Person(a.BEN, "Ben")
WITH_MODEL = replace(a.a_policy(), model=TargetModel(stance=ModelStance.SHADOW))


@pytest.fixture
async def parts() -> AsyncIterator[ChatParts]:
    async with chat_parts(WITH_MODEL) as made:
        yield made


async def pressed(parts: ChatParts, verb: TargetsVerb, who: Person = PERSON, change: str = CHANGE.id) -> str:
    return (await parts.presses.press(targets_payload(verb, change), who)).toast


async def test_a_proposal_keeps_its_message(parts: ChatParts) -> None:
    """What becomes of it is shown in its place."""
    await parts.note(ev.TargetsProposed(CHANGE))
    assert (await pressed(parts, TargetsVerb.ADOPT)).startswith("Adopted.")
    rows = await parts.journal.outbox(100)
    posts = await Announcer(parts.services).compose([row.event for row in rows])
    assert [post.key for post in posts] == [f"targets:{CHANGE.id}"] * 2
    assert "Other targets?" in posts[0].message.html
    assert "by Ada" in posts[1].message.html


async def test_buttons_carry_what_is_understood(parts: ChatParts) -> None:
    """Both of the card."""
    await parts.note(ev.TargetsProposed(CHANGE))
    (row,) = await parts.journal.outbox(100)
    (post,) = await Announcer(parts.services).compose([row.event])
    verbs = [parse_targets(button.payload) for line in post.message.keyboard for button in line]
    assert [verb.verb for verb in verbs if verb] == [TargetsVerb.ADOPT, TargetsVerb.KEEP]


async def test_the_first_word_counts_and_the_second_is_told_so(parts: ChatParts) -> None:
    """Whatever the second is."""
    await parts.note(ev.TargetsProposed(CHANGE))
    assert "stay as they are" in await pressed(parts, TargetsVerb.KEEP)
    assert "Nothing waits for your word" in await pressed(parts, TargetsVerb.ADOPT, BEN)
    assert await parts.journal.facts(ev.TargetsAdopted) == ()


async def test_a_stale_card_adopts_nothing(parts: ChatParts) -> None:
    """Another proposal has taken its place."""
    fresh = replace(CHANGE, kind=ModelKind.MOMENTUM)
    await parts.note(ev.TargetsProposed(CHANGE), ev.TargetsLapsed(CHANGE, is_replaced=True), ev.TargetsProposed(fresh))
    assert "another one waits" in await pressed(parts, TargetsVerb.ADOPT)
    assert (await pressed(parts, TargetsVerb.ADOPT, change=fresh.id)).startswith("Adopted.")


async def test_what_is_dropped_is_told_in_one_sentence(parts: ChatParts) -> None:
    """And what is silent stays so."""
    await parts.note(ev.TargetsDropped(AFTER), ev.TargetsChecked(a.T0), ev.TargetsTraded(planned=False))
    rows = await parts.journal.outbox(100)
    posts = await Announcer(parts.services).compose([row.event for row in rows])
    assert [post.message.html.count(". ") for post in posts] == [0]


async def test_models_answers_with_and_without_one(parts: ChatParts) -> None:
    """There is always something to show."""
    (message,) = await parts.commands.table["models"](Ask(PERSON))
    assert "It cannot tell now, and changes nothing" in message.html
    async with chat_parts() as without:
        (message,) = await without.commands.table["models"](Ask(PERSON))
        assert "Targets are static" in message.html


@pytest.mark.parametrize(
    "payload", ["v1:adopt:", "v1:adopt:xyz", "v1:keep:ab:1", "v1:adopt:" + "a" * 17, "v1:ADOPT:ab"]
)
def test_nothing_but_our_own_payloads_is_understood(payload: str) -> None:
    """It is from another version, or from somebody who plays."""
    assert parse_targets(payload) is None
