"""Whatever names and figures come in: every message is valid HTML for Telegram, fits, and its tables fit a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat.message import Message
from bot.chat.payloads import MOST_BYTES, parse
from bot.chat.render import alerts
from bot.chat.render import replies as manual
from bot.chat.render.layout import COLUMNS
from bot.chat.render.names import width
from bot.chat.render.plan_card import plan_card
from bot.chat.render.portfolio import drift, portfolio
from bot.chat.render.report import plan_report
from bot.chat.render.why import why_not, why_plan
from bot.sandbox.telegram.html_markup import parse_html
from bot.sandbox.telegram.utf16 import utf16_length
from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.decision import Decision
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import Money, Price, Quantity, Weight
from engine.model.plan import Leg, Plan, WeightLine
from engine.model.reasons import ReasonCode, reason
from tests.chat import builders as a
from tests.chat import decision_builders as seen

NAMES = st.one_of(st.sampled_from([a.HOSTILE, a.ARABIC, a.EMOJI, a.LONG, "", "BTC"]), st.text(max_size=60))
FIGURES = st.builds(lambda digits, power: Decimal(digits).scaleb(power), st.integers(1, 10**9), st.integers(-24, 18))
HELD = st.builds(lambda digits, power: Decimal(digits).scaleb(power), st.integers(1, 10**9), st.integers(-15, 3))
"""What an account can hold and a market can quote: the engine's arithmetic is exact there."""
WEIGHTS = st.decimals(0, 1, places=6)
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
    for button in (button for row in message.keyboard for button in row):
        assert len(button.payload.encode()) <= MOST_BYTES
        assert parse(button.payload) is not None


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


@QUICK
@given(NAMES)
def test_words_from_people(text: str) -> None:
    """Whatever somebody types or is called, the reply is valid."""
    for message in (
        manual.unknown_words(text),
        manual.start(text, ev.Mode.LIVE),
        manual.failed(text, text, text),
        alerts.resumed(text),
        alerts.paused(ev.PlanningPaused(a.ADA, None), a.a_frame(), text),
        alerts.member_added(ev.MemberAdded(a.ADA, text, ev.Role.OWNER)),
    ):
        check(message)
