"""Presses without Telegram: a press names one version of one plan, and the journal decides what it is worth."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.announce import card_key
from bot.chat.payloads import PlanVerb, PlanView, ViewVerb, parse, plan_payload, view_payload
from bot.chat.presses import Spot
from bot.chat.render.answers import UNKNOWN_BUTTON
from engine.api import CardRecord, Person
from engine.model import events as ev
from engine.model.events import Draft, plan_stream
from engine.model.ids import Digest
from engine.model.plan import PlanStatus
from tests.chat import builders as a
from tests.chat.fakes import PERSON, ChatParts, chat_parts

PLAN = a.a_plan()
FIRST = a.proposal(PLAN)
BEN = Person(a.BEN, "Ben")


@pytest.fixture
async def parts() -> AsyncIterator[ChatParts]:
    async with chat_parts() as made:
        await made.note_plan(FIRST)
        yield made


def button(verb: PlanVerb | PlanView, digest: Digest = PLAN.digest) -> str:
    return plan_payload(verb, FIRST.plan_id, digest)


async def status(parts: ChatParts) -> PlanStatus:
    state = await parts.journal.plan(FIRST.plan_id)
    assert state is not None
    return state.status


async def under_way(parts: ChatParts) -> None:
    """The plan was approved and trades."""
    facts = (a.approved(PLAN), a.started())
    await parts.journal.append([Draft(plan_stream(FIRST.plan_id), fact, parts.clock.now()) for fact in facts])


async def test_reject_is_answered_with_a_toast_and_the_card_as_it_is_now(parts: ChatParts) -> None:
    """The pressed message becomes the card with its trail."""
    pressed = await parts.presses.press(button(PlanVerb.REJECT), PERSON)
    assert pressed.toast.startswith("Rejected.")
    assert pressed.becomes is not None and "rejected by Ada" in pressed.becomes.html
    again = await parts.presses.press(button(PlanVerb.APPROVE), BEN)
    assert again.toast.startswith("Already rejected by Ada")
    assert await status(parts) is PlanStatus.DECLINED


async def test_snooze_is_for_four_hours(parts: ChatParts) -> None:
    """The toast says until when."""
    pressed = await parts.presses.press(button(PlanVerb.SNOOZE), PERSON)
    assert pressed.toast == "Snoozed until 17:02."
    refusal = (await parts.journal.standing()).refusal
    assert refusal is not None and refusal.snoozed_until is not None
    assert (refusal.snoozed_until - a.T0).total_seconds() == 4 * 3600


async def test_an_approval_of_other_figures_does_not_count(parts: ChatParts) -> None:
    """The digest on the button is not that of the plan."""
    pressed = await parts.presses.press(button(PlanVerb.APPROVE, Digest("0123456789abcdef")), PERSON)
    assert pressed.toast.startswith("This card is out of date")
    assert await status(parts) is PlanStatus.PROPOSED


async def test_a_plan_is_held_and_goes_on(parts: ChatParts) -> None:
    """Each button does what it says; the card of a plan that lives on is changed by what is announced alone."""
    await under_way(parts)
    held = await parts.presses.press(button(PlanVerb.PAUSE), PERSON)
    assert await status(parts) is PlanStatus.PAUSED
    assert held.toast and held.becomes is None
    await parts.presses.press(button(PlanVerb.RESUME), PERSON)
    assert await status(parts) is PlanStatus.EXECUTING


async def test_why_says_it_beside_the_card_and_leads_back(parts: ChatParts) -> None:
    """The card stays; the message with the reasons turns into the card on the way back."""
    why = await parts.presses.press(button(PlanView.WHY), PERSON)
    assert why.becomes is None
    assert "What called for it" in why.says[0].html
    back = why.says[-1].keyboard[0][0].payload
    card = await parts.presses.press(back, PERSON)
    assert card.becomes is not None and "waits for approval" in card.becomes.html


async def test_a_copy_of_the_card_does_not_go_on_saying_that_it_waits(parts: ChatParts) -> None:
    """The outbox edits the card itself; what was pressed beside it says what was done, and leads to the card."""
    chat = int(PERSON.id)
    await parts.journal.put_card(CardRecord(card_key(FIRST.plan_id), chat, 5, "", parts.clock.now()))
    own = await parts.presses.press(button(PlanVerb.APPROVE), PERSON, Spot(chat, 5))
    assert (own.toast.split(".")[0], own.becomes) == ("Approved", None)
    copy = await parts.presses.press(button(PlanVerb.APPROVE), BEN, Spot(chat, 9))
    assert copy.becomes is not None and "Its own card shows how it goes on" in copy.becomes.html
    assert [b.payload for row in copy.becomes.keyboard for b in row] == [button(PlanView.CARD)]
    lost = await parts.presses.press(button(PlanVerb.GONE), BEN, Spot(chat, 9))
    assert lost.becomes is None, "the question about a lost order is no copy of the card: the outbox answers there"


async def test_a_button_of_a_plan_that_is_not_here_does_nothing(parts: ChatParts) -> None:
    """A journal that was thrown away leaves cards behind in the chat."""
    for verb in PlanVerb:
        pressed = await parts.presses.press(f"v1:{verb}:ffffffff:1:0123", PERSON)
        assert "No such plan is known" in pressed.toast or pressed.toast == UNKNOWN_BUTTON
        assert pressed.becomes is None


@pytest.mark.parametrize("verb", [verb for verb in ViewVerb if verb not in (ViewVerb.REBALANCE, ViewVerb.REVIVE)])
async def test_a_view_takes_the_place_of_the_pressed_message(parts: ChatParts, verb: ViewVerb) -> None:
    """There is always something to show."""
    pressed = await parts.presses.press(view_payload(verb), PERSON)
    assert pressed.becomes is not None and pressed.becomes.html


async def test_rebalance_says_beside_the_message_why_no_plan_follows(parts: ChatParts) -> None:
    """An alert with the button stays readable."""
    pressed = await parts.presses.press(view_payload(ViewVerb.REBALANCE), PERSON)
    assert pressed.becomes is None
    assert "waits for approval" in pressed.says[0].html


async def test_the_kill_switch_is_lifted_by_the_button_for_it_alone(parts: ChatParts) -> None:
    """The one for going on asks first."""
    await parts.engine.kill(PERSON)
    await parts.presses.press(view_payload(ViewVerb.RESUME), PERSON)
    assert (await parts.journal.standing()).killed is not None
    await parts.presses.press(view_payload(ViewVerb.REVIVE), PERSON)
    assert (await parts.journal.standing()).killed is None


@given(st.text(max_size=64))
def test_nothing_but_our_own_payloads_is_understood(text: str) -> None:
    """What is read, is written back the same."""
    pressed = parse(text)
    assert pressed is None or text.startswith(f"v1:{pressed.verb}")


@pytest.mark.parametrize(
    "payload",
    ["", "v1", "v1:", "v1:ok", "v0:pf", "v1:ok:zz:1:ab", "v1:drop:ab:1:ab", "v1:ok:ab:1:ab\n", "v1:pf:1", "V1:PF"],
)
async def test_a_foreign_payload_is_answered_and_does_nothing(parts: ChatParts, payload: str) -> None:
    """It is from another version, or from somebody who plays."""
    pressed = await parts.presses.press(payload, PERSON)
    assert (pressed.toast, pressed.becomes, pressed.says) == (UNKNOWN_BUTTON, None, ())
    assert await status(parts) is PlanStatus.PROPOSED
    assert await parts.journal.facts(ev.PlanApproved, ev.PlanDeclined) == ()
