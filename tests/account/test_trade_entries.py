"""What a trade is in the ledger: what was given, what was got, and what the fee does to both."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.account.trade_entries import Trade, entries_of_trade
from engine.account.worth import Worth
from engine.model.ids import Asset
from engine.model.lots import EntryKind
from engine.model.market import Side
from engine.model.money import Price, Quantity, use_exact_context
from engine.model.order import FeePaid
from engine.model.tax_facts import PricesNoted
from engine.model.tax_policy import FeePolicy
from tests.builders import BTC, ETH, T0, USD, USDT

BNB = Asset("BNB")
WORTH = Worth(
    USD,
    [
        (
            T0,
            PricesNoted(
                USD, ((BTC, Price(Decimal(50_000))), (BNB, Price(Decimal(600))), (USDT, Price(Decimal("0.9"))))
            ),
        )
    ],
)


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def booked(
    side: Side, symbol: str, quantity: str, amount: str, *fees: tuple[Asset, str], policy: FeePolicy = FeePolicy.DISPOSE
) -> list[tuple[EntryKind, str, Decimal, Decimal | None]]:
    """The entries of a trade in short: kind, asset, quantity, value in USD."""
    base, quote = symbol.split("/")
    paid = tuple(FeePaid(asset, Quantity(Decimal(q))) for asset, q in fees)
    trade = Trade("kraken:7", "kraken", T0, Asset(base), Asset(quote), side, Decimal(quantity), Decimal(amount), paid)
    return [(e.kind, e.asset, e.quantity, e.value) for e in entries_of_trade(trade, WORTH, USD, policy)]


def test_a_purchase_costs_what_was_paid_with_its_fee() -> None:
    """The numeraire itself opens no lots."""
    bought = booked(Side.BUY, "BTC/USD", "2", "100000", (USD, "100"))
    assert bought == [(EntryKind.ACQUIRE, BTC, Decimal(2), Decimal(100_100))]


def test_a_sale_brings_what_is_left_after_its_fee() -> None:
    """Proceeds are net."""
    assert booked(Side.SELL, "BTC/USD", "2", "100000", (USD, "100")) == [
        (EntryKind.DISPOSE, BTC, Decimal(2), Decimal(99_900))
    ]


def test_a_fee_that_is_kept_from_what_is_bought_leaves_fewer_units_at_the_same_cost() -> None:
    """The whole price was paid for what arrived."""
    assert booked(Side.BUY, "BTC/USD", "2", "100000", (BTC, "0.002")) == [
        (EntryKind.ACQUIRE, BTC, Decimal("1.998"), Decimal(100_000))
    ]


def test_a_fee_in_what_is_sold_goes_with_it() -> None:
    """All units that are gone brought the price together."""
    assert booked(Side.SELL, "BTC/USD", "2", "100000", (BTC, "0.002")) == [
        (EntryKind.DISPOSE, BTC, Decimal("2.002"), Decimal(100_000))
    ]


def test_a_trade_between_two_coins_sells_one_and_buys_the_other() -> None:
    """Both are worth what the quote was worth then."""
    assert booked(Side.BUY, "ETH/BTC", "20", "1") == [
        (EntryKind.ACQUIRE, ETH, Decimal(20), Decimal(50_000)),
        (EntryKind.DISPOSE, BTC, Decimal(1), Decimal(50_000)),
    ]


def test_a_fee_in_the_quote_of_two_coins_is_sold_too() -> None:
    """What was paid in all is the cost of what was bought."""
    assert booked(Side.BUY, "ETH/BTC", "20", "1", (BTC, "0.002")) == [
        (EntryKind.ACQUIRE, ETH, Decimal(20), Decimal(50_100)),
        (EntryKind.DISPOSE, BTC, Decimal("1.002"), Decimal(50_100)),
    ]


@pytest.mark.parametrize(
    ("policy", "value"), [(FeePolicy.DISPOSE, Decimal(60)), (FeePolicy.REDUCE, None)], ids=["disposed of", "gone"]
)
def test_a_fee_in_a_third_coin_is_a_cost_and_leaves_the_account(policy: FeePolicy, value: Decimal | None) -> None:
    """Whether a gain is booked of the coin is the user's choice; the cost counts either way."""
    assert booked(Side.SELL, "BTC/USD", "2", "100000", (BNB, "0.1"), policy=policy) == [
        (EntryKind.DISPOSE, BTC, Decimal(2), Decimal(99_940)),
        (EntryKind.FEE, BNB, Decimal("0.1"), value),
    ]


def test_a_fee_of_unknown_worth_is_no_cost_beside_one_that_is_known() -> None:
    """A guess could make up a loss; what left the account leaves it all the same."""
    assert booked(Side.SELL, "BTC/USD", "2", "100000", (Asset("KCS"), "3"), (BNB, "0.1")) == [
        (EntryKind.DISPOSE, BTC, Decimal(2), Decimal(99_940)),
        (EntryKind.FEE, "KCS", Decimal(3), None),
        (EntryKind.FEE, BNB, Decimal("0.1"), Decimal(60)),
    ]


def test_a_stablecoin_that_is_not_the_numeraire_has_lots_of_its_own() -> None:
    """A depeg is a loss like any other."""
    assert booked(Side.SELL, "BTC/USDT", "2", "100000") == [
        (EntryKind.DISPOSE, BTC, Decimal(2), Decimal(90_000)),
        (EntryKind.ACQUIRE, USDT, Decimal(100_000), Decimal(90_000)),
    ]


def test_what_nobody_knows_the_worth_of_is_booked_without_one() -> None:
    """It is not guessed."""
    assert [value for *_, value in booked(Side.SELL, "BTC/EUR", "2", "100000")] == [None, None]


def test_the_nearest_price_counts() -> None:
    """Before and after alike; prices in another currency do not."""
    noted = [(T0 + timedelta(hours=h), PricesNoted(USD, ((BTC, Price(Decimal(p))),))) for h, p in ((0, 10), (10, 20))]
    worth = Worth(USD, [*noted, (T0 + timedelta(hours=5), PricesNoted(USDT, ((BTC, Price(Decimal(99))),)))])
    at = [worth.price(BTC, T0 + timedelta(hours=h)) for h in (-3, 4, 6, 30)]
    assert at == [10, 10, 20, 20]


@pytest.mark.parametrize("policy", FeePolicy)
def test_a_rebate_in_a_third_coin_is_bought_for_what_it_takes_off_the_cost(policy: FeePolicy) -> None:
    """It has arrived, and the books have it."""
    assert booked(Side.BUY, "BTC/USD", "2", "100000", (BNB, "-0.1"), policy=policy) == [
        (EntryKind.ACQUIRE, BTC, Decimal(2), Decimal(99_940)),
        (EntryKind.ACQUIRE, BNB, Decimal("0.1"), Decimal(60)),
    ]
