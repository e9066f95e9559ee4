"""What a plan's sales come to for tax: the lots that each would use up, its gain, and the same under other methods.

The lots are matched by the one matcher, as if all legs were carried out now and in their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

from engine.account.lots.replay import settle
from engine.account.lots.rules import LotRules, rules_of
from engine.account.lots.tax_due import tax_due
from engine.decide.markets import cash_name
from engine.model.decision import DecisionInputs
from engine.model.errors import InvalidValue
from engine.model.holding import local_date
from engine.model.ids import Asset, VenueName
from engine.model.lots import Entry, EntryKind, Lot, LotMethod, Match, Scope, Term
from engine.model.market import Side
from engine.model.money import BPS_IN_ONE, ONE, ZERO, Bps, Money, Quantity, ratio, total
from engine.model.plan import Leg
from engine.model.plan_tax import LegLot, LegTax, MethodOutcome, Rebuy, SoonLong, TaxStanding
from engine.model.portfolio import Valuation
from engine.model.tax import YearRules

SOON: Final = timedelta(days=30)
"""So near a day on which a lot turns long term is worth telling."""
NAMELESS: Final = "\0"
"""What the name of units of no known lot begins with while lots are matched; no real one does."""
COMPARED: Final = (LotMethod.FIFO, LotMethod.HIFO, LotMethod.MIN_TAX)


@dataclass(frozen=True, slots=True)
class Disposal:
    """What a leg would dispose of, and what that would bring after its costs."""

    name: str
    asset: Asset
    account: VenueName
    quantity: Quantity
    proceeds: Money


class TaxView:
    """The lots and the tax year that a decision is made with."""

    def __init__(self, inputs: DecisionInputs, valuation: Valuation) -> None:
        self._inputs = inputs
        self._policy = inputs.policy.tax
        self._valuation = valuation
        self._rules = rules_of(self._policy)
        self._year = self._rules.year_of(inputs.now)
        cash = cash_name(inputs.snapshot, inputs.policy)
        self.cash: Final = frozenset(inputs.policy.assets_of(cash) if cash else ())
        self._extra: dict[tuple[VenueName, Asset, Decimal], Bps] = {}
        """Once for each place: every market there asks."""
        self._lots: dict[Asset, list[Lot]] = defaultdict(list)
        for lot in inputs.lots:
            self._lots[lot.asset].append(lot)

    @cached_property
    def year_rules(self) -> YearRules | None:
        """The law of this year with what is realised already; None where no profile is set that knows the year."""
        if self._policy.profile is None:
            return None
        try:
            rules = self._policy.profile.rules(self._year)
        except InvalidValue:
            return None
        so_far = self._inputs.tax or TaxStanding(self._year)
        return replace(
            rules, short_to_date=rules.short_to_date + so_far.short, long_to_date=rules.long_to_date + so_far.long
        )

    def with_tax(self, legs: Sequence[Leg]) -> tuple[Leg, ...]:
        """The legs with what their sales come to; nothing is changed where no lots are kept."""
        if not self._inputs.lots:
            return tuple(legs)
        sales = {leg.id: sale for leg in legs if (sale := self._disposal(leg))}
        outcomes = {method: self.outcomes(list(sales.values()), method) for method in self._methods()}
        own = outcomes[self.method]
        taxed = []
        for leg in legs:
            chosen = own.get(leg.id)
            if chosen is not None:
                others = tuple(o[leg.id][0] for method, o in outcomes.items() if method is not self.method)
                tax = LegTax(sales[leg.id].asset, chosen[1], chosen[0], others, self._soon_long(chosen))
                leg = replace(leg, tax=tax, cost=replace(leg.cost, tax=self._as_cost(chosen[0])))
            taxed.append(leg)
        lost = {leg.tax.asset: Money(-leg.tax.chosen.gain) for leg in taxed if leg.tax and leg.tax.chosen.gain < 0}
        return tuple(replace(leg, rebuy=self._rebuy(leg, lost)) for leg in taxed)

    def extra_bps(self, venue: VenueName, asset: Asset, quantity: Decimal) -> Bps:
        """The tax on a sale of so much there, of its value; zero where tax does not weigh in plans."""
        if not self._policy.weight_in_plan or self.year_rules is None or not quantity:
            return Bps(ZERO)
        found = self._extra.get((venue, asset, quantity))
        if found is None:
            found = self._extra[venue, asset, quantity] = self._extra_bps(venue, asset, quantity)
        return found

    def _extra_bps(self, venue: VenueName, asset: Asset, quantity: Decimal) -> Bps:
        price = self._price(asset)
        if price is None:
            return Bps(ZERO)
        value = ratio(quantity * price, ONE)
        sale = Disposal("sale", asset, venue, Quantity(quantity), Money(value))
        outcome = self.outcomes([sale]).get("sale")
        tax = outcome[0].tax if outcome else None
        return Bps(ratio(max(tax, ZERO) * BPS_IN_ONE, value)) if tax and value else Bps(ZERO)

    @property
    def method(self) -> LotMethod:
        """The policy's own for this year."""
        return self._rules.method_in(self._year)

    def _methods(self) -> list[LotMethod]:
        """The policy's own, and those that the law would let one take instead."""
        allowed = self._policy.profile.methods if self._policy.profile else tuple(LotMethod)
        others = [m for m in COMPARED if m in allowed and m is not self.method]
        return [self.method, *(m for m in others if m is not LotMethod.MIN_TAX or self.year_rules is not None)]

    def _disposal(self, leg: Leg) -> Disposal | None:
        """A sale of base, or of the coin that a purchase is paid with; money and what counts as cash are left out."""
        costs = leg.cost.fee + leg.cost.spread + leg.cost.impact
        if leg.side is Side.SELL:
            asset, quantity, proceeds = leg.base, Decimal(leg.quantity), leg.notional - costs
        else:
            price = self._price(leg.quote) or ZERO
            asset, quantity = leg.quote, leg.quantity * leg.expected_price
            proceeds = Money(ratio(quantity * price, ONE))
        if asset in self.cash or asset == self._valuation.numeraire or quantity <= 0:
            return None
        return Disposal(leg.id, asset, leg.venue, Quantity(quantity), Money(proceeds))

    def outcomes(
        self,
        sales: Sequence[Disposal],
        method: LotMethod | None = None,
        so_far: tuple[Decimal, Decimal] = (ZERO, ZERO),
    ) -> dict[str, tuple[MethodOutcome, tuple[LegLot, ...]]]:
        """What each sale comes to under a method, the policy's own where none is named, with its lots.

        Each pays for what it adds to the tax of those before it, and of short and long gains `so_far`.
        """
        method = method or self.method
        rules = self._rules_under(method)
        entries = [*self._entries_for(sales), *(self._as_sale(sale) for sale in sales)]
        matches: dict[str, list[Match]] = defaultdict(list)
        for match in settle(entries, rules).matches:
            matches[match.entry].append(match)
        found = {}
        short, long = so_far
        for sale in sales:
            own = matches[sale.name]
            before = short, long
            short += total(m.gain or ZERO for m in own if m.term is not Term.LONG)
            long += total(m.gain or ZERO for m in own if m.term is Term.LONG)
            tax = self._tax_between(before, (short, long))
            outcome = MethodOutcome(method, Money(short - before[0]), Money(long - before[1]), tax)
            found[sale.name] = outcome, tuple(_leg_lot(match) for match in own)
        return found

    def _entries_for(self, sales: Sequence[Disposal]) -> Iterator[Entry]:
        """The lots that sales can use up: of their assets, and under wallet scope of their accounts."""
        anywhere = self._policy.scope is Scope.UNIVERSAL
        places = {(sale.asset, None if anywhere else sale.account) for sale in sales}
        for asset, account in sorted(places, key=str):
            for number, lot in enumerate(self._lots[asset]):
                if account in (None, lot.account):
                    yield _as_entry(lot, number)

    def _rules_under(self, method: LotMethod) -> LotRules:
        profile = self._policy.profile
        if self.year_rules is not None and profile is not None:
            profile = replace(profile, years=((self._year, self.year_rules),), every_year=None)
        else:
            profile = None
        return replace(rules_of(self._policy, profile), method=method, by_year=())

    def _as_sale(self, sale: Disposal) -> Entry:
        at = self._inputs.now
        return Entry(sale.name, at, EntryKind.DISPOSE, sale.asset, sale.account, sale.quantity, sale.proceeds)

    def _tax_between(self, before: tuple[Decimal, Decimal], after: tuple[Decimal, Decimal]) -> Money | None:
        rules = self.year_rules
        if rules is None:
            return None
        short, long = rules.short_to_date, rules.long_to_date
        due = [tax_due(rules, short + more[0], long + more[1]) for more in (before, after)]
        return Money(due[1] - due[0])

    def _as_cost(self, outcome: MethodOutcome) -> Money:
        weighs = self._policy.weight_in_plan and outcome.tax is not None
        return outcome.tax if weighs and outcome.tax is not None else Money(ZERO)

    def _soon_long(self, chosen: tuple[MethodOutcome, tuple[LegLot, ...]]) -> tuple[SoonLong, ...]:
        """What waiting a few days would save, lot by lot."""
        outcome, lots = chosen
        today, zone = local_date(self._inputs.now, self._rules.zone), self._rules.zone
        found = []
        for lot in lots:
            long_on = self._rules.holding.long_on(lot.acquired_at, zone) if lot.acquired_at else None
            if lot.term is not Term.SHORT or long_on is None or not today < long_on <= today + SOON or lot.gain <= 0:
                continue
            later = self._tax_between(
                (outcome.short, outcome.long), (outcome.short - lot.gain, outcome.long + lot.gain)
            )
            if later is not None and later < 0:
                found.append(SoonLong(lot.quantity, long_on, (long_on - today).days, Money(-later)))
        return tuple(found)

    def _rebuy(self, leg: Leg, lost: Mapping[Asset, Money]) -> Rebuy | None:
        """A purchase soon after a sale at a loss, or a sale at a loss soon after a purchase.

        `lost` is what the plan itself sells at a loss.
        """
        if leg.side is Side.BUY and leg.base in lost:
            return Rebuy(self._inputs.now, lost[leg.base])
        recent = self._inputs.tax.recent if self._inputs.tax else ()
        is_loss = leg.tax is not None and leg.tax.chosen.gain < 0
        if leg.side is Side.SELL and not is_loss:
            return None
        other_side = [r for r in recent if r.asset == leg.base and r.is_sale is (leg.side is Side.BUY)]
        # By the rules of the United Kingdom a purchase becomes the cost of any sale of the 30 days before it.
        clashing = [r for r in other_side if r.loss or not r.is_sale or self.method is LotMethod.UK]
        last = max(clashing, key=lambda trade: trade.at, default=None)
        return Rebuy(last.at, last.loss) if last else None

    def _price(self, asset: Asset) -> Decimal | None:
        return next((mark.price for mark in self._valuation.marks if mark.asset == asset), None)


def _as_entry(lot: Lot, place: int) -> Entry:
    value = lot.basis if lot.is_known else None
    # A lot that a transfer has split bears one name in two places.
    head = lot.id or f"{NAMELESS}{place}", lot.acquired_at, EntryKind.ACQUIRE, lot.asset, lot.account
    return Entry(*head, lot.quantity, value, lot.price)


def _leg_lot(match: Match) -> LegLot:
    gain, lot = match.gain or ZERO, match.lot or ""
    return LegLot(
        "" if lot.startswith(NAMELESS) else lot,
        match.acquired_at,
        Quantity(match.quantity),
        Money(match.cost),
        Money(gain),
        match.term,
        match.is_known,
    )
