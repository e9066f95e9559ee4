"""The ledger: what was acquired and disposed of, as a fold over the journal's facts. Pure; nothing of it is stored.

Every fill, movement, explained change and imported row has its entries. What a venue held when its books were opened,
beyond what the history says, is an opening of unknown cost; what the history says beyond what it held is taken back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from engine.account.lots.replay import in_order
from engine.account.own_transfers import paired_up
from engine.account.picks import PicksOfLegs
from engine.account.trade_entries import entries_of_trade, given_of, trade_of
from engine.account.worth import Worth, shared
from engine.model import events as ev
from engine.model.ids import Asset
from engine.model.ledger import BalanceChange, Explanation
from engine.model.lots import OPENS, Account, Entry, EntryKind
from engine.model.money import ZERO, exact, ratio, total
from engine.model.tax_policy import FeePolicy, OpeningBasis, TaxPolicy

LEDGER_FACTS: Final[tuple[type[ev.Fact], ...]] = (
    ev.PlanProposed,
    ev.OrderSubmitting,
    ev.FillBooked,
    ev.BalancesAdopted,
    ev.CashFlowSeen,
    ev.WithdrawalSeen,
    ev.WithdrawalReturned,
    ev.TransitAnswered,
    ev.TransferArrived,
    ev.TransferNoticed,
    ev.ChangeAnswered,
    ev.HistoryImported,
    ev.BasisStated,
    ev.PricesNoted,
)
"""The facts that the ledger is folded from."""


SIDE: Final = re.compile(r"in|out|fee(-?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Ledger:
    """All entries in the order of time, counted in the numeraire."""

    numeraire: Asset
    entries: tuple[Entry, ...] = ()
    corrections: tuple[str, ...] = ()
    """The entries that take back what a history said beyond what was there."""
    absorbed: tuple[str, ...] = ()
    """Deposits that are the other end of a withdrawal told elsewhere: they are part of its transfer."""


@exact
def ledger_of(events: Sequence[ev.Event], policy: TaxPolicy, numeraire: Asset) -> Ledger:
    """Fold the facts. The order in which facts of different times were written does not matter."""
    noted = [(event.ts_event, event.fact) for event in events if isinstance(event.fact, ev.PricesNoted)]
    fold = _Fold(events, Worth(numeraire, noted), policy, numeraire)
    own = [entry for event in events for entry in fold.entries_of(event) if _counts(entry, numeraire)]
    stated = {event.fact.lot: event.fact for event in events if isinstance(event.fact, ev.BasisStated)}
    told, absorbed = paired_up([*_imported(events, own, numeraire, policy.fees), *own], stated)
    openings = fold.openings(told)
    entries = [_as_stated(entry, stated) for entry in (*told, *openings)]
    corrections = tuple(entry.id for entry in openings if entry.kind is EntryKind.REDUCE)
    return Ledger(numeraire, tuple(in_order(entries)), corrections, absorbed)


def _counts(entry: Entry, numeraire: Asset) -> bool:
    return entry.asset != numeraire and entry.quantity > 0


def needs_prices(fact: ev.Fact) -> bool:
    """Whether a fact's entries are valued by prices that are noted near it."""
    return isinstance(fact, LEDGER_FACTS) and not isinstance(
        fact, ev.PricesNoted | ev.PlanProposed | ev.OrderSubmitting | ev.HistoryImported | ev.BasisStated
    )


def opened_at(events: Iterable[ev.Event]) -> dict[Account, datetime]:
    """Since when the books of each venue are kept: its history before that can be imported."""
    opened: dict[Account, datetime] = {}
    for event in events:
        if isinstance(event.fact, ev.BalancesAdopted):
            opened.setdefault(event.fact.venue, event.ts_event)
    return opened


def trade_of_entry(entry_id: str) -> str:
    """The id of the trade or movement that an entry is one side of: one side known is all of it known."""
    trade, _, side = entry_id.rpartition(":")
    return trade if trade and SIDE.fullmatch(side) else entry_id


def new_among(entries: Iterable[Entry], known: Iterable[str]) -> tuple[Entry, ...]:
    """The entries of trades that are not known yet, by the ids of those that are; each entry once."""
    trades = {trade_of_entry(name) for name in known}
    return tuple(entry for entry in dict.fromkeys(entries) if trade_of_entry(entry.id) not in trades)


def _imported(events: Sequence[ev.Event], own: Iterable[Entry], numeraire: Asset, policy: FeePolicy) -> list[Entry]:
    """Rows of the time before the books; each once, whatever file it is in."""
    opened, known, found = opened_at(events), {trade_of_entry(entry.id) for entry in own}, list[Entry]()
    for event in events:
        if not isinstance(event.fact, ev.HistoryImported):
            continue
        for entry in event.fact.entries:
            begin = opened.get(entry.account)
            is_of_before = begin is None or entry.at <= begin
            if is_of_before and _counts(entry, numeraire) and trade_of_entry(entry.id) not in known:
                found.append(_by_fee_policy(_up_to_books(entry, opened), policy))
        known |= {trade_of_entry(entry.id) for entry in event.fact.entries}
    return found


def _by_fee_policy(entry: Entry, policy: FeePolicy) -> Entry:
    """A history values its fees; whether a gain is booked of them is the user's choice, as of our own."""
    if policy is FeePolicy.DISPOSE:
        return entry
    return entry._replace(fee_value=None, value=None if entry.kind is EntryKind.FEE else entry.value)


def _up_to_books(entry: Entry, opened: Mapping[Account, datetime]) -> Entry:
    """A transfer to a venue whose books were open then has left, as any withdrawal has: the books know what came in."""
    begin = opened.get(entry.to_account)
    if entry.kind is not EntryKind.TRANSFER or begin is None or entry.at <= begin:
        return entry
    gone = entry.quantity + entry.fee_quantity
    return entry._replace(kind=EntryKind.REDUCE, quantity=gone, to_account="", fee_quantity=ZERO, fee_value=None)


def _as_stated(entry: Entry, stated: Mapping[str, ev.BasisStated]) -> Entry:
    """An opening with the cost that a person told; of less than they told it of, the part that falls on it."""
    said = stated.get(entry.id) if entry.kind in OPENS else None
    if said is None:
        return entry
    is_less = said.quantity is not None and entry.quantity < said.quantity
    basis = shared(said.basis, entry.quantity, said.quantity) if is_less and said.quantity else said.basis
    return entry._replace(value=basis, acquired_at=said.acquired_at)


class _Fold:
    """From facts to entries."""

    def __init__(self, events: Sequence[ev.Event], worth: Worth, policy: TaxPolicy, numeraire: Asset) -> None:
        self._worth = worth
        self._policy = policy
        self._numeraire = numeraire
        self._picks = PicksOfLegs(events, policy.scope)
        returned = {e.fact.withdrawal.key for e in events if isinstance(e.fact, ev.WithdrawalReturned)}
        self._returned: frozenset[str] = frozenset(returned)
        self._adopted = [(event.ts_event, event.fact) for event in events if isinstance(event.fact, ev.BalancesAdopted)]
        self._opened = opened_at(events)

    def entries_of(self, event: ev.Event) -> Iterator[Entry]:
        """The entries of one fact; none of what happened before the books of its venue were opened."""
        match event.fact:
            case ev.FillBooked(fill=fill):
                trade = trade_of(fill)
                trade = trade._replace(picks=self._picks.of_fill(fill, given_of(trade)[1]))
                yield from entries_of_trade(trade, self._worth, self._numeraire, self._policy.fees)
            case ev.CashFlowSeen(cash_flow=flow):
                yield self._came_in(f"deposit:{flow.deposit_id}", flow.at, flow.asset, flow.venue, flow.quantity)
            case ev.ChangeAnswered():
                yield from self._answered(event.fact, event.ts_event)
            case _:
                yield from self._moved(event)

    def openings(self, entries: Sequence[Entry]) -> list[Entry]:
        """What each venue held when its books were opened, beside what the entries before that come to."""
        found: list[Entry] = []
        for at, fact in self._adopted:
            held = _held_at(fact.venue, at, [*entries, *found])
            shown = {line.asset: Decimal(line.quantity) for line in fact.lines}
            for asset in sorted((held.keys() | shown.keys()) - {self._numeraire}):
                more = shown.get(asset, ZERO) - held.get(asset, ZERO)
                name = f"opening:{fact.venue}:{asset}:{at:%Y-%m-%d}"
                if more > 0:
                    found.append(self._came_in(name, at, asset, fact.venue, more))
                elif more < 0:
                    found.append(Entry(name, at, EntryKind.REDUCE, asset, fact.venue, -more))
        return found

    def _came_in(self, name: str, at: datetime, asset: Asset, account: Account, quantity: Decimal) -> Entry:
        """Units from outside: what they cost is what the policy says of it."""
        at_price = self._policy.opening_basis is OpeningBasis.PRICE
        value = self._worth.value(asset, quantity, at) if at_price else None
        return Entry(name, at, EntryKind.OPENING, asset, account, quantity, value)

    def _fee_value(self, asset: Asset, quantity: Decimal, at: datetime) -> Decimal | None:
        return self._worth.value(asset, quantity, at) if self._policy.fees is FeePolicy.DISPOSE else None

    def _moved(self, event: ev.Event) -> Iterator[Entry]:
        """What went from one account to another, or out."""
        match event.fact:
            case ev.WithdrawalSeen(withdrawal=gone, transit=transit) if gone.key not in self._returned:
                way: tuple[Account, Account] = gone.venue, on_the_way(transit.id)
                yield self._transfer(f"sent:{gone.key}", gone.at, gone.asset, way, (gone.quantity, gone.fee))
            case ev.TransitAnswered(transit=transit, to_venue=None):
                account, name = on_the_way(transit.id), f"left:{transit.id}"
                yield Entry(name, event.ts_event, EntryKind.REDUCE, transit.asset, account, transit.quantity)
            case ev.TransferArrived(transit=transit, venue=venue, arrived=arrived):
                way, fee = (on_the_way(transit.id), venue), transit.quantity - arrived.quantity
                name = f"arrived:{transit.id}"
                yield self._transfer(name, event.ts_event, transit.asset, way, (arrived.quantity, fee))
            case ev.TransferNoticed(from_venue=origin, left=left, to_venue=goal, arrived=arrived):
                name, fee = f"noticed:{event.seq}", -left.quantity - arrived.quantity
                yield self._transfer(name, event.ts_event, left.asset, (origin, goal), (arrived.quantity, fee))
            case _:
                return

    def _transfer(
        self, name: str, at: datetime, asset: Asset, way: tuple[Account, Account], amounts: tuple[Decimal, Decimal]
    ) -> Entry:
        quantity, fee = amounts[0], max(amounts[1], ZERO)
        value = self._fee_value(asset, fee, at)
        return Entry(name, at, EntryKind.TRANSFER, asset, way[0], quantity, None, None, way[1], fee, value)

    def _answered(self, fact: ev.ChangeAnswered, at: datetime) -> Iterator[Entry]:
        """What a person said of a change."""
        question, venue = fact.question, fact.question.venue
        if fact.explanation is Explanation.OWN_TRADE:
            yield from self._own_trade(question.id, venue, question.changes, at)
            return
        for change in question.changes:
            name, asset, quantity = f"said:{question.id}:{change.asset}", change.asset, Decimal(change.quantity)
            match fact.explanation:
                case Explanation.DEPOSIT:
                    yield self._came_in(name, at, asset, venue, quantity)
                case Explanation.REWARD:
                    value = self._worth.value(asset, quantity, at)
                    yield Entry(name, at, EntryKind.INCOME, asset, venue, quantity, value)
                case Explanation.WITHDRAWAL:
                    yield Entry(name, at, EntryKind.REDUCE, asset, venue, -quantity)
                case Explanation.FEE:
                    value = self._fee_value(asset, -quantity, at)
                    yield Entry(name, at, EntryKind.FEE, asset, venue, -quantity, value)
                case Explanation.TRANSFER if quantity < 0:
                    way = venue, on_the_way(f"{question.id}:{asset}")
                    yield self._transfer(name, at, asset, way, (-quantity, ZERO))
                case _:
                    continue

    def _own_trade(self, name: str, venue: Account, changes: Sequence[BalanceChange], at: datetime) -> Iterator[Entry]:
        """A trade made by hand: what was given is worth what was got; money among it says how much that is."""
        for change in changes:
            quantity = Decimal(change.quantity)
            kind = EntryKind.ACQUIRE if quantity > 0 else EntryKind.DISPOSE
            value = self._share_of_money(change, changes, at)
            yield Entry(f"said:{name}:{change.asset}", at, kind, change.asset, venue, abs(quantity), value)

    def _share_of_money(self, change: BalanceChange, changes: Sequence[BalanceChange], at: datetime) -> Decimal | None:
        """What one side of a trade is worth: its share of the money on the other, else its price of the day."""
        rose = change.quantity > 0
        alike = [c for c in changes if (c.quantity > 0) is rose and c.asset != self._numeraire]
        other = [c for c in changes if (c.quantity > 0) is not rose]
        own = self._worth.value(change.asset, abs(change.quantity), at)
        if not other or any(c.asset != self._numeraire for c in other):
            return own
        money = total(abs(c.quantity) for c in other)
        if len(alike) == 1:
            return money
        whole = self._worth.total([(c.asset, abs(c.quantity)) for c in alike], at)
        return ratio(money * own, whole) if own is not None and whole else None


def on_the_way(transit: str) -> Account:
    """The account of what has left one place and not arrived at another."""
    return f"on the way: {transit}"


def _held_at(account: Account, at: datetime, entries: Iterable[Entry]) -> Mapping[Asset, Decimal]:
    """What an account holds by the entries up to an instant. Units that no lot is known for leave nothing owing."""
    held: dict[Asset, Decimal] = defaultdict(lambda: ZERO)
    for entry in in_order(entry for entry in entries if entry.at <= at):
        if entry.account == account:
            gone = -entry.quantity if entry.kind in OPENS else entry.quantity + entry.fee_quantity
            held[entry.asset] = max(held[entry.asset] - gone, ZERO)
        if entry.to_account == account and entry.kind is EntryKind.TRANSFER:
            held[entry.asset] += entry.quantity
    return held
