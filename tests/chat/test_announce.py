"""Which posts announced facts become: one card per plan, one message per fact, and none is forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from bot.chat.announce import Announcer, card_key
from bot.chat.delivery import Post
from engine.model import events as ev
from engine.model.decision import AlertChange, AlertLevel, CashFlow, TriggerVerdict
from engine.model.ids import Asset, VenueName
from engine.model.money import Quantity
from engine.model.policy import QuietHours
from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode, reason
from tests.chat import builders as a
from tests.chat.fakes import MAIN, ChatParts, chat_parts
from tests.chat.golden_file import assert_golden

PLAN: Final = a.a_plan()
FIRST: Final = a.proposal(PLAN)
CARD: Final = card_key(FIRST.plan_id)
SELL: Final = PLAN.legs[0]


@pytest.fixture
async def parts() -> AsyncIterator[ChatParts]:
    async with chat_parts() as made:
        yield made


async def posts_of(parts: ChatParts, *, told: int = 0) -> tuple[Post, ...]:
    """What the facts that wait become, without the first `told` of them."""
    rows = await parts.journal.outbox(100)
    return await Announcer(parts.services).compose([row.event for row in rows[told:]])


async def test_a_plan_has_one_card_however_much_has_happened(parts: ChatParts) -> None:
    """It is drawn from the plan's present state, so that what was missed is not told blow by blow."""
    await parts.note_plan(FIRST, a.approval(PLAN), a.approved(PLAN), a.started(), a.submitting(SELL))
    posts = await posts_of(parts)
    assert [post.key for post in posts] == [CARD]
    assert "▶️ executing" in posts[0].message.html and "approved by Ada" in posts[0].message.html


async def test_two_plans_have_two_cards(parts: ChatParts) -> None:
    """A superseded plan's, and that of its successor; between them why what was approved was not started."""
    fresh = a.proposal(PLAN, revision=2, supersedes=FIRST.plan_id)
    await parts.note_plan(FIRST, a.approved(PLAN), ev.PlanSuperseded(fresh.plan_id, ()))
    await parts.note_plan(fresh)
    posts = await posts_of(parts)
    assert [post.key for post in posts] == [CARD, "fact:3", card_key(fresh.plan_id)]
    assert "was not started" in posts[1].message.html


async def test_a_plan_that_expires_is_told_of_by_itself(parts: ChatParts) -> None:
    """With what follows: its card may stand far above, and a day of silence would be a riddle."""
    await parts.note_plan(FIRST, ev.PlanExpired(()))
    card, told = await posts_of(parts)
    assert (card.key, told.key) == (CARD, "fact:2")
    assert "Nobody approved it in time. Nothing was traded." in told.message.html
    assert "until 3 Mar 13:02" in told.message.html
    assert told.message.keyboard


async def test_a_plan_that_is_refreshed_in_place_has_its_predecessors_card(parts: ChatParts) -> None:
    """What it replaces is not drawn any more."""
    fresh = replace(a.proposal(PLAN, revision=2, supersedes=FIRST.plan_id), in_place=True)
    await parts.note_plan(FIRST, ev.PlanSuperseded(fresh.plan_id, ()))
    await parts.note_plan(fresh)
    assert [(p.key, p.takes_over) for p in await posts_of(parts)] == [(card_key(fresh.plan_id), CARD)]


async def test_what_was_missed_in_an_outage_comes_in_one_message(parts: ChatParts) -> None:
    """What passes is summed up; what waits for an answer keeps a message of its own."""
    down = ev.VenueHealthChanged(VenueName("kraken"), VenueHealth.UNREACHABLE, "HTTP 502")
    await parts.note(down, replace(down, health=VenueHealth.HEALTHY, problem=""))
    await parts.clock.advance(timedelta(minutes=55))
    await parts.note(down, ev.PlanningPaused(a.BEN, None, "Ben"))
    await parts.clock.advance(timedelta(minutes=5))
    missed, *now = await posts_of(parts)
    assert missed.key == "digest:1-2"
    assert_golden("digest", missed.message)
    assert [post.key for post in now] == ["fact:3", "fact:4"]


async def test_nothing_makes_a_sound_in_the_quiet_hours() -> None:
    """By day only what can wait is silent."""
    for begin, silent in ((a.T0, True), (a.T0 + timedelta(hours=1), False)):
        night = QuietHours(begin.time(), (begin + timedelta(hours=8)).time())
        policy = replace(a.a_policy(), quiet=night, trigger=replace(a.a_policy().trigger, timezone="UTC"))
        async with chat_parts(policy) as parts:
            await parts.note_plan(FIRST)
            assert [post.message.silent for post in await posts_of(parts)] == [silent]


async def test_a_plan_that_is_over_gets_a_report_beside_its_card(parts: ChatParts) -> None:
    """The card comes first, the report is a message of its own."""
    finish = (a.filled(SELL, "0.05", "60000"), ev.LegSettled(SELL.id), a.completed(("BTC", "0.3333")))
    await parts.note_plan(FIRST, a.approved(PLAN), a.started(), a.submitting(SELL), *finish)
    card, report = await posts_of(parts)
    assert (card.key, report.key.partition(":")[0]) == (CARD, "fact")
    assert "What was traded" in report.message.html


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (ev.OrderUnconfirmed(a.order_id(SELL), "it did not answer"), "kraken did not confirm an order"),
        (ev.OrderRejected(a.order_id(SELL), "-2010", "no funds"), "kraken refused an order"),
        (ev.ExecutionPaused((reason(ReasonCode.DEFECT, error="KeyError"),)), "stands still"),
        (ev.StopRequested((), a.BEN, "Ben"), "stop asked for by Ben"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
async def test_trouble_with_a_plan_is_told(parts: ChatParts, fact: ev.Fact, words: str) -> None:
    """In a message of its own, or on the card."""
    await parts.note_plan(FIRST, a.approved(PLAN), a.started(), a.submitting(SELL), fact)
    assert any(words in post.message.html for post in await posts_of(parts))


DATE: Final = a.T0 - timedelta(days=1)
FLOW: Final = CashFlow("kraken:1", VenueName("kraken"), Asset("USDT"), Quantity(a.D(500)), a.T0)
QUIET: Final = TriggerVerdict(False, None, ())
OF_PORTFOLIO: Final[list[tuple[ev.Fact, str]]] = [
    (ev.DriftAlertsChanged((AlertChange("BTC", AlertLevel.REACHED),), (a.a_drift(),), QUIET), "has reached its limit"),
    (ev.CalendarAnswered(DATE, missed=True), "was missed"),
    (ev.CalendarAnswered(DATE, missed=False, planned=True), "has come"),
    (ev.CashFlowSeen(FLOW), "came in"),
    (ev.VenueHealthChanged(VenueName("kraken"), VenueHealth.UNREACHABLE, "timeout"), "is out of reach"),
    (ev.PlanningPaused(a.BEN, None, "Ben"), "Planning is paused"),
    (ev.PlanningResumed(a.BEN, "Ben"), "Planning goes on"),
]


@pytest.mark.parametrize(("fact", "words"), OF_PORTFOLIO, ids=lambda v: type(v).__name__ if type(v) is not str else "")
async def test_what_concerns_the_portfolio_is_one_message_each(parts: ChatParts, fact: ev.Fact, words: str) -> None:
    """Keyed by the fact, so that it is told once."""
    await parts.note(fact, fact)
    posts = await posts_of(parts)
    assert len({post.key for post in posts}) == len(posts) == 2
    assert all(words in post.message.html for post in posts)


async def test_who_did_something_is_not_told_of_it(parts: ChatParts) -> None:
    """They had the answer in their own chat; a new member was greeted."""
    await parts.note(ev.PlanningPaused(a.BEN, None, "Ben"), ev.PlanningResumed(a.ADA, "Ada"))
    added = ev.MemberAdded(a.BEN, "Ben", ev.Role.OWNER)
    await parts.journal.append([ev.Draft(ev.members_stream(MAIN), added, a.T0)])
    assert [post.except_for for post in await posts_of(parts)] == [a.BEN, a.ADA, a.BEN]


async def test_only_facts_that_people_are_told_of_become_posts(parts: ChatParts) -> None:
    """A look that changed nothing makes no noise."""
    await parts.note(ev.EngineStarted("1", ev.Mode.SANDBOX), ev.Evaluated(None, False, ()))
    assert await posts_of(parts) == ()


async def test_an_alert_that_people_are_not_to_hear_of_makes_no_message(parts: ChatParts) -> None:
    """Beside one that they are, it is left out; a digest has no line for it either."""
    hidden = AlertChange("ETH", AlertLevel.NEAR, told=False)
    shown = AlertChange("BTC", AlertLevel.REACHED)
    drifts = (a.a_drift(), a.a_drift("ETH"))
    await parts.note(*(ev.DriftAlertsChanged(changes, drifts, QUIET) for changes in ((hidden,), (shown, hidden))))
    (post,) = await posts_of(parts)
    assert post.key == "fact:2" and "BTC" in post.message.html and "ETH" not in post.message.html
    await parts.clock.advance(timedelta(hours=1))
    (digest,) = await posts_of(parts)
    assert "ETH" not in digest.message.html
