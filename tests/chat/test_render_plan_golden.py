"""Golden files of what is said about plans: the card in every state, its reasons, the report, the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.chat.payloads import PlanLook, PlanPress, PlanVerb, PlanView, parse
from bot.chat.render.frame import Terms
from bot.chat.render.plan_card import plan_card
from bot.chat.render.plans import plans_list
from bot.chat.render.report import plan_report
from bot.chat.render.why import why_not, why_plan
from engine.api import PlanState, PlanSummary
from engine.execute.plan_state import apply
from engine.model import events as ev
from engine.model.decision import Pause, RequestKind, Standing
from engine.model.ids import Digest, PlanId, VenueName, short
from engine.model.market import Side
from engine.model.money import Money, Quantity
from engine.model.plan import Alternative, PlanStatus, PlanTrigger, plan_id
from engine.model.plan_risk import PlanRisk, PortfolioRisk
from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode, reason
from tests.chat import builders as a
from tests.chat import decision_builders as seen
from tests.chat.golden_file import assert_golden


def card(name: str, state: PlanState, minutes: int = 3, terms: Terms = a.ONE_APPROVER) -> None:
    assert_golden(f"card_{name}", plan_card(state, a.a_frame(minutes), terms))


def test_proposed_in_each_mode() -> None:
    """The plate says whose money moves; all else is the same."""
    for mode in ev.Mode:
        card(f"proposed_{mode}", a.life(a.proposal(a.a_plan(), mode)))


def test_proposed_with_everything() -> None:
    """Legs left out (folded after three), a transfer by hand, part of the way, two approvers with one approval."""
    plan = a.a_plan(
        dropped=tuple(a.dropped_leg(base) for base in ("SOL", "ADA", "DOT", "LINK", "XRP")),
        suggested_transfers=(a.transfer(),),
        weights=(a.weight_line("BTC", "0.383", "0.333", "0.358", "0.358"), *a.THREE_WEIGHTS[1:]),
        naive_cost=Money(Decimal("6.1")),
        reasons=tuple(a.over_threshold(name) for name in ("BTC", "ETH", "SOL", "ADA", "DOT")),
    )
    card("proposed_everything", a.life(a.proposal(plan), (40, a.approval(plan))), terms=a.TWO_APPROVERS)


def test_risk_before_and_after() -> None:
    """Where past prices are known; of a portfolio that becomes all cash there is no more than that."""
    before = PortfolioRisk(Decimal("0.6214"), Decimal("1.1207"), Decimal("1.2560"))
    after = PortfolioRisk(Decimal("0.5502"), Decimal("1.1834"), Decimal("1.4004"))
    card("risk", a.life(a.proposal(a.a_plan(risk=PlanRisk(before, after)))))
    card("risk_gone", a.life(a.proposal(a.a_plan(risk=PlanRisk(before, PortfolioRisk(Decimal(0)))))))


def test_second_revision_asked_by_hand() -> None:
    """A revision names the one that it replaces; a plan asked for by hand shows the widest drift."""
    plan = a.a_plan(trigger=PlanTrigger.MANUAL, reasons=(reason(ReasonCode.REQUESTED),), naive_cost=None)
    card("proposed_rev2", a.life(a.proposal(plan, revision=2, supersedes=a.PLAN_ID)))


def test_two_approvals() -> None:
    """Both people are in the trail, with the count."""
    plan = a.a_plan()
    facts = ((30, a.approval(plan)), (60, a.approval(plan, a.BEN, "Ben")), (60, a.approved(plan, "Ada", "Ben")))
    card("approved_by_two", a.life(a.proposal(plan), *facts), terms=a.TWO_APPROVERS)


def test_no_leg_left() -> None:
    """A plan without legs says so and claims no cost."""
    card("no_legs", a.life(a.proposal(a.a_plan((), dropped=(a.dropped_leg("SOL"),), naive_cost=None))))


def test_declined_snoozed_expired() -> None:
    """Whoever said no is named, and the decision buttons are gone."""
    first = a.proposal(a.a_plan())
    card("declined", a.life(first, (65, ev.PlanDeclined(a.ADA, "Ada", ()))))
    until = a.T0 + timedelta(hours=4)
    card("snoozed", a.life(first, (65, ev.PlanDeclined(a.ADA, "Ada", (), until))))
    card("expired", a.life(first, (1800, ev.PlanExpired(()))), minutes=31)
    card("proposed_overdue", a.life(first), minutes=31)


def test_superseded_and_withdrawn() -> None:
    """The reason why the approved plan was not carried out is in the trail."""
    plan = a.a_plan()
    moved = reason(ReasonCode.MARKET_MOVED, leg="L1", moved_bps=Decimal("42.37"), tolerance_bps=Decimal(30))
    said = ((11, a.approval(plan)), (11, a.approved(plan)))
    replaced = ev.PlanSuperseded(plan_id(a.ROOT, 2), (moved,))
    card("superseded", a.life(a.proposal(plan), *said, (13, replaced)))
    card("withdrawn", a.life(a.proposal(plan), *said, (13, ev.PlanSuperseded(None, (moved,)))))


def test_in_work() -> None:
    """While it is carried out the card shows how far each leg is and what it waits for."""
    card("executing", a.executing(a.a_plan(), ev.Mode.LIVE))


def test_paused_stopping_stopped() -> None:
    """A pause names its reason and offers to resume; a stop ends with what was traded."""
    plan = a.a_plan()
    start = a.executing(plan)
    why = reason(ReasonCode.DEFECT, error="KeyError")
    stop_why = (reason(ReasonCode.STOPPED_BY_PERSON, by="Ada"),)
    paused = _after(start, (30, ev.ExecutionPaused((why,))))
    card("paused", paused)
    stopping = _after(paused, (40, ev.StopRequested(stop_why, a.ADA, "Ada")))
    card("winding_down", stopping)
    card("aborted", _after(stopping, (45, ev.PlanAborted(stop_why))))


def _after(state: PlanState, *facts: tuple[int, ev.PlanFact | ev.OrderFact]) -> PlanState:
    for seconds, fact in facts:
        at = a.T0 + timedelta(seconds=seconds)
        version = state.version + 1
        state = apply(state, ev.Event(version, ev.plan_stream(a.PLAN_ID), version, fact, at, at))
    return state


def test_unconfirmed_order() -> None:
    """An order that the venue did not confirm is told of before what its leg waits for."""
    plan = a.a_plan()
    sell = plan.legs[0]
    lost = ev.OrderUnconfirmed(a.order_id(sell), "no answer in 10 s")
    facts = ((11, a.approved(plan)), (12, a.started()), (13, a.submitting(sell)), (23, lost))
    card("unconfirmed", a.life(a.proposal(plan), *facts))


def test_completed() -> None:
    """The card of a completed plan keeps its text and its trail."""
    card("completed", a.carried_out(a.a_plan()), minutes=20)


def test_twelve_legs() -> None:
    """Twelve legs fit one message."""
    legs = [a.a_leg(n, Side.SELL if n < 7 else Side.BUY, f"COIN{n}", "1234.5678", "0.987654") for n in range(1, 13)]
    weights = tuple(a.weight_line(f"COIN{n}", "0.08333", "0.083", "0.0832") for n in range(1, 13))
    card("twelve_legs", a.life(a.proposal(a.a_plan(legs, weights=weights))))


def test_forty_legs() -> None:
    """Forty legs are folded: the rest is under Why."""
    legs = [a.a_leg(n, base=f"COIN{n}") for n in range(1, 41)]
    weights = tuple(a.weight_line(f"COIN{n}", "0.025", "0.025", "0.025") for n in range(1, 41))
    card("forty_legs", a.life(a.proposal(a.a_plan(legs, weights=weights))))


def test_hostile_names() -> None:
    """Markup, links, right-to-left text, emoji and long names stay what they are: text."""
    bases = (a.HOSTILE, a.ARABIC, a.EMOJI, a.LONG)
    legs = [a.a_leg(n, base=base, venue=bases[-n], quote=base) for n, base in enumerate(bases, start=1)]
    weights = tuple(a.weight_line(base, "0.25", "0.2", "0.21") for base in bases)
    plan = a.a_plan(
        legs,
        weights=weights,
        reasons=tuple(a.over_threshold(base) for base in bases),
        dropped=tuple(a.dropped_leg(base, venue=base) for base in bases),
        suggested_transfers=(a.transfer(a.HOSTILE),),
    )
    declined = ev.PlanDeclined(a.ADA, a.HOSTILE, ())
    card("hostile", a.life(a.proposal(plan), (5, declined)))
    assert_golden("why_hostile", *why_plan(a.life(a.proposal(plan)), a.a_frame()))


def test_huge_and_tiny_figures() -> None:
    """Figures of any size stay within the columns."""
    legs = (
        a.a_leg(1, base="SHIB", quantity="123456789012345678901234567890", price="0.0000000123"),
        a.a_leg(2, Side.BUY, "WEI", "0.000000000000000001", "3000"),
        a.a_leg(3, Side.BUY, "BTC", "1234.56789012", "60000.123456"),
    )
    card("huge_and_tiny", a.life(a.proposal(a.a_plan(legs, managed_value=Money(Decimal("1e25"))))))


def test_report() -> None:
    """Prices against what was expected, fees by asset, cost against the estimate, what was left over and why."""
    assert_golden("report_completed", plan_report(a.carried_out(a.a_plan(), ev.Mode.LIVE), a.a_frame(20)))


def test_report_of_a_stopped_plan() -> None:
    """Nothing was traded, and the venues could not be read afterwards."""
    plan = a.a_plan()
    stop = (reason(ReasonCode.STOPPED_BY_PERSON, by="Ada"),)
    facts = (
        (11, a.approved(plan)),
        (12, a.started()),
        (20, ev.StopRequested(stop, a.ADA, "Ada")),
        (21, ev.PlanAborted(stop)),
    )
    assert_golden("report_aborted", plan_report(a.life(a.proposal(plan), *facts), a.a_frame(1)))


def test_why() -> None:
    """The reasons of every leg, of what was left out, and the parts of the cost."""
    plan = a.a_plan(dropped=(a.dropped_leg("SOL"),), suggested_transfers=(a.transfer(),))
    assert_golden("why_plan", *why_plan(a.life(a.proposal(plan)), a.a_frame()))


def test_why_a_leg_is_where_it_is() -> None:
    """What it would cost elsewhere, what the others lack, and what slices are reckoned to save."""
    dearer = Alternative(VenueName("kraken"), a.USDT, Money(Decimal("4.56")))
    poor = reason(ReasonCode.FUNDS_SHORT, asset="USDT", available=Decimal(120), needed=Decimal(2500))
    thin = reason(ReasonCode.BOOK_TOO_THIN, depth=Decimal("0.01"), needed=Decimal("0.05"), depth_bps=0)
    others = (
        dearer,
        Alternative(VenueName("okx"), a.USDT, Money(Decimal("1.1")), poor),
        Alternative(VenueName("bybit"), a.USDT, None, thin),
    )
    plan = a.a_plan()
    leg = plan.legs[0]
    halves = (Quantity(leg.quantity / 2),) * 2
    sliced = replace(leg, alternatives=others, slices=halves, cost_in_slices=Money(Decimal("2.9")))
    plan = replace(plan, legs=(sliced, *plan.legs[1:]))
    assert_golden("why_alternatives", *why_plan(a.life(a.proposal(plan)), a.a_frame()))


def test_why_of_many_legs() -> None:
    """A long explanation comes in several messages; the way back is under the last."""
    legs = [a.a_leg(n, base=f"COIN{n}") for n in range(1, 25)]
    messages = why_plan(a.life(a.proposal(a.a_plan(legs))), a.a_frame())
    assert len(messages) > 1
    assert [bool(message.keyboard) for message in messages] == [False] * (len(messages) - 1) + [True]
    assert_golden("why_many", *messages)


def test_why_there_is_no_plan() -> None:
    """Quiet, paused, and kept from planning by a venue that does not answer."""
    quiet = seen.a_decision(policy=a.a_policy(BTC="0.59", ETH="0.24", USDT="0.17"))
    assert_golden("why_not_quiet", why_not(quiet, a.a_frame(5)))
    paused = seen.a_decision(standing=Standing(pause=Pause(a.ADA, a.T0)), request=RequestKind.MANUAL)
    assert_golden("why_not_paused", why_not(paused, a.a_frame(5)))
    silent = seen.a_venue("binance", health=VenueHealth.UNREACHABLE, problem="HTTP 502 <bad gateway>", books=())
    silent = replace(silent, observed_at=a.T0 - timedelta(minutes=27))
    assert_golden("why_not_partial", why_not(seen.a_decision(seen.a_venue(), silent), a.a_frame(5)))


def test_why_there_is_no_plan_with_many_notes() -> None:
    """Prices left out and assets without a price are named."""
    odd = seen.a_venue(balances=(("BTC", "0.5"), ("DOGE", "3"), ("ETH", "4"), ("USDT", "9000")))
    stale = tuple(replace(book, as_of=a.T0 - timedelta(minutes=5)) for book in odd.books)
    assert_golden("why_not_prices", why_not(seen.a_decision(replace(odd, books=stale)), a.a_frame(5)))


def test_list_of_plans() -> None:
    """The newest plans with where they are in their lives; none at all says how to get one."""
    assert_golden("plans_none", plans_list((), a.a_frame()))
    summaries = [
        PlanSummary(PlanId(f"{n:08x}.1"), status, a.T0 - timedelta(days=9 * n), a.T0 - timedelta(days=9 * n))
        for n, status in enumerate(PlanStatus)
    ]
    assert_golden("plans_each_status", plans_list(summaries, a.a_frame()))


def test_venue_of_a_leg_is_shown() -> None:
    """The same asset on two venues is two legs that can be told apart."""
    legs = (a.a_leg(1, venue="kraken"), replace(a.a_leg(2), venue=VenueName("binance")))
    html = plan_card(a.life(a.proposal(a.a_plan(legs))), a.a_frame(), a.ONE_APPROVER).html
    assert "kraken" in html and "binance" in html


def test_buttons_carry_this_version_of_the_plan() -> None:
    """Whatever is pressed on a card names the plan, its revision and its digest."""
    proposed = a.proposal(a.a_plan(), revision=4)
    keyboard = plan_card(a.life(proposed), a.a_frame(), a.ONE_APPROVER).keyboard
    presses = [parse(button.payload) for row in keyboard for button in row]
    digest = short(proposed.digest)
    verbs = (PlanVerb.APPROVE, PlanVerb.REJECT, PlanVerb.SNOOZE)
    words = [PlanPress(verb, proposed.plan_id, Digest(digest)) for verb in verbs]
    assert presses == [*words, PlanLook(PlanView.WHY, proposed.plan_id)]
