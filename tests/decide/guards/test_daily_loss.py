"""The loss of a day, where not every price is known."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from engine.model.conditions import Finding, GuardStanding, Level
from engine.model.decision import Standing
from engine.model.guards import Rule
from engine.model.ids import Asset
from engine.model.money import Price
from engine.model.reasons import ReasonCode
from tests import builders as b


def loss(*markets: b.Market, **noted: str) -> Finding:
    """What is seen of six bitcoin and 400 dollars, with prices that were noted two hours ago."""
    prices = tuple((Asset(asset), Price(Decimal(price))) for asset, price in noted.items())
    guards = GuardStanding(prices=((b.T0 - timedelta(hours=2), prices),))
    seen = b.snapshot(b.venue("alpha", {"BTC": "6", "USDT": "400"}, *markets))
    outcome = b.decided(seen, b.policy({"BTC": "0.6", "USDT": "0.4"}), Standing(guards=guards)).outcome
    return next(finding for finding in outcome.guards.findings if finding.rule is Rule.DAILY_LOSS)


def test_a_price_that_is_missing_is_no_loss() -> None:
    """Six bitcoin that nobody quotes just now are not worth nothing: it cannot be told."""
    found = loss(BTC="100", USDT="1")
    assert (found.level, found.reason.code) == (Level.UNARMED, ReasonCode.PRICE_MISSING)


def test_what_had_no_price_the_day_before_counts_as_it_is() -> None:
    found = loss(b.Market("BTC/USDT", "80"), USDT="1")
    assert (found.level, found.reason.get("loss")) == (Level.CLEAR, "0")


def test_prices_in_another_numeraire_are_none_of_the_day_before() -> None:
    """A day after dollars were exchanged for bitcoin as the numeraire, nothing has been lost."""
    guards = GuardStanding(prices=((b.T0, ((b.BTC, Price(Decimal(100))),)),), prices_in=b.USDT)
    seen = b.snapshot(b.venue("alpha", {"BTC": "6", "USDT": "400"}, b.Market("BTC/USDT", "100")), numeraire=b.BTC)
    outcome = b.decided(seen, b.policy({"BTC": "0.6", "USDT": "0.4"}), Standing(guards=guards)).outcome
    (found,) = (finding for finding in outcome.guards.findings if finding.rule is Rule.DAILY_LOSS)
    assert (found.level, found.reason.code) == (Level.UNARMED, ReasonCode.NO_PRICES_OF_YESTERDAY)
