"""What keeps a leg out of a plan, with which figures, and what becomes of the rest."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.model.market import Instrument, Side
from engine.model.money import Quantity, use_exact_context
from engine.model.plan import Plan
from engine.model.portfolio import Balance, Snapshot
from engine.model.reasons import Reason
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.builders import BTC, ETH, Market, venue


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def objections(seen: Snapshot, targets: dict[str, str] | None = None, **policy: object) -> list[Reason]:
    """Why no leg was left; empty where one was."""
    outcome = b.decided(seen, b.policy(targets or {"BTC": "0.5", "USDT": "0.5"}, **policy)).outcome
    assert (outcome.plan is None) == (R.NOTHING_TO_TRADE in b.codes(outcome.verdict.reasons))
    said = outcome.verdict.reasons if outcome.plan is None else ()
    return [r for r in said if r.code in (R.BELOW_MIN_TRADE, R.BELOW_VENUE_MINIMUM, R.COST_OVER_LIMIT, R.BOOK_TOO_THIN)]


def holding(**market: object) -> Snapshot:
    """Six bitcoin at 100 and 400 of cash: one bitcoin is too many."""
    made = Market("BTC/USDT", "100", step="1", **market)  # type: ignore[arg-type]
    return b.snapshot(venue("alpha", {"BTC": "6", "USDT": "400"}, made), BTC="100", USDT="1")


@pytest.mark.parametrize(("minimum", "traded"), [("100", True), ("100.01", False)])
def test_the_minimum_trade_is_the_least_that_is_traded(minimum: str, traded: bool) -> None:
    """At its mark in the numeraire; just the minimum may be traded."""
    found = objections(holding(), limits={"min_trade": Decimal(minimum)})
    assert [(r.code, r.get("notional"), r.get("minimum")) for r in found] == (
        [] if traded else [(R.BELOW_MIN_TRADE, "100", minimum)]
    )


@pytest.mark.parametrize(
    ("market", "traded"),
    [
        ({"min_amount": "1"}, True),
        ({"min_amount": "2"}, False),
        # Sold at 99.99 with a bound 50 bps below it: the venue weighs the order at 99.5.
        ({"min_notional": "99.50"}, True),
        ({"min_notional": "99.51"}, False),
    ],
)
def test_the_venues_minimum_holds_at_the_price_that_the_order_names(market: dict[str, str], traded: bool) -> None:
    """By amount, and by notional at its limit price, for that is what the venue looks at."""
    found = objections(holding(**market))
    assert b.codes(tuple(found)) == ([] if traded else [R.BELOW_VENUE_MINIMUM])


@pytest.mark.parametrize(("limit", "traded"), [("19.99", True), ("19.98", False)])
def test_a_leg_that_costs_too_much_is_dropped(limit: str, traded: bool) -> None:
    """A spread of 10 bps and a fee of 10 bps of what is paid, against the mark."""
    dear = holding(fee="0.001", bids=(("99.9", "9"),), asks=(("100.1", "9"),))
    found = objections(dear, limits={"max_cost_bps": Decimal(limit)})
    assert [(r.code, r.get("cost_bps")) for r in found] == ([] if traded else [(R.COST_OVER_LIMIT, "19.99")])


@pytest.mark.parametrize(
    ("depth", "multiple", "traded"), [("3", "3", True), ("2.99", "3", False), ("1", "0", True), ("1", "1", True)]
)
def test_a_book_must_hold_several_times_the_leg(depth: str, multiple: str, traded: bool) -> None:
    """Within 50 bps of its best price; a multiple of 0 switches the check off."""
    thin = holding(bids=(("99.5", depth), ("99", "100")), asks=(("100.5", "100"),))
    found = objections(thin, limits={"depth_multiple": Decimal(multiple)})
    assert [(r.code, r.get("depth"), r.get("needed")) for r in found] == (
        [] if traded else [(R.BOOK_TOO_THIN, depth, "3")]
    )


def test_the_depth_counts_just_up_to_its_distance() -> None:
    """A level at exactly 50 bps counts, also where the tick is coarser than that."""
    edge = holding(bids=(("100", "1"), ("99.5", "2")), asks=(("101", "100"),), tick="1")
    assert not objections(edge, limits={"depth_multiple": Decimal(3), "max_slippage_bps": Decimal(100)})


def test_what_a_thin_book_cannot_take_goes_to_another() -> None:
    """Of its unit of depth a third is taken there; the rest is solved again, and what was cut off is told."""
    thin = Market("BTC/USDT", "100", depth="1", fee="0.001")
    deep = Market("BTC/USDT", "100", fee="0.002")
    seen = b.snapshot(venue("deep", {"BTC": "5"}, deep), venue("thin", {"BTC": "5"}, thin))
    plan = b.rebalanced(seen, b.policy({"BTC": "0.6", "USDT": "0.4"}, limits={"depth_multiple": Decimal(3)}))
    taken = {leg.venue: leg.quantity for leg in plan.legs}
    assert taken["thin"] == Decimal("0.33333")
    assert plan.turnover == pytest.approx(Decimal(400), abs=Decimal(1))
    (dropped,) = plan.dropped
    assert (dropped.venue, dropped.side, dropped.reasons[0].code) == ("thin", Side.SELL, R.BOOK_TOO_THIN)
    assert R.OVERWEIGHT in b.codes(dropped.reasons)


def test_a_trade_too_small_whose_work_another_one_does_is_not_told() -> None:
    """Beta would sell 5 more cheaply; alpha sells all of it instead, and bitcoin is where it shall be."""
    dear, cheap = Market("BTC/USDT", "100", fee="0.002"), Market("BTC/USDT", "100", fee="0.001")
    seen = b.snapshot(venue("alpha", {"BTC": "7"}, dear), venue("beta", {"BTC": "0.05", "USDT": "295"}, cheap))
    limits = {"min_trade": Decimal(10), "tolerance": Decimal("0.0005")}
    plan = b.rebalanced(seen, b.policy({"BTC": "0.5", "USDT": "0.5"}, limits=limits))
    assert ([leg.venue for leg in plan.legs], plan.dropped) == (["alpha"], ())


def test_a_least_order_goes_to_the_venue_where_it_is_cheapest() -> None:
    """Solana is a hair above its tolerance: what is sold is the least order, and the dearer venue does not get it.

    It did: the cheaper one was closed while the dearer still seemed to do with less than a least order.
    """
    cheap = (
        Market("BTC/USDT", "54000", fee="0.001"),
        Market("ETH/USDT", "3480", fee="0.001"),
        Market("SOL/USDT", "150", spread="0.03", fee="0.001", step="0.001"),
    )
    dear = (
        Market("BTC/USDT", "54000", fee="0.0026"),
        Market("ETH/USDT", "3480", fee="0.0026"),
        Market("SOL/USDT", "150", spread="0.04", fee="0.0026"),
    )
    seen = b.snapshot(
        venue("cheap", {"BTC": "0.45", "ETH": "5", "USDT": "16000", "SOL": "40"}, *cheap),
        venue("dear", {"BTC": "0.3", "ETH": "3.3333", "USDT": "4000", "SOL": "26.6666"}, *dear),
    )
    targets = {"BTC": "0.45", "ETH": "0.25", "SOL": "0.10", "USDT": "0.20"}
    limits = {"min_trade": Decimal(10), "tolerance": Decimal("0.0005")}
    plan = b.decided(seen, b.policy(targets, trigger={"threshold": Decimal("0.03")}, limits=limits)).outcome.plan
    assert plan is not None
    (sale,) = [leg for leg in plan.legs if leg.base == "SOL"]
    assert (sale.venue, sale.side, sale.quantity) == ("cheap", Side.SELL, Decimal("0.067"))


def test_a_leg_is_cut_to_what_its_cost_allows() -> None:
    """The second level costs 200 bps: as much of it is taken as keeps the whole leg at 100."""
    book = holding(bids=(("100", "0.5"), ("98", "9")))
    book = replace(book, venues=(replace(book.venues[0], instruments=(fine_steps(book),)),))
    plan = b.rebalanced(book, b.policy({"BTC": "0.4", "USDT": "0.6"}, limits={"max_cost_bps": Decimal(100)}))
    leg = b.leg_of(plan, Side.SELL)
    assert (leg.quantity, leg.cost.total) == (Decimal(1), Decimal(1))
    assert [r.code for r in plan.dropped[0].reasons] == [R.COST_OVER_LIMIT, R.OVERWEIGHT]


def fine_steps(seen: Snapshot) -> Instrument:
    return replace(seen.venues[0].instruments[0], amount_step=Quantity(Decimal("0.001")))


def test_without_its_sale_a_purchase_shrinks_to_the_cash_that_is_there() -> None:
    """A plan never counts on money that its own limits keep from coming."""
    seen = b.snapshot(
        venue("alpha", {"BTC": "10", "USDT": "50"}, Market("BTC/USDT", "100", depth="1"), Market("ETH/USDT", "10"))
    )
    wanted = {"BTC": "0.4", "ETH": "0.55", "USDT": "0.05"}
    plan = b.rebalanced(seen, b.policy(wanted, limits={"depth_multiple": Decimal(3)}))
    brought = b.leg_of(plan, Side.SELL).notional
    assert b.leg_of(plan, Side.BUY, ETH).notional <= 50 + brought
    assert [(d.base, d.reasons[0].code) for d in plan.dropped if d.side is Side.SELL] == [(BTC, R.BOOK_TOO_THIN)]


def test_all_objections_are_named() -> None:
    """Too small and too dear at once."""
    bad = holding(fee="0.02")
    assert b.codes(tuple(objections(bad, limits={"min_trade": Decimal(500), "max_cost_bps": Decimal(99)}))) == [
        R.BELOW_MIN_TRADE,
        R.COST_OVER_LIMIT,
    ]


def test_a_plan_stops_where_the_tolerance_begins() -> None:
    """Going on would cost; under a tolerance of 0 it goes all the way."""
    seen = b.snapshot(venue("alpha", {"BTC": "7", "USDT": "300"}, Market("BTC/USDT", "100")))
    for tolerance, after in (("0", "0.6"), ("0.002", "0.602")):
        plan = b.rebalanced(seen, b.policy({"BTC": "0.6", "USDT": "0.4"}, limits={"tolerance": Decimal(tolerance)}))
        assert b.weights_after(plan)["BTC"] == pytest.approx(Decimal(after), abs=Decimal("0.00001"))


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_what_has_no_market_is_left_out_by_name(side: Side) -> None:
    """The plan comes as near as it can, and says what it could not do and where it would have."""
    held = {"BTC": "6", "SOL": "0", "USDT": "400"} | ({} if side is Side.BUY else {"ETH": "100"})
    seen = b.snapshot(
        venue("alpha", held, Market("BTC/USDT", "100"), Market("SOL/USDT", "1", spread="0.0002")),
        BTC="100",
        ETH="10",
        SOL="1",
        USDT="1",
    )
    plan: Plan = b.rebalanced(seen, b.policy({"BTC": "0.2", "ETH": "0.2", "SOL": "0.3", "USDT": "0.3"}))
    assert BTC in {leg.base for leg in plan.legs}
    (dropped,) = (leg for leg in plan.dropped if leg.base == ETH)
    assert (dropped.venue, dropped.side, dropped.reasons[0].code) == ("alpha", side, R.NO_MARKET)


def test_what_is_staked_is_not_sold_and_the_plan_says_what_to_move() -> None:
    """The sale goes as far as the free part; the rest is left out with the reason that names it."""
    seen = b.snapshot(venue("alpha", {"BTC": "1", "USDT": "20000"}, Market("BTC/USDT", "60000")))
    staked = Balance(BTC, Quantity(Decimal("0.1")), kept=Quantity(Decimal("0.9")))
    alpha = replace(seen.venues[0], balances=(staked, Balance(b.USDT, Quantity(Decimal(20000)))))
    plan = b.rebalanced(replace(seen, venues=(alpha,)), b.policy({"BTC": "0.5", "USDT": "0.5"}))
    assert [leg.quantity for leg in plan.legs] == [Decimal("0.1")]
    assert [(d.side, d.reasons[0].code, d.reasons[0].get("quantity")) for d in plan.dropped] == [
        (Side.SELL, R.KEPT_ELSEWHERE, "0.9")
    ]
