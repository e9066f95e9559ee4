"""Liquidity of what is held: how long selling it takes, markets that are wider or thinner than usual, and what is not
known of either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.pipeline import decide
from engine.model.conditions import ChangeKind, Condition, Finding, GuardStanding, Level, Stage
from engine.model.decision import Outcome, Standing
from engine.model.guards import Guards, Liquidity, Rule, Stance
from engine.model.market_usual import MarketUsual
from engine.model.money import Bps, Quantity, use_exact_context
from engine.model.reasons import Reason, reason
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.builders import Market

D = Decimal
NOW = Liquidity(lasting=timedelta(0))
"""It is raised at once, so that one look shows what is raised."""
BITCOIN = Market("BTC/USDT", "100")
WHOLE = (("99.99", "6"), ("99.9", "4"), ("90", "500"))
MIRRORED = (("100.01", "6"), ("100.1", "4"), ("110", "500"))


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def usual(spread: str | None = "2", depth: str | None = None, volume: str | None = None) -> MarketUsual:
    """Of BTC/USDT, whose book is 2 bps wide here."""
    hours = 3 if spread is None else 24
    return MarketUsual(
        b.BTC,
        b.USDT,
        hours,
        None if spread is None else Bps(D(spread)),
        None if depth is None else Quantity(D(depth)),
        None if volume is None else Quantity(D(volume)),
    )


def looked(
    *known: MarketUsual,
    rule: Liquidity = NOW,
    market: Market = BITCOIN,
    standing: Sequence[Condition] = (),
    **more: Any,
) -> Outcome:
    """Six bitcoin and 400 in cash on one venue, with what is usual on its market."""
    place = replace(b.venue("alpha", {"BTC": "6", "USDT": "400"}, market), usual=known)
    seen = b.snapshot(place, *more.get("others", ()))
    policy = b.policy({"BTC": "0.6", "USDT": "0.4"}, guards=Guards(liquidity=rule))
    return decide(b.inputs(seen, policy, Standing(guards=GuardStanding(conditions=tuple(standing))))).outcome


def stood(subject: str, why: Reason | None = None) -> Condition:
    told = why or reason(R.TOLD_BY_FILE)
    return Condition(Rule.LIQUIDITY, subject, Stage.RAISED, b.T0 - timedelta(days=1), told)


def thin() -> Reason:
    return reason(R.MARKET_STRAINED, depth=D(1), usual_depth=D(50))


def found(outcome: Outcome) -> dict[str, Finding]:
    return {f.subject: f for f in outcome.guards.findings if f.rule is Rule.LIQUIDITY}


def changed(outcome: Outcome) -> list[tuple[ChangeKind, str]]:
    return [(c.kind, c.condition.subject) for c in outcome.guards.changes if c.condition.rule is Rule.LIQUIDITY]


@pytest.mark.parametrize(
    ("volume", "level", "days"),
    [("19", Level.HIT, "3.15"), ("20", Level.HOLD, "3"), ("24", Level.HOLD, "2.5"), ("26", Level.CLEAR, "2.3")],
)
def test_days_to_exit(volume: str, level: Level, days: str) -> None:
    """Six units at a tenth of what a day trades: more than three days are too long, and 2.4 are well again."""
    seen = found(looked(usual(volume=volume)))["BTC"]
    assert seen.level is level
    assert seen.reason.get("days").startswith(days)
    assert seen.reason.code is (R.EXIT_SLOW if level is Level.HIT else R.EXIT_QUICK)


def test_all_venues_that_trade_it_count() -> None:
    """Twelve units in all, and two markets: a venue of which it is not known adds nothing, and hides nothing."""
    other = replace(b.venue("beta", {"BTC": "6"}, Market("BTC/USDT", "100")), usual=(usual(volume="30"),))
    silent = replace(b.venue("gamma", {"USDT": "1"}, Market("BTC/USDT", "100")), usual=(usual(),))
    outcome = looked(usual(volume="30"), others=(other, silent))
    assert found(outcome)["BTC"].reason.get("days") == "2"


def test_a_market_without_trades_is_no_way_out() -> None:
    assert found(looked(usual(volume="0")))["BTC"].level is Level.HIT


def test_an_unknown_volume_is_not_fine() -> None:
    """And what stands of it stays."""
    outcome = looked(usual(), standing=(stood("BTC"),))
    seen = found(outcome)["BTC"]
    assert (seen.level, seen.reason.code) == (Level.UNARMED, R.VOLUME_UNKNOWN)
    assert changed(outcome) == []
    assert found(looked())["BTC"].level is Level.UNARMED


def test_a_market_as_usual_is_not_listed() -> None:
    assert [*found(looked(usual(volume="100")))] == ["BTC"]


def test_a_spread_that_is_many_times_the_usual_one_is_told() -> None:
    """2 bps are five times 0.39, and not quite five times 0.41."""
    wide = looked(usual("0.39"))
    assert changed(wide) == [(ChangeKind.RAISED, "alpha BTC/USDT")]
    why = found(wide)["alpha BTC/USDT"].reason
    assert (why.code, why.get("spread"), why.get("usual_spread")) == (R.MARKET_STRAINED, "2", "0.39")
    assert changed(looked(usual("0.41"))) == []
    assert found(looked(usual("0.41")))["alpha BTC/USDT"].level is Level.HOLD


def test_a_whole_book_that_is_a_fraction_of_the_usual_one_is_told() -> None:
    """Ten bitcoin within half a percent: less than a fifth of 51, and not of 49."""
    book = Market("BTC/USDT", "100", bids=WHOLE, asks=MIRRORED)
    assert changed(looked(usual("2", depth="51"), market=book)) == [(ChangeKind.RAISED, "alpha BTC/USDT")]
    assert changed(looked(usual("2", depth="49"), market=book)) == []


def test_the_best_prices_alone_say_nothing_of_depth() -> None:
    """One level of a book is not thin; nor does it end what was found in the whole one."""
    assert changed(looked(usual("2", depth="10000000"))) == []
    outcome = looked(usual("2", depth="50"), standing=(stood("alpha BTC/USDT", thin()),))
    assert found(outcome)["alpha BTC/USDT"].level is Level.HOLD
    assert changed(outcome) == []


def test_a_book_that_has_filled_up_again_ends_it() -> None:
    book = Market("BTC/USDT", "100", bids=WHOLE, asks=MIRRORED)
    outcome = looked(usual("2", depth="20"), market=book, standing=(stood("alpha BTC/USDT", thin()),))
    assert changed(outcome) == [(ChangeKind.RESOLVED, "alpha BTC/USDT")]


def test_a_wide_market_that_is_calm_again_ends_by_the_best_prices() -> None:
    assert changed(looked(usual(), standing=(stood("alpha BTC/USDT"),))) == [(ChangeKind.RESOLVED, "alpha BTC/USDT")]


def test_a_short_record_is_named_once_for_a_venue() -> None:
    """With how long it is and how long it must be. What stood before it began anew is not over."""
    outcome = looked(usual(None), standing=(stood("alpha BTC/USDT"),))
    seen = found(outcome)
    assert (seen["alpha"].level, seen["alpha"].reason.get("hours")) == (Level.UNARMED, "3")
    assert seen["alpha BTC/USDT"].level is Level.UNARMED
    assert changed(outcome) == []


def test_a_venue_without_a_book_now_changes_nothing() -> None:
    """It does not answer, or its book is crossed: that is another guard's word."""
    crossed = Market("BTC/USDT", "100", bids=(("101", "5"),), asks=(("100", "5"),))
    assert "alpha BTC/USDT" not in found(looked(usual("0.1"), market=crossed))


def test_where_nothing_lies_nothing_is_watched() -> None:
    """A market of a coin that lies elsewhere may be as wide as it likes."""
    empty = replace(b.venue("beta", {"USDT": "1"}, Market("BTC/USDT", "100")), usual=(usual("0.1"),))
    assert [*found(looked(usual(volume="100"), others=(empty,)))] == ["BTC"]


def test_with_propose_plans_wait_for_a_person_while_it_stands() -> None:
    asked = looked(usual("0.39"), rule=replace(NOW, stance=Stance.PROPOSE))
    assert b.codes(asked.guards.must_ask) == [R.MARKET_STRAINED]
    assert looked(usual("0.39")).guards.must_ask == ()


def test_a_rule_that_is_off_sees_nothing() -> None:
    assert found(looked(usual("0.39"), rule=Liquidity(Stance.OFF))) == {}
