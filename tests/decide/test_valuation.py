"""Marks and weights from what the venues show: what counts, what is left out, and what forbids to go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.decide.valuation import value
from engine.model.decision import RequestKind
from engine.model.ids import Asset
from engine.model.money import Quantity, use_exact_context
from engine.model.policy import Unmanaged
from engine.model.portfolio import Balance, HoldingKind, Snapshot, Valuation, VenueHealth
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.builders import BTC, ETH, USD, USDC, USDT, Market, venue


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def valued(seen: Snapshot, **policy: object) -> Valuation:
    return value(seen, b.policy({"BTC": "0.5", "USDT": "0.5"}, **policy))


def at(*mids: str, **more: object) -> Snapshot:
    """A venue for each price of bitcoin; only the first holds anything."""
    holds = [{"BTC": "1"} if n == 0 else {} for n, _ in enumerate(mids)]
    venues = [
        venue(f"v{n}", held, Market("BTC/USDT", mid)) for n, (held, mid) in enumerate(zip(holds, mids, strict=True))
    ]
    return b.snapshot(*venues, **more)  # type: ignore[arg-type]


def test_the_price_is_the_median_of_the_venues_mids() -> None:
    """Of three venues the middle one counts, of two the middle between them."""
    assert valued(at("60000", "60100", "60300")).mark(BTC) == 60100
    assert valued(at("60000", "60100")).mark(BTC) == 60050


def test_a_venue_has_one_voice_however_many_markets_it_has() -> None:
    """Three markets on one venue do not outvote two other venues."""
    loud = venue("v0", {}, *(Market(f"BTC/{q}", "60900") for q in ("USDT", "USDC", "EUR")))
    rates = venue("rates", {}, Market("USDC/USDT"), Market("EUR/USDT"))
    seen = b.snapshot(
        loud, rates, venue("v1", {}, Market("BTC/USDT", "60000")), venue("v2", {}, Market("BTC/USDT", "60100"))
    )
    assert valued(seen).mark(BTC) == 60100


def test_a_stablecoin_is_priced_by_the_market() -> None:
    """USDT is worth what it trades for in the numeraire, and so is what is quoted in it."""
    seen = b.snapshot(
        venue("alpha", {"BTC": "1", "USDT": "1000"}, Market("BTC/USDT", "60000"), Market("USDT/USD", "0.98")),
        numeraire=USD,
    )
    found = valued(seen)
    assert (found.mark(USDT), found.mark(BTC)) == (Decimal("0.98"), Decimal(58800))
    assert found.managed_value == Decimal("59780.00")


def test_prices_are_found_through_quote_currencies_both_ways() -> None:
    """With euros as numeraire and BTC/EUR beside BTC/USDT, the price of USDT follows backwards."""
    seen = b.snapshot(
        venue("alpha", {"USDT": "1"}, Market("BTC/USDT", "60000")),
        venue("beta", {}, Market("BTC/EUR", "48000")),
        numeraire=Asset("EUR"),
    )
    assert valued(seen).mark(USDT) == Decimal("0.8")


def test_a_stale_price_is_left_out_and_named() -> None:
    """One older than the limit does not count; one just as old as it does."""
    old = Market("BTC/USDT", "70000", age=timedelta(seconds=61))
    just = Market("BTC/USDT", "60000", age=timedelta(seconds=60))
    found = valued(b.snapshot(venue("v0", {}, old), venue("v1", {}, just)))
    assert found.mark(BTC) == 60000
    (note,) = [note for note in found.notes if note.code is R.PRICE_STALE]
    assert (note.get("venue"), note.get("symbol"), note.get("age_seconds"), note.get("limit_seconds")) == (
        "v0",
        "BTC/USDT",
        "61",
        "60",
    )


def test_a_price_far_from_the_median_is_left_out_and_named() -> None:
    """One more than two percent off does not count; one just at two percent does."""
    found = valued(at("100", "100", "102.01"))
    assert found.mark(BTC) == 100
    assert [(n.get("venue"), n.get("price")) for n in found.notes if n.code is R.PRICE_DEVIATES] == [("v2", "102.01")]
    assert not valued(at("100", "100", "102")).notes


def test_two_prices_that_contradict_each_other_are_no_price() -> None:
    """Nobody can tell which one is right: the asset has no price, and that is a veto."""
    found = valued(at("60000", "70000"))
    assert found.mark(BTC) is None
    assert b.codes(found.vetoes) == [R.PRICE_MISSING]


@pytest.mark.parametrize(
    ("market", "code"),
    [
        (Market("BTC/USDT", bids=(("70001", "1"),), asks=(("70000", "1"),)), R.BOOK_CROSSED),
        (Market("BTC/USDT", bids=(("70000", "1"),), asks=(("70000", "1"),)), R.BOOK_CROSSED),
        (Market("BTC/USDT", bids=(), asks=(("70000", "1"),)), R.BOOK_ONE_SIDED),
        (Market("BTC/USDT", bids=(("70000", "1"),), asks=()), R.BOOK_ONE_SIDED),
    ],
)
def test_a_book_without_a_mid_is_left_out_and_named(market: Market, code: R) -> None:
    """Crossed, locked, or with one side only."""
    found = valued(b.snapshot(venue("v0", {}, market), venue("v1", {"BTC": "1"}, Market("BTC/USDT", "60000"))))
    assert found.mark(BTC) == 60000
    assert [(n.code, n.get("venue"), n.get("symbol")) for n in found.notes] == [(code, "v0", "BTC/USDT")]


def test_a_missing_price_is_a_veto_and_never_zero() -> None:
    """What is held without a price stops the plan; no weight is made up, and no alert comes of it."""
    seen = b.snapshot(venue("alpha", {"BTC": "1", "USDT": "1000"}), numeraire=USDT)
    outcome = b.decided(seen, b.policy({"BTC": "0.5", "USDT": "0.5"}), request=RequestKind.MANUAL).outcome
    assert [(v.code, v.get("asset")) for v in outcome.vetoes] == [(R.PRICE_MISSING, "BTC")]
    assert (outcome.plan, outcome.drifts, outcome.valuation.weights, outcome.alerts) == (None, (), (), ())


def test_a_target_that_nobody_prices_is_a_veto() -> None:
    """It could not be bought; a target of zero that is not held needs no price."""
    seen = b.snapshot(venue("alpha", {"USDT": "1000"}))
    assert b.codes(valued(seen).vetoes) == [R.PRICE_MISSING]
    assert not value(seen, b.policy({"BTC": "0", "USDT": "1"})).vetoes


def test_given_marks_win_over_the_books() -> None:
    """With marks in the state file the numeraire need not be quoted anywhere."""
    seen = b.snapshot(
        venue("alpha", {"BTC": "1"}, Market("BTC/USDT", "60000")), numeraire=USD, BTC="50000", USDT="0.99"
    )
    found = valued(seen)
    assert (found.mark(BTC), found.mark(USDT), found.mark(USD)) == (Decimal(50000), Decimal("0.99"), Decimal(1))


def test_a_venue_that_does_not_answer_stops_everything() -> None:
    """Its last known balances count, with their age."""
    gone = venue(
        "beta", {"BTC": "1"}, health=VenueHealth.UNREACHABLE, observed_at=b.T0 - timedelta(minutes=5), problem="502"
    )
    found = valued(b.snapshot(venue("alpha", {"USDT": "60000"}, Market("BTC/USDT", "60000")), gone))
    (veto,) = found.vetoes
    assert (veto.code, veto.get("venue"), veto.get("age_seconds"), veto.get("problem")) == (
        R.VENUE_UNREACHABLE,
        "beta",
        "300",
        "502",
    )
    assert found.weight("BTC") == Decimal("0.5")


def test_a_venue_that_was_never_seen_leaves_the_weights_unknown() -> None:
    """What it holds is not nothing: no weight and no alert is made of it."""
    unseen = venue("beta", {}, health=VenueHealth.UNREACHABLE, observed_at=None)
    seen = b.snapshot(venue("alpha", {"BTC": "1", "USDT": "1"}, Market("BTC/USDT", "60000")), unseen)
    outcome = b.decided(seen, b.policy({"BTC": "0.5", "USDT": "0.5"})).outcome
    assert (outcome.drifts, outcome.alerts, outcome.plan) == ((), (), None)
    assert outcome.vetoes[0].get("age_seconds") == "unknown"


def test_a_partial_view_may_be_allowed() -> None:
    """Then there is no veto, the plan says so, and only the healthy venue trades."""
    gone = venue("beta", {"BTC": "1"}, Market("BTC/USDT", "60000"), health=VenueHealth.UNREACHABLE)
    seen = b.snapshot(venue("alpha", {"BTC": "1", "USDT": "60000"}, Market("BTC/USDT", "60000")), gone)
    outcome = b.decided(seen, b.policy({"BTC": "0.5", "USDT": "0.5"}, allow_partial=True)).outcome
    assert not outcome.vetoes
    assert R.PARTIAL_VIEW_ALLOWED in b.codes(outcome.valuation.notes)
    assert outcome.plan is not None
    assert [(leg.venue, leg.quantity) for leg in outcome.plan.legs] == [("alpha", Decimal("0.5"))]


@pytest.mark.parametrize("health", [VenueHealth.DEGRADED, VenueHealth.HALTED])
def test_a_venue_in_poor_health_counts_and_is_not_traded(health: VenueHealth) -> None:
    """Its holdings are worth what they are; its prices and its markets are left out."""
    poor = venue("beta", {"BTC": "1"}, Market("BTC/USDT", "61000"), health=health)
    seen = b.snapshot(venue("alpha", {"BTC": "1", "USDT": "60000"}, Market("BTC/USDT", "60000")), poor)
    outcome = b.decided(seen, b.policy({"BTC": "0.5", "USDT": "0.5"})).outcome
    assert outcome.valuation.mark(BTC) == 60000
    assert R.VENUE_NOT_TRADED in b.codes(outcome.valuation.notes)
    assert outcome.plan is not None
    assert {leg.venue for leg in outcome.plan.legs} == {"alpha"}


def test_what_is_in_no_target_is_listed_and_not_weighed() -> None:
    """It counts in the total, not in the managed value; without a price it is named and counts nowhere."""
    seen = b.snapshot(
        venue("alpha", {"BTC": "1", "ETH": "1", "JUNK": "7"}, Market("BTC/USDT", "60000"), Market("ETH/USDT", "3000"))
    )
    found = valued(seen)
    assert (found.managed_value, found.total_value) == (Decimal(60000), Decimal(63000))
    assert [h.kind for h in found.holdings if h.asset == ETH] == [HoldingKind.UNMANAGED]
    assert [(n.get("asset"), n.get("quantity")) for n in found.notes if n.code is R.UNPRICED_ASSET] == [("JUNK", "7")]


def test_what_is_to_be_sold_and_has_no_price_is_named() -> None:
    """A policy that sells the rest does not hide what it cannot value."""
    found = valued(b.snapshot(venue("alpha", {"JUNK": "7", "USDT": "1"}, Market("BTC/USDT"))), unmanaged=Unmanaged.SELL)
    assert [n.get("asset") for n in found.notes if n.code is R.UNPRICED_ASSET] == ["JUNK"]


def test_dust_is_valued_and_marked_as_such() -> None:
    """Under the venue's minimum, by amount or by notional."""
    by_amount = Market("BTC/USDT", "60000", min_amount="0.01")
    by_notional = Market("BTC/USDT", "60000", min_notional="600")
    for market in (by_amount, by_notional):
        found = valued(b.snapshot(venue("alpha", {"BTC": "0.009", "USDT": "1"}, market)))
        (dust,) = [h for h in found.holdings if h.asset == BTC]
        assert (dust.kind, dust.value) == (HoldingKind.DUST, Decimal(540))
        enough = valued(b.snapshot(venue("alpha", {"BTC": "0.01", "USDT": "1"}, market)))
        assert [h.kind for h in enough.holdings if h.asset == BTC] == [HoldingKind.MANAGED]


def test_what_lies_in_open_orders_counts_and_is_named() -> None:
    """It belongs to the weights, but cannot be spent."""
    seen = b.snapshot(venue("alpha", {"BTC": "1"}, Market("BTC/USDT", "60000"), locked={"BTC": "0.25"}))
    found = valued(seen)
    assert found.managed_value == 60000
    assert [n.get("quantity") for n in found.notes if n.code is R.LOCKED_IN_ORDERS] == ["0.25"]


def test_what_is_staked_counts_and_is_named() -> None:
    """It belongs to the weights; only a person can make it spendable."""
    seen = b.snapshot(venue("alpha", {"BTC": "1"}, Market("BTC/USDT", "60000")))
    alpha = replace(seen.venues[0], balances=(Balance(BTC, Quantity(Decimal("0.6")), kept=Quantity(Decimal("0.4"))),))
    found = valued(replace(seen, venues=(alpha,)))
    assert found.managed_value == 60000
    assert [n.get("quantity") for n in found.notes if n.code is R.KEPT_ELSEWHERE] == ["0.4"]
    assert not [n for n in found.notes if n.code is R.LOCKED_IN_ORDERS]


def test_a_bucket_is_one_name() -> None:
    """Its assets are weighed together, each at its own price."""
    seen = b.snapshot(
        venue(
            "alpha",
            {"BTC": "1", "USDT": "30000", "USDC": "30000"},
            Market("BTC/USDT", "60000"),
            Market("USDC/USDT", "1.01"),
        )
    )
    found = value(seen, b.policy({"BTC": "0.5", "cash": "0.5"}, buckets={"cash": ["USDT", "USDC"]}))
    assert found.mark(USDC) == Decimal("1.01")
    assert {w.name: w.value for w in found.weights} == {"BTC": 60000, "cash": Decimal("60300.00")}


def test_fiat_is_a_legal_cash_bucket() -> None:
    """Dollars are held, weighed and spent like any other asset."""
    seen = b.snapshot(venue("kraken", {"USD": "1000"}, Market("BTC/USD", "50000")), numeraire=USD)
    plan = b.rebalanced(seen, b.policy({"BTC": "0.5", "fiat": "0.5"}, buckets={"fiat": ["USD", "EUR"]}))
    assert b.trades(plan) == [("kraken", "BTC/USD", "buy", Decimal("0.01"))]


def test_nothing_held_is_a_veto() -> None:
    """There is nothing to weigh."""
    found = valued(b.snapshot(venue("alpha", {}, Market("BTC/USDT", "60000"))))
    assert b.codes(found.vetoes) == [R.NOTHING_HELD]


def test_a_price_too_small_to_write_is_no_price() -> None:
    """It would become zero: the asset stays without a mark, and nothing is divided by it."""
    seen = b.snapshot(venue("alpha", {"DUST": "5", "BTC": "1"}, Market("BTC/DUST", "1" + "0" * 22)), numeraire=BTC)
    found = value(seen, b.policy({"DUST": "0.5", "BTC": "0.5"}))
    assert [v.get("asset") for v in found.vetoes] == ["DUST"]
