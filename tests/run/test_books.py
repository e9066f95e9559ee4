"""Balances against the books: what is booked by itself, what is asked about, and what people say to it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model import events as ev
from engine.model.ids import Asset, VenueName
from engine.model.ledger import Explanation, Question, WithdrawalState
from engine.model.money import Quantity
from engine.model.plan import PlanStatus as S
from engine.model.plan import PlanTrigger
from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode as R
from engine.run.bookkeeper import AFTER_TRADES, DECLARED_FOR, SETTLING
from engine.run.explanations import Heard
from tests import builders as b
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, BEN, TARGETS, Desk

ALPHA, BETA = VenueName("alpha"), VenueName("beta")
CALM = {"BTC": "4", "ETH": "30", "USDT": "300"}
HOUR = timedelta(hours=1)


@pytest.fixture
def two(open_desk: OpenDesk) -> Desk:
    """Two venues, each on its targets; the smallest difference that matters is one USDT."""
    policy = b.policy(TARGETS, limits={"min_trade": Decimal(1)}, trigger={"threshold": Decimal("0.02")})
    return open_desk(policy=policy, alpha=dict(CALM), beta=dict(CALM))


async def looked(desk: Desk) -> None:
    """One look, with the time that a second look at a difference takes."""
    look = asyncio.create_task(desk.engine.advance())
    for _ in range(3):
        await desk.clock.advance(SETTLING)
    await look


async def begun(desk: Desk) -> None:
    """Start, and adopt what the venues hold."""
    await desk.start()
    await looked(desk)
    await desk.clock.advance(HOUR)


async def questions(desk: Desk) -> tuple[Question, ...]:
    return (await desk.journal.standing()).questions


async def the_question(desk: Desk) -> Question:
    (asked,) = await questions(desk)
    return asked


async def booked(desk: Desk) -> dict[tuple[str, str], Decimal]:
    """What the books say."""
    return {(line.venue, line.asset): line.quantity for line in (await desk.journal.books()).lines}


def held(desk: Desk) -> dict[tuple[str, str], Decimal]:
    """What the venues hold."""
    return {(n, a): q for n, venue in desk.venues.items() for a, q in venue.held.items() if q}


async def weights(desk: Desk) -> dict[str, Decimal]:
    return {d.name: d.weight for d in (await desk.engine.look()).outcome.drifts}


async def test_the_books_begin_with_what_the_venues_hold(two: Desk) -> None:
    """Once for each venue; what was there before raises no question."""
    await begun(two)
    await looked(two)
    assert await booked(two) == held(two)
    assert len(await two.journal.facts(ev.BalancesAdopted)) == 2
    assert await questions(two) == ()


async def test_the_books_follow_a_plan_to_the_last_digit(desk: Desk) -> None:
    """Fills and their fees are booked; after the plan the venue holds just what the books say."""
    plan = await desk.executing()
    await desk.until(plan, S.COMPLETED)
    assert await booked(desk) == held(desk)
    await desk.clock.advance(AFTER_TRADES)
    await looked(desk)
    assert await questions(desk) == ()


async def test_a_change_that_nothing_explains_is_asked_about_and_pauses_its_venue_only(two: Desk) -> None:
    """The other venue is planned on; the venue in question still counts with what it shows."""
    await begun(two)
    two.alpha.change("USDT", "200")
    await looked(two)
    asked = await the_question(two)
    assert (asked.venue, [(c.asset, c.quantity) for c in asked.changes]) == ("alpha", [("USDT", 200)])
    plan = (await two.open_plan()).proposed.plan
    assert {leg.venue for leg in plan.legs} == {"beta"}
    assert plan.managed_value == 2200
    notes = (await two.engine.look()).outcome.valuation.notes
    assert R.VENUE_IN_QUESTION in b.codes(notes)


async def test_new_money_by_a_persons_word_is_put_to_use_first(two: Desk) -> None:
    """It buys without a sale, as a recorded deposit would, and it is put to use once."""
    await begun(two)
    two.alpha.change("USDT", "20")
    await looked(two)
    asked = await the_question(two)
    assert await two.engine.explanations.answer(asked.id, asked.version, Explanation.DEPOSIT, ANN) is Heard.DONE
    await looked(two)
    plan = (await two.open_plan()).proposed.plan
    assert plan.trigger is PlanTrigger.CASH_FLOW
    assert {leg.side for leg in plan.legs} == {"buy"}
    assert await booked(two) == held(two)


@pytest.mark.parametrize("said", [Explanation.OWN_TRADE, Explanation.REWARD])
async def test_what_is_no_new_money_calls_for_nothing(two: Desk, said: Explanation) -> None:
    """It is booked, its venue takes part again, and no purchase follows from it."""
    await begun(two)
    two.alpha.change("USDT", "20")
    await looked(two)
    asked = await the_question(two)
    await two.engine.explanations.answer(asked.id, asked.version, said, ANN)
    await looked(two)
    assert (await questions(two), await two.journal.open_plan()) == ((), None)
    assert await booked(two) == held(two)


async def test_a_second_word_and_one_on_a_stale_question_do_nothing(two: Desk) -> None:
    """What has changed since is asked about anew, in the same question with another version."""
    await begun(two)
    two.alpha.change("USDT", "20")
    await looked(two)
    first = await the_question(two)
    two.alpha.change("BTC", "-1")
    await looked(two)
    second = await the_question(two)
    assert (second.id, second.version) == (first.id, first.version + 1)
    say = two.engine.explanations.answer
    assert await say(first.id, first.version, Explanation.OWN_TRADE, ANN) is Heard.CHANGED
    assert await say(second.id, second.version, Explanation.DEPOSIT, ANN) is Heard.UNFIT
    assert await say(second.id, second.version, Explanation.OWN_TRADE, ANN) is Heard.DONE
    assert await say(second.id, second.version, Explanation.OWN_TRADE, BEN) is Heard.OVER
    assert await booked(two) == held(two)


async def test_two_people_at_once_are_booked_once(two: Desk) -> None:
    """The second finds the question answered."""
    await begun(two)
    two.alpha.change("USDT", "20")
    await looked(two)
    q = await the_question(two)
    say = two.engine.explanations.answer
    words = [say(q.id, q.version, Explanation.DEPOSIT, who) for who in (ANN, BEN)]
    assert sorted(await asyncio.gather(*words)) == [Heard.DONE, Heard.OVER]
    assert await booked(two) == held(two)


async def test_a_change_that_is_gone_at_the_second_look_is_not_asked_about(two: Desk) -> None:
    """A venue shows a trade here before there."""
    await begun(two)
    two.alpha.change("USDT", "20")
    look = asyncio.create_task(two.engine.advance())
    await two.clock.advance(SETTLING / 2)
    two.alpha.change("USDT", "-20")
    await two.clock.advance(SETTLING)
    await look
    assert await two.journal.facts(ev.ChangeQuestioned) == ()


async def test_a_record_that_comes_late_answers_the_question(two: Desk) -> None:
    """The person is relieved of it, and the deposit is new money like any other."""
    await begun(two)
    two.alpha.deposit("d1", "USDT", "20")
    late = two.alpha.received.pop()
    await looked(two)
    assert len(await questions(two)) == 1
    two.alpha.received.append(late)
    await looked(two)
    assert await questions(two) == ()
    assert len(await two.journal.facts(ev.ChangeResolved)) == 1
    assert await booked(two) == held(two)


async def test_what_is_under_the_minimum_trade_is_not_asked_about_until_it_adds_up(two: Desk) -> None:
    """Interest that trickles in is no reason to wake anybody; nothing of it is lost."""
    await begun(two)
    two.alpha.change("USDT", "0.6")
    await looked(two)
    assert await questions(two) == ()
    two.alpha.change("USDT", "0.6")
    await looked(two)
    assert [c.quantity for c in (await the_question(two)).changes] == [Decimal("1.2")]


async def test_nothing_is_asked_while_a_plan_trades(desk: Desk) -> None:
    """Balances move by themselves then."""
    plan = await desk.proposed()
    desk.alpha.silent = True
    await desk.approve(plan)
    await desk.clock.advance(timedelta(seconds=1))
    desk.alpha.change("USDT", "50")
    await desk.engine.advance()
    assert await questions(desk) == ()


async def test_a_withdrawal_on_record_counts_as_on_its_way_until_somebody_says_where(two: Desk) -> None:
    """Nothing is bought in its place, its venue goes on trading, and it is told of once."""
    await begun(two)
    before = await weights(two)
    two.alpha.withdraw("w1", "BTC", "2")
    await looked(two)
    await looked(two)
    assert await weights(two) == before
    assert await questions(two) == () and await two.journal.open_plan() is None
    assert len(await two.journal.facts(ev.WithdrawalSeen)) == 1
    (place,) = [v for v in (await two.engine.look()).inputs.snapshot.venues if v.health is VenueHealth.IN_TRANSIT]
    assert [(x.asset, x.total) for x in place.balances] == [("BTC", 2)]


async def test_what_goes_out_of_the_portfolio_counts_no_more(two: Desk) -> None:
    """And what is missing then is a drift like any other."""
    await begun(two)
    two.alpha.withdraw("w1", "BTC", "2")
    await looked(two)
    (transit,) = (await two.journal.standing()).transits
    assert await two.engine.explanations.say_where(transit.handle, None, ANN) is Heard.DONE
    assert await two.engine.explanations.say_where(transit.handle, None, ANN) is Heard.OVER
    await looked(two)
    assert (await two.open_plan()).proposed.plan.managed_value == 1800


@pytest.mark.parametrize("answered", [True, False])
async def test_a_transfer_between_own_venues_is_no_new_money(two: Desk, answered: bool) -> None:
    """Whether or not somebody has said where it goes; what the way took is gone."""
    await begun(two)
    two.alpha.withdraw("w1", "USDT", "200", fee="1", txid="0xabc")
    await looked(two)
    if answered:
        (transit,) = (await two.journal.standing()).transits
        await two.engine.explanations.say_where(transit.handle, BETA, ANN)
    two.venues["beta"].deposit("d9", "USDT", "200", txid="0xabc")
    await looked(two)
    assert await two.journal.facts(ev.CashFlowSeen) == ()
    (event,) = await two.journal.facts(ev.TransferArrived)
    assert isinstance(event.fact, ev.TransferArrived) and event.fact.venue == "beta"
    assert (await two.journal.standing()).transits == ()
    assert await booked(two) == held(two)
    assert await questions(two) == ()


async def test_a_transfer_without_any_record_is_seen_at_both_ends(two: Desk) -> None:
    """Keys that may see neither deposits nor withdrawals show a fall here and a rise there."""
    await begun(two)
    two.alpha.change("BTC", "-1")
    two.venues["beta"].change("BTC", "0.999")
    await looked(two)
    (event,) = await two.journal.facts(ev.TransferNoticed)
    assert isinstance(event.fact, ev.TransferNoticed)
    assert (event.fact.from_venue, event.fact.to_venue) == ("alpha", "beta")
    assert await questions(two) == ()
    assert await booked(two) == held(two)


async def test_a_transfer_by_a_persons_word_arrives_without_another_question(two: Desk) -> None:
    """What was said of the fall explains the rise."""
    await begun(two)
    two.alpha.change("BTC", "-2")
    await looked(two)
    asked = await the_question(two)
    await two.engine.explanations.answer(asked.id, asked.version, Explanation.TRANSFER, ANN, BETA)
    await looked(two)
    assert (await weights(two))["BTC"] == Decimal("0.4")
    two.venues["beta"].change("BTC", "1.99")
    await looked(two)
    assert len(await two.journal.facts(ev.TransferArrived)) == 1
    assert await questions(two) == ()
    assert await booked(two) == held(two)


async def test_a_withdrawal_that_failed_is_back(two: Desk) -> None:
    """It counts where it was, once."""
    await begun(two)
    two.alpha.withdraw("w1", "BTC", "2")
    await looked(two)
    (out,) = two.alpha.sent_out
    two.alpha.sent_out = [type(out)(out.id, ALPHA, out.asset, out.quantity, out.fee, out.at, WithdrawalState.RETURNED)]
    two.alpha.change("BTC", "2")
    await looked(two)
    await looked(two)
    assert len(await two.journal.facts(ev.WithdrawalReturned)) == 1
    assert (await two.journal.standing()).transits == ()
    assert await booked(two) == held(two)


async def test_a_movement_that_was_told_of_raises_no_question(two: Desk) -> None:
    """New money by declaration is new money; it is used once."""
    await begun(two)
    twenty = Quantity(Decimal(20))
    await two.engine.explanations.declare(twenty, Asset("USDT"), None, ALPHA, ANN)
    two.alpha.change("USDT", "20")
    await looked(two)
    assert await questions(two) == ()
    assert (await two.open_plan()).proposed.plan.trigger is PlanTrigger.CASH_FLOW
    assert (await two.journal.standing()).declared == ()
    assert await booked(two) == held(two)


async def test_a_declared_transfer_counts_on_its_way(two: Desk) -> None:
    """It is seen to leave and to arrive, without a question at either end."""
    await begun(two)
    await two.engine.explanations.declare(Quantity(Decimal(1)), Asset("BTC"), ALPHA, BETA, ANN)
    two.alpha.change("BTC", "-1.001")
    await looked(two)
    assert [t.to_venue for t in (await two.journal.standing()).transits] == ["beta"]
    two.venues["beta"].change("BTC", "1")
    await looked(two)
    assert await questions(two) == () and (await two.journal.standing()).transits == ()
    assert await booked(two) == held(two)


async def test_a_declaration_can_be_taken_back_and_is_forgotten_in_time(two: Desk) -> None:
    """What never came must not explain something else later."""
    await begun(two)
    explanations = two.engine.explanations
    declared = await explanations.declare(Quantity(Decimal(1)), Asset("BTC"), ALPHA, None, ANN)
    assert await explanations.take_back(declared.id) is Heard.DONE
    assert await explanations.take_back(declared.id) is Heard.OVER
    await explanations.declare(Quantity(Decimal(1)), Asset("BTC"), ALPHA, None, ANN)
    await two.clock.advance(DECLARED_FOR + HOUR)
    await looked(two)
    assert (await two.journal.standing()).declared == ()


async def test_an_approved_plan_does_not_start_on_a_venue_in_question(desk: Desk) -> None:
    """It is replaced by what the other venues can do, or withdrawn."""
    plan = await desk.proposed()
    desk.alpha.change("USDT", "500")
    await looked(desk)
    assert len(await questions(desk)) == 1
    await desk.approve(plan)
    ended = await desk.until(plan, S.SUPERSEDED)
    codes = [r.code for e in ended.trail if isinstance(e.fact, ev.PlanSuperseded) for r in e.fact.reasons]
    assert R.VENUE_IN_QUESTION in codes
    assert desk.alpha.sent == []


@pytest.mark.parametrize(("unexplained", "venue"), [("0", "beta"), ("-50", "alpha")])
async def test_no_slice_goes_to_a_venue_in_question(open_desk: OpenDesk, unexplained: str, venue: str) -> None:
    """A better price there does not count until somebody has said what happened."""
    limits = {"min_trade": Decimal(1), "slice_max": Decimal(100), "horizon": HOUR}
    desk = open_desk(
        policy=b.policy(TARGETS, limits=limits),
        alpha={"BTC": "6", "ETH": "30", "USDT": "100"},
        beta={"BTC": "1", "USDT": "200"},
    )
    desk.move("BTC/USDT", "99.9", "beta")
    await desk.start()
    await looked(desk)
    plan = await desk.open_plan()
    assert {leg.venue for leg in plan.proposed.plan.legs} == {"alpha"}
    desk.venues["beta"].change("USDT", unexplained)
    await looked(desk)
    desk.move("BTC/USDT", "100.2", "beta")
    await desk.approve(plan)
    await desk.clock.advance(5 * timedelta(seconds=1))
    assert {order.venue for each in desk.venues.values() for order in each.sent if order.base == "BTC"} == {venue}


async def test_a_question_outlives_the_program(two: Desk) -> None:
    """It is not asked twice, and its venue stays out of plans."""
    await begun(two)
    two.alpha.change("USDT", "200")
    await looked(two)
    await two.start()
    await looked(two)
    assert len(await two.journal.facts(ev.ChangeQuestioned)) == 1
    await two.journal.refold()
    assert len(await questions(two)) == 1
