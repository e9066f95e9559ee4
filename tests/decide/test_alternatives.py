"""What a leg would have cost elsewhere, what others lack for it, and the transfer that would help most."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.model.costs import Experience
from engine.model.decision import Standing
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import Bps, Money, use_exact_context
from engine.model.plan import Alternative, Leg
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.builders import BTC, Market, venue

ALPHA = VenueName("alpha")
HALVES = {"BTC": "0.5", "USDT": "0.5"}
CHEAP = Market("BTC/USDT", "100", fee="0.001", step="0.1")


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def sold(*others: object) -> Leg:
    """One bitcoin too many at alpha, beside other venues."""
    seen = b.snapshot(venue("alpha", {"BTC": "6", "USDT": "400"}, CHEAP), *others, BTC="100", USDT="1")  # type: ignore[arg-type]
    return b.leg_of(b.rebalanced(seen, b.policy(HALVES)), Side.SELL)


def elsewhere(leg: Leg) -> Alternative:
    (other,) = leg.alternatives
    return other


def test_a_leg_says_what_it_would_cost_on_each_other_venue() -> None:
    """The same quantity, walked through the other book with the other fee."""
    dear = Market("BTC/USDT", fee="0.002", bids=(("99.9", "0.5"), ("99", "9")), asks=(("101", "9"),), step="0.1")
    leg = sold(venue("beta", {"BTC": "0.00001"}, dear), venue("gamma", {"USDT": "0.001"}))
    other = elsewhere(leg)
    half = Decimal("49.95") + (leg.quantity - Decimal("0.5")) * 99
    assert (other.venue, other.quote) == ("beta", "USDT")
    assert other.cost == Money(leg.quantity * 100 - half * Decimal("0.998"))
    assert other.cost > leg.cost.total


def test_a_cheaper_venue_that_cannot_pay_says_what_it_lacks() -> None:
    """It would win, if what is sold lay there."""
    free = Market("BTC/USDT", "100", step="0.1")
    other = elsewhere(sold(venue("beta", {"USDT": "0.001"}, free)))
    assert other.reason is not None
    assert (other.reason.code, other.reason.get("asset"), other.reason.get("available")) == (R.FUNDS_SHORT, "BTC", "0")


def test_a_book_that_does_not_hold_the_leg_has_no_cost() -> None:
    """And says how much it holds."""
    thin = Market("BTC/USDT", "100", depth="0.3", step="0.1", fee="0.01")
    other = elsewhere(sold(venue("beta", {"BTC": "0.00001"}, thin)))
    assert other.cost is None
    assert other.reason is not None
    assert (other.reason.code, other.reason.get("depth")) == (R.BOOK_TOO_THIN, "0.3")


def test_what_the_plan_takes_of_a_book_already_makes_more_of_it_dearer() -> None:
    """Both venues sell: each leg would come on top of the other one."""
    steep = Market("BTC/USDT", bids=(("100", "1"), ("90", "9")), asks=(("101", "9"),), step="1")
    seen = b.snapshot(venue("alpha", {"BTC": "3"}, steep), venue("beta", {"BTC": "3"}, steep), BTC="100", USDT="1")
    legs = b.rebalanced(seen, b.policy({"BTC": "0.67", "USDT": "0.33"})).legs
    assert [(leg.venue, leg.quantity, leg.cost.total) for leg in legs] == [("alpha", 1, 0), ("beta", 1, 0)]
    assert [elsewhere(leg).cost for leg in legs] == [Decimal(10), Decimal(10)]


def test_slices_are_reckoned_to_find_the_book_full_again() -> None:
    """Each of both slices takes the first level once more; at once the leg takes it only once."""
    book = Market("BTC/USDT", bids=(("100", "1"), ("99", "9")), asks=(("101", "9"),), step="1")
    seen = b.snapshot(venue("alpha", {"BTC": "10"}, book), BTC="100", USDT="1")
    leg = b.leg_of(
        b.rebalanced(seen, b.policy({"BTC": "0.6", "USDT": "0.4"}, limits={"slice_max": Decimal(100)})), Side.SELL
    )
    assert (leg.quantity, leg.slices) == (4, (2, 2))
    assert (leg.cost.total, leg.cost_in_slices) == (3, 2)


def test_the_transfer_that_is_told_is_the_one_that_helps_most() -> None:
    """Cash for bitcoin closes the wide gap; cash for ether would close a narrow one."""
    seen = b.snapshot(
        venue("bank", {"USDT": "1000"}),
        venue("coins", {"USDT": "1"}, Market("BTC/USDT", "100")),
        venue("gems", {"USDT": "1"}, Market("ETH/USDT", "10")),
    )
    plan = b.rebalanced(seen, b.policy({"BTC": "0.7", "ETH": "0.1", "USDT": "0.2"}))
    (told,) = plan.suggested_transfers
    assert (told.asset, told.from_venue, told.to_venue) == (Asset("USDT"), "bank", "coins")
    assert told.value == pytest.approx(Decimal(700), abs=Decimal(2))


def test_what_is_out_of_place_by_little_moves_nobody() -> None:
    """Half a basis point is nothing to log in at an exchange for."""
    seen = b.snapshot(
        venue("bank", {"USDT": "1"}), venue("coins", {"BTC": "500", "USDT": "49999"}, Market("BTC/USDT", "100"))
    )
    assert (
        b.decided(seen, b.policy(HALVES)).outcome.plan is None
        or not b.rebalanced(seen, b.policy(HALVES)).suggested_transfers
    )


def experienced(excess: str) -> Standing:
    """Three trades of bitcoin at alpha that cost so much more than estimated."""
    known = Experience(ALPHA, BTC, 3, Money(Decimal(100)), Money(Decimal(1)), Money(Decimal(1)), Bps(Decimal(excess)))
    return Standing(experience=(known,))


def test_what_was_learned_is_in_the_estimate() -> None:
    """4 bps of the notional beside fee, spread and impact; better than estimated makes it less."""
    seen = b.snapshot(venue("alpha", {"BTC": "6", "USDT": "400"}, CHEAP), BTC="100", USDT="1")
    for excess in ("4", "-2"):
        plan = b.decided(seen, b.policy(HALVES), experienced(excess)).outcome.plan
        assert plan is not None
        (leg,) = plan.legs
        assert leg.cost.learned == leg.notional * Decimal(excess) / 10_000
        assert plan.cost.total == leg.cost.fee + leg.cost.spread + leg.cost.impact + leg.cost.learned


def test_a_venue_that_turned_out_dearer_loses_the_leg() -> None:
    """Alpha's fee is lower by half a basis point, and its trades cost 4 more."""
    beta = Market("BTC/USDT", "100", fee="0.00105", step="0.1")
    seen = b.snapshot(
        venue("alpha", {"BTC": "6", "USDT": "400"}, CHEAP), venue("beta", {"BTC": "6", "USDT": "400"}, beta)
    )
    for standing, wins in ((Standing(), "alpha"), (experienced("4"), "beta")):
        plan = b.decided(seen, b.policy(HALVES), standing).outcome.plan
        assert plan is not None
        assert {leg.venue for leg in plan.legs} == {wins}
