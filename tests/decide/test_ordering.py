"""In which order trades are carried out: what pays for others first, and each as far as it can be paid."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.decide.ordering import Passage, circle_among, in_order
from engine.model.ids import VenueName
from engine.model.money import use_exact_context
from tests.builders import BTC, ETH, SOL, USDC, USDT

ALPHA = VenueName("alpha")


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def passage(spends: str, brings: str, spent: str = "1", brought: str = "1") -> Passage[Decimal]:
    return Passage((ALPHA, _ASSETS[spends]), (ALPHA, _ASSETS[brings]), Decimal(spent), Decimal(brought))


_ASSETS = {str(asset): asset for asset in (BTC, ETH, SOL, USDT, USDC)}


def order(passages: dict[str, Passage[Decimal]], **free: str) -> list[tuple[str, Decimal]]:
    """The trades in their turn, ranked by name, with the share of each that can be paid then."""
    held = {(ALPHA, _ASSETS[asset]): Decimal(quantity) for asset, quantity in free.items()}
    return list(in_order(passages, held, {name: name for name in passages}))


def test_what_brings_something_that_another_waits_for_comes_first() -> None:
    """Although it is last by rank; and what nobody waits for comes last."""
    trades = {"a": passage("USDT", "ETH"), "b": passage("BTC", "USDC"), "c": passage("BTC", "USDT")}
    assert [name for name, _ in order(trades, BTC="2")] == ["c", "a", "b"]


def test_equals_come_by_their_rank() -> None:
    """All are paid from what is there."""
    trades = {name: passage("USDT", asset) for name, asset in (("b", "ETH"), ("a", "BTC"), ("c", "SOL"))}
    assert [name for name, _ in order(trades, USDT="3")] == ["a", "b", "c"]


def test_where_nothing_can_be_paid_in_full_the_nearest_to_it_comes_next() -> None:
    """With its share."""
    trades = {"a": passage("USDT", "BTC", spent="8"), "b": passage("USDT", "ETH", spent="5")}
    assert order(trades, USDT="4")[0] == ("b", Decimal("0.8"))


def test_what_is_worth_nothing_is_paid_with_nothing() -> None:
    """So little that its value is 0 to the last digit that is kept."""
    assert order({"a": passage("USDT", "BTC", spent="0", brought="0")}) == [("a", Decimal(1))]


def test_a_circle_is_named_all_around() -> None:
    """Each spends what the next one brings."""
    circle = {"a": passage("BTC", "ETH"), "b": passage("ETH", "USDT"), "c": passage("USDT", "BTC")}
    assert circle_among(circle) == ("a", "c", "b")
    assert circle_among({name: circle[name] for name in "ab"}) == ()
