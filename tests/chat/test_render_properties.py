"""Whatever names and figures come in: every message is valid HTML for Telegram, fits, and its tables fit a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat.guard_payloads import parse_guard
from bot.chat.message import Message
from bot.chat.payloads import MOST_BYTES, parse
from bot.chat.render import alerts, balances, files
from bot.chat.render import replies as manual
from bot.chat.render.costs import costs
from bot.chat.render.digest import digest
from bot.chat.render.health import HealthView, health
from bot.chat.render.layout import COLUMNS
from bot.chat.render.names import width
from bot.chat.render.plan_card import plan_card
from bot.chat.render.portfolio import drift, portfolio
from bot.chat.render.report import plan_report
from bot.chat.render.why import why_not, why_plan
from bot.sandbox.telegram.html_markup import parse_html
from bot.sandbox.telegram.utf16 import utf16_length
from engine.api import EngineHealth, VenueState
from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.costs import Experience
from engine.model.decision import Decision, Standing
from engine.model.ids import Asset, VenueName
from engine.model.ledger import BalanceChange, Explanation, Question, Transit, Withdrawal, WithdrawalState
from engine.model.market import Side
from engine.model.money import Money, Price, Quantity, Weight
from engine.model.plan import Leg, Plan, WeightLine
from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode, reason
from tests.chat import builders as a
from tests.chat import decision_builders as seen

NAMES = st.one_of(st.sampled_from([a.HOSTILE, a.ARABIC, a.EMOJI, a.LONG, "", "BTC"]), st.text(max_size=60))
FIGURES = st.builds(lambda digits, power: Decimal(digits).scaleb(power), st.integers(1, 10**9), st.integers(-24, 18))
HELD = st.builds(lambda digits, power: Decimal(digits).scaleb(power), st.integers(1, 10**9), st.integers(-15, 3))
"""What an account can hold and a market can quote: the engine's arithmetic is exact there."""
IDS = st.text("0123456789abcdef", min_size=8, max_size=8)
VENUES = st.text("abcXYZ019_-", min_size=1, max_size=32)
"""What a configuration file may call an exchange."""
WEIGHTS = st.decimals(0, 1, places=6)
MOST_BUTTONS = 100
"""Under one message: Telegram takes no more."""
BESIDE_EACH_OTHER = 2
LABEL = 24
"""Columns: so many of a label can be read where two buttons share a phone's width."""
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def legs(draw: st.DrawFn, number: int) -> Leg:
    leg = a.a_leg(number, draw(st.sampled_from(Side)))
    prices = draw(st.tuples(FIGURES, FIGURES))
    return replace(
        leg,
        venue=VenueName(draw(NAMES)),
        base=Asset(draw(NAMES)),
        quote=Asset(draw(NAMES)),
        quantity=Quantity(draw(FIGURES)),
        notional=Money(draw(FIGURES)),
        expected_price=Price(prices[0]),
        limit_price=Price(prices[1]),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    chosen = [draw(legs(n)) for n in range(1, draw(st.integers(0, 16)) + 1)]
    names = draw(st.lists(NAMES, max_size=16))
    lines = [WeightLine(name, *(Weight(draw(WEIGHTS)) for _ in range(4))) for name in names]
    why = tuple(a.over_threshold(name) for name in names[:5])
    dropped = tuple(a.dropped_leg(name, venue=name) for name in names)
    transfers = tuple(a.transfer(name) for name in names[:4])
    return a.a_plan(chosen, weights=tuple(lines), reasons=why, dropped=dropped, suggested_transfers=transfers)


def lives(plan: Plan, name: str) -> Iterator[PlanState]:
    """Proposed; executing with fills and waits; stopped with a long trail."""
    first = a.proposal(plan)
    yield a.life(first)
    facts: list[tuple[int, ev.PlanFact | ev.OrderFact]] = [(1, a.approved(plan, name, name)), (2, a.started())]
    for leg in plan.legs:
        waits = reason(ReasonCode.VENUE_SILENT, venue=name, problem=name * 20)
        part = str(leg.quantity / 3)
        booked = a.filled(leg, part, str(leg.expected_price), (name, "0.1"), trade=leg.id)
        facts += [
            (3, ev.LegWaiting(leg.id, waits)),
            (3, a.submitting(leg)),
            (4, booked),
            (5, ev.LegWaiting(leg.id, waits)),
        ]
    yield a.life(first, *facts)
    for _ in range(20):
        facts += [
            (6, ev.ExecutionPaused((reason(ReasonCode.DEFECT, error=name * 9),))),
            (7, ev.ExecutionResumed(a.ADA)),
        ]
    facts += [(8, ev.StopRequested((), a.ADA, name)), (9, ev.PlanAborted((), ((name, Weight(Decimal("0.1"))),)))]
    yield a.life(first, *facts)


def check(message: Message) -> None:
    """What Telegram and a phone ask of a message."""
    text, entities = parse_html(message.html)
    assert text.strip()
    assert utf16_length(text) <= 4096
    assert len(entities) <= 100
    for block in re.findall(r"<pre>(.*?)</pre>", message.html, re.DOTALL):
        for row in parse_html(block)[0].split("\n"):
            assert width(row) <= COLUMNS, row
    assert sum(map(len, message.keyboard)) <= MOST_BUTTONS
    assert all(1 <= len(row) <= BESIDE_EACH_OTHER for row in message.keyboard)
    for button in (button for row in message.keyboard for button in row):
        assert 0 < width(button.label) <= LABEL
        assert len(button.payload.encode()) <= MOST_BYTES
        assert parse(button.payload) or parse_guard(button.payload)


@QUICK
@given(plans(), NAMES)
def test_plans(plan: Plan, name: str) -> None:
    """Card, reasons and report of any plan in any state."""
    frame = a.a_frame(numeraire=name)
    for state in lives(plan, name):
        check(plan_card(state, frame, a.TWO_APPROVERS))
        check(plan_report(state, frame))
        for message in why_plan(state, frame):
            check(message)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    held = draw(st.dictionaries(NAMES.filter(lambda n: n not in ("", "USDT")), HELD, max_size=15))
    prices = [(asset, str(draw(HELD))) for asset in sorted(held)[: draw(st.integers(0, 15))]]
    balances = [*((asset, str(quantity)) for asset, quantity in held.items()), ("USDT", "9000")]
    venues = [seen.a_venue(name, balances, prices) for name in draw(st.sets(NAMES, min_size=1, max_size=4))]
    wanted = [asset for asset, _ in prices[:4]]
    share = str(Decimal(1) / (len(wanted) + 1))
    rest = str(1 - Decimal(share) * len(wanted))
    return seen.a_decision(*venues, policy=a.a_policy(**dict.fromkeys(wanted, share), USDT=rest))


@QUICK
@given(decisions())
def test_views(decision: Decision) -> None:
    """Portfolio, drift and the reasons against a plan, of whatever the venues show."""
    check(portfolio(decision, a.a_frame()))
    check(drift(decision, a.a_frame()))
    check(why_not(decision, a.a_frame()))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    signs = draw(st.sampled_from([(1,), (-1,), (1, -1)]))
    changes = tuple(
        BalanceChange(Asset(draw(NAMES)), Quantity(draw(FIGURES) * sign))
        for sign in signs
        for _ in range(draw(st.integers(1, 12)))
    )
    return Question(draw(IDS), VenueName(draw(NAMES)), changes, a.T0, draw(st.integers(1, 10**6 - 1)))


@st.composite
def transits(draw: st.DrawFn) -> Transit:
    goal = VenueName(draw(NAMES)) if draw(st.booleans()) else None
    left = Quantity(draw(FIGURES)), VenueName(draw(NAMES))
    return Transit(draw(st.text(max_size=60)), Asset(draw(NAMES)), *left, a.T0, goal)


@QUICK
@given(st.lists(questions(), max_size=6), st.lists(transits(), max_size=6), st.sets(VENUES, max_size=8), NAMES)
def test_balances(asked: list[Question], on_the_way: list[Transit], venues: set[str], who: str) -> None:
    """What is asked and told about balances, with any number of venues to choose from."""
    frame, known = a.a_frame(), sorted(map(VenueName, {*venues, "v" * 32}))
    for question in asked:
        check(balances.question(question, frame, known))
        check(balances.answered(ev.ChangeAnswered(question, Explanation.DEPOSIT, a.ADA, who, None), frame))
    for t in on_the_way:
        out = Withdrawal(t.id, t.from_venue, t.asset, t.quantity, t.quantity, t.since, WithdrawalState.DONE)
        check(balances.withdrawal_seen(ev.WithdrawalSeen(out, t), known, frame))
        check(balances.where_answered(ev.TransitAnswered(t, t.to_venue, a.ADA, who)))
    many = Standing(questions=tuple(asked) * 9, transits=tuple(on_the_way) * 9)
    check(balances.open_matters(many, frame))


@QUICK
@given(
    st.lists(st.tuples(NAMES, st.text(max_size=300), st.sampled_from(VenueHealth)), min_size=1, max_size=16), FIGURES
)
def test_what_venues_say(told: list[tuple[str, str, VenueHealth]], figure: Decimal) -> None:
    """Their health, and what was missed of it; what trades cost there, and the orders that they refused."""
    frame, took = a.a_frame(), timedelta(seconds=1)
    changes = [ev.VenueHealthChanged(VenueName(who), health, problem) for who, problem, health in told]
    for change in changes:
        check(alerts.venue_health(change, frame))
    check(digest([(a.T0, alerts.venue_health(change, frame)) for change in changes], frame))
    venues = tuple(VenueState(c.venue, c.health, c.problem, a.T0, None, took) for c in changes)
    check(health(HealthView(EngineHealth(a.T0, a.T0, venues, None, False), a.T0, 3, True, None), frame))
    seen = [Experience(c.venue, Asset(c.venue), 3, Money(figure), Money(figure), Money(figure)) for c in changes]
    check(costs(seen, lambda each: each.excess_bps, frame))
    for _, said, _ in told:
        request = a.order_request(a.TWO_LEGS[0])
        check(alerts.order_rejected(ev.OrderRejected(request.client_order_id, said, said), request))
        check(alerts.order_unconfirmed(ev.OrderUnconfirmed(request.client_order_id, said), request))


@QUICK
@given(NAMES)
def test_words_from_people(text: str) -> None:
    """Whatever somebody types or is called, the reply is valid."""
    for message in (
        manual.unknown_words(text),
        manual.unknown_words(text * 100),
        manual.start(text, ev.Mode.LIVE),
        manual.failed(text, text, text),
        alerts.resumed(text),
        alerts.paused(ev.PlanningPaused(a.ADA, None), a.a_frame(), text),
        alerts.member_added(ev.MemberAdded(a.ADA, text, ev.Role.OWNER)),
        files.too_large_to_read(text),
        files.not_fetched(text),
    ):
        check(message)
