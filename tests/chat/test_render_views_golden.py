"""Golden files of everything else the chat says: portfolio, drift, alerts, health, greetings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.chat.render import alerts
from bot.chat.render import replies as manual
from bot.chat.render.health import HealthView, health
from bot.chat.render.portfolio import drift, portfolio
from engine.api import EngineHealth, VenueState
from engine.model import events as ev
from engine.model.decision import AlertChange, AlertLevel, CashFlow, TriggerVerdict
from engine.model.ids import Asset, UserId, VenueName
from engine.model.money import Quantity
from engine.model.plan import PlanTrigger
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason, ReasonCode, reason
from tests.chat import builders as a
from tests.chat import decision_builders as seen
from tests.chat.golden_file import assert_golden

WEIGHTS = {AlertLevel.REACHED: "0.3913", AlertLevel.NEAR: "0.3751", None: "0.3420"}
LATER = a.T0 + timedelta(hours=1)


def verdict(fired: bool, *reasons: Reason) -> TriggerVerdict:
    return TriggerVerdict(fired, PlanTrigger.THRESHOLD if fired else None, reasons)


def drift_fact(level: AlertLevel | None, said: TriggerVerdict, *names: str) -> ev.DriftAlertsChanged:
    chosen = names or ("BTC",)
    changes = tuple(AlertChange(name, level) for name in chosen)
    drifts = tuple(a.a_drift(name, WEIGHTS[level], "0.3333", "0.05") for name in chosen)
    return ev.DriftAlertsChanged(changes, drifts, said)


def test_portfolio() -> None:
    """Weights with both drifts, and what one venue holds."""
    assert_golden("portfolio", portfolio(seen.a_decision(), a.a_frame()))


def test_portfolio_with_everything() -> None:
    """Dust, unmanaged and unpriced assets, a venue that is silent, one never seen, and amounts in open orders."""
    mixed = seen.a_venue(
        balances=(("BTC", "0.5"), ("DOGE", "100"), ("ETH", "0.00001"), ("USDT", "9000"), ("XYZ", "3")),
        prices=(("BTC", "60000"), ("ETH", "3000"), ("DOGE", "0.07")),
    )
    silent = seen.a_venue("binance", health=VenueHealth.UNREACHABLE, problem="timed out", books=())
    silent = replace(silent, observed_at=a.T0 - timedelta(minutes=27))
    unseen = seen.a_venue("okx", (), (), health=VenueHealth.UNREACHABLE, problem="DNS", observed_at=None)
    assert_golden("portfolio_everything", portfolio(seen.a_decision(mixed, silent, unseen), a.a_frame(2)))


def test_portfolio_of_nothing() -> None:
    """An empty account is told, not divided by."""
    assert_golden("portfolio_empty", portfolio(seen.a_decision(seen.a_venue(balances=())), a.a_frame()))


def test_hostile_portfolio() -> None:
    """Names from a venue cannot break the message."""
    held = ((a.HOSTILE, "1"), (a.ARABIC, "2"), (a.EMOJI, "3"), (a.LONG, "4"), ("USDT", "5000"))
    priced = tuple((asset, "1000") for asset, _ in held[:-1])
    targets = {asset: "0.2" for asset, _ in held}
    decision = seen.a_decision(seen.a_venue("<i>&", held, priced), policy=a.a_policy(**targets))
    assert_golden("portfolio_hostile", portfolio(decision, a.a_frame()))
    assert_golden("drift_hostile", drift(decision, a.a_frame()))


def test_a_missing_price() -> None:
    """Without a price no weight is known: none is shown as zero."""
    stale = tuple(replace(book, as_of=a.T0 - timedelta(minutes=5)) for book in seen.a_venue().books)
    decision = seen.a_decision(seen.a_venue(books=stale))
    assert_golden("portfolio_no_price", portfolio(decision, a.a_frame()))
    assert_golden("drift_no_price", drift(decision, a.a_frame()))


def test_drift() -> None:
    """Bars against the band; a drift beyond it is named, and a plan can be asked for."""
    assert_golden("drift_fires", drift(seen.a_decision(), a.a_frame()))
    quiet = seen.a_decision(policy=a.a_policy(BTC="0.59", ETH="0.24", USDT="0.17"))
    assert_golden("drift_quiet", drift(quiet, a.a_frame()))


def test_drift_alerts() -> None:
    """Near, reached and back; what follows comes from the verdict."""
    cooldown = reason(ReasonCode.COOLDOWN, until=LATER)
    not_due = reason(ReasonCode.CALENDAR_NOT_DUE, every="monthly", timezone="Europe/Berlin")
    within = reason(ReasonCode.DRIFT_WITHIN_THRESHOLD, name="BTC")
    silent = reason(ReasonCode.VENUE_UNREACHABLE, venue="kraken", age_seconds=Decimal(95), problem="timed out")
    nothing = reason(ReasonCode.NOTHING_TO_TRADE)
    frame, reached = a.a_frame(), AlertLevel.REACHED
    for name, fact in {
        "near": drift_fact(AlertLevel.NEAR, verdict(False, within)),
        "reached": drift_fact(reached, verdict(True, a.over_threshold())),
        "cooldown": drift_fact(reached, verdict(False, cooldown, a.over_threshold())),
        "calendar": drift_fact(reached, verdict(False, not_due)),
        "nothing": drift_fact(reached, verdict(True, a.over_threshold(), nothing)),
        "resolved": drift_fact(None, verdict(False, within)),
        "several": drift_fact(reached, verdict(True, a.over_threshold()), "BTC", "ETH", a.HOSTILE),
    }.items():
        assert_golden(f"alert_drift_{name}", alerts.drift_alert(fact, frame))
    partial = drift_fact(reached, verdict(True, a.over_threshold()))
    assert_golden("alert_drift_partial", alerts.drift_alert(partial, frame, (silent,)))


def test_what_stands_in_the_way() -> None:
    """Told once with the remedy, and once more when it is over."""
    missing = reason(ReasonCode.PRICE_MISSING, asset="XYZ")
    frame = a.a_frame()
    assert_golden("alert_no_plan_possible", alerts.vetoes_changed(ev.VetoesChanged((missing,)), frame))
    assert_golden("alert_plans_again", alerts.vetoes_changed(ev.VetoesChanged(()), frame))


def test_calendar() -> None:
    """A missed date is offered with a button; an answered one is told quietly."""
    date = a.T0 - timedelta(days=33)
    assert_golden("alert_date_missed", alerts.calendar_answered(ev.CalendarAnswered(date, True), a.a_frame(), False))
    assert_golden("alert_date_nothing", alerts.calendar_answered(ev.CalendarAnswered(date, False), a.a_frame(), False))


def test_money_venues_pauses_members() -> None:
    """One alert for each, with what happens next."""
    flow = CashFlow("kraken:1", VenueName("kraken"), Asset("USDT"), Quantity(Decimal("500.50")), a.T0)
    assert_golden("alert_cash_flow", alerts.cash_flow_seen(ev.CashFlowSeen(flow), a.a_frame()))
    for state in VenueHealth:
        changed = ev.VenueHealthChanged(VenueName("kraken"), state, "" if state is VenueHealth.HEALTHY else "HTTP 502")
        assert_golden(f"alert_venue_{state}", alerts.venue_health(changed, a.a_frame()))
    assert_golden("alert_paused", alerts.paused(ev.PlanningPaused(a.ADA, LATER), a.a_frame(), "Ada"))
    assert_golden("alert_paused_for_good", alerts.paused(ev.PlanningPaused(a.ADA, None), a.a_frame(), a.HOSTILE))
    assert_golden("alert_resumed", alerts.resumed("Ada"))
    assert_golden("alert_killed", alerts.killed("Ada <b>"))
    assert_golden("alert_revived", alerts.revived("Ada"))
    assert_golden("alert_member", alerts.member_added(ev.MemberAdded(UserId(678), "Ben <b>", ev.Role.OWNER)))


def test_trouble_with_a_plan() -> None:
    """A plan that stands still, an order that was refused, one that nobody confirmed."""
    request = a.order_request(a.TWO_LEGS[0])
    why = (reason(ReasonCode.LATE_FILL, order="abc", quantity=Decimal("0.01")),)
    assert_golden("alert_plan_paused", alerts.plan_paused(a.PLAN_ID, ev.ExecutionPaused(why), a.a_frame()))
    refused = ev.OrderRejected(request.client_order_id, "EOrder:Insufficient funds", "<not> enough & more")
    assert_golden("alert_order_rejected", alerts.order_rejected(refused, request))
    lost = ev.OrderUnconfirmed(request.client_order_id, "no answer in 10 s")
    assert_golden("alert_order_quarantined", alerts.order_quarantined(a.PLAN_ID, request))
    given_up = ev.OrderGivenUp(request.client_order_id, a.ADA, "Ada")
    assert_golden("alert_order_given_up", alerts.order_given_up(given_up, request))
    assert_golden("alert_order_unconfirmed", alerts.order_unconfirmed(lost, request))


def test_health() -> None:
    """Young and well; and old, sick and behind."""
    frame = a.a_frame()
    young = EngineHealth(None, None, (), None, False)
    assert_golden("health_young", health(HealthView(young, None, 0, True, None), frame))
    good = VenueState(VenueName("kraken"), VenueHealth.HEALTHY, "", a.T0, a.T0, timedelta(milliseconds=412))
    bad = VenueState(VenueName(a.LONG), VenueHealth.UNREACHABLE, "HTTP 502 <html>", a.T0, None, timedelta(seconds=20))
    old = EngineHealth(a.T0 - timedelta(days=3, hours=4), a.T0 - timedelta(seconds=40), (good, bad), a.PLAN_ID, True)
    view = HealthView(
        old,
        a.T0 - timedelta(minutes=9),
        12,
        False,
        48_300_000,
        (("equipoise", "0.1.0"), ("python-telegram-bot", "22.8")),
    )
    assert_golden("health_sick", health(view, frame))


def test_greetings_and_replies() -> None:
    """What the bot says of itself, and to what it cannot do."""
    assert_golden("start", manual.start("Ada & <co>", ev.Mode.SIMULATION))
    assert_golden("help", manual.help_page())
    assert_golden("whoami_member", manual.whoami_member(a.ADA, "Ada", "owner"))
    assert_golden("whoami_stranger", manual.whoami_stranger(UserId(12345)))
    assert_golden("unknown_words", manual.unknown_words("/portfolo now"), manual.unknown_words("<b>hello"))
    assert_golden("pause_reply", manual.paused_reply(LATER, a.a_frame()))
    assert_golden("resume_reply", manual.resumed_reply(), manual.revive_question(a.T0, a.a_frame()))
    assert_golden("nothing_to_do", manual.nothing_pending(), manual.nothing_to_stop())
    assert_golden("no_open_plan", manual.no_open_plan())
    assert_golden("failed", manual.failed("Looking at kraken", "HTTP 502 <html>", "I try again in 30 s"))
