"""What every Journal promises of facts and what is folded from them, in memory and on SQLite."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.execute import plan_state
from engine.execute.plan_machine import ImpossiblePlanEvent
from engine.model import events as ev
from engine.model.canonical import canonical_json
from engine.model.decision import CashFlow, Pause, Standing
from engine.model.errors import ConcurrentWrite, InvalidValue, UnknownRecord
from engine.model.events import Draft, members_stream, plan_stream
from engine.model.ids import ClientOrderId, DecisionId, PlanId, PortfolioId
from engine.model.money import Quantity
from engine.model.order import OrderStatus
from engine.model.plan import PlanStatus
from engine.ports import Expectation, Journal
from tests.store import journal_samples as a
from tests.store.journal_samples import AnyJournal

PLAN = PlanId("aaaaaaaa.1")
STREAM = plan_stream(PLAN)


async def everything(journal: AnyJournal) -> str:
    """All that can be read of a journal, as one text."""
    parts = (
        await journal.stream(a.PORTFOLIO),
        await journal.stream(STREAM),
        await journal.standing(),
        await journal.open_plan(),
        await journal.plans(10),
        await journal.outbox(100),
        await journal.order(a.order_id()),
    )
    return "\n".join(canonical_json(part) for part in parts)


def test_both_are_journals(journal: AnyJournal) -> None:
    """The type checker agrees that each satisfies the port."""
    port: Journal = journal
    assert port is journal


async def test_a_new_journal_is_empty(journal: AnyJournal) -> None:
    """Nothing is found, and nothing fails."""
    assert await journal.stream(STREAM) == ()
    assert await journal.standing() == Standing()
    assert await journal.plan(PLAN) is None
    assert await journal.open_plan() is None
    assert await journal.plans(5) == ()
    assert await journal.order(ClientOrderId("0" * 32)) is None
    assert await journal.decision(DecisionId("0" * 16)) is None
    assert await journal.latest_decision() is None
    assert await journal.outbox(5) == ()
    assert await journal.card("plan", 1) is None


async def test_an_append_hands_back_numbered_events(journal: AnyJournal, clock: a.FixedClock) -> None:
    """`seq` counts all facts, `stream_version` those of a stream; the recording time is the clock's."""
    plan_fact = replace(a.proposed(), correlation_id="c-1", causation_seq=1)
    events = await journal.append([a.own(ev.PlanningResumed(a.ALICE)), plan_fact, a.of_plan(a.approved())])
    assert [(e.seq, e.stream, e.stream_version) for e in events] == [
        (1, a.PORTFOLIO, 1),
        (2, STREAM, 1),
        (3, STREAM, 2),
    ]
    assert {e.ts_recorded for e in events} == {clock.instant}
    assert (events[1].correlation_id, events[1].causation_seq) == ("c-1", 1)
    assert await journal.stream(STREAM) == events[1:]
    later = await journal.append([a.of_plan(a.started(), minutes=2)])
    assert (later[0].seq, later[0].stream_version) == (4, 3)
    assert later[0].ts_event == a.T0 + timedelta(minutes=2)


async def test_the_same_instant_in_another_zone_is_the_same(journal: AnyJournal) -> None:
    """An instant is kept, not the words for it."""
    await journal.append([a.in_zone_of_tokyo(a.proposed())])
    (event,) = await journal.stream(STREAM)
    assert event.ts_event == a.T0


async def test_an_append_at_the_expected_version_is_made(journal: AnyJournal) -> None:
    """0 stands for a stream that is new; streams may be named that nothing is written to."""
    await journal.append([a.proposed()], Expectation({STREAM: 0, a.PORTFOLIO: 0}))
    await journal.append([a.of_plan(a.approved())], Expectation({STREAM: 1}))
    assert len(await journal.stream(STREAM)) == 2


@pytest.mark.parametrize("expected", [{STREAM: 0}, {STREAM: 2}, {STREAM: 1, a.PORTFOLIO: 1}])
async def test_an_append_at_another_version_writes_nothing(journal: AnyJournal, expected: dict[str, int]) -> None:
    """Compare and swap: whoever read an older state is told, and leaves no trace."""
    await journal.append([a.proposed()])
    before = await everything(journal)
    versions = {ev.StreamId(stream): version for stream, version in expected.items()}
    with pytest.raises(ConcurrentWrite, match="is at version"):
        await journal.append([a.own(ev.PlanningResumed(a.ALICE)), a.of_plan(a.approved())], Expectation(versions))
    assert await everything(journal) == before


async def test_an_expectation_alone_is_checked(journal: AnyJournal) -> None:
    """An append of nothing still says whether the stream has moved on."""
    await journal.append([a.proposed()])
    assert await journal.append([], Expectation({STREAM: 1})) == ()
    with pytest.raises(ConcurrentWrite):
        await journal.append([], Expectation({STREAM: 0}))


async def test_two_approvals_of_one_version_cannot_both_be_made(journal: AnyJournal) -> None:
    """Of two that read the same state and write at once, one wins and the other is told."""
    await journal.append([a.proposed()])
    expected = Expectation({STREAM: 1})
    results = await asyncio.gather(
        journal.append([a.of_plan(a.approved())], expected),
        journal.append([a.of_plan(a.superseded())], expected),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["ConcurrentWrite", "tuple"]
    assert len(await journal.stream(STREAM)) == 2


async def test_a_second_open_plan_is_refused(journal: AnyJournal) -> None:
    """At most one plan is open, and the refused one leaves no trace."""
    await journal.append([a.proposed()])
    before = await everything(journal)
    with pytest.raises(ConcurrentWrite, match="another plan is already open"):
        await journal.append([a.own(ev.PlanningResumed(a.ALICE)), a.proposed("bbbbbbbb")])
    assert await everything(journal) == before
    assert await journal.plan(PlanId("bbbbbbbb.1")) is None


@pytest.mark.parametrize("new_one_first", [False, True])
async def test_a_plan_gives_way_to_its_successor_in_one_append(journal: AnyJournal, new_one_first: bool) -> None:
    """The old one's end and the new one's beginning go together, in whichever order they are written."""
    await journal.append([a.proposed()])
    successor = PlanId("aaaaaaaa.2")
    drafts = [a.of_plan(a.superseded(successor)), a.proposed(revision=2, minutes=1)]
    await journal.append(drafts[::-1] if new_one_first else drafts)
    opened = await journal.open_plan()
    assert opened is not None
    assert opened.proposed.plan_id == successor
    summaries = await journal.plans(5)
    assert [(s.plan_id, s.status) for s in summaries] == [
        (successor, PlanStatus.PROPOSED),
        (PLAN, PlanStatus.SUPERSEDED),
    ]


async def test_a_plan_is_proposed_once(journal: AnyJournal) -> None:
    """A second proposal of the same plan would reopen it: it is refused, also after its end."""
    with pytest.raises(ConcurrentWrite, match="already proposed"):
        await journal.append([a.proposed(), a.proposed()])
    await journal.append([a.proposed(), a.of_plan(a.superseded())])
    with pytest.raises(ConcurrentWrite, match="already proposed"):
        await journal.append([a.proposed()])
    assert await journal.open_plan() is None


async def test_what_cannot_follow_is_refused_with_all_of_its_append(journal: AnyJournal) -> None:
    """A fact that a plan's life has no place for undoes the whole append."""
    await journal.append([a.proposed(), a.of_plan(a.superseded())])
    before = await everything(journal)
    with pytest.raises(ImpossiblePlanEvent):
        await journal.append([a.own(ev.PlanningPaused(a.ALICE, None)), a.of_plan(a.approved())])
    with pytest.raises(UnknownRecord):
        await journal.append([a.of_plan(a.approved(), root="cccccccc")])
    assert await everything(journal) == before


async def test_the_people_have_a_stream_of_their_own(journal: AnyJournal) -> None:
    """One fact after the other, and none of them is taken for a plan's."""
    people = members_stream(a.MAIN)
    code = a.draft(people, ev.PairingCodeIssued("ab" * 32, a.T0))
    joined = a.draft(people, ev.MemberAdded(a.ALICE, "Alice", ev.Role.OWNER))
    for version, fact in enumerate((code, code, joined)):
        await journal.append([fact], Expectation({people: version}))
    assert [event.kind for event in await journal.stream(people)] == [
        "PairingCodeIssued",
        "PairingCodeIssued",
        "MemberAdded",
    ]
    assert [event.kind for event in await journal.facts(ev.MemberAdded)] == ["MemberAdded"]


@pytest.mark.parametrize(
    "misplaced",
    [
        a.draft(STREAM, ev.PlanningResumed(a.ALICE)),
        a.draft(a.PORTFOLIO, a.approved()),
        a.draft(plan_stream(PlanId("bbbbbbbb.1")), a.proposal()),
        a.draft(STREAM, a.proposal(portfolio=PortfolioId("other"))),
        replace(a.proposed(), at=a.T0.replace(tzinfo=None)),
    ],
)
async def test_a_misplaced_fact_is_refused(journal: AnyJournal, misplaced: Draft) -> None:
    """A fact of the wrong stream, portfolio or without a time zone names what is wrong."""
    with pytest.raises(InvalidValue):
        await journal.append([a.own(ev.PlanningPaused(a.ALICE, None)), misplaced])
    assert await journal.stream(a.PORTFOLIO) == ()


async def test_a_float_is_refused(journal: AnyJournal) -> None:
    """Money is exact or it is not written."""
    flow = CashFlow("d1", a.ALPHA, a.USDT, Quantity(0.1), a.T0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="float"):
        await journal.append([a.own(ev.CashFlowSeen(flow))])
    assert await journal.stream(a.PORTFOLIO) == ()


async def test_a_plan_is_the_fold_of_its_stream(journal: AnyJournal) -> None:
    """From the proposal to its end; the version is that of the stream."""
    for draft in a.whole_life():
        await journal.append([draft])
    state = await journal.plan(PLAN)
    assert state is not None
    assert state == plan_state.fold(await journal.stream(STREAM))
    assert (state.status, state.version) == (PlanStatus.COMPLETED, 10)
    assert state.order(a.order_id()).status is OrderStatus.FILLED
    assert state.filled(a.LEG) == Decimal("0.5")
    assert await journal.open_plan() is None


async def test_one_append_may_hold_a_whole_life(journal: AnyJournal) -> None:
    """Facts of one append build on each other."""
    await journal.append(a.whole_life())
    (summary,) = await journal.plans(5)
    assert summary.status is PlanStatus.COMPLETED
    assert summary.created_at == a.T0


async def test_the_newest_plans_come_first(journal: AnyJournal) -> None:
    """And no more than were asked for."""
    for number in range(3):
        root = f"{number:08d}"
        await journal.append([a.proposed(root, minutes=number)])
        await journal.append([a.of_plan(a.superseded(), root=root, minutes=number + 1)])
    summaries = await journal.plans(2)
    assert [s.plan_id for s in summaries] == ["00000002.1", "00000001.1"]
    assert summaries[0].updated_at - summaries[0].created_at == timedelta(minutes=1)


async def test_an_order_leads_to_its_plan(journal: AnyJournal) -> None:
    """Also when the same id is submitted again, after it surely was not sent."""
    await journal.append(a.whole_life()[:5])
    await journal.append([a.of_plan(ev.OrderNotSent(a.order_id(), "timeout")), a.of_plan(a.submitting())])
    assert await journal.order(a.order_id()) == PLAN


async def test_a_trade_is_booked_once(journal: AnyJournal) -> None:
    """The venue may tell of it twice; the second telling is a fact that changes nothing."""
    await journal.append(a.whole_life()[:7])
    await journal.append([a.of_plan(a.filled("t1", "0.2"))])
    state = await journal.plan(PLAN)
    assert state is not None
    assert state.filled(a.LEG) == Decimal("0.2")


async def test_the_standing_follows_the_facts(journal: AnyJournal) -> None:
    """Of the portfolio, and of its plans."""
    await journal.append([a.own(ev.PlanningPaused(a.ALICE, None), minutes=1), a.proposed(minutes=2)])
    standing = await journal.standing()
    assert standing.pause == Pause(a.ALICE, a.T0 + timedelta(minutes=1))
    assert standing.open_plan == PLAN
    await journal.append([a.own(ev.PlanningResumed(a.ALICE)), a.of_plan(a.superseded())])
    assert await journal.standing() == Standing()


async def test_the_standing_keeps_every_digit(journal: AnyJournal) -> None:
    """A deposit of more digits than a float holds comes back as it was."""
    flow = CashFlow("d1", a.ALPHA, a.USDT, Quantity(a.WEI), a.T0)
    await journal.append([a.own(ev.CashFlowSeen(flow))])
    assert (await journal.standing()).cash_flows == (flow,)


async def test_refolding_changes_nothing(journal: AnyJournal) -> None:
    """What is folded can be dropped and folded again from the facts alone; what was told stays told."""
    await journal.append([a.own(ev.PlanningPaused(a.ALICE, None)), *a.whole_life()])
    await journal.append([a.proposed("bbbbbbbb", minutes=5)])
    await journal.mark_told([row.event.seq for row in await journal.outbox(3)])
    before = await everything(journal)
    await journal.refold()
    assert await everything(journal) == before
    with pytest.raises(ConcurrentWrite):
        await journal.append([a.proposed("cccccccc")])
