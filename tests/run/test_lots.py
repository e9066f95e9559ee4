"""Lots on a working engine: opened with the books, named by a plan before its first order, used up by its fills."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.account.ledger_view import LedgerView
from engine.model import events as ev
from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.lots import Entry, EntryKind, LotMethod
from engine.model.market import Side
from engine.model.money import ZERO, Money
from engine.model.plan import PlanStatus as S
from engine.model.plan import PlanTrigger
from engine.model.tax import Bracket, TaxProfile, YearRules
from engine.model.tax_policy import Harvesting, OpeningBasis, TaxPolicy
from engine.run.lot_keeper import MOST_AT_ONCE
from tests import builders as b
from tests.builders import BTC, ETH, T0
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, TARGETS, Desk

YEAR = timedelta(days=365)
BOUGHT = (
    Entry("alpha:1:in", T0 - 2 * YEAR, EntryKind.ACQUIRE, BTC, "alpha", Decimal(4), Decimal(80)),
    Entry("alpha:2:in", T0 - YEAR / 2, EntryKind.ACQUIRE, BTC, "alpha", Decimal(2), Decimal(300)),
    Entry("alpha:3:in", T0 - YEAR / 2, EntryKind.ACQUIRE, ETH, "alpha", Decimal(10), Decimal(90)),
)


async def ledger(desk: Desk) -> LedgerView:
    view = await desk.engine.lots.view()
    assert view is not None
    return view


async def lots(desk: Desk, asset: Asset = BTC) -> list[tuple[str, Decimal, Decimal]]:
    held = (await ledger(desk)).settlement.remaining
    return [(lot.id, lot.quantity, lot.basis) for lot in held if lot.asset == asset]


@pytest.fixture
async def known(desk: Desk) -> Desk:
    """A desk that has looked once, and whose owner has brought what it was bought for."""
    plan = await desk.proposed()
    await desk.engine.decline(plan.proposed.plan_id, ANN)
    await desk.engine.lots.import_history("a file", BOUGHT, ANN)
    await desk.clock.advance(timedelta(hours=2))
    return desk


async def test_what_was_there_at_first_is_a_lot_of_unknown_cost(desk: Desk) -> None:
    """A plan shows it as such, and counts it as costing nothing."""
    plan = await desk.proposed()
    (unknown,) = [lot for lot in (await ledger(desk)).settlement.remaining if lot.asset == BTC]
    assert (unknown.quantity, unknown.is_known) == (6, False)
    sale = b.leg_of(plan.proposed.plan, Side.SELL)
    assert sale.tax is not None
    assert [(lot.lot, lot.cost, lot.is_known) for lot in sale.tax.lots] == [(unknown.id, 0, False)]


async def test_or_it_cost_what_it_was_worth_then(open_desk: OpenDesk) -> None:
    """Where the user has chosen so."""
    desk = open_desk(policy=b.policy(TARGETS, tax=TaxPolicy(opening_basis=OpeningBasis.PRICE)))
    await desk.proposed()
    assert [(quantity, basis) for _, quantity, basis in await lots(desk)] == [(6, 600)]


async def test_history_makes_it_known(known: Desk) -> None:
    """Brought again, it adds nothing."""
    assert await lots(known) == [("alpha:1:in", 4, 80), ("alpha:2:in", 2, 300)]
    again = await known.engine.lots.import_history("the same file", BOUGHT, ANN)
    assert (again.new, again.known, again.later) == (0, 3, 0)
    assert len(await known.journal.facts(ev.HistoryImported)) == 1


async def test_a_row_of_a_time_that_the_books_know_is_not_taken(known: Desk) -> None:
    """They hold it already, as a fill or as an answer to a question."""
    late = BOUGHT[0]._replace(id="alpha:9:in", at=known.clock.now())
    assert (await known.engine.lots.import_history("later", (late,), ANN)).later == 1


async def test_a_person_can_say_what_a_lot_cost(desk: Desk) -> None:
    """From then on it is known; what makes no sense is refused with its reason."""
    await desk.proposed()
    desk_lots = desk.engine.lots
    ((name, _, _),) = await lots(desk)
    assert await desk_lots.state_basis(name, Money(Decimal(123)), None, ANN)
    assert await lots(desk) == [(name, 6, 123)]
    assert not await desk_lots.state_basis("nothing", Money(Decimal(1)), None, ANN)
    with pytest.raises(InvalidValue, match="negative"):
        await desk_lots.state_basis(name, Money(Decimal(-1)), None, ANN)
    with pytest.raises(InvalidValue, match="future"):
        await desk_lots.state_basis(name, Money(Decimal(1)), desk.clock.now() + timedelta(days=1), ANN)


async def test_a_plan_names_its_lots_and_the_fills_use_up_those(known: Desk) -> None:
    """The dearest first; the names are on disk before the first order is, whatever the policy says later."""
    await known.engine.rebalance()
    plan = await known.open_plan()
    sale = b.leg_of(plan.proposed.plan, Side.SELL)
    named = [(pick.lot, pick.quantity) for pick in sale.picks]
    assert named[0][0] == "alpha:2:in"
    await known.approve(plan)
    await known.until(plan, S.COMPLETED)
    kinds = [event.kind for event in await known.journal.facts(ev.PlanProposed, ev.OrderSubmitting)]
    assert kinds.index("PlanProposed") < kinds.index("OrderSubmitting")
    await known.start(b.policy(TARGETS, tax=TaxPolicy(method=LotMethod.LOFO)))
    await known.engine.advance()
    used = [(m.lot, m.quantity) for m in (await ledger(known)).settlement.matches if m.asset == BTC]
    assert used == named
    assert sum(quantity for _, quantity in used) == sale.quantity


async def test_a_purchase_opens_a_lot_that_cost_its_fee_too(known: Desk) -> None:
    """Bought at the price of the fill."""
    await known.engine.rebalance()
    plan = await known.open_plan()
    await known.approve(plan)
    await known.until(plan, S.COMPLETED)
    *_, (_, quantity, basis) = await lots(known, ETH)
    purchase = b.leg_of(plan.proposed.plan, Side.BUY, ETH)
    assert quantity == purchase.quantity
    assert basis == quantity * Decimal("10.01") * Decimal("1.001")


async def test_a_long_history_is_matched_beside_the_event_loop(known: Desk) -> None:
    """The rows of years do not hold everything else up."""
    row = BOUGHT[0]._replace(asset=ETH, account="wallet", quantity=Decimal(1))
    rows = [row._replace(id=f"wallet:{n}:in", at=row.at + timedelta(minutes=n)) for n in range(MOST_AT_ONCE + 1)]
    await known.engine.lots.import_history("a long file", rows, ANN)
    assert len([lot for lot in (await ledger(known)).settlement.remaining if lot.account == "wallet"]) == len(rows)


async def test_lots_add_up_to_the_books(known: Desk) -> None:
    """After trades too, and where a history tells of more sales than purchases."""
    await known.engine.rebalance()
    plan = await known.open_plan()
    await known.approve(plan)
    await known.until(plan, S.COMPLETED)
    assert await known.engine.lots.unlike_books() == ()
    sold_more = BOUGHT[0]._replace(id="alpha:0:out", kind=EntryKind.DISPOSE, quantity=Decimal(9), value=Decimal(1))
    await known.engine.lots.import_history("a file", (sold_more,), ANN)
    assert await known.engine.lots.unlike_books() == ()


async def test_another_life_of_the_program_knows_the_same(known: Desk) -> None:
    """Nothing of the ledger is kept but the facts."""
    before = await ledger(known)
    await known.start()
    await known.engine.advance()
    assert (await ledger(known)).settlement == before.settlement


async def test_prices_are_noted_when_something_happens_and_not_at_every_look(known: Desk) -> None:
    """What nothing is valued by is not written down again and again."""
    noted = len(await known.journal.facts(ev.PricesNoted))
    for _ in range(5):
        await known.engine.advance()
        await known.clock.advance(timedelta(minutes=1))
    assert len(await known.journal.facts(ev.PricesNoted)) - noted <= 1


RULES = YearRules((Bracket(ZERO, Decimal("0.4")),), (Bracket(ZERO, ZERO),), loss_cap=Decimal(3000))
LAW = TaxProfile("testland", ((2026, RULES),))
ON_TARGET = {"alpha": {"BTC": "4", "ETH": "30", "USDT": "300"}}
AT_A_LOSS = Entry("alpha:5:in", T0 - YEAR / 2, EntryKind.ACQUIRE, BTC, "alpha", Decimal(2), Decimal(900))


async def with_a_loss(open_desk: OpenDesk, harvesting: Harvesting) -> Desk:
    """A portfolio on its targets whose bitcoin was bought for more than it is worth."""
    desk = open_desk(policy=b.policy(TARGETS, tax=TaxPolicy(profile=LAW, harvesting=harvesting)), **ON_TARGET)
    await desk.start()
    await desk.engine.advance()
    await desk.engine.lots.import_history("a file", (AT_A_LOSS,), ANN)
    await desk.clock.advance(timedelta(hours=2))
    await desk.engine.advance()
    return desk


async def test_a_loss_is_sold_and_bought_back_once_it_is_approved(open_desk: OpenDesk) -> None:
    """What was bought back is a new lot at the new price."""
    desk = await with_a_loss(open_desk, Harvesting.PROPOSE)
    plan = await desk.open_plan()
    assert plan.proposed.plan.trigger is PlanTrigger.HARVEST
    await desk.approve(plan)
    await desk.until(plan, S.COMPLETED)
    assert [(order.side, order.symbol, order.quantity) for order in desk.alpha.sent] == [
        ("sell", "BTC/USDT", 2),
        ("buy", "BTC/USDT", 2),
    ]
    *_, (name, quantity, basis) = await lots(desk)
    assert name != AT_A_LOSS.id
    assert (quantity, round(basis)) == (2, 200)


async def test_a_suggestion_is_told_once_a_week(open_desk: OpenDesk) -> None:
    """And nothing is planned."""
    desk = await with_a_loss(open_desk, Harvesting.SUGGEST)
    for day in range(8):
        assert await desk.journal.open_plan() is None
        assert len(await desk.journal.facts(ev.HarvestSuggested)) == 1 + (day == 7)
        await desk.clock.advance(timedelta(days=1))
        await desk.engine.advance()
