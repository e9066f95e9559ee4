"""What a stop remembers from look to look: through looks at which it sees nothing, and after it has sold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from engine.decide.pipeline import decide
from engine.model.conditions import ChangeKind, GuardStanding, StopMark, conditions_after
from engine.model.decision import Outcome, Standing
from engine.model.guards import Guards, Rule, StopKind, StopLoss
from engine.model.lots import Account, Lot
from engine.model.money import Price, Quantity
from engine.model.plan import PlanTrigger
from engine.model.policy import Policy
from tests import builders as b

MINUTE = timedelta(minutes=1)


def lot(units: str, cost: str) -> Lot:
    """A purchase of bitcoin, and what all of it has cost."""
    return Lot(f"{units} for {cost}", b.BTC, Account("alpha"), b.T0, Quantity(Decimal(units)), Decimal(cost))


class Watched:
    """Bitcoin and cash, looked at every minute; what each look leaves behind is there at the next."""

    def __init__(self, policy: Policy, *lots: Lot, **held: str) -> None:
        self.policy, self.lots, self.held = policy, lots, held
        self.symbol, self.also = "BTC/USDT", tuple[b.Market, ...]()
        self.guards, self.now, self.numeraire = GuardStanding(), b.T0, b.USDT

    def look(self, price: str | None, after: timedelta = MINUTE) -> Outcome:
        """The decision when the coin costs this; None: nobody quotes it."""
        self.now += after
        markets = (b.Market(self.symbol, price), *self.also) if price else self.also
        shown = b.venue("alpha", self.held, *markets, as_of=self.now)
        seen = b.snapshot(shown, as_of=self.now, numeraire=self.numeraire)
        inputs = replace(b.inputs(seen, self.policy, Standing(guards=self.guards)), lots=self.lots)
        outcome = decide(inputs).outcome
        conditions = conditions_after(self.guards.conditions, outcome.guards.changes)
        stops = self.guards.stops if outcome.guards.stops is None else outcome.guards.stops
        self.guards = replace(self.guards, conditions=conditions, stops=stops)
        return outcome


def changes(outcome: Outcome) -> list[ChangeKind]:
    """What became of the stop at a look."""
    return [each.kind for each in outcome.guards.changes if each.condition.rule is Rule.STOP_LOSS]


def policy(**stop: object) -> Policy:
    """Three parts of bitcoin and two of cash, with a stop."""
    guards = Guards(stop_loss=StopLoss(**stop))
    return b.policy({"BTC": "0.6", "USDT": "0.4"}, guards=guards)


def test_a_stop_stays_armed_while_nobody_quotes_its_price() -> None:
    """Prices are missing when markets crash, of all times."""
    watched = Watched(policy(), lot("6", "600"), BTC="6", USDT="400")
    watched.look("100")
    watched.look(None)
    watched.look("70")
    assert watched.look("70").verdict.kind is PlanTrigger.RISK


def test_a_trailing_stop_keeps_its_peak_while_nobody_quotes_its_price() -> None:
    watched = Watched(policy(kind=StopKind.TRAILING), lot("6", "600"), BTC="6", USDT="400")
    watched.look("200")
    watched.look(None)
    assert watched.guards.stops == (StopMark(b.BTC, Price(Decimal(200)), is_armed=True, numeraire=b.USDT),)


def test_what_a_stop_has_sold_does_not_make_its_fall_smaller() -> None:
    """The dearest lots are sold first: what is left has cost less, and is no reason to buy them back."""
    watched = Watched(policy(sell_fraction=Decimal("0.5")), lot("3", "400"), lot("3", "200"), BTC="6", USDT="400")
    watched.look("100")
    for _ in range(3):
        fired = watched.look("74")
    assert fired.verdict.kind is PlanTrigger.RISK
    watched.lots, watched.held = (lot("3", "200"),), {"BTC": "3", "USDT": "622"}
    assert changes(watched.look("74")) == []
    assert changes(watched.look("86")) == []
    assert changes(watched.look("88")) == [ChangeKind.RESOLVED]


def test_what_was_sold_to_the_last_unit_is_armed_again_by_its_price_too() -> None:
    watched = Watched(policy(sell_fraction=Decimal(1)), lot("6", "600"), BTC="6", USDT="400")
    watched.look("100")
    for _ in range(3):
        watched.look("74")
    watched.lots, watched.held = (), {"USDT": "844"}
    assert changes(watched.look("86")) == []
    assert changes(watched.look("88")) == [ChangeKind.RESOLVED]


def test_a_peak_in_another_numeraire_is_no_peak() -> None:
    """From dollars to bitcoin: a price of 0.05 is not the hundredth part of a price of 2000."""
    wanted = b.policy({"ETH": "0.6", "BTC": "0.2", "USDT": "0.2"}, guards=policy(kind=StopKind.TRAILING).guards)
    watched = Watched(wanted, ETH="6", BTC="1", USDT="400")
    watched.symbol = "ETH/USDT"
    watched.also = (b.Market("BTC/USDT", "400"),)
    watched.look("200")
    watched.numeraire = b.BTC
    watched.look("200")
    assert watched.look("200").verdict.kind is not PlanTrigger.RISK
    watched.look("140")
    assert watched.look("140").verdict.kind is PlanTrigger.RISK


def test_one_wrong_print_is_no_peak() -> None:
    """A book whose best offer was gone for a moment shows a middle far above the price."""
    watched = Watched(policy(kind=StopKind.TRAILING), lot("6", "600"), BTC="6", USDT="400")
    watched.look("100")
    watched.look("550")
    for _ in range(4):
        assert changes(watched.look("100")) == []


def test_a_peak_is_what_two_looks_have_seen() -> None:
    watched = Watched(policy(kind=StopKind.TRAILING), lot("6", "600"), BTC="6", USDT="400")
    for price in ("100", "200", "190", "140"):
        watched.look(price)
    (mark,) = watched.guards.stops
    assert mark.peak == Decimal(190)
    assert watched.look("140").verdict.kind is PlanTrigger.RISK


def test_what_a_stop_asks_to_sell_is_not_told_of_twice() -> None:
    """Its target is lower from now on; that it is above that for as long as nobody answers is no news."""
    watched = Watched(policy(), lot("6", "600"), BTC="6", USDT="400")
    for price in ("100", "74", "74"):
        watched.look(price)
    for _ in range(3):
        found = watched.look("74", after=20 * MINUTE).guards
        assert [change.condition.rule for change in found.changes] == []
