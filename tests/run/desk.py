"""The engine at work: on a clock that is turned by hand, a journal in memory, and venues that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from engine.clock import ManualClock
from engine.execute.plan_state import PlanState
from engine.feeds.venue_closes import VenueCloses
from engine.feeds.venue_volumes import VenueVolumes
from engine.model import events as ev
from engine.model.errors import JournalUnavailable
from engine.model.events import Draft, Event, Mode, plan_stream
from engine.model.ids import Asset, PlanId, PortfolioId, UserId, VenueName
from engine.model.money import Quantity
from engine.model.order import OrderRequest
from engine.model.plan import PlanStatus
from engine.model.policy import Policy
from engine.model.portfolio import VenueSnapshot
from engine.ports import Expectation, SignalSource, Venue
from engine.run.approvals import Answer, Person
from engine.run.facade import Engine, EngineSettings
from engine.run.observe import Aside
from engine.store.memory import MemoryJournal
from tests import builders as b
from tests.builders import Market
from tests.run.fake_venue import FakeVenue

MAIN = PortfolioId("main")
ANN, BEN = Person(UserId(1), "Ann"), Person(UserId(2), "Ben")
SECOND = timedelta(seconds=1)
MARKETS = (Market("BTC/USDT", "100", fee="0.001"), Market("ETH/USDT", "10", fee="0.001"))
TARGETS = {"BTC": "0.4", "ETH": "0.3", "USDT": "0.3"}


class Journal(MemoryJournal):
    """A journal that can fail. `fails_at` counts appends; what `keeps` fails after it was written."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(MAIN, clock)
        self.appends = 0
        self.fails_at: frozenset[int] = frozenset()
        self.keeps = False
        self.error: type[BaseException] = JournalUnavailable

    async def append(self, drafts: Sequence[Draft], expected: Expectation | None = None) -> tuple[Event, ...]:
        self.appends += 1
        fails = self.appends in self.fails_at
        if fails and not self.keeps:
            raise self.error("the disk is full")
        events = await super().append(drafts, expected)
        if fails:
            raise self.error("the answer was lost")
        return events

    async def requires_intent(self, order: OrderRequest) -> None:
        """Fails where an order reaches a venue whose intent is not on disk."""
        facts = [event.fact for event in await self.facts(ev.OrderSubmitting)]
        intents = [fact.order for fact in facts if isinstance(fact, ev.OrderSubmitting)]
        assert intents, "an order was sent before its intent was on disk"
        assert intents[-1] == order, "an order was sent that differs from its intent"


class Desk:
    """One portfolio, and as many lives of the program as a test wants."""

    def __init__(self, *, start: datetime = b.T0, policy: Policy | None = None, **balances: dict[str, str]) -> None:
        self.clock = ManualClock(start)
        self.journal = Journal(self.clock)
        self.policy = policy or b.policy(TARGETS)
        self.numeraire: Asset | None = None
        self.may_send: Callable[[], bool] = lambda: True
        self.watched: tuple[VenueSnapshot, ...] = ()
        self.reserves: dict[VenueName, dict[Asset, Quantity]] = {}
        self.reference: FakeVenue | None = None
        self.signal: SignalSource | None = None
        held = balances or {"alpha": {"BTC": "6", "ETH": "10", "USDT": "300"}}
        self.venues = {name: FakeVenue(name, self.clock, own, *MARKETS) for name, own in held.items()}
        for venue in self.venues.values():
            venue.before_order = self.journal.requires_intent
        self.engine = self._engine()
        self.lives: list[Engine] = []

    def _engine(self, numeraire: Asset | None = None) -> Engine:
        closes, volumes = VenueCloses(self._venues()), VenueVolumes(self._venues())
        aside = Aside(self.watched, self.reserves, self.reference, closes, volumes, self.signal)
        settings = EngineSettings(MAIN, Mode.SANDBOX, self.policy, numeraire or self.numeraire, aside=aside)
        return Engine(settings, self._venues(), self.journal, self.clock, lambda: self.may_send())

    def _venues(self) -> dict[VenueName, Venue]:
        return {VenueName(name): venue for name, venue in self.venues.items()}

    @property
    def alpha(self) -> FakeVenue:
        return self.venues["alpha"]

    async def start(self, policy: Policy | None = None) -> Engine:
        """A new life of the program, on the same journal."""
        await self.stop()
        self.policy = policy or self.policy
        self.engine = self._engine()
        self.lives.append(self.engine)
        await self.engine.start()
        return self.engine

    async def stop(self) -> None:
        """End the present life, in the middle of whatever it does."""
        await self.engine.stop()

    async def proposed(self) -> PlanState:
        """Start, look once, and give the plan that is proposed."""
        await self.start()
        await self.engine.advance()
        return await self.open_plan()

    async def executing(self) -> PlanState:
        """A plan that was approved; its first order may be out."""
        plan = await self.proposed()
        await self.approve(plan)
        return plan

    async def open_plan(self) -> PlanState:
        plan = await self.journal.open_plan()
        assert plan is not None, "no plan is open"
        return plan

    async def plan(self, plan: PlanState) -> PlanState:
        """The plan as it is now."""
        return await self.by_id(plan.proposed.plan_id)

    async def by_id(self, plan_id: PlanId) -> PlanState:
        found = await self.journal.plan(plan_id)
        assert found is not None
        return found

    async def approve(self, plan: PlanState, who: Person = ANN) -> Answer:
        return await self.engine.approve(plan.proposed.plan_id, plan.proposed.digest, who)

    async def until(self, plan: PlanState, *wanted: PlanStatus, within: timedelta = timedelta(minutes=20)) -> PlanState:
        """Let time go on, second by second, until the plan is where it is wanted."""
        end = self.clock.now() + within
        while (now := await self.plan(plan)).status not in wanted:
            assert self.clock.now() < end, f"the plan is still {now.status}"
            await self.clock.advance(SECOND)
        return now

    async def story(self, plan: PlanState) -> list[str]:
        """What became of a plan, fact by fact."""
        return [event.kind for event in await self.journal.stream(plan_stream(plan.proposed.plan_id))]

    def move(self, symbol: str, mid: str, venue: str = "alpha") -> None:
        """The market moves."""
        self.venues[venue].markets[symbol] = Market(symbol, mid, fee="0.001")

    def traded(self) -> Decimal:
        """How much base all venues have traded under all ids."""
        orders = [report for venue in self.venues.values() for report in venue.orders.values()]
        return sum((report.filled for report in orders), Decimal(0))
