"""What holds for every decision on every portfolio."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from hypothesis import event, example, given
from hypothesis import strategies as st

from engine.decide.effects import balances_after
from engine.decide.pipeline import decide
from engine.model.canonical import canonical_json
from engine.model.decision import DecisionInputs
from engine.model.ids import Asset, VenueName
from engine.model.market import Instrument
from engine.model.money import ZERO, exact, ratio
from engine.model.plan import Leg, Plan
from engine.model.portfolio import Snapshot, VenueSnapshot
from engine.pricing.book_walk import settle, walk
from tests.properties.portfolios import HOSTILE_PRICES, PRICES, Maker, decided, portfolios

T = TypeVar("T")


def shuffled(parts: Sequence[T], order: random.Random) -> tuple[T, ...]:
    return tuple(order.sample(parts, len(parts)))


def in_another_order(inputs: DecisionInputs, order: random.Random) -> DecisionInputs:
    """The same facts, told in another order."""
    venues = [
        VenueSnapshot(
            v.name,
            v.health,
            v.observed_at,
            shuffled(v.balances, order),
            shuffled(v.instruments, order),
            shuffled(v.books, order),
        )
        for v in inputs.snapshot.venues
    ]
    seen = Snapshot(
        inputs.snapshot.as_of,
        inputs.snapshot.numeraire,
        shuffled(venues, order),
        shuffled(inputs.snapshot.given_marks, order),
    )
    return replace(inputs, snapshot=seen, policy=replace(inputs.policy, targets=shuffled(inputs.policy.targets, order)))


def instrument_of(inputs: DecisionInputs, leg: Leg) -> Instrument:
    (venue,) = [v for v in inputs.snapshot.venues if v.name == leg.venue]
    (found,) = [i for i in venue.instruments if (i.base, i.quote) == (leg.base, leg.quote)]
    return found


@given(portfolios(), st.integers())
def test_the_order_in_which_facts_are_told_means_nothing(inputs: DecisionInputs, seed: int) -> None:
    """Equal facts give a byte-equal decision."""
    again = decide(in_another_order(inputs, random.Random(seed)))
    assert canonical_json(again) == canonical_json(decided(inputs))


@given(portfolios())
@exact
def test_no_leg_breaks_a_step_a_tick_a_minimum_or_a_limit(inputs: DecisionInputs) -> None:
    """What a venue would refuse is not planned, and neither is what the policy forbids."""
    plan = decided(inputs).outcome.plan
    event(f"legs: {len(plan.legs) if plan else 0}")
    limits = inputs.policy.limits
    for leg in plan.legs if plan else ():
        instrument = instrument_of(inputs, leg)
        assert leg.quantity > 0
        assert leg.quantity % instrument.amount_step == 0
        assert leg.limit_price > 0
        assert leg.limit_price % instrument.price_tick == 0
        assert leg.quantity >= instrument.min_amount
        assert leg.quantity * min(leg.limit_price, leg.expected_price) >= instrument.min_notional
        assert leg.notional >= limits.min_trade
        assert leg.cost.total <= leg.notional * limits.max_cost_bps / 10_000 + Decimal("1e-12")
        assert leg.side.sign * (leg.expected_price - leg.limit_price) <= 0
        assert leg.reasons


@given(portfolios())
@exact
def test_no_leg_takes_more_than_a_book_offers_within_its_bound(inputs: DecisionInputs) -> None:
    """What is promised is there."""
    plan = decided(inputs).outcome.plan
    for leg in plan.legs if plan else ():
        (venue,) = [v for v in inputs.snapshot.venues if v.name == leg.venue]
        book = venue.book(leg.base, leg.quote)
        assert book is not None
        taken = walk(book.side_taken(leg.side), leg.quantity)
        assert taken is not None
        assert taken.quantity == leg.quantity
        assert leg.side.sign * (taken.worst - leg.limit_price) <= 0


@given(portfolios())
@example(Maker(726, PRICES).inputs())
@example(Maker(406336905, PRICES).inputs())
@exact
def test_in_the_order_of_execution_every_venue_has_what_it_spends(inputs: DecisionInputs) -> None:
    """Sales bring in what they are expected to, and purchases cost it."""
    plan = decided(inputs).outcome.plan
    free: dict[tuple[VenueName, Asset], Decimal] = {
        (v.name, balance.asset): balance.free for v in inputs.snapshot.venues for balance in v.balances
    }
    for leg in plan.legs if plan else ():
        instrument = instrument_of(inputs, leg)
        change = settle(instrument, leg.side, leg.quantity, leg.expected_price)
        for asset, amount in ((leg.base, change.base), (leg.quote, change.quote)):
            free[leg.venue, asset] = free.get((leg.venue, asset), ZERO) + amount
            assert free[leg.venue, asset] >= 0


@given(portfolios())
@exact
def test_value_is_conserved_up_to_the_stated_cost(inputs: DecisionInputs) -> None:
    """To the last digit: marks before, minus marks after, is what the plan says it costs."""
    outcome = decided(inputs).outcome
    plan = outcome.plan
    if plan is None:
        return
    marks = {mark.asset: mark.price for mark in outcome.valuation.marks}
    before = {(v.name, balance.asset): balance.total for v in inputs.snapshot.venues for balance in v.balances}
    after = balances_after(inputs.snapshot, plan.legs)
    lost = sum(((before.get(key, ZERO) - held) * marks.get(key[1], ZERO) for key, held in after.items()), ZERO)
    assert lost == plan.cost.total
    assert plan.cost.total == sum((leg.cost.fee + leg.cost.spread + leg.cost.impact for leg in plan.legs), ZERO)


@given(portfolios())
@exact
def test_traded_at_its_own_prices_a_plan_lands_on_its_own_weights(inputs: DecisionInputs) -> None:
    """Counted anew from the balances, for every name; together they are everything."""
    outcome = decided(inputs).outcome
    plan = outcome.plan
    if plan is None:
        return
    values = {line.name: ZERO for line in plan.weights}
    for (_, asset), held in balances_after(inputs.snapshot, plan.legs).items():
        name = inputs.policy.name_of(asset) or str(asset)
        if name in values:
            values[name] += held * (outcome.valuation.mark(asset) or ZERO)
    whole = sum(values.values(), ZERO)
    assert whole == plan.managed_value - plan.cost.total
    assert {line.name: line.after for line in plan.weights} == {n: ratio(v, whole) for n, v in values.items()}


def distance(plan: Plan, *, after: bool) -> Decimal:
    return sum((abs((line.after if after else line.before) - line.destination) for line in plan.weights), ZERO)


@given(portfolios())
@exact
def test_a_plan_never_leads_away_from_its_destination(inputs: DecisionInputs) -> None:
    """Taken over all names it is nearer afterwards, but for what the trades cost."""
    plan = decided(inputs).outcome.plan
    if plan is None:
        return
    share_of_cost = ratio(abs(plan.cost.total), plan.managed_value)
    assert distance(plan, after=True) <= distance(plan, after=False) + 2 * share_of_cost + Decimal("1e-15")


@given(portfolios(HOSTILE_PRICES))
def test_prices_of_any_size_are_decided_on(inputs: DecisionInputs) -> None:
    """Tiny and huge prices, empty accounts and thin books lead to a decision, never to a crash."""
    assert decided(inputs).digest
