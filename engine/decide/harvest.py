"""Losses that would save more tax than it costs to realise them and to buy the same back at once.

Only where the year's tax falls by more than fee, spread and impact of the sale and of the purchase together; and only
where the law counts a loss although the asset is bought back. What is given up is shown beside it: the new lots cost
less, so that more gain is left to be taxed later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.decide.aim import Aim
from engine.decide.funding import funded
from engine.decide.lanes import Lane, Place, lanes_of, least_order, objections
from engine.decide.legs import leg_of, weight_lines
from engine.decide.markets import usable_markets
from engine.decide.optimum.rounding import Trade
from engine.decide.tax import Disposal, TaxView
from engine.decide.triggers import Call
from engine.model.decision import DecisionInputs
from engine.model.ids import Asset, LegId, VenueName
from engine.model.lots import Lot, LotMethod, Scope
from engine.model.market import Side
from engine.model.money import ZERO, Money, Quantity, floor_to_step, total
from engine.model.plan import NO_COST, Plan, PlanTrigger
from engine.model.plan_tax import Harvest
from engine.model.portfolio import Valuation
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.tax import WashSale
from engine.model.tax_policy import Harvesting

MOST_SIZES: Final = 12
"""So many sizes of a sale are looked at for each place: the ends of its lots, or an even choice of them."""
LEAVES_NO_CHOICE: Final = frozenset({LotMethod.UK, LotMethod.AVERAGE})
"""By these, what is bought back within 30 days takes the loss away again."""


def harvests(inputs: DecisionInputs, valuation: Valuation) -> tuple[Harvest, ...]:
    """The losses that are worth realising now, the most worth while first; none where they are not asked for."""
    tax = TaxView(inputs, valuation)
    profile = inputs.policy.tax.profile
    wanted = inputs.policy.tax.harvesting is not Harvesting.OFF
    if not wanted or tax.year_rules is None or profile is None or tax.method in LEAVES_NO_CHOICE:
        return ()
    if profile.wash_sale is WashSale.ENFORCE:
        return ()
    anywhere = inputs.policy.tax.scope is Scope.UNIVERSAL
    found: list[Harvest] = []
    so_far = ZERO, ZERO
    for place, pair in sorted(_pairs(inputs, valuation, tax).items()):
        if anywhere and place[1] in {each.asset for each in found}:
            # The same lots would be sold at two venues.
            continue
        best = _best(_Place(inputs, tax, place, pair), so_far)
        if best is not None:
            found.append(best[0])
            so_far = so_far[0] + best[1][0], so_far[1] + best[1][1]
    return tuple(sorted(found, key=lambda each: (each.cost - each.saves, each.venue, each.asset)))


def harvest_plan(inputs: DecisionInputs, valuation: Valuation, found: Sequence[Harvest]) -> tuple[Call, Plan] | None:
    """The plan that realises losses and buys back; None where nothing of it can be traded."""
    here = {w.name: w.weight for w in valuation.weights}
    pairs = _pairs(inputs, valuation, TaxView(inputs, valuation))
    free = {(v.name, b.asset): b.free for v in inputs.snapshot.venues if v.trades for b in v.balances}
    while found:
        call = Call(PlanTrigger.HARVEST, tuple(_reason(each) for each in found))
        aim = Aim(inputs, valuation, here, call)
        trades = [Trade(lane, h.quantity) for h in found for lane in pairs[h.venue, h.asset]]
        in_turn, _ = funded(trades, free, inputs.policy.limits)
        kept = {(t.lane.market.venue, t.lane.market.instrument.base, t.lane.side) for t in in_turn}
        whole = [h for h in found if {(h.venue, h.asset, side) for side in Side} <= kept]
        if len(whole) < len(found):
            found = whole
            continue
        why = {(h.venue, h.asset): (_reason(h),) for h in found}
        legs = tuple(leg_of(aim, trade, LegId(f"L{number}")) for number, trade in enumerate(in_turn, start=1))
        legs = aim.tax.with_tax([replace(leg, reasons=why[leg.venue, leg.base]) for leg in legs])
        cost = sum((leg.cost for leg in legs), NO_COST)
        weights = weight_lines(aim, legs)
        return call, Plan(call.kind, call.reasons, legs, weights, valuation.managed_value, cost, None)
    return None


Gains = tuple[Decimal, Decimal]
"""Short and long."""
Pair = tuple[Lane, Lane]
"""The sale and the purchase of one market."""


class _Place:
    """An asset at a venue, with the market on which it is sold and bought back for the least."""

    def __init__(self, inputs: DecisionInputs, tax: TaxView, place: Place, pair: Pair) -> None:
        self.venue, self.asset = place
        self.tax = tax
        self.sale, self.purchase = pair
        self._limits = inputs.policy.limits
        balances = (b for v in inputs.snapshot.venues if v.name == self.venue for b in v.balances)
        self.free = next((balance.free for balance in balances if balance.asset == self.asset), Quantity(ZERO))
        self._lots = _lots_at(inputs, place)
        self.mark = self.sale.market.marks.base

    def sizes(self) -> list[Quantity]:
        """The quantities whose sale may be worth while: whole lots at a loss, the dearest first.

        No more than one order may be: in slices it would be out of the market for hours, and could go to other venues.
        """
        at_a_loss = [lot for lot in self._lots if lot.is_known and lot.basis > lot.quantity * self.mark]
        at_a_loss.sort(key=lambda lot: (-lot.basis / lot.quantity, lot.acquired_at, lot.id))
        one_order = self._limits.slice_max / self.mark if self._limits.slice_max else self.free
        ends, held = [], ZERO
        for lot in at_a_loss:
            held += lot.quantity
            ends.append(Quantity(floor_to_step(min(held, self.free, one_order), self.sale.step)))
        every = sorted(set(ends))
        if len(every) <= MOST_SIZES:
            return every
        return [every[number * (len(every) - 1) // (MOST_SIZES - 1)] for number in range(MOST_SIZES)]

    def in_parts(self) -> Iterator[tuple[Quantity, Disposal]]:
        """Each size, and the sale of what it has more than the size before it."""
        sold, brought = ZERO, ZERO
        for number, quantity in enumerate(self.sizes()):
            if quantity <= sold or quantity > self.sale.depth:
                continue
            proceeds = quantity * self.mark - self.sale.cost(quantity).total
            more = Quantity(quantity - sold), Money(proceeds - brought)
            yield quantity, Disposal(f"size {number}", self.asset, self.venue, *more)
            sold, brought = quantity, proceeds

    def round_trip(self, quantity: Quantity) -> Money | None:
        """What sale and purchase cost together; None where a limit forbids either."""
        lanes = (self.sale, self.purchase)
        if any(quantity > lane.depth or quantity < least_order(lane, self._limits) for lane in lanes):
            return None
        if any(objections(lane, quantity, self._limits) for lane in lanes):
            return None
        return Money(total(lane.cost(quantity).total for lane in lanes))

    def unrealised(self) -> Decimal:
        """Gain less loss of all its lots at the mark."""
        return total(lot.quantity * self.mark - lot.basis for lot in self._lots)


def _best(place: _Place, so_far: Gains) -> tuple[Harvest, Gains] | None:
    """The size that saves most beyond its cost, where one does, and the gains that it realises.

    Sizes are looked at as one sale after the other, so that the lots are matched once. Gains `so_far` have used up
    their part of what losses can save.
    """
    sales = list(place.in_parts())
    outcomes = place.tax.outcomes([sale for _, sale in sales], so_far=so_far) if sales else {}
    best: tuple[Harvest, Gains] | None = None
    short = long = tax = ZERO
    for quantity, sale in sales:
        outcome, cost = outcomes[sale.name][0], place.round_trip(quantity)
        short, long, tax = short + outcome.short, long + outcome.long, tax + (outcome.tax or ZERO)
        if cost is None or short + long >= 0 or -tax <= cost:
            continue
        loss, saves, left = Money(-short - long), Money(-tax), Money(place.unrealised() - short - long)
        found = Harvest(place.venue, place.asset, quantity, loss, saves, cost, left)
        if best is None or found.saves - found.cost > best[0].saves - best[0].cost:
            best = found, (short, long)
    return best


def _pairs(inputs: DecisionInputs, valuation: Valuation, tax: TaxView) -> Mapping[Place, Pair]:
    """For every asset at every venue the market of the least spread and fee, against what counts as cash."""
    lanes = {lane.key: lane for lane in lanes_of(usable_markets(inputs.snapshot, inputs.policy, valuation))}
    pairs: dict[Place, Pair] = {}
    for lane in lanes.values():
        venue, base, quote = lane.market.key
        if lane.side is not Side.SELL or quote not in tax.cash or base in tax.cash:
            continue
        pair = lane, lanes[venue, base, quote, Side.BUY]
        known = pairs.get((venue, base))
        if known is None or _first_unit(pair) < _first_unit(known):
            pairs[venue, base] = pair
    return pairs


def _first_unit(pair: Pair) -> Decimal:
    return total(lane.unit_cost for lane in pair)


def _lots_at(inputs: DecisionInputs, place: tuple[VenueName, Asset]) -> list[Lot]:
    anywhere = inputs.policy.tax.scope is Scope.UNIVERSAL
    return [lot for lot in inputs.lots if lot.asset == place[1] and (anywhere or lot.account == place[0])]


def _reason(found: Harvest) -> Reason:
    amounts = {"loss": found.loss, "saves": found.saves, "cost": found.cost, "left": found.left}
    return reason(ReasonCode.HARVEST, asset=found.asset, venue=found.venue, quantity=found.quantity, **amounts)
