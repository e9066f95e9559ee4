"""Which deposit is the other end of something on its way, and which is new money."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.account.movements import facts_of_records
from engine.model import events as ev
from engine.model.decision import Standing
from engine.model.ids import VenueName
from engine.model.ledger import CLOCKS_APART, Deposit, Transit
from engine.model.money import Quantity, use_exact_context
from tests.builders import BTC, ETH, T0

ALPHA, BETA, GAMMA = (VenueName(name) for name in ("alpha", "beta", "gamma"))


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def arrives(*, to: VenueName | None = None, sent_as: str = "", **changed: Any) -> bool:
    """Whether a deposit of 0.99 BTC at beta is what became of one BTC that left alpha."""
    transit = Transit("alpha:w1", BTC, Quantity(Decimal(1)), ALPHA, T0, to, sent_as)
    told: dict[str, Any] = {"venue": BETA, "asset": BTC, "quantity": "0.99", "at": T0, "txid": "", **changed}
    deposit = Deposit("d1", **{**told, "quantity": Quantity(Decimal(told["quantity"]))})
    (fact,) = facts_of_records(Standing(transits=(transit,)), [deposit], [])
    assert isinstance(fact, ev.TransferArrived | ev.CashFlowSeen)
    return isinstance(fact, ev.TransferArrived)


def test_what_is_left_after_the_fee_has_arrived() -> None:
    """As long as nobody has said where it goes, at any other venue; all of it, or down to a fee of 2 %."""
    assert arrives()
    assert arrives(quantity="1")
    assert arrives(quantity="0.98")
    assert not arrives(quantity="0.9799")
    assert not arrives(quantity="1.0001")


def test_it_arrives_where_it_was_sent() -> None:
    """Not at a third venue, not where it came from, and not as something else."""
    assert arrives(to=BETA)
    assert not arrives(to=GAMMA)
    assert not arrives(venue=ALPHA)
    assert not arrives(asset=ETH)


def test_it_cannot_arrive_long_before_it_left() -> None:
    """By an hour it may seem so: venues' clocks and words differ."""
    assert arrives(at=T0 - CLOCKS_APART)
    assert not arrives(at=T0 - CLOCKS_APART - timedelta(seconds=1))


def test_one_transaction_on_the_chain_tells_more_than_amounts() -> None:
    """Whatever the fee was, and whatever was said about its way. That both have none is no agreement."""
    assert arrives(sent_as="0xab", txid="0xab", to=GAMMA, quantity="0.5")
    assert not arrives(sent_as="0xab", txid="0xcd", to=GAMMA, quantity="0.5")
    assert not arrives(to=GAMMA, quantity="0.5")
