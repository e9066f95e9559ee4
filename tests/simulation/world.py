"""All that outlives the bot: exchanges and their markets, Telegram and its people, the disk, and the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

from bot.chat.delivery import Post
from engine.model.events import Event
from engine.model.guards import ExchangeHealth, Guards, StopLoss
from engine.model.health import HealthLimits
from engine.model.ids import Asset, VenueName
from engine.model.market import FeeCurrency, Instrument
from engine.model.money import Price, Quantity
from engine.model.order import OrderRequest
from engine.model.policy import Policy
from engine.model.tax_policy import OpeningBasis, TaxPolicy
from engine.store import codec
from tests import builders as b
from tests.simulation.database import Disk
from tests.simulation.exchange import Exchange, Market
from tests.simulation.loop import VirtualLoop
from tests.simulation.people import ANN, BEN, MEMBERS, People
from tests.simulation.scenario import RULES, Doom, Manner, Moment, Scenario
from tests.simulation.telegram import Circumstances, TelegramWorld
from tests.simulation.timetable import Timetable
from tests.simulation.venue import Hooks, SimVenue
from tests.simulation.weather import Weather

MIDS: Final = {"BTC": Decimal(60_000), "ETH": Decimal(3_000)}
DEPTHS: Final = {"BTC": Decimal("0.9"), "ETH": Decimal(18)}
STEPS: Final = {"BTC": Decimal("0.00001"), "ETH": Decimal("0.0001")}
TICK: Final = Decimal("0.01")
FALL: Final = Decimal("0.65")
GUARDS: Final = Guards(
    stop_loss=StopLoss(confirm=timedelta(seconds=5)),
    exchange_health=ExchangeHealth(limits=HealthLimits(withdrawals_closed_for=timedelta(seconds=5))),
)
"""In seconds what takes minutes in earnest."""


@dataclass
class Telling:
    """What the announcer made of one fact: the messages, any of which may tell it."""

    event: Event
    posts: tuple[Post, ...]


@dataclass
class World:
    """One world, in which the bot may live several times."""

    scenario: Scenario
    path: Path
    life: int = 0
    tellings: list[Telling] = field(default_factory=list)
    clock_ahead: float = 0.0
    """Seconds by which the machine's clock is ahead of the world's."""
    unintended: list[OrderRequest] = field(default_factory=list)
    """Orders that left before their intent was on disk."""

    def __post_init__(self) -> None:
        seed = self.scenario.seed
        self.time = Timetable()
        self.weather = Weather(f"{seed} weather", self.scenario.strength)
        self.disk = Disk(self.path, f"{seed} disk")
        self.disk.trouble = self.scenario.trouble
        self.disk.on_commit = partial(self._come, Moment.COMMIT)
        around = Circumstances(lambda: self.life, lambda: self.disk.troubles, partial(self._come, Moment.MESSAGE_TAKEN))
        self.telegram = TelegramWorld(self.time, self.weather, around)
        self.people = People(f"{seed} people", self.time, self.telegram, self.scenario.manner)
        self.people.find = self._find
        self.exchanges = {VenueName(name): self._exchange(name) for name in self.scenario.venues}
        hooks = Hooks(self._leaving, partial(self._come, Moment.ORDER_ANSWERED), lambda: self.clock_ahead)
        self.venues = {
            name: SimVenue(exchange, self.time, self.weather, hooks) for name, exchange in self.exchanges.items()
        }
        self._market = self.scenario.random("market")
        self._mids = dict(MIDS)
        self._loop: VirtualLoop | None = None
        self._doom: Doom | None = None
        self.came_so_far = 0
        self._set_the_scene()

    @property
    def policy(self) -> Policy:
        """What the owner wants: plans that work for up to two minutes, and are offered for two."""
        limits: dict[str, Any] = {
            "min_trade": Decimal(10),
            "plan_ttl": timedelta(seconds=120),
            "horizon": timedelta(seconds=45),
            "patience": timedelta(seconds=60),
            "slice_max": Decimal(self.scenario.slice_max),
            "maker_wait": timedelta(seconds=self.scenario.maker_wait) if self.scenario.maker_wait else None,
            "max_cost_bps": Decimal(100),
        }
        trigger = {"threshold": Decimal("0.03"), "cooldown": timedelta(seconds=45)}
        targets = {"BTC": "0.4", "ETH": "0.3", "USDT": "0.3"}
        tax = TaxPolicy(opening_basis=OpeningBasis.PRICE)
        approvers = self.scenario.approvers
        return b.policy(targets, limits=limits, trigger=trigger, approvers=approvers, guards=GUARDS, tax=tax)

    def begin_life(self, loop: VirtualLoop, doom: Doom | None) -> None:
        """The bot comes up."""
        self.life += 1
        self._loop, self._doom, self.came_so_far = loop, doom, 0

    def told(self, events: Sequence[Event], posts: Sequence[Post]) -> None:
        """The announcer made these messages of these facts."""
        self.tellings += [Telling(event, tuple(posts)) for event in events]

    def _come(self, moment: Moment) -> None:
        """A moment has come; where it is the one that was drawn, the process is killed."""
        if self._doom is None or self._doom.moment is not moment or self._loop is None:
            return
        self.came_so_far += 1
        if self.came_so_far == self._doom.count:
            self._loop.kill()

    def _leaving(self, order: OrderRequest) -> None:
        query = (
            "SELECT kind, schema_version, payload FROM event WHERE kind = 'OrderSubmitting' ORDER BY seq DESC LIMIT 9"
        )
        with self.disk.read() as connection:
            facts = [codec.read_fact(*row) for row in connection.execute(query)]
        if order not in [getattr(fact, "order", None) for fact in facts]:
            self.unintended.append(order)
        self._come(Moment.ORDER_LEAVES)

    def _find(self, beginning: str) -> bool:
        """Whether any exchange has an order whose id begins so: what a person sees who looks there."""
        orders = (order for exchange in self.exchanges.values() for order in exchange.orders)
        return any(order.request.client_order_id.startswith(beginning) for order in orders)

    def _exchange(self, name: str) -> Exchange:
        dice = self.scenario.random(f"exchange {name}")
        held = {"BTC": Decimal(dice.choice((1, 3, 6))), "ETH": Decimal(dice.choice((5, 40))), "USDT": Decimal(30_000)}
        balances = {Asset(asset): amount for asset, amount in held.items()}
        exchange = Exchange(VenueName(name), RULES[name], balances, lambda: self.time.now)
        exchange.clock_skew = dice.choice((-1.5, 0.0, 1.5)) if self.scenario.strength else 0.0
        in_received = dice.random() < 0.5
        for base in MIDS:
            instrument = Instrument(
                VenueName(name),
                Asset(base),
                b.USDT,
                Decimal("0.001"),
                Decimal("0.0004"),
                Price(TICK),
                Quantity(STEPS[base]),
                Quantity(STEPS[base] * 10),
                Decimal(5),
                FeeCurrency.RECEIVED if in_received else FeeCurrency.QUOTE,
            )
            exchange.markets[f"{base}/USDT"] = Market(instrument, DEPTHS[base])
            exchange.move(f"{base}/USDT", MIDS[base])
        return exchange

    def _set_the_scene(self) -> None:
        """What happens whatever the bot does."""
        scenario, dice = self.scenario, self.scenario.random("scene")
        self.time.at(scenario.busy_for, self._calm_down)
        self.time.after(5.0, self._move_market)
        if scenario.clock_step:
            self.time.at(self.scenario.random("clock").uniform(2, scenario.busy_for), self._step_clock)
        if scenario.manner is Manner.WILLING:
            return
        for _ in range(dice.choice((0, 1, 1, 2))):
            self.time.at(dice.uniform(5, scenario.busy_for), partial(self._shock, dice.choice(("BTC", "ETH"))))
        if dice.random() < 0.4:
            venue = self.venues[dice.choice(sorted(self.venues))]
            self.time.at(dice.uniform(5, 120), partial(venue.close_for, dice.uniform(10, 40)))
        self._set_the_guards_to_work()
        if scenario.outage:
            begin = dice.uniform(1, 90)
            self.time.at(begin, lambda: self.telegram.go_out(begin + scenario.outage))
        if dice.random() < 0.1:
            self.telegram.blocked_by = frozenset({dice.choice(MEMBERS)})
        for command in dice.sample(("stop", "rebalance", "rebalance", "rebalance", "approve", "reject"), 2):
            self.time.at(
                dice.uniform(20, scenario.busy_for), partial(self.people.command, dice.choice((ANN, BEN)), command)
            )
        if dice.random() < 0.1:
            at = dice.uniform(10, 100)
            self.time.at(at, partial(self.people.command, ANN, "kill"))
            self.time.at(at + dice.uniform(5, 40), partial(self.people.command, BEN, "resume", "trading"))
        if dice.random() < 0.25:
            at = dice.uniform(10, 100)
            self.time.at(at, partial(self.people.command, ANN, "pause"))
            self.time.at(at + dice.uniform(5, 60), partial(self.people.command, BEN, "resume"))

    def _set_the_guards_to_work(self) -> None:
        scenario, dice = self.scenario, self.scenario.random("guards")
        at = dice.uniform(20, scenario.busy_for / 2)
        if scenario.fall:
            # Not before two looks, which arm its stop.
            self.time.at(dice.uniform(35, 60), lambda: self._move(dice.choice(("BTC", "ETH")), FALL))
        if scenario.halt:
            shut = self.venues[dice.choice(sorted(self.venues))]
            self.time.at(at, lambda: setattr(shut, "pays_out", False))

    def _move_market(self) -> None:
        if self.weather.calm:
            return
        for base in self._mids:
            factor = (
                Decimal(self._market.randint(-14, 14)) / 10_000
                if self.scenario.manner is not Manner.WILLING
                else Decimal(0)
            )
            self._move(base, 1 + factor)
        self.time.after(self._market.uniform(3, 8), self._move_market)

    def _shock(self, base: str) -> None:
        self._move(base, Decimal(self._market.choice((85, 93, 97, 103, 108, 118))) / 100)

    def _move(self, base: str, factor: Decimal) -> None:
        self._mids[base] *= factor
        for exchange in self.exchanges.values():
            lean = Decimal(self._market.randint(-5, 5)) / 10_000
            exchange.move(f"{base}/USDT", self._mids[base] * (1 + lean))

    def _step_clock(self) -> None:
        self.clock_ahead = self.scenario.clock_step

    def _calm_down(self) -> None:
        self.clock_ahead = 0.0
        self.weather.calm = True
        self.disk.trouble = 0.0
        self.people.asleep = True
        for exchange in self.exchanges.values():
            for base in self._mids:
                exchange.move(f"{base}/USDT", self._mids[base])
