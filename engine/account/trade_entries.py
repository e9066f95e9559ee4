"""What a trade is in the ledger: what was given is disposed of, what was got is acquired, and fees are paid. Pure.

The currency that all is counted in opens no lots. A trade is worth what its quote was worth. A fee in the quote or in
the numeraire makes the purchase dearer or the sale poorer; so does a fee in a coin, which is besides disposed of, or
goes without a gain, as the policy says. A fee in what was bought leaves so much less of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from engine.account.worth import Worth
from engine.model.ids import Asset
from engine.model.lots import Account, Entry, EntryKind, LotPick
from engine.model.market import Side
from engine.model.money import ZERO, total
from engine.model.order import FeePaid, Fill
from engine.model.tax_policy import FeePolicy


class Trade(NamedTuple):
    """Base against quote at one instant, wherever it is known from. `id` names it among all."""

    id: str
    account: Account
    at: datetime
    base: Asset
    quote: Asset
    side: Side
    quantity: Decimal
    quote_amount: Decimal
    fees: tuple[FeePaid, ...]
    picks: tuple[LotPick, ...] = ()
    """The lots that what is given shall come from."""


def trade_id(venue: str, fill_id: str) -> str:
    """By which a trade is told apart from all others: venues count for themselves."""
    return f"{venue}:{fill_id}"


def trade_of(fill: Fill) -> Trade:
    """One of our own fills."""
    return Trade(
        trade_id(fill.venue, fill.id),
        fill.venue,
        fill.traded_at,
        fill.base,
        fill.quote,
        fill.side,
        fill.quantity,
        fill.quote_amount,
        fill.fees,
    )


def entries_of_trade(trade: Trade, worth: Worth, numeraire: Asset, policy: FeePolicy) -> Iterator[Entry]:
    """The entries of a trade, valued in the numeraire. Where its worth is not known, none is booked."""
    is_sale = trade.side is Side.SELL
    # A fee in the given coin leaves with it; one in what was got never arrives.
    base = trade.quantity + _paid_in(trade, trade.base) * (1 if is_sale else -1)
    quote = trade.quote_amount + _paid_in(trade, trade.quote) * (-1 if is_sale else 1)
    value = base if trade.base == numeraire else worth.value(trade.quote, quote, trade.at)
    beside = [fee for fee in trade.fees if fee.asset not in (trade.base, trade.quote)]
    dearer = _known_costs(beside, worth, trade.at)
    if trade.base != numeraire:
        yield _leg(trade, trade.base, base, is_sale, _with_costs(value, dearer, is_sale))
    if trade.quote != numeraire:
        costs = dearer if trade.base == numeraire else ZERO
        yield _leg(trade, trade.quote, quote, not is_sale, _with_costs(value, costs, not is_sale))
    yield from _fees(trade, [fee for fee in beside if fee.asset != numeraire], worth, policy)


def given_of(trade: Trade) -> tuple[Asset, Decimal]:
    """What a trade gave, its fee in the same coin included."""
    if trade.side is Side.SELL:
        return trade.base, trade.quantity + _paid_in(trade, trade.base)
    return trade.quote, trade.quote_amount + _paid_in(trade, trade.quote)


def _paid_in(trade: Trade, asset: Asset) -> Decimal:
    return total(fee.quantity for fee in trade.fees if fee.asset == asset)


def _known_costs(fees: Iterable[FeePaid], worth: Worth, at: datetime) -> Decimal:
    """What fees cost; one of unknown worth counts as nothing, as a guess could make up a loss that never was."""
    values = (worth.value(fee.asset, fee.quantity, at) for fee in fees)
    return total(value for value in values if value is not None)


def _with_costs(value: Decimal | None, costs: Decimal, is_given: bool) -> Decimal | None:
    """Costs beside a trade make a sale poorer and a purchase dearer."""
    return None if value is None else value - costs if is_given else value + costs


def _leg(trade: Trade, asset: Asset, quantity: Decimal, is_given: bool, value: Decimal | None) -> Entry:
    if is_given:
        name, kind, picks = f"{trade.id}:out", EntryKind.DISPOSE, trade.picks
    else:
        name, kind, picks = f"{trade.id}:in", EntryKind.ACQUIRE, ()
    return Entry(name, trade.at, kind, asset, trade.account, quantity, value, picks=picks)


def _fees(trade: Trade, coins: Sequence[FeePaid], worth: Worth, policy: FeePolicy) -> Iterator[Entry]:
    """Coins that were paid as a fee beside the trade."""
    for number, fee in enumerate(coins):
        # A rebate is bought for what it takes off the cost.
        is_rebate = fee.quantity < ZERO
        is_valued = is_rebate or policy is FeePolicy.DISPOSE
        value = worth.value(fee.asset, abs(fee.quantity), trade.at) if is_valued else None
        kind, name = EntryKind.ACQUIRE if is_rebate else EntryKind.FEE, f"{trade.id}:fee{number or ''}"
        yield Entry(name, trade.at, kind, fee.asset, trade.account, abs(fee.quantity), value)
