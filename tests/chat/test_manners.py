"""What people choose about being told, by typing and by pressing; and how their choice changes what is posted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta
from typing import Final

import pytest

from bot.chat.announce import Announcer
from bot.chat.delivery import Post
from bot.chat.manner_payloads import QuietWord, notify_payload, parse_manners, quiet_payload
from bot.chat.render.answers import UNKNOWN_BUTTON
from bot.chat.services import Ask
from bot.outbox import Outbox
from engine.api import Person
from engine.model import events as ev
from engine.model.decision import AlertChange, AlertLevel, TriggerVerdict
from engine.model.ids import VenueName
from engine.model.notices import NEVER_OFF, Loudness, NoticeKind, loudness_of
from engine.model.plan import PlanTrigger
from engine.model.policy import QuietHours
from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode, reason
from tests.chat import builders as a
from tests.chat.fakes import PERSON, ChatParts, FakeMessenger, chat_parts

BEN: Final = Person(a.BEN, "Ben")
AT_ONE: Final = QuietHours(time(13), time(20))
"""The builders' instant lies in it."""
DRIFT: Final = ev.DriftAlertsChanged(
    (AlertChange("BTC", AlertLevel.REACHED),), (a.a_drift(),), TriggerVerdict(False, None, ())
)
DOWN: Final = ev.VenueHealthChanged(VenueName("kraken"), VenueHealth.UNREACHABLE, "timeout")
HALTED: Final = replace(DOWN, health=VenueHealth.HALTED)


@pytest.fixture
async def parts() -> AsyncIterator[ChatParts]:
    async with chat_parts() as made:
        yield made


async def says(parts: ChatParts, words: str) -> str:
    name, *arguments = words.removeprefix("/").split()
    return "\n".join(message.html for message in await parts.commands.table[name](Ask(PERSON, tuple(arguments))))


async def posts_of(parts: ChatParts) -> tuple[Post, ...]:
    """What everything that waits to be told becomes, without the words about the choices themselves."""
    rows = await parts.journal.outbox(100)
    choices = (ev.LoudnessChosen, ev.QuietChosen)
    return await Announcer(parts.services).compose([r.event for r in rows if not isinstance(r.event.fact, choices)])


async def chosen(parts: ChatParts, kind: NoticeKind) -> Loudness:
    return loudness_of((await parts.journal.standing()).loudness, kind)


# --- how loud --------------------------------------------------------------------------------------------------------


async def test_a_kind_is_as_loud_as_was_typed(parts: ChatParts) -> None:
    """The answer shows all of them as they are then; a choice that changes nothing is not written again."""
    assert "drift    limits, dates      loud" in await says(parts, "/notify")
    for _ in range(2):
        assert "drift    limits, dates    silent" in await says(parts, "/notify drift SILENT")
    assert len(await parts.journal.facts(ev.LoudnessChosen)) == 1
    assert "drift    limits, dates       off" in await says(parts, "/notify drift off")


@pytest.mark.parametrize("kind", sorted(NEVER_OFF))
async def test_what_waits_for_a_person_is_never_off(parts: ChatParts, kind: NoticeKind) -> None:
    """It is refused with a sentence that names what can be done instead, typed or pressed; silent it may be."""
    assert f"/notify {kind} silent takes its sound away" in await says(parts, f"/notify {kind} off")
    pressed = await parts.presses.press(notify_payload(kind, Loudness.OFF), PERSON)
    assert f"{kind} cannot be off" in pressed.toast and pressed.becomes is None
    assert await chosen(parts, kind) is Loudness.LOUD
    await says(parts, f"/notify {kind} silent")
    assert await chosen(parts, kind) is Loudness.SILENT


@pytest.mark.parametrize("typed", ["drift", "drift louder", "everything off", "drift silent now", "<b> off"])
async def test_words_that_are_no_choice_change_nothing(parts: ChatParts, typed: str) -> None:
    """The answer shows how it is written."""
    assert "write /notify drift silent" in await says(parts, f"/notify {typed}")
    assert await parts.journal.facts(ev.LoudnessChosen) == ()


async def test_the_buttons_go_through_what_a_kind_can_be(parts: ChatParts) -> None:
    """Each names what it will be, so that a second press of the same button is no further step."""
    (card,) = await parts.commands.table["notify"](Ask(PERSON))
    went = []
    for _ in range(3):
        button = next(row[0] for row in card.keyboard if " drift:" in row[0].label)
        for _ in range(2):
            pressed = await parts.presses.press(button.payload, PERSON)
        assert pressed.becomes is not None
        card = pressed.becomes
        went.append(await chosen(parts, NoticeKind.DRIFT))
    assert went == [Loudness.SILENT, Loudness.OFF, Loudness.LOUD]
    plan = next(row[0] for row in card.keyboard if " plan:" in row[0].label)
    assert "loud → silent" in plan.label


async def test_a_silent_kind_comes_without_a_sound_and_the_others_as_ever(parts: ChatParts) -> None:
    """The choice concerns one kind."""
    await says(parts, "/notify drift silent")
    await parts.note(DRIFT, DOWN)
    assert [(post.kind, post.message.silent) for post in await posts_of(parts)] == [
        (NoticeKind.DRIFT, True),
        (NoticeKind.VENUE, False),
    ]


async def test_what_is_off_is_not_sent_and_does_not_wait(parts: ChatParts) -> None:
    """Its row is told all the same: switched on again, what went by does not come after all."""
    messenger = FakeMessenger()
    outbox = Outbox(parts.journal, parts.clock, messenger, Announcer(parts.services).compose, lambda: [a.ADA])
    await says(parts, "/notify drift off")
    await parts.note(DRIFT, DOWN)
    assert await outbox.deliver_pending() is None
    assert [text.partition("</b>")[0] for _, text in messenger.sent] == ["⚠️ <b>kraken is out of reach"]
    assert await parts.journal.outbox(10) == ()
    await says(parts, "/notify drift loud")
    await outbox.deliver_pending()
    assert len(messenger.sent) == 1


async def test_a_halted_venue_is_told_also_where_venues_are_off(parts: ChatParts) -> None:
    """It waits for a person, and is of the kind that is never off."""
    await says(parts, "/notify venue off")
    await parts.note(DOWN, HALTED)
    (post,) = await posts_of(parts)
    assert post.kind is NoticeKind.RISK and "is halted" in post.message.html


async def test_what_was_missed_leaves_out_what_is_off(parts: ChatParts) -> None:
    """And is as loud as the loudest of the rest."""
    await says(parts, "/notify drift off")
    await says(parts, "/notify venue silent")
    await parts.note(DRIFT, DOWN)
    await parts.clock.advance(timedelta(hours=1))
    (digest,) = await posts_of(parts)
    assert "kraken" in digest.message.html and "BTC" not in digest.message.html
    assert digest.message.silent


async def test_single_orders_make_no_sound_unless_somebody_wants_it(parts: ChatParts) -> None:
    """The report tells them again."""
    plan = a.a_plan()
    rejected = ev.OrderRejected(a.order_id(plan.legs[0]), "-2010", "no funds")
    await parts.note_plan(a.proposal(plan), a.approved(plan), a.started(), a.submitting(plan.legs[0]), rejected)
    for words, silent in (("", True), ("loud", False)):
        if words:
            await says(parts, f"/notify progress {words}")
        assert [p.message.silent for p in await posts_of(parts) if p.kind is NoticeKind.PROGRESS] == [silent]


async def test_the_others_hear_what_somebody_chose_for_everyone(parts: ChatParts) -> None:
    """Without a sound; who chose has seen it."""
    await parts.commands.table["notify"](Ask(BEN, ("venue", "off")))
    await parts.commands.table["quiet"](Ask(BEN, ("22:30", "7:00")))
    rows = await parts.journal.outbox(10)
    posts = await Announcer(parts.services).compose([row.event for row in rows])
    assert [(post.except_for, post.message.silent) for post in posts] == [(a.BEN, True)] * 2
    assert "venue is off" in posts[0].message.html and "Ben" in posts[0].message.html
    assert "22:30 to 07:00" in posts[1].message.html


# --- quiet hours -----------------------------------------------------------------------------------------------------


async def test_quiet_hours_are_chosen_shown_and_given_back() -> None:
    """What the file says holds again when it is wanted."""
    async with chat_parts(replace(a.a_policy(), quiet=QuietHours(time(1), time(2)))) as parts:
        assert "01:00 to 02:00 UTC</b>, as the policy file says" in await says(parts, "/quiet")
        assert "22:30 to 07:00 UTC</b>, chosen in this chat" in await says(parts, "/quiet 22:30 7:00")
        assert "Quiet hours: none</b>, chosen in this chat" in await says(parts, "/quiet OFF")
        assert "01:00 to 02:00 UTC</b>, as the policy file says" in await says(parts, "/quiet file")


@pytest.mark.parametrize(
    "typed", ["7:00", "22:30 07:00 08:00", "24:00 07:00", "22:60 07:00", "night day", "٢٢:٣٠ 07:00"]
)
async def test_hours_that_are_none_change_nothing(parts: ChatParts, typed: str) -> None:
    """The answer shows how they are written."""
    assert "write /quiet 22:30 07:00" in await says(parts, f"/quiet {typed}")
    assert await parts.journal.facts(ev.QuietChosen) == ()


async def test_hours_without_length_are_refused(parts: ChatParts) -> None:
    """Typed or pressed."""
    assert "must differ from the beginning" in await says(parts, "/quiet 07:00 07:00")
    pressed = await parts.presses.press(quiet_payload(QuietHours(time(7), time(7))), PERSON)
    assert pressed.toast == "The end must differ from the beginning."


async def test_the_buttons_of_the_quiet_hours_do_what_they_say(parts: ChatParts) -> None:
    """A press that changes nothing shows the card again."""
    (card,) = await parts.commands.table["quiet"](Ask(PERSON))
    shown = []
    for button in (button for row in card.keyboard for button in row):
        pressed = await parts.presses.press(button.payload, PERSON)
        assert pressed.becomes is not None
        shown.append(pressed.becomes.html.partition("</b>")[0].removeprefix("🌙 <b>Quiet hours: "))
    assert shown == ["22:00 to 07:00 UTC", "23:00 to 08:00 UTC", "none", "none"]
    assert (await parts.journal.standing()).quiet is None


async def test_in_the_quiet_hours_that_were_chosen_nothing_makes_a_sound(parts: ChatParts) -> None:
    """Whatever the policy file says."""
    await parts.note_plan(a.proposal(a.a_plan()))
    await parts.note(DRIFT, DOWN)
    assert [post.message.silent for post in await posts_of(parts)] == [False] * 3
    await parts.engine.manners.set_quiet(AT_ONE, PERSON)
    assert [post.message.silent for post in await posts_of(parts)] == [True] * 3


async def test_three_things_break_through_the_quiet_hours(parts: ChatParts) -> None:
    """A halted venue, the kill switch, and a way out of a risk that asks: and nothing else."""
    await parts.engine.manners.set_quiet(AT_ONE, PERSON)
    risk = a.proposal(a.a_plan(trigger=PlanTrigger.RISK))
    stands_still = ev.ExecutionPaused((reason(ReasonCode.DEFECT, error="KeyError"),))
    await parts.note(DRIFT, DOWN, HALTED, ev.TradingKilled(a.BEN, "Ben"), ev.TradingRevived(a.BEN, "Ben"))
    await parts.note_plan(risk)
    aloud = {p.message.html.partition("</b>")[0] for p in await posts_of(parts) if not p.message.silent}
    assert len(aloud) == 3
    assert {"🛑 <b>kraken is halted.", "🛑 <b>Everything is stopped"} < aloud
    stream, plan = ev.plan_stream(risk.plan_id), risk.plan
    rest = (a.approved(plan), a.started(), stands_still)
    await parts.journal.append([ev.Draft(stream, fact, parts.clock.now()) for fact in rest])
    aloud = {p.message.html.partition("</b>")[0] for p in await posts_of(parts) if not p.message.silent}
    assert aloud == {"🛑 <b>kraken is halted.", "🛑 <b>Everything is stopped"}, "approved, it asks nobody any more"


async def test_what_people_chose_to_be_silent_breaks_through_nothing(parts: ChatParts) -> None:
    """They said so."""
    await says(parts, "/notify risk silent")
    await parts.note(HALTED)
    assert [post.message.silent for post in await posts_of(parts)] == [True]


# --- payloads --------------------------------------------------------------------------------------------------------


def test_every_payload_is_read_back_as_it_was_written() -> None:
    """All kinds, all degrees, hours and words; each fits a button."""
    for kind in NoticeKind:
        for loudness in Loudness:
            payload = notify_payload(kind, loudness)
            assert len(payload) <= 64 and parse_manners(payload) is not None
    for wanted in (AT_ONE, QuietHours(time(0), time(23, 59)), *QuietWord):
        pressed = parse_manners(quiet_payload(wanted))
        assert pressed is not None and not hasattr(pressed, "kind") and pressed.wanted == wanted


@pytest.mark.parametrize(
    "payload",
    ["v1:notify:drift", "v1:notify:all:off", "v1:notify:drift:mute", "v1:quiet:", "v1:quiet:2400-0700", "v1:quiet:on"],
)
async def test_a_foreign_payload_chooses_nothing(parts: ChatParts, payload: str) -> None:
    """It is from another version, or from somebody who plays."""
    pressed = await parts.presses.press(payload, PERSON)
    assert (pressed.toast, pressed.becomes, pressed.says) == (UNKNOWN_BUTTON, None, ())
