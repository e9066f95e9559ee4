"""Whatever assets, venues and people are called, and however many: what is told of guards fits and is valid."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.chat.guard_payloads import GuardPress, GuardVerb
from bot.chat.message import Message
from bot.chat.render import alerts, conditions, risk, venues
from engine.api import Said
from engine.model import events as ev
from engine.model.conditions import TOLD, ChangeKind, Level, Step
from engine.model.decision import Standing
from engine.model.guards import Rule, Stance
from engine.model.ids import Asset, VenueName
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason
from engine.model.reasons import ReasonCode as R
from engine.model.venue_signals import CoinState
from tests.chat import builders as a
from tests.chat import guard_builders as g
from tests.chat.test_render_properties import HELD, NAMES, QUICK, check

FRAME = a.a_frame()


@st.composite
def reasons(draw: st.DrawFn) -> Reason:
    name = draw(NAMES)
    made = (
        g.stop(name, str(draw(HELD)), draw(st.sampled_from((R.STOP_HIT, R.STOP_ARMED, R.STOP_BELOW_AT_FIRST)))),
        g.peg(name, str(draw(HELD)), by=draw(NAMES)),
        g.weight(name),
        g.day(),
        g.average(),
        g.judged(name),
    )
    return draw(st.sampled_from(made))


@QUICK
@given(
    st.lists(
        st.tuples(st.sampled_from(Rule), NAMES, reasons(), st.sampled_from(Level), st.sampled_from(Stance)), max_size=60
    ),
    st.lists(st.tuples(st.sampled_from(Rule), NAMES, reasons(), st.sampled_from(Step)), max_size=30),
    NAMES,
)
def test_guards(
    seen: list[tuple[Rule, str, Reason, Level, Stance]], standing: list[tuple[Rule, str, Reason, Step]], who: str
) -> None:
    """/risk, and every change of what stands."""
    found = [g.finding(rule, name, why, level, stance=stance) for rule, name, why, level, stance in seen]
    stands = tuple(g.condition(*each) for each in standing)
    signed = replace(g.SIGNED, name=who)
    check(risk.guards(g.view(*found, conditions=stands, signatures=(signed,), act_up_to="1"), FRAME))
    for kind in TOLD if stands else ():
        said = conditions.conditions_changed(g.changed(*(g.change(c, kind) for c in stands)), FRAME, Standing())
        assert said is not None and said.silent == (kind is ChangeKind.RESOLVED)
        check(said)
    check(conditions.signed(ev.GuardSigned(signed), FRAME))
    check(conditions.unsigned(ev.GuardUnsigned(Rule.DEPEG, a.ADA, who)))
    check(conditions.rearmed(ev.GuardRearmed(Rule.STOP_LOSS, who, None, a.ADA, who)))


@QUICK
@given(
    st.lists(st.tuples(NAMES, st.sampled_from(VenueHealth), st.text(max_size=300), HELD), max_size=30),
    st.lists(NAMES, max_size=200),
)
def test_venues(seen: list[tuple[str, VenueHealth, str, Decimal]], coins: list[str]) -> None:
    """/venues, and one that is halted with any number of coins on it."""
    closed = tuple(CoinState(Asset(coin), False, False) for coin in coins)
    signals = g.signals(coins=closed, online=False, status=(coins or [""])[0] * 9)
    lines = tuple(g.line(n, h, 7, problem=p, worth=str(w), signals=signals) for n, h, p, w in seen)
    check(venues.venues(lines, FRAME))
    for name, _, _, held in seen[:3]:
        check(alerts.venue_health(g.halted(name, held=tuple((coin, str(held)) for coin in coins)), FRAME))


@QUICK
@given(st.sampled_from(Said), NAMES)
def test_answers_are_toasts(said: Said, name: str) -> None:
    """Plain words of no more than a toast holds, whoever is named."""
    for answer in (
        risk.said(said, GuardPress(GuardVerb.REARM, Rule.STOP_LOSS, name)),
        risk.said_of_venue(said, VenueName(name)),
    ):
        assert 0 < len(answer) <= 200 and "\n" not in answer
        check(Message(answer.replace("<", "&lt;").replace("&", "&amp;")))
