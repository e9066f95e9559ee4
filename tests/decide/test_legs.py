"""The legs of a plan: where they trade, how much, at which bound, and in which order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.model.decision import RequestKind
from engine.model.market import FeeCurrency, Side
from engine.model.money import use_exact_context
from engine.model.policy import Unmanaged
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.builders import BTC, ETH, USD, Market, venue

HALVES = {"BTC": "0.5", "USDT": "0.5"}


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def test_a_plan_sells_what_is_too_much_and_buys_what_is_too_little() -> None:
    """Sales come first, for they pay for the purchases; large before small."""
    seen = b.snapshot(
        venue(
            "alpha",
            {"BTC": "6", "ETH": "10", "SOL": "100", "USDT": "100"},
            *(Market(f"{base}/USDT", mid) for base, mid in (("BTC", "100"), ("ETH", "10"), ("SOL", "1"))),
        )
    )
    plan = b.rebalanced(seen, b.policy({"BTC": "0.3", "ETH": "0.2", "SOL": "0.3", "USDT": "0.2"}))
    assert [(leg.side, leg.base) for leg in plan.legs] == [(Side.SELL, "BTC"), (Side.BUY, "SOL"), (Side.BUY, "ETH")]
    assert [leg.id for leg in plan.legs] == ["L1", "L2", "L3"]
    assert all(abs(line.residual) < Decimal("0.0001") for line in plan.weights)


def test_quantities_are_on_the_venues_step() -> None:
    """Wished for are 0.1667: the nearest multiple of 0.003 leaves least outside."""
    seen = b.snapshot(venue("alpha", {"BTC": "1", "USDT": "40000"}, Market("BTC/USDT", "60000", step="0.003")))
    assert b.leg_of(b.rebalanced(seen, b.policy(HALVES)), Side.SELL).quantity == Decimal("0.168")


@pytest.mark.parametrize(("btc", "side", "bound"), [("1", Side.SELL, "59690.1"), ("0.1", Side.BUY, "60309.9")])
def test_the_bound_lies_on_the_tick_and_on_the_safe_side(btc: str, side: Side, bound: str) -> None:
    """50 bps from the best price are 59690.05 and 60309.95... a sale asks for no less, a purchase pays no more."""
    market = Market("BTC/USDT", bids=(("59990", "9"),), asks=(("60009.9", "9"),), tick="0.1")
    seen = b.snapshot(venue("alpha", {"BTC": btc, "USDT": "40000"}, market))
    assert b.leg_of(b.rebalanced(seen, b.policy(HALVES)), side).limit_price == Decimal(bound)


def test_the_expected_price_is_what_the_book_promises() -> None:
    """Half from the first level, half from the second."""
    book = Market("BTC/USDT", bids=(("99", "1"),), asks=(("100", "1"), ("100.4", "5")), tick="0.1", step="1")
    seen = b.snapshot(venue("alpha", {"USDT": "400"}, book), BTC="100", USDT="1")
    leg = b.leg_of(b.rebalanced(seen, b.policy({"BTC": "0.25", "USDT": "0.75"})), Side.BUY)
    assert (leg.quantity, leg.expected_price, leg.notional) == (Decimal(1), Decimal(100), Decimal(100))
    leg = b.leg_of(b.rebalanced(seen, b.policy(HALVES)), Side.BUY)
    assert (leg.quantity, leg.expected_price, leg.notional) == (Decimal(2), Decimal("100.2"), Decimal(200))


def test_the_bound_leaves_the_slippage_and_never_less_than_the_plan_itself_takes() -> None:
    """50 bps from the best price; a plan that reaches deeper, at the cost that it states, is approved as deep."""
    book = Market("BTC/USDT", bids=(("99", "1"),), asks=(("100", "1"), ("100.5", "1"), ("100.6", "9")), tick="0.1")
    seen = b.snapshot(venue("alpha", {"USDT": "1000"}, book), BTC="100", USDT="1")
    shallow = b.leg_of(b.rebalanced(seen, b.policy({"BTC": "0.1", "USDT": "0.9"})), Side.BUY)
    assert (shallow.expected_price, shallow.limit_price) == (Decimal(100), Decimal("100.5"))
    deep = b.leg_of(b.rebalanced(seen, b.policy(HALVES)), Side.BUY)
    assert (deep.quantity > 4, deep.limit_price) == (True, Decimal("100.6"))


def test_a_bound_on_a_coarse_tick_still_reaches_the_deepest_level_of_the_plan() -> None:
    """A book may show prices between two ticks: rounded down, the bound would leave them out."""
    book = Market("BTC/USDT", bids=(("99", "1"),), asks=(("100.2", "1"), ("101.5", "9")), tick="1")
    seen = b.snapshot(venue("alpha", {"USDT": "1000"}, book), BTC="100", USDT="1")
    assert b.leg_of(b.rebalanced(seen, b.policy(HALVES)), Side.BUY).limit_price == Decimal(102)


def test_what_no_price_on_the_tick_can_be_asked_for_is_not_sold() -> None:
    """At half a unit with ticks of one, the only bound is nothing."""
    coarse = Market("BTC/USDT", bids=(("0.5", "900"),), asks=(("0.6", "900"),), tick="1")
    seen = b.snapshot(venue("alpha", {"BTC": "1000", "USDT": "100"}, coarse), BTC="0.55", USDT="1")
    assert b.decided(seen, b.policy(HALVES), request=RequestKind.MANUAL).outcome.plan is None


def test_a_purchase_that_takes_all_cash_draws_its_bound_in() -> None:
    """A venue sets a purchase aside at its limit price: what there is must reach for it."""
    seen = b.snapshot(venue("alpha", {"USDT": "1000"}, Market("BTC/USDT", "100")))
    leg = b.leg_of(b.rebalanced(seen, b.policy({"BTC": "1", "USDT": "0"})), Side.BUY)
    assert leg.quantity * leg.limit_price <= 1000
    assert leg.expected_price <= leg.limit_price < Decimal("100.51")


def test_a_purchase_may_take_the_last_unit_of_cash() -> None:
    """Ten at 100 are exactly what a thousand pays."""
    market = Market("BTC/USDT", bids=(("99.99", "99"),), asks=(("100", "99"),), step="1")
    seen = b.snapshot(venue("alpha", {"USDT": "1000"}, market))
    leg = b.leg_of(b.rebalanced(seen, b.policy({"BTC": "1", "USDT": "0"})), Side.BUY)
    assert (leg.quantity, leg.limit_price) == (Decimal(10), Decimal(100))


def test_each_venue_spends_only_what_it_has() -> None:
    """Cash on one venue buys nothing on another; what is missing is suggested as a transfer by hand."""
    cheap = venue("cheap", {"USDT": "1000"}, Market("BTC/USDT", "100", spread="0.02"))
    rich = venue("rich", {"USDT": "9000"})
    plan = b.rebalanced(b.snapshot(cheap, rich), b.policy(HALVES))
    leg = b.leg_of(plan, Side.BUY)
    assert leg.venue == "cheap"
    assert leg.quantity * leg.limit_price <= 1000
    (transfer,) = plan.suggested_transfers
    assert (transfer.asset, transfer.from_venue, transfer.to_venue) == ("USDT", "rich", "cheap")
    assert transfer.value == pytest.approx(Decimal(4005), abs=Decimal(5))
    assert R.CASH_ELSEWHERE in [r.code for d in plan.dropped for r in d.reasons]


def test_a_transfer_is_suggested_only_to_where_it_helps() -> None:
    """Not to a venue that has no market for what is missing."""
    plan = b.rebalanced(
        b.snapshot(
            venue("aaa", {"USDT": "1"}, Market("ETH/USDT", "10")),
            venue("buys", {"USDT": "1"}, Market("BTC/USDT", "100")),
            venue("rich", {"USDT": "9000"}),
        ),
        b.policy({"BTC": "0.5", "ETH": "0", "USDT": "0.5"}),
    )
    assert [t.to_venue for t in plan.suggested_transfers] == ["buys"]


def test_a_purchase_keeps_the_fee_in_mind() -> None:
    """At its bound and with its fee it costs no more than the venue holds."""
    market = Market("BTC/USDT", "100", fee="0.01")
    leg = b.leg_of(
        b.rebalanced(b.snapshot(venue("alpha", {"USDT": "1000"}, market)), b.policy({"BTC": "1", "USDT": "0"})),
        Side.BUY,
    )
    assert leg.quantity * leg.limit_price * Decimal("1.01") <= 1000
    assert (leg.quantity + Decimal("0.00001")) * leg.limit_price * Decimal("1.01") > 1000


def test_a_venues_own_sales_pay_for_its_purchases() -> None:
    """And only on that venue."""
    both = (Market("BTC/USDT", "100"), Market("ETH/USDT", "10"))
    seen = b.snapshot(venue("alpha", {"BTC": "10"}, *both), venue("beta", {"ETH": "0.001"}, *both))
    plan = b.rebalanced(seen, b.policy({"BTC": "0.5", "ETH": "0.5", "USDT": "0"}))
    assert [(leg.venue, leg.side, leg.base) for leg in plan.legs] == [
        ("alpha", Side.SELL, BTC),
        ("alpha", Side.BUY, ETH),
    ]
    assert b.weights_after(plan)["ETH"] == pytest.approx(Decimal("0.5"), abs=Decimal("0.005"))


def test_a_sale_goes_where_it_costs_least() -> None:
    """What the cheapest venue holds, and the rest at the next; equals by name."""
    dear, cheap = Market("BTC/USDT", "100", fee="0.002"), Market("BTC/USDT", "100", fee="0.001")
    seen = b.snapshot(venue("a", {"BTC": "3"}, dear), venue("z", {"BTC": "1"}, cheap))
    plan = b.rebalanced(seen, b.policy(HALVES))
    assert {leg.venue: leg.quantity for leg in plan.legs} == pytest.approx(
        {"z": Decimal(1), "a": Decimal(1)}, abs=Decimal("0.004")
    )
    equals = b.snapshot(venue("z", {"BTC": "3"}, cheap), venue("a", {"BTC": "3"}, cheap))
    assert [leg.venue for leg in b.rebalanced(equals, b.policy({"BTC": "0.6", "USDT": "0.4"})).legs] == ["a"]


def test_a_purchase_goes_where_it_costs_least() -> None:
    """Fee and spread together; what the cheapest cannot pay goes to the next."""
    dear, cheap = Market("BTC/USDT", "100", fee="0.002"), Market("BTC/USDT", "100", fee="0.001")
    seen = b.snapshot(venue("a", {"USDT": "500"}, dear), venue("z", {"USDT": "500"}, cheap))
    assert b.leg_of(b.rebalanced(seen, b.policy({"BTC": "0.4", "USDT": "0.6"})), Side.BUY).venue == "z"
    more = b.rebalanced(seen, b.policy({"BTC": "0.8", "USDT": "0.2"}))
    assert {leg.venue for leg in more.legs} == {"a", "z"}


def test_a_sale_takes_its_venues_best_market() -> None:
    """Of two currencies that count as one, the one that costs less to sell for."""
    dear, cheap = Market("BTC/USDC", "100", fee="0.002"), Market("BTC/USDT", "100", fee="0.001")
    seen = b.snapshot(venue("alpha", {"BTC": "10"}, dear, cheap, Market("USDC/USDT")))
    for quotes in (["USDT", "USDC"], ["USDC", "USDT"]):
        plan = b.rebalanced(seen, b.policy({"BTC": "0.5", "cash": "0.5"}, buckets={"cash": quotes}))
        assert [leg.symbol for leg in plan.legs] == ["BTC/USDT"]


def test_a_transfer_leads_from_one_venue_to_another() -> None:
    """Also where the cash lies at a venue that has the market, and too thin a book."""
    thin = venue("a", {"USDT": "1000"}, Market("BTC/USDT", "100", depth="1"))
    plan = b.rebalanced(b.snapshot(thin, venue("b", {"USDT": "1"}, Market("BTC/USDT", "100"))), b.policy(HALVES))
    assert [(t.from_venue, t.to_venue) for t in plan.suggested_transfers] == [("a", "b")]


def test_what_is_locked_is_not_sold() -> None:
    """It counts, and lies in somebody's open order."""
    seen = b.snapshot(venue("alpha", {"BTC": "10"}, Market("BTC/USDT", "100"), locked={"BTC": "8"}))
    assert b.leg_of(b.rebalanced(seen, b.policy(HALVES)), Side.SELL).quantity == 2


def test_what_is_in_no_target_is_kept_unless_the_policy_sells_it() -> None:
    """Kept, it is not even weighed; sold, it goes whole."""
    seen = b.snapshot(
        venue("alpha", {"BTC": "5", "ETH": "10", "USDT": "500"}, Market("BTC/USDT", "100"), Market("ETH/USDT", "10"))
    )
    assert b.decided(seen, b.policy(HALVES), request=RequestKind.MANUAL).outcome.plan is None
    plan = b.rebalanced(seen, b.policy(HALVES, unmanaged=Unmanaged.SELL))
    leg = b.leg_of(plan, Side.SELL, ETH)
    assert (leg.quantity, leg.reasons[0].code) == (Decimal(10), R.UNMANAGED_SOLD)
    assert b.weights_after(plan)["ETH"] == 0


def test_what_a_sale_of_the_rest_brings_is_still_counted() -> None:
    """Sold for a currency that is no target either, its value stays in sight, and buys what is lacking."""
    seen = b.snapshot(
        venue(
            "alpha",
            {"SOL": "100", "BTC": "1"},
            Market("SOL/USDC", "1"),
            Market("BTC/USDC", "100"),
            Market("BTC/USD", "100"),
        ),
        numeraire=USD,
    )
    plan = b.rebalanced(seen, b.policy({"BTC": "1"}, unmanaged=Unmanaged.SELL))
    assert [(leg.side, leg.symbol) for leg in plan.legs] == [(Side.SELL, "SOL/USDC"), (Side.BUY, "BTC/USDC")]
    assert sum(b.weights_after(plan).values()) == pytest.approx(Decimal(1), abs=Decimal("1e-17"))


def test_a_fee_in_the_received_asset_shrinks_what_arrives() -> None:
    """The plan's weights know it; a fee in quote is paid from the cash."""
    for currency, arrives in ((FeeCurrency.RECEIVED, Decimal("0.99")), (FeeCurrency.QUOTE, Decimal(1))):
        market = Market(
            "BTC/USDT", fee="0.01", fee_currency=currency, bids=(("100", "99"),), asks=(("100.01", "99"),), step="1"
        )
        seen = b.snapshot(venue("alpha", {"USDT": "1000"}, market), BTC="100", USDT="1")
        plan = b.rebalanced(seen, b.policy({"BTC": "0.1", "USDT": "0.9"}))
        assert b.leg_of(plan, Side.BUY).quantity == 1
        cash = 1000 - Decimal("100.01") - (Decimal("1.0001") if currency is FeeCurrency.QUOTE else 0)
        assert b.weights_after(plan)["BTC"] == pytest.approx(
            arrives * 100 / (arrives * 100 + cash), abs=Decimal("1e-17")
        )


def test_weights_are_taken_after_costs() -> None:
    """With a fee of one percent the plan aims at what will be left."""
    seen = b.snapshot(venue("alpha", {"USDT": "1000"}, Market("BTC/USDT", "100", fee="0.01")))
    plan = b.rebalanced(seen, b.policy(HALVES))
    assert b.weights_after(plan)["BTC"] == pytest.approx(Decimal("0.5"), abs=Decimal("0.0001"))


def test_every_leg_says_why_it_is_there() -> None:
    """Which name is off by how much, and what pays for it."""
    seen = b.snapshot(venue("alpha", {"BTC": "6", "USDT": "400"}, Market("BTC/USDT", "100")))
    gap, funding = b.leg_of(b.rebalanced(seen, b.policy(HALVES)), Side.SELL).reasons
    assert (gap.code, gap.get("name"), gap.get("weight"), gap.get("destination")) == (R.OVERWEIGHT, "BTC", "0.6", "0.5")
    assert (funding.code, funding.get("venue"), funding.get("free")) == (R.HELD_HERE, "alpha", "6")
