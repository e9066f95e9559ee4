"""The ledger at hand is that of the journal: whatever is written while it is read, and whoever was not told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from engine.clock import ManualClock
from engine.model import events as ev
from engine.model.decision import CashFlow
from engine.model.errors import JournalUnavailable
from engine.model.events import Event, Fact
from engine.model.money import Quantity
from engine.model.tax_policy import TaxPolicy
from engine.run.lot_keeper import LotKeeper
from engine.run.scribe import Scribe
from tests.account.test_ledger import ALPHA, BETA, HOUR, adopted
from tests.builders import BTC, T0, USD
from tests.run.desk import MAIN, Journal

HELD = adopted(ALPHA, BTC="2")
MORE = adopted(BETA, BTC="1")


class Slow(Journal):
    """A journal in which something is written while it is read: before, or after the disk was looked at."""

    meanwhile: AsyncIterator[None] | None = None

    async def facts(self, *kinds: type[Fact]) -> tuple[Event, ...]:
        found = await super().facts(*kinds)
        if self.meanwhile is not None:
            writing, self.meanwhile = self.meanwhile, None
            async for _ in writing:
                pass
        return found


@pytest.fixture
def journal() -> Slow:
    return Slow(ManualClock(T0))


def keeper_of(journal: Slow) -> tuple[LotKeeper, Scribe]:
    scribe = Scribe(journal, ManualClock(T0), MAIN)
    return LotKeeper(scribe, TaxPolicy()), scribe


async def held(keeper: LotKeeper) -> list[str]:
    view = await keeper.view(USD)
    assert all(lot.asset == BTC for lot in view.settlement.remaining)
    return [f"{lot.account} {lot.quantity}" for lot in view.settlement.remaining]


async def test_what_is_written_while_the_ledger_is_read_is_in_it(journal: Slow) -> None:
    """It was too late to be read, and too early to be told."""
    keeper, scribe = keeper_of(journal)
    await scribe.note(HELD)

    async def writing() -> AsyncIterator[None]:
        await scribe.note(MORE)
        yield

    journal.meanwhile = writing()
    assert await held(keeper) == ["alpha 2", "beta 1"]
    assert await held(keeper) == ["alpha 2", "beta 1"]


async def test_what_was_read_before_it_was_told_counts_once(journal: Slow) -> None:
    """The writer hears of it after a reader has seen it on the disk."""
    deposit = ev.CashFlowSeen(CashFlow("d", ALPHA, BTC, Quantity(Decimal(1)), T0 + HOUR))
    keeper, scribe = keeper_of(journal)
    told: list[tuple[Event, ...]] = []
    scribe.listen(told.append)
    listeners, scribe._listeners = scribe._listeners, [told.append]
    await scribe.note(HELD, deposit)
    await keeper.view(USD)
    listeners[0](told[0])
    assert await held(keeper) == ["alpha 2", "alpha 1"]


async def test_what_was_written_without_an_answer_counts(journal: Slow) -> None:
    """The disk has it, and nobody was told."""
    keeper, scribe = keeper_of(journal)
    await scribe.note(HELD)
    assert await held(keeper) == ["alpha 2"]
    journal.fails_at, journal.keeps = frozenset({2}), True
    with pytest.raises(JournalUnavailable):
        await scribe.note(MORE)
    assert await held(keeper) == ["alpha 2", "beta 1"]
