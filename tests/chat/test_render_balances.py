"""What is told and asked about balances, as people read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.chat.payloads import ForgetPress, SaidPress, WherePress, parse
from bot.chat.render import balances
from engine.model import events as ev
from engine.model.decision import Standing
from engine.model.ids import Asset, VenueName
from engine.model.ledger import (
    BalanceChange,
    Declaration,
    Deposit,
    Explanation,
    Question,
    Transit,
    Withdrawal,
    WithdrawalState,
)
from engine.model.money import Quantity
from tests.chat import builders as a
from tests.chat.golden_file import assert_golden

BINANCE, KRAKEN = VenueName("binance"), VenueName("kraken")
VENUES = (BINANCE, KRAKEN)
USDT, BTC = Asset("USDT"), Asset("BTC")


def change(asset: Asset, quantity: str) -> BalanceChange:
    return BalanceChange(asset, Quantity(Decimal(quantity)))


def asked(*changes: BalanceChange, venue: VenueName = KRAKEN) -> Question:
    return Question("7f3a91c2", venue, changes, a.T0 - timedelta(minutes=3), 2)


OUT = Withdrawal("w1", KRAKEN, BTC, Quantity(Decimal("0.5")), Quantity(Decimal("0.0002")), a.T0, WithdrawalState.DONE)
TRANSIT = Transit(OUT.key, BTC, OUT.quantity, KRAKEN, a.T0)
SAID = Declaration("0badcafe", USDT, Quantity(Decimal(500)), None, KRAKEN, a.T0, a.ADA, "Ada")


def test_a_change_that_rose_fell_or_did_both() -> None:
    """Each with the buttons that fit, and what happens if it was somebody else."""
    frame = a.a_frame()
    assert_golden("question_rise", balances.question(asked(change(USDT, "500.5")), frame, VENUES))
    assert_golden("question_fall", balances.question(asked(change(BTC, "-0.25")), frame, VENUES))
    assert_golden("question_both", balances.question(asked(change(BTC, "0.01"), change(USDT, "-600")), frame, VENUES))
    hostile = asked(*(change(Asset(name), "1") for name in (a.HOSTILE, a.ARABIC, a.EMOJI, *"ABCDEFG")))
    assert_golden("question_hostile", balances.question(replace(hostile, venue=VenueName("<i>&")), frame, VENUES))


@pytest.mark.parametrize("said", list(Explanation))
def test_an_answered_question(said: Explanation) -> None:
    """It keeps its figures, names who answered, and has no buttons left."""
    goal = BINANCE if said is Explanation.TRANSFER else None
    fact = ev.ChangeAnswered(asked(change(BTC, "-0.25")), said, a.BEN, "Ben <b>", goal)
    message = balances.answered(fact, a.a_frame())
    assert_golden(f"question_answered_{said}", message)
    assert not message.keyboard


def test_transfers() -> None:
    """What left, where it goes, that it arrived, that it came back, and one that was seen at both ends."""
    frame = a.a_frame()
    assert_golden("transfer_left", balances.withdrawal_seen(ev.WithdrawalSeen(OUT, TRANSIT), VENUES, frame))
    assert_golden("transfer_to", balances.where_answered(ev.TransitAnswered(TRANSIT, BINANCE, a.ADA, "Ada")))
    assert_golden("transfer_out", balances.where_answered(ev.TransitAnswered(TRANSIT, None, a.ADA, "Ada")))
    assert_golden("transfer_back", balances.withdrawal_returned(ev.WithdrawalReturned(OUT)))
    came = Deposit("d1", BINANCE, BTC, Quantity(Decimal("0.4999")), a.T0)
    there = ev.TransferArrived(TRANSIT, BINANCE, change(BTC, "0.4999"), came)
    assert_golden("transfer_arrived", balances.arrived(there))
    both = ev.TransferNoticed(KRAKEN, change(BTC, "-0.5"), BINANCE, change(BTC, "0.4999"))
    assert_golden("transfer_noticed", balances.transfer_noticed(both))
    assert_golden("question_resolved", balances.resolved(ev.ChangeResolved(asked(change(BTC, "1"))), frame))


def test_the_list_of_what_is_open() -> None:
    """Ids to answer by; nothing open is said too."""
    frame = a.a_frame()
    assert_golden("matters_none", balances.open_matters(Standing(), frame))
    standing = Standing(questions=(asked(change(BTC, "-0.25")),), transits=(TRANSIT,), declared=(SAID,))
    assert_golden("matters", balances.open_matters(standing, frame))
    assert_golden("declared", balances.declared(SAID))


def test_every_button_leads_back_to_what_it_says() -> None:
    """What a press carries is understood as what was on the button, with the longest names too."""
    longest = VenueName("v" * 32)
    question = asked(change(BTC, "-1"))
    moved = balances.question(question, a.a_frame(), (KRAKEN, longest)).keyboard[-1][-1]
    assert parse(moved.payload) == SaidPress(question.id, 2, Explanation.TRANSFER, longest)
    first = balances.question(question, a.a_frame(), ()).keyboard[0][0]
    assert parse(first.payload) == SaidPress(question.id, 2, Explanation.WITHDRAWAL, None)
    fact = ev.WithdrawalSeen(OUT, TRANSIT)
    to_own, out = balances.withdrawal_seen(fact, (KRAKEN, longest), a.a_frame()).keyboard[0]
    assert parse(to_own.payload) == WherePress(TRANSIT.handle, longest)
    assert parse(out.payload) == WherePress(TRANSIT.handle, None)
    assert parse(balances.declared(SAID).keyboard[0][0].payload) == ForgetPress(SAID.id)
    assert all(len(b.payload.encode()) <= 64 for b in (moved, first, to_own, out))
