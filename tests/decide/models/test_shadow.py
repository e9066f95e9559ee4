"""The record of a shadow: what static targets and a model's would have made, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.decide.models.shadow import shadow_record
from engine.model.ids import Asset
from engine.model.money import Price
from engine.model.target_changes import ShadowDay, ShadowRecord, named
from tests.builders import T0
from tests.decide.models.prices import weights

D = Decimal
WEEK = timedelta(days=7)
ASSETS = {"BTC": [Asset("BTC")], "USDT": [Asset("USDT")]}
HALF = {"BTC": "0.5", "USDT": "0.5"}


def day(number: int, btc: str | None, model: dict[str, str] | None = None) -> ShadowDay:
    """A date of the record: half bitcoin by the static targets, and the model's weights."""
    closes = ((Asset("BTC"), Price(D(btc))),) if btc is not None else ()
    return ShadowDay(T0 + number * WEEK, named(weights(**HALF)), named(weights(**(model or HALF))), closes)


def record(*days: ShadowDay, fee: str = "0") -> ShadowRecord:
    return shadow_record(days, ASSETS, D(fee))


def test_a_line_grows_as_its_weights_do() -> None:
    """Bitcoin doubles: half of it makes 1.5; a quarter of it 1.25."""
    found = record(day(0, "100", {"BTC": "0.25", "USDT": "0.75"}), day(1, "200"))
    assert (found.static.value, found.model.value) == (D("1.5"), D("1.25"))
    assert (found.days, found.left_out) == (7, 0)


def test_what_is_traded_counts_both_sides() -> None:
    """Two thirds of it are bitcoin after it doubled: a sixth is sold, and a sixth is the cash that comes in."""
    found = record(day(0, "100"), day(1, "200"))
    assert found.static.turnover == pytest.approx(D(1) / 3, abs=D("1e-12"))


def test_a_fee_is_taken_of_what_is_traded() -> None:
    """A third of 1.5, at one percent."""
    found = record(day(0, "100"), day(1, "200"), fee="0.01")
    assert found.static.value == pytest.approx(D("1.5") * (1 - D("0.01") / 3), abs=D("1e-11"))


def test_equal_targets_make_equal_lines() -> None:
    """Whatever prices do."""
    found = record(*(day(n, price) for n, price in enumerate(("100", "80", "130", "90"))), fee="0.001")
    assert found.static == found.model


def test_a_model_that_leaves_in_time_is_seen_to() -> None:
    """It had no bitcoin while that fell by half."""
    out = {"BTC": "0", "USDT": "1"}
    found = record(day(0, "100", out), day(1, "50", out), day(2, "50"))
    assert (found.static.value, found.model.value) == (D("0.75"), D("1"))


def test_a_span_without_a_price_counts_for_neither() -> None:
    """It is told of; nothing is made up."""
    found = record(day(0, "100"), day(1, None), day(2, "200"), day(3, "400"))
    assert (found.left_out, found.static.value) == (2, D("1.5"))


@pytest.mark.parametrize("days", [[], [day(0, "100")]])
def test_a_record_that_has_just_begun_tells_nothing(days: Sequence[ShadowDay]) -> None:
    """There is no span yet."""
    found = record(*days)
    assert (found.days, found.static.value, found.model.turnover) == (0, 1, 0)


def test_a_bucket_moves_as_its_assets_do_on_average() -> None:
    """One doubles, one stays; a stablecoin in it needs no price."""
    assets = {"coins": [Asset("BTC"), Asset("ETH")], "cash": [Asset("USDC"), Asset("USDT")]}
    half = named(weights(coins="0.5", cash="0.5"))
    days = [
        ShadowDay(T0 + n * WEEK, half, half, ((Asset("BTC"), Price(D(price))), (Asset("ETH"), Price(D(10)))))
        for n, price in enumerate(("100", "200"))
    ]
    assert shadow_record(days, assets, D(0)).static.value == D("1.25")
