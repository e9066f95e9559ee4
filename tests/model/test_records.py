"""Records check themselves: what contradicts itself cannot be made, and the error names it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.canonical import canonical_json, digest_of, instant_text
from engine.model.errors import InvalidValue
from engine.model.ids import Asset, LegId, PlanId, VenueName, client_order_id
from engine.model.market import Side
from engine.model.money import Quantity, Weight
from engine.model.policy import Bucket, Policy, Target, policy_mistakes
from engine.model.portfolio import Balance, Snapshot
from engine.model.reasons import ReasonCode, reason
from tests import builders as b
from tests.builders import BTC, T0, USDT, Market, venue

# --- markets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"tick": "0"},
        {"step": "-1"},
        {"min_amount": "-1"},
        {"min_notional": "-1"},
        {"fee": "1"},
        {"fee": "-1"},
        {"symbol": "BTC/BTC"},
    ],
)
def test_a_market_that_makes_no_sense_is_refused(wrong: dict[str, str]) -> None:
    """The error names the venue and the market."""
    made = Market(wrong.pop("symbol", "BTC/USDT"), **wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="alpha BTC/"):
        made.instrument(VenueName("alpha"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"bids": (("100", "1"), ("101", "1"))},
        {"asks": (("102", "1"), ("101", "1"))},
        {"bids": (("0", "1"),)},
        {"asks": (("100", "0"),)},
    ],
)
def test_a_book_out_of_order_is_refused(wrong: dict[str, Any]) -> None:
    """Bids fall, asks rise, and nothing is free or empty."""
    with pytest.raises(InvalidValue, match="BTC/USDT"):
        Market("BTC/USDT", **wrong).book(T0)


def test_a_book_knows_its_middle_and_when_it_is_crossed() -> None:
    """Locked counts as crossed; a purchase takes asks."""
    book = Market("BTC/USDT", bids=(("99", "1"),), asks=(("101", "2"),)).book(T0)
    assert (book.mid, book.is_two_sided, book.is_crossed) == (Decimal(100), True, False)
    assert (book.side_taken(Side.BUY), book.side_taken(Side.SELL)) == (book.asks, book.bids)
    assert replace(book, bids=book.asks).is_crossed


def test_a_balance_is_never_negative() -> None:
    """Free and locked together are the total."""
    with pytest.raises(InvalidValue, match="BTC"):
        Balance(BTC, Quantity(Decimal(-1)))
    assert Balance(BTC, Quantity(Decimal(1)), Quantity(Decimal(2))).total == 3


# --- snapshots -------------------------------------------------------------------------------------------------------


def test_a_venue_is_there_once() -> None:
    """Two of one name could not be told apart."""
    with pytest.raises(InvalidValue, match="alpha"):
        b.snapshot(venue("alpha", {}), venue("alpha", {}))


def test_snapshots_told_in_another_order_are_equal() -> None:
    """Venues, balances, markets and marks have one order."""
    first = venue("a", {"BTC": "1", "USDT": "2"}, Market("BTC/USDT"), Market("ETH/USDT"))
    again = venue("a", {"USDT": "2", "BTC": "1"}, Market("ETH/USDT"), Market("BTC/USDT"))
    other = venue("b", {})
    one, two = Snapshot(T0, USDT, (first, other)), Snapshot(T0, USDT, (other, again))
    assert canonical_json(one) == canonical_json(two)


# --- policies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("targets", "more", "field"),
    [
        ({}, {}, "targets"),
        ({"BTC": "0.5", "USDT": "0.4"}, {}, "targets"),
        ({"BTC": "0.5", "USDT": "0.499998"}, {}, "targets"),
        ({"BTC": "-0.1", "USDT": "1.1"}, {}, "targets.BTC"),
        ({"BTC": "1"}, {"thresholds": {"BTC": "0"}}, "targets.BTC.threshold"),
        ({"BTC": "1"}, {"buckets": {"cash": ["USDT"]}}, "buckets.cash"),
        ({"cash": "1"}, {"buckets": {"cash": []}}, "buckets.cash"),
        ({"cash": "0.5", "USDT": "0.5"}, {"buckets": {"cash": ["USDT"]}}, "targets.USDT"),
        ({"BTC": "1"}, {"trigger": {"threshold": Decimal(0)}}, "trigger.threshold"),
        ({"BTC": "1"}, {"trigger": {"hybrid_threshold": Decimal(0)}}, "trigger.hybrid_threshold"),
        ({"BTC": "1"}, {"trigger": {"cooldown": timedelta(seconds=-1)}}, "trigger.cooldown"),
        ({"BTC": "1"}, {"limits": {"min_trade": Decimal(-1)}}, "rebalance.min_trade"),
        ({"BTC": "1"}, {"limits": {"max_slippage_bps": Decimal(0)}}, "execution.max_slippage_bps"),
        ({"BTC": "1"}, {"limits": {"plan_ttl": timedelta(0)}}, "approval.plan_ttl"),
        ({"BTC": "1"}, {"rebalance_to": Decimal("1.1")}, "rebalance.to"),
        ({"BTC": "1"}, {"approvers": 0}, "approval.approvers"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(targets: dict[str, str], more: dict[str, Any], field: str) -> None:
    """The error names the key as it is written in the file."""
    with pytest.raises(InvalidValue) as caught:
        b.policy(targets, **more)
    assert caught.value.field == field


def test_weights_may_miss_one_by_a_millionth() -> None:
    """Thirds cannot be written exactly."""
    thirds = b.policy({"BTC": "0.333333", "ETH": "0.333333", "USDT": "0.333333"})
    assert [target.name for target in thirds.targets] == ["BTC", "ETH", "USDT"]


def test_all_mistakes_are_found_at_once() -> None:
    """Nobody should have to correct a file ten times."""
    wrong = object.__new__(Policy)
    for name, value in {
        **{field: getattr(b.policy({"BTC": "1"}), field) for field in Policy.__dataclass_fields__},
        "targets": (Target("BTC", Weight(Decimal(2))), Target("BTC", Weight(Decimal(0)))),
        "buckets": (Bucket("cash", ()),),
        "approvers": 0,
    }.items():
        object.__setattr__(wrong, name, value)
    fields = [mistake.field for mistake in policy_mistakes(wrong)]
    assert {"targets.BTC", "targets", "buckets.cash", "approval.approvers"} <= set(fields)


def test_an_asset_counts_towards_one_name() -> None:
    """Its own, or its bucket's; an unmanaged one towards none."""
    wanted = b.policy({"BTC": "0.5", "cash": "0.5"}, buckets={"cash": ["USDT", "USDC"]})
    assert (wanted.name_of(USDT), wanted.name_of(BTC), wanted.name_of(Asset("ETH"))) == ("cash", "BTC", None)
    assert wanted.managed_assets == ("BTC", "USDC", "USDT")


# --- names and texts -------------------------------------------------------------------------------------------------


def test_an_order_id_follows_from_what_is_approved() -> None:
    """32 hex digits, the same in every life of the program, another one for every attempt."""
    parts = (PlanId("ab.1"), LegId("L1"), 1, 1)
    assert client_order_id(*parts) == "9d79fc20e7faa14407c8e3b211d5229c"
    others = [
        (PlanId("ab.2"), LegId("L1"), 1, 1),
        (PlanId("ab.1"), LegId("L2"), 1, 1),
        (PlanId("ab.1"), LegId("L1"), 1, 2),
    ]
    assert len({client_order_id(*other) for other in (parts, *others)}) == 4


def test_canonical_text_has_one_form() -> None:
    """Sorted keys, no spaces, plain decimals, instants in UTC."""
    instant = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    record = {"b": Decimal("1.50"), "a": (T0, instant, timedelta(seconds=1.5)), "c": Side.BUY, "d": None, "e": True}
    assert canonical_json(record) == (
        '{"a":["2026-01-01T00:00:00Z","2026-01-01T00:00:00Z","1.5"],"b":"1.5","c":"buy","d":null,"e":true}'
    )
    assert instant_text(datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC)) == "2026-01-01T00:00:00.000005Z"


def test_equal_records_have_one_digest() -> None:
    """1.0 and 1.00 are the same number; a float has no canonical form at all."""
    assert digest_of(Balance(BTC, Quantity(Decimal("1.0")))) == digest_of(Balance(BTC, Quantity(Decimal("1.00"))))
    assert digest_of(Balance(BTC, Quantity(Decimal(1)))) != digest_of(Balance(BTC, Quantity(Decimal(2))))
    with pytest.raises(TypeError):
        canonical_json({"price": 0.1})


def test_a_reason_holds_its_figures_as_text() -> None:
    """In the order of their names; what it does not have is empty."""
    why = reason(ReasonCode.REJECTED_BY_VENUE, message="no", code="-1013")
    assert why.operands == (("code", "-1013"), ("message", "no"))
    assert (why.get("code"), why.get("other")) == ("-1013", "")
    assert reason(ReasonCode.COOLDOWN, until=T0).get("until") == "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Pair:
    one: Decimal
    other: Decimal


@given(
    st.lists(
        st.tuples(*[st.decimals(-(10**6), 10**6, places=8) | st.sampled_from(["0E-9", "1E+3", "-0.00", "10.500"])] * 2)
    )
)
def test_many_records_of_decimals_are_written_like_one_by_one(pairs: list[tuple[Decimal | str, Decimal | str]]) -> None:
    """Exponents, signs and trailing zeros are the same in a list of two as in a list of one."""
    levels = [Pair(Decimal(a), Decimal(b)) for a, b in pairs]
    assert canonical_json(levels) == f"[{','.join(canonical_json(level) for level in levels)}]"
