"""From a venue's records of deposits and withdrawals to our facts. Pure; a record that was told before adds nothing.

A deposit that is the other end of something on its way is a transfer that has arrived, and no new money.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.model import events as ev
from engine.model.decision import CashFlow, Standing
from engine.model.ledger import (
    CLOCKS_APART,
    BalanceChange,
    Deposit,
    Transit,
    Withdrawal,
    WithdrawalState,
    is_what_is_left_of,
)
from engine.model.money import exact


@exact
def facts_of_records(
    standing: Standing, deposits: Iterable[Deposit], withdrawals: Iterable[Withdrawal]
) -> tuple[ev.Fact, ...]:
    """What the venues' records add to what is known, oldest first."""
    out = tuple(_of_withdrawals(standing, sorted(withdrawals, key=lambda w: (w.at, w.key))))
    gone = {fact.withdrawal.key for fact in out if isinstance(fact, ev.WithdrawalReturned)}
    begun = [fact.transit for fact in out if isinstance(fact, ev.WithdrawalSeen)]
    open_transits = [transit for transit in (*standing.transits, *begun) if transit.id not in gone]
    incoming = {deposit.key: deposit for deposit in sorted(deposits, key=lambda d: (d.at, d.key))}
    known = {key for key, _ in standing.deposits_seen}
    return (*out, *_of_deposits([d for d in incoming.values() if d.key not in known], open_transits))


def returned_key(withdrawal: Withdrawal) -> str:
    """By which it is remembered that a withdrawal came back."""
    return f"{withdrawal.key}:returned"


def _of_withdrawals(standing: Standing, withdrawals: Sequence[Withdrawal]) -> Iterator[ev.Fact]:
    seen = {key for key, _ in standing.withdrawals_seen}
    for withdrawal in withdrawals:
        returned = withdrawal.state is WithdrawalState.RETURNED
        if withdrawal.key not in seen and not returned:
            transit = Transit(
                id=withdrawal.key,
                asset=withdrawal.asset,
                quantity=withdrawal.quantity,
                from_venue=withdrawal.venue,
                since=withdrawal.at,
                txid=withdrawal.txid,
            )
            yield ev.WithdrawalSeen(withdrawal, transit)
        elif withdrawal.key in seen and returned and returned_key(withdrawal) not in seen:
            yield ev.WithdrawalReturned(withdrawal)
        seen.add(withdrawal.key)


def _of_deposits(deposits: Sequence[Deposit], transits: list[Transit]) -> Iterator[ev.Fact]:
    for deposit in deposits:
        transit = next((t for t in transits if _is_the_end_of(deposit, t)), None)
        if transit is None:
            flow = CashFlow(deposit.key, deposit.venue, deposit.asset, deposit.quantity, deposit.at)
            yield ev.CashFlowSeen(flow)
            continue
        transits.remove(transit)
        arrived = BalanceChange(deposit.asset, deposit.quantity)
        yield ev.TransferArrived(transit, deposit.venue, arrived, deposit)


def _is_the_end_of(deposit: Deposit, transit: Transit) -> bool:
    """One transaction on the chain, or else an amount that fits, at a venue where it is expected."""
    if deposit.asset != transit.asset or deposit.venue == transit.from_venue:
        return False
    if deposit.txid and deposit.txid == transit.txid:
        return True
    expected_here = transit.to_venue in (None, deposit.venue)
    in_time = deposit.at >= transit.since - CLOCKS_APART
    return expected_here and in_time and is_what_is_left_of(deposit.quantity, transit.quantity)
