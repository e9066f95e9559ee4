"""The ledger as a fold: what each fact of the journal is in it, and what was there before the books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from engine.account.ledger import Ledger, ledger_of
from engine.account.ledger_view import ledger_view
from engine.account.lots.replay import settle
from engine.account.lots.rules import rules_of
from engine.model import events as ev
from engine.model.decision import CashFlow
from engine.model.events import Event, StreamId
from engine.model.ids import Asset, ClientOrderId, UserId, VenueName
from engine.model.ledger import (
    BalanceChange,
    BookLine,
    Explanation,
    Question,
    Transit,
    Withdrawal,
    WithdrawalState,
)
from engine.model.lots import Entry, EntryKind, LotMethod, Settlement
from engine.model.market import Side
from engine.model.money import ZERO, Money, Price, Quantity, use_exact_context
from engine.model.order import FeePaid, Fill
from engine.model.tax import Bracket, TaxProfile, YearRules
from engine.model.tax_policy import FeePolicy, OpeningBasis, TaxPolicy
from tests.builders import BTC, ETH, T0, USD

ALPHA, BETA = VenueName("alpha"), VenueName("beta")
HOUR = timedelta(hours=1)
ANN = UserId(1)
PRICES = ev.PricesNoted(USD, ((BTC, Price(Decimal(100))), (ETH, Price(Decimal(10)))))


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def told(*facts: ev.Fact, start: datetime = T0) -> list[Event]:
    """Facts an hour apart."""
    stream = StreamId("portfolio:main")
    return [
        Event(seq, stream, seq, fact, start + (seq - 1) * HOUR, start + (seq - 1) * HOUR)
        for seq, fact in enumerate(facts, start=1)
    ]


def adopted(venue: VenueName, **held: str) -> ev.BalancesAdopted:
    return ev.BalancesAdopted(venue, tuple(BookLine(venue, Asset(a), Quantity(Decimal(q))) for a, q in held.items()))


def fill(side: Side, quantity: str, price: str, at: datetime, fee: str = "0") -> ev.FillBooked:
    fees = (FeePaid(USD, Quantity(Decimal(fee))),)
    traded = Quantity(Decimal(quantity)), Price(Decimal(price))
    name = f"{at:%d%H%M}"
    return ev.FillBooked(Fill(name, ClientOrderId("o"), ALPHA, BTC, USD, side, *traded, fees, at))


def ledger(*events: Event, **policy: object) -> Ledger:
    return ledger_of(events, TaxPolicy(**policy), USD)  # type: ignore[arg-type]


def lines(entries: Sequence[Entry]) -> list[tuple[str, str, str, Decimal, Decimal | None]]:
    return [(e.kind.value, e.asset, e.account, e.quantity, e.value) for e in entries]


def settled(book: Ledger) -> Settlement:
    return settle(book.entries, rules_of(TaxPolicy()))


def test_years_that_the_law_says_nothing_of_are_settled_oldest_first() -> None:
    """A ledger goes back further than a profile does, and a plan must not fail for that."""
    law = TaxProfile("testland", ((T0.year, YearRules((Bracket(ZERO, Decimal("0.4")),), (Bracket(ZERO, ZERO),))),))
    policy = TaxPolicy(method=LotMethod.MIN_TAX, profile=law)
    before = T0 - timedelta(days=800)
    history = (
        Entry("alpha:1:in", before, EntryKind.ACQUIRE, BTC, "alpha", Decimal(1), Decimal(10)),
        Entry("alpha:2:in", before + HOUR, EntryKind.ACQUIRE, BTC, "alpha", Decimal(2), Decimal(80)),
        Entry("alpha:3:out", before + 2 * HOUR, EntryKind.DISPOSE, BTC, "alpha", Decimal(1), Decimal(50)),
    )
    events = told(
        adopted(ALPHA, BTC="2"),
        ev.HistoryImported("f", history, ANN, "Ann"),
        fill(Side.SELL, "1", "100", T0 + 5 * HOUR),
    )
    matches = ledger_view(events, policy, USD).settlement.matches
    assert [match.lot for match in matches] == ["alpha:1:in", "alpha:2:in"]


def test_what_a_venue_held_at_first_is_of_unknown_cost() -> None:
    """The numeraire has no lots."""
    book = ledger(*told(adopted(ALPHA, BTC="2", USD="500")))
    assert lines(book.entries) == [("opening", BTC, "alpha", Decimal(2), None)]


def test_or_it_cost_what_it_was_worth_on_that_day_where_the_user_says_so() -> None:
    """The price of the connection day."""
    book = ledger(*told(adopted(ALPHA, BTC="2"), PRICES), opening_basis=OpeningBasis.PRICE)
    assert lines(book.entries) == [("opening", BTC, "alpha", Decimal(2), Decimal(200))]


def test_history_takes_the_place_of_what_was_unknown() -> None:
    """Only what it does not explain stays so; a row that is brought twice counts once."""
    old = Entry("alpha:9:in", T0 - 99 * HOUR, EntryKind.ACQUIRE, BTC, "alpha", Decimal("1.5"), Decimal(60))
    brought = ev.HistoryImported("a file", (old,), ANN, "Ann")
    book = ledger(*told(adopted(ALPHA, BTC="2"), brought, brought))
    assert lines(book.entries) == [
        ("acquire", BTC, "alpha", Decimal("1.5"), Decimal(60)),
        ("opening", BTC, "alpha", Decimal("0.5"), None),
    ]


def test_a_history_that_says_more_than_was_there_is_corrected() -> None:
    """The venue's balance is what was there; the correction is shown."""
    old = Entry("alpha:9:in", T0 - 99 * HOUR, EntryKind.ACQUIRE, BTC, "alpha", Decimal(3), Decimal(60))
    book = ledger(*told(adopted(ALPHA, BTC="2"), ev.HistoryImported("a file", (old,), ANN, "Ann")))
    assert [(e.kind, e.quantity) for e in book.entries] == [(EntryKind.ACQUIRE, 3), (EntryKind.REDUCE, 1)]
    assert book.corrections == (book.entries[1].id,)


def test_rows_of_a_time_that_the_books_know_themselves_count_nothing() -> None:
    """A trade by hand was asked about and answered already."""
    late = Entry("alpha:9:in", T0 + HOUR, EntryKind.ACQUIRE, BTC, "alpha", Decimal(1), Decimal(60))
    elsewhere = late._replace(id="wallet:9:in", account="wallet")
    book = ledger(*told(adopted(ALPHA, BTC="2"), ev.HistoryImported("a file", (late, elsewhere), ANN, "Ann")))
    assert [(e.account, e.kind) for e in book.entries] == [("alpha", EntryKind.OPENING), ("wallet", EntryKind.ACQUIRE)]


def test_a_person_says_what_a_lot_cost_and_since_when_it_is_held() -> None:
    """From then on it is known."""
    since = T0 - 999 * HOUR
    said = ev.BasisStated("opening:alpha:BTC:2026-01-01", Money(Decimal(77)), since, ANN, "Ann")
    (lot,) = settled(ledger(*told(adopted(ALPHA, BTC="2"), said))).remaining
    assert (lot.basis, lot.is_known, lot.acquired_at) == (77, True, since)


def test_fills_are_sales_and_purchases() -> None:
    """With their fees."""
    book = ledger(
        *told(
            adopted(ALPHA, BTC="2"),
            fill(Side.SELL, "1", "110", T0 + HOUR),
            fill(Side.BUY, "1", "90", T0 + 2 * HOUR, "1"),
        )
    )
    assert lines(book.entries)[1:] == [
        ("dispose", BTC, "alpha", Decimal(1), Decimal(110)),
        ("acquire", BTC, "alpha", Decimal(1), Decimal(91)),
    ]


def test_a_transfer_between_own_venues_keeps_the_lot() -> None:
    """The withdrawal's fee is disposed of at its worth; on the way the rest is nobody else's."""
    gone = Withdrawal("w", ALPHA, BTC, Quantity(Decimal(1)), Quantity(Decimal("0.1")), T0 + HOUR, WithdrawalState.DONE)
    transit = Transit(gone.key, BTC, gone.quantity, ALPHA, gone.at)
    sent = ev.WithdrawalSeen(gone, transit)
    there = ev.TransferArrived(transit, BETA, BalanceChange(BTC, Quantity(Decimal(1))))
    result = settled(ledger(*told(adopted(ALPHA, BTC="2"), sent, there, PRICES)))
    assert [(m.quantity, m.proceeds) for m in result.matches] == [(Decimal("0.1"), Decimal(10))]
    assert [(lot.account, lot.quantity) for lot in result.remaining] == [("alpha", Decimal("0.9")), ("beta", 1)]
    assert len({lot.id for lot in result.remaining}) == 1


def test_a_withdrawal_that_came_back_never_was() -> None:
    """Neither was its fee."""
    gone = Withdrawal("w", ALPHA, BTC, Quantity(Decimal(1)), Quantity(Decimal("0.1")), T0 + HOUR, WithdrawalState.DONE)
    sent = ev.WithdrawalSeen(gone, Transit(gone.key, BTC, gone.quantity, ALPHA, gone.at))
    result = settled(ledger(*told(adopted(ALPHA, BTC="2"), sent, ev.WithdrawalReturned(gone))))
    assert not result.matches
    assert [lot.quantity for lot in result.remaining] == [2]


def test_what_left_the_portfolio_takes_its_lots_along_without_a_gain() -> None:
    """It was not sold."""
    gone = Withdrawal("w", ALPHA, BTC, Quantity(Decimal(1)), Quantity(Decimal(0)), T0 + HOUR, WithdrawalState.DONE)
    transit = Transit(gone.key, BTC, gone.quantity, ALPHA, gone.at)
    left = ev.TransitAnswered(transit, None, ANN, "Ann")
    result = settled(ledger(*told(adopted(ALPHA, BTC="2"), ev.WithdrawalSeen(gone, transit), left)))
    assert [(m.quantity, m.gain) for m in result.matches] == [(1, None)]
    assert [lot.quantity for lot in result.remaining] == [1]


def test_new_money_in_a_coin_is_of_unknown_cost() -> None:
    """Where it was bought, its history can be imported."""
    flow = CashFlow("d", ALPHA, BTC, Quantity(Decimal(1)), T0 + HOUR)
    book = ledger(*told(adopted(ALPHA, BTC="2"), ev.CashFlowSeen(flow)))
    assert lines(book.entries)[1] == ("opening", BTC, "alpha", Decimal(1), None)


def answered(explanation: Explanation, **changes: str) -> list[tuple[str, str, str, Decimal, Decimal | None]]:
    """The entries of a person's word on a change, after the opening."""
    changed = tuple(BalanceChange(Asset(a), Quantity(Decimal(q))) for a, q in changes.items())
    said = ev.ChangeAnswered(Question("q", ALPHA, changed, T0), explanation, ANN, "Ann")
    found = ledger(*told(adopted(ALPHA, BTC="2", ETH="1"), said, PRICES)).entries
    return [line for line in lines(found) if line[0] != "opening" or Decimal(line[3]) not in (2, Decimal(1))]


@pytest.mark.parametrize(
    ("explanation", "changes", "expected"),
    [
        (Explanation.REWARD, {"BTC": "0.5"}, [("income", BTC, "alpha", Decimal("0.5"), Decimal(50))]),
        (Explanation.DEPOSIT, {"BTC": "0.5"}, [("opening", BTC, "alpha", Decimal("0.5"), None)]),
        (Explanation.WITHDRAWAL, {"BTC": "-0.5"}, [("reduce", BTC, "alpha", Decimal("0.5"), None)]),
        (Explanation.FEE, {"BTC": "-0.5"}, [("fee", BTC, "alpha", Decimal("0.5"), Decimal(50))]),
        (Explanation.OWN_TRADE, {"BTC": "-0.5", "USD": "60"}, [("dispose", BTC, "alpha", Decimal("0.5"), Decimal(60))]),
        (Explanation.OWN_TRADE, {"BTC": "0.5", "USD": "-40"}, [("acquire", BTC, "alpha", Decimal("0.5"), Decimal(40))]),
        (
            Explanation.OWN_TRADE,
            {"BTC": "0.5", "ETH": "-4"},
            [
                ("acquire", BTC, "alpha", Decimal("0.5"), Decimal(50)),
                ("dispose", ETH, "alpha", Decimal(4), Decimal(40)),
            ],
        ),
    ],
    ids=["reward", "deposit", "withdrawal", "fee", "sold by hand", "bought by hand", "swapped by hand"],
)
def test_what_a_person_says_a_change_was(
    explanation: Explanation, changes: dict[str, str], expected: list[tuple[str, str, str, Decimal, Decimal | None]]
) -> None:
    """Money that was paid or got says what the other side was worth; else its price of the time."""
    assert answered(explanation, **changes) == expected


def test_the_order_in_which_facts_were_written_does_not_matter() -> None:
    """Entries are in the order of time; only who knew of it first is another."""
    facts = (adopted(ALPHA, BTC="2"), fill(Side.SELL, "1", "110", T0 + HOUR), PRICES)
    events = told(*facts)
    assert ledger(*events).entries == ledger(*reversed(events)).entries


def test_of_a_lot_whose_cost_was_told_a_history_may_leave_a_part() -> None:
    """What was told of two is told of the half of one that no purchase explains as well, as far as it goes."""
    lot = "opening:alpha:BTC:2026-01-01"
    said = ev.BasisStated(lot, Money(Decimal(2000)), None, ANN, "Ann", Quantity(Decimal(2)))
    bought = Entry("alpha:1:in", T0 - HOUR, EntryKind.ACQUIRE, BTC, "alpha", Decimal("1.5"), Decimal(600))
    book = ledger(*told(adopted(ALPHA, BTC="2"), said, ev.HistoryImported("f", (bought,), ANN, "Ann")))
    assert [(entry.quantity, entry.value) for entry in book.entries] == [(Decimal("1.5"), 600), (Decimal("0.5"), 500)]


def test_a_transfer_to_open_books_is_not_counted_beside_what_they_saw() -> None:
    """The books have the deposit already: in the history the units have left."""
    deposit = ev.CashFlowSeen(CashFlow("d", ALPHA, BTC, Quantity(Decimal(1)), T0 + HOUR))
    history = (
        Entry("vault:1:in", T0 - HOUR, EntryKind.ACQUIRE, BTC, "vault", Decimal(2), Decimal(600)),
        Entry(
            "vault:2:out", T0 + HOUR, EntryKind.TRANSFER, BTC, "vault", Decimal(1), None, None, "alpha", Decimal("0.1")
        ),
    )
    book = ledger(*told(adopted(ALPHA, BTC="2"), deposit, ev.HistoryImported("f", history, ANN, "Ann")))
    held = [(lot.account, lot.quantity) for lot in settled(book).remaining]
    assert held == [("alpha", 2), ("alpha", 1), ("vault", Decimal("0.9"))]


LEFT = Entry("wallet:9:out", T0 - 50 * HOUR, EntryKind.REDUCE, BTC, "wallet", Decimal("1.01"))
CAME = Entry("alpha:8:in", T0 - 48 * HOUR, EntryKind.OPENING, BTC, "alpha", Decimal(1))
BOUGHT = Entry("wallet:1:in", T0 - 99 * HOUR, EntryKind.ACQUIRE, BTC, "wallet", Decimal(2), Decimal(60))


def of_files(*rows: Entry, stated: str = "") -> Ledger:
    """Each row from a file of its own."""
    facts: list[ev.Fact] = [ev.HistoryImported("a file", (row,), ANN, "Ann") for row in rows]
    if stated:
        facts.append(ev.BasisStated(stated, Money(Decimal(5)), None, ANN, "Ann"))
    return ledger(*told(*facts))


def test_two_files_that_tell_of_an_end_each_tell_of_one_transfer() -> None:
    """The lot moves with its cost; what did not arrive was the fee."""
    book = of_files(BOUGHT, LEFT, CAME)
    assert [(e.kind, e.quantity, e.fee_quantity, e.to_account) for e in book.entries][1:] == [
        (EntryKind.TRANSFER, 1, Decimal("0.01"), "alpha")
    ]
    assert book.absorbed == (CAME.id,)
    assert [(lot.account, lot.basis) for lot in settled(book).remaining] == [("alpha", 30), ("wallet", Decimal("29.7"))]


@pytest.mark.parametrize(
    "other",
    [
        CAME._replace(at=LEFT.at + timedelta(days=4)),
        CAME._replace(at=LEFT.at - timedelta(hours=2)),
        CAME._replace(quantity=Decimal("0.9")),
        CAME._replace(quantity=Decimal("1.1")),
        CAME._replace(account="wallet"),
        CAME._replace(asset=ETH),
    ],
    ids=["too late", "too early", "too little", "too much", "the same account", "another coin"],
)
def test_what_does_not_fit_is_no_transfer(other: Entry) -> None:
    """A withdrawal to elsewhere, and a deposit from elsewhere."""
    assert {e.kind for e in of_files(BOUGHT, LEFT, other).entries} >= {EntryKind.REDUCE, EntryKind.OPENING}


def test_what_a_person_has_said_of_a_deposit_holds() -> None:
    """They know better where it came from."""
    assert of_files(BOUGHT, LEFT, CAME, stated=CAME.id).absorbed == ()


@pytest.mark.parametrize(("fees", "gains"), [(FeePolicy.DISPOSE, [3]), (FeePolicy.REDUCE, [None])])
def test_the_fee_policy_holds_for_histories_too(fees: FeePolicy, gains: list[int | None]) -> None:
    """They tell what a fee was worth; whether a gain is booked of it is the user's choice."""
    fee = Entry("wallet:2:fee", T0 - 50 * HOUR, EntryKind.FEE, BTC, "wallet", Decimal("0.1"), Decimal(6))
    book = ledger(*told(ev.HistoryImported("a file", (BOUGHT, fee), ANN, "Ann")), fees=fees)
    assert [match.gain for match in settled(book).matches] == gains
