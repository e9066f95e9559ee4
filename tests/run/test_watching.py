"""A working engine between plans: venues that come and go, deposits, dates, pauses, and what it keeps of all that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.decide.replay import replay
from engine.model import events as ev
from engine.model.ids import Asset, VenueName
from engine.model.money import Quantity
from engine.model.plan import PlanStatus as S
from engine.model.plan import PlanTrigger
from engine.model.policy import TriggerKind
from engine.model.portfolio import Balance, VenueHealth, VenueSnapshot
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.builders import Market
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, SECOND, TARGETS, Desk
from tests.run.fake_venue import FakeVenue

CALM = {"BTC": "4", "ETH": "30", "USDT": "300"}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
JUNE_1 = datetime(2026, 6, 1, tzinfo=UTC)
MONTHLY = {"kind": TriggerKind.CALENDAR, "every": "monthly"}


@pytest.fixture
def calm(open_desk: OpenDesk) -> Desk:
    """A portfolio on its targets."""
    return open_desk(alpha=dict(CALM))


async def health_told(desk: Desk) -> list[tuple[str, VenueHealth]]:
    facts = [event.fact for event in await desk.journal.facts(ev.VenueHealthChanged)]
    return [(fact.venue, fact.health) for fact in facts if isinstance(fact, ev.VenueHealthChanged)]


async def test_a_venue_that_is_down_at_the_start_is_told_of_and_so_is_its_return(desk: Desk) -> None:
    """Once each; meanwhile nothing is planned, afterwards the plan comes."""
    desk.alpha.down = True
    await desk.start()
    await desk.engine.advance()
    await desk.engine.advance()
    assert await health_told(desk) == [("alpha", VenueHealth.UNREACHABLE)]
    assert await desk.journal.open_plan() is None
    desk.alpha.down = False
    await desk.engine.advance()
    assert await health_told(desk) == [("alpha", VenueHealth.UNREACHABLE), ("alpha", VenueHealth.HEALTHY)]
    assert (await desk.open_plan()).status is S.PROPOSED


async def test_a_venue_that_comes_back_while_the_program_is_down_is_told_of_too(calm: Desk) -> None:
    """What people were told last is on disk."""
    calm.alpha.down = True
    await calm.start()
    await calm.engine.advance()
    calm.alpha.down = False
    await calm.start()
    await calm.engine.advance()
    assert await health_told(calm) == [("alpha", VenueHealth.UNREACHABLE), ("alpha", VenueHealth.HEALTHY)]


async def test_the_last_known_balances_outlive_the_program(open_desk: OpenDesk) -> None:
    """A venue that is away after a restart is shown with what it held, and how old that is."""
    desk = open_desk(alpha=dict(CALM), beta={"BTC": "1"})
    await desk.start()
    await desk.engine.advance()
    desk.venues["beta"].down = True
    await desk.clock.advance(HOUR)
    await desk.start()
    outcome = (await desk.engine.look()).outcome
    (veto,) = outcome.vetoes
    assert (veto.code, veto.get("venue"), veto.get("age_seconds")) == (R.VENUE_UNREACHABLE, "beta", "3600")
    assert outcome.valuation.managed_value == 1100


async def test_a_first_look_at_nothing_does_not_settle_the_numeraire(calm: Desk) -> None:
    """Where no venue showed a market, the next life still finds the currency that they quote."""
    calm.alpha.down = True
    await calm.start()
    await calm.engine.advance()
    calm.alpha.down = False
    await calm.start()
    assert (await calm.engine.look()).outcome.valuation.numeraire == "USDT"
    assert calm.engine.numeraire == "USDT"


async def test_a_deposit_is_counted_once_over_restarts(calm: Desk) -> None:
    """It leads to one plan that buys and sells nothing; carried out, it does not call again."""
    await calm.start()
    await calm.clock.advance(HOUR)
    calm.alpha.deposit("d1", "USDT", "100")
    calm.alpha.received *= 2
    await calm.engine.advance()
    plan = await calm.open_plan()
    assert plan.proposed.plan.trigger is PlanTrigger.CASH_FLOW
    assert {leg.side for leg in plan.proposed.plan.legs} == {"buy"}
    await calm.start()
    await calm.engine.advance()
    await calm.approve(plan)
    await calm.until(plan, S.COMPLETED)
    await calm.clock.advance(2 * HOUR)
    await calm.start()
    await calm.engine.advance()
    assert len(await calm.journal.facts(ev.CashFlowSeen)) == 1
    assert await calm.journal.open_plan() is None


async def test_what_was_there_before_the_bot_is_no_new_money(calm: Desk) -> None:
    """Only what comes in after the policy was adopted is."""
    calm.alpha.deposit("d1", "USDT", "100")
    await calm.clock.advance(SECOND)
    await calm.start()
    await calm.engine.advance()
    assert await calm.journal.facts(ev.CashFlowSeen) == ()


async def test_the_same_number_on_two_venues_is_two_deposits(open_desk: OpenDesk) -> None:
    """Venues count for themselves; what one of them cannot tell is told by the other."""
    desk = open_desk(alpha=dict(CALM), beta={"USDT": "1"})
    await desk.start()
    for venue in desk.venues.values():
        venue.deposit("7", "USDT", "3")
    desk.venues["beta"].down = True
    await desk.engine.advance()
    assert len(await desk.journal.facts(ev.CashFlowSeen)) == 1
    desk.venues["beta"].down = False
    await desk.engine.advance()
    assert len(await desk.journal.facts(ev.CashFlowSeen)) == 2


async def test_a_date_that_passes_while_the_program_is_down_fires_once(open_desk: OpenDesk) -> None:
    """At the next start, and not at the one after that."""
    desk = open_desk(policy=b.policy(TARGETS, trigger=MONTHLY), start=JUNE_1 - HOUR)
    await desk.start()
    await desk.engine.advance()
    assert await desk.journal.open_plan() is None
    await desk.stop()
    await desk.clock.advance(3 * HOUR)
    await desk.start()
    await desk.engine.advance()
    plan = await desk.open_plan()
    assert plan.proposed.plan.trigger is PlanTrigger.CALENDAR
    await desk.approve(plan)
    await desk.until(plan, S.COMPLETED)
    desk.move("BTC/USDT", "130")
    await desk.clock.advance(2 * HOUR)
    for _ in range(2):
        await desk.start()
        await desk.engine.advance()
    assert await desk.journal.open_plan() is None
    assert len(await desk.journal.facts(ev.CalendarAnswered)) == 1


async def test_a_date_missed_beyond_its_grace_is_offered_once(open_desk: OpenDesk) -> None:
    """No plan is made of it unasked; a person who asks gets one."""
    desk = open_desk(policy=b.policy(TARGETS, trigger=MONTHLY), start=JUNE_1 - HOUR)
    await desk.start()
    await desk.engine.advance()
    await desk.stop()
    await desk.clock.advance(2 * DAY)
    for _ in range(2):
        await desk.start()
        await desk.engine.advance()
    offered = [event.fact for event in await desk.journal.facts(ev.CalendarAnswered)]
    assert offered == [ev.CalendarAnswered(JUNE_1, missed=True)]
    assert await desk.journal.open_plan() is None
    await desk.engine.rebalance()
    assert (await desk.open_plan()).proposed.plan.trigger is PlanTrigger.MANUAL


async def test_a_date_on_a_partial_view_is_made_good_when_the_venue_is_well(open_desk: OpenDesk) -> None:
    """It is not used up by looks at which nothing could be traded: while it is away, and until it is relied on."""
    desk = open_desk(policy=b.policy(TARGETS, trigger=MONTHLY), start=JUNE_1 - HOUR)
    await desk.start()
    await desk.engine.advance()
    desk.alpha.down = True
    await desk.clock.advance(2 * HOUR)
    await desk.engine.advance()
    assert await desk.journal.facts(ev.CalendarAnswered) == ()
    desk.alpha.down = False
    for _ in range(20):
        await desk.engine.advance()
        await desk.clock.advance(timedelta(minutes=1))
    assert (await desk.open_plan()).proposed.plan.trigger is PlanTrigger.CALENDAR


async def test_a_pause_holds_over_a_restart_until_it_is_lifted(desk: Desk) -> None:
    """Alerts come all the same, once."""
    await desk.start()
    await desk.engine.pause(ANN)
    for _ in range(2):
        await desk.engine.advance()
        await desk.start()
    assert await desk.journal.open_plan() is None
    assert (await desk.engine.health()).paused
    alerts = await desk.journal.facts(ev.DriftAlertsChanged)
    assert len(alerts) == 1
    await desk.engine.resume(ANN)
    await desk.engine.advance()
    assert (await desk.open_plan()).status is S.PROPOSED


async def test_one_plan_is_open_at_a_time(desk: Desk) -> None:
    """A person who asks for another hears which one is open."""
    plan = await desk.proposed()
    decision = await desk.engine.rebalance()
    assert decision.outcome.verdict.reasons[0].get("plan") == plan.proposed.plan_id
    assert len(await desk.journal.plans(10)) == 1


async def test_a_policy_is_adopted_once_and_again_when_it_changes(calm: Desk) -> None:
    """The schedule begins to count anew."""
    await calm.start()
    await calm.start()
    assert len(await calm.journal.facts(ev.PolicyAdopted)) == 1
    await calm.clock.advance(HOUR)
    await calm.start(b.policy({"BTC": "0.5", "USDT": "0.5"}))
    assert len(await calm.journal.facts(ev.PolicyAdopted)) == 2
    assert (await calm.journal.standing()).active_since == b.T0 + HOUR


async def test_a_decision_is_kept_in_full_on_change_and_at_a_heartbeat(calm: Desk) -> None:
    """Between them a look leaves one short row."""
    await calm.start()
    kept: list[bool] = []
    for _ in range(3):
        await calm.engine.advance()
        await calm.clock.advance(3 * HOUR)
    for event in await calm.journal.facts(ev.Evaluated):
        assert isinstance(event.fact, ev.Evaluated)
        kept.append(event.fact.decision is not None)
    assert kept == [True, False, True]


async def test_a_look_on_request_leaves_nothing_behind(desk: Desk) -> None:
    """People may ask where they stand as often as they like."""
    await desk.start()
    before = desk.journal.appends
    decision = await desk.engine.look()
    assert decision.outcome.plan is not None
    assert (desk.journal.appends, await desk.journal.open_plan()) == (before, None)


async def test_health_says_how_the_engine_is_doing(desk: Desk) -> None:
    """Since when it runs, when it looked last, how its venues are, and what it carries out."""
    plan = await desk.proposed()
    health = await desk.engine.health()
    assert (health.started_at, health.evaluated_at, health.executing) == (b.T0, b.T0, None)
    assert [(v.name, v.health) for v in health.venues] == [("alpha", VenueHealth.HEALTHY)]
    desk.alpha.silent = True
    await desk.approve(plan)
    assert (await desk.engine.health()).executing == plan.proposed.plan_id


async def test_a_kept_decision_can_be_made_again(desk: Desk) -> None:
    """From its own inputs, byte for byte."""
    plan = await desk.proposed()
    stored = await desk.journal.decision(plan.proposed.decision)
    assert stored is not None
    again = replay(stored)
    assert (again.agrees, again.same_version) == (True, True)
    assert again.again.digest == stored.digest


async def test_what_stands_in_the_way_is_told_once_and_so_is_its_end(calm: Desk) -> None:
    """Also over a restart; a venue that does not answer is told of by itself."""
    whole = calm.alpha.markets
    calm.alpha.markets = {symbol: market for symbol, market in whole.items() if not symbol.startswith("ETH")}
    for _ in range(2):
        await calm.start()
        await calm.engine.advance()
        await calm.engine.advance()
    calm.alpha.down = True
    await calm.engine.advance()
    calm.alpha.down = False
    calm.alpha.markets = whole
    await calm.engine.advance()
    facts = [event.fact for event in await calm.journal.facts(ev.VetoesChanged)]
    told = [[veto.code for veto in fact.vetoes] for fact in facts if isinstance(fact, ev.VetoesChanged)]
    assert told == [[R.PRICE_MISSING], []]


async def test_whole_books_are_read_only_where_a_plan_is_called_for(calm: Desk) -> None:
    """The best prices are enough to see that all is well; nothing is decided on them alone."""
    await calm.start()
    await calm.engine.advance()
    assert calm.alpha.whole_books_read == 0
    calm.move("ETH/USDT", "20")
    await calm.engine.advance()
    assert calm.alpha.whole_books_read == 2
    assert (await calm.open_plan()).status is S.PROPOSED


async def test_what_is_only_watched_counts_and_is_never_traded(open_desk: OpenDesk) -> None:
    """Its weight calls for a plan; the plan trades what the venue holds, and says what it cannot reach."""
    ledger = VenueSnapshot(
        VenueName("ledger"), VenueHealth.WATCHED, b.T0, (Balance(Asset("BTC"), Quantity(Decimal(20))),)
    )
    desk = open_desk(alpha=dict(CALM))
    desk.watched = (ledger,)
    await desk.start()
    await desk.engine.advance()
    plan = (await desk.open_plan()).proposed.plan
    assert {leg.venue for leg in plan.legs} == {"alpha"}
    assert {line.name: line.before for line in plan.weights}["BTC"] == Decimal("0.8")
    reached = [r.get("venue") for leg in plan.dropped for r in leg.reasons if r.code is R.KEPT_ELSEWHERE]
    assert reached == ["ledger"]
    assert await health_told(desk) == []


async def test_a_reserve_stays_where_it_is(open_desk: OpenDesk) -> None:
    """It counts towards the weights, and no plan touches it."""
    desk = open_desk(alpha={"BTC": "6", "ETH": "10", "USDT": "300"})
    desk.reserves = {VenueName("alpha"): {Asset("BTC"): Quantity(Decimal("5.5"))}}
    await desk.start()
    await desk.engine.advance()
    plan = (await desk.open_plan()).proposed.plan
    assert {line.name: line.before for line in plan.weights}["BTC"] == Decimal("0.6")
    assert [leg.quantity for leg in plan.legs if leg.base == "BTC"] == [Decimal("0.5")]


async def test_a_reserve_is_kept_back_when_the_plan_is_carried_out_too(open_desk: OpenDesk) -> None:
    """What was held beside it is gone by the time of the order: the reserve does not make up for that."""
    desk = open_desk(alpha={"BTC": "6", "ETH": "10", "USDT": "300"})
    desk.reserves = {VenueName("alpha"): {Asset("BTC"): Quantity(Decimal("5"))}}
    plan = await desk.proposed()
    desk.alpha.held[Asset("BTC")] = Decimal("5.5")
    await desk.approve(plan)
    assert (await desk.until(plan, S.SUPERSEDED)).status is S.SUPERSEDED
    assert desk.alpha.sent == []


async def test_a_numeraire_that_no_venue_quotes_is_priced_by_a_reference(open_desk: OpenDesk) -> None:
    """Its prices lead to every asset; nothing is held or traded there, and without it no plan is made."""
    desk = open_desk()
    desk.numeraire = Asset("CHF")
    desk.reference = FakeVenue("kraken prices", desk.clock, {}, Market("USDT/CHF", "0.8", fee="0.001"))
    await desk.start()
    await desk.engine.advance()
    plan = (await desk.open_plan()).proposed.plan
    assert {leg.venue for leg in plan.legs} == {"alpha"}
    assert plan.managed_value == 1000 * Decimal("0.8")
    assert await health_told(desk) == []
    desk.reference.down = True
    vetoes = (await desk.engine.look()).outcome.vetoes
    assert (R.VENUE_UNREACHABLE, "kraken prices") in [(veto.code, veto.get("venue")) for veto in vetoes]
