"""The tax on a year's gains, and where its slope changes: between those places it is linear in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.model.money import ZERO
from engine.model.tax import Bracket, YearRules

JUST_BELOW: Final = Decimal("0.01")
"""A cent: the nearest that gains come to a limit from which on all of them are taxed."""


def tax_due(rules: YearRules, short: Decimal, long: Decimal) -> Decimal:
    """The tax on a year's net short and long gains beside other income; below zero where losses save tax.

    It never falls when either gain rises, as long as the rates of every list of brackets rise: a choice of lots counts
    on that.
    """
    short, long = short * rules.inclusion, long * rules.inclusion
    if rules.nets_terms:
        short, long = _netted(short, long)
    loss = -(min(short, ZERO) + min(long, ZERO)) if rules.nets_terms else -min(short, ZERO)
    gains = max(short, ZERO), max(long, ZERO)
    return _on_gains(rules, *gains) - _worth_of_loss(rules, loss)


def _netted(short: Decimal, long: Decimal) -> tuple[Decimal, Decimal]:
    """A loss of one term set against a gain of the other."""
    offset = min(max(-short, ZERO), max(long, ZERO)) - min(max(short, ZERO), max(-long, ZERO))
    return short + offset, long - offset


def _on_gains(rules: YearRules, short: Decimal, long: Decimal) -> Decimal:
    asked = short + long if rules.nets_terms else short
    if asked < rules.free_below:
        if rules.nets_terms:
            return ZERO
        short = ZERO
    off_short = min(short, rules.allowance)
    off_long = min(long, rules.allowance - off_short)
    short, long = short - off_short, long - off_long
    base = rules.income + short
    return (
        _between(rules.short_brackets, rules.income, base)
        + _between(rules.long_brackets, base, base + long)
        + _between(rules.surcharge_brackets, rules.income, base + long)
    )


def _worth_of_loss(rules: YearRules, loss: Decimal) -> Decimal:
    deducted = min(loss, rules.loss_cap)
    saved = _between(rules.short_brackets, rules.income - deducted, rules.income)
    return saved + (loss - deducted) * rules.carried_loss_rate


def _between(brackets: Sequence[Bracket], low: Decimal, high: Decimal) -> Decimal:
    """The tax on income between two levels. Below the first bracket its rate holds on: rates alone are one bracket."""
    due = ZERO
    for number, bracket in enumerate(brackets):
        bottom = bracket.above if number else min(bracket.above, low)
        top = brackets[number + 1].above if number + 1 < len(brackets) else high
        taxed = min(high, top) - max(low, bottom)
        if taxed > 0:
            due += taxed * bracket.rate
    return due


@dataclass(frozen=True, slots=True)
class Kinks:
    """Where the slope of the tax changes: at these short gains, long gains, and sums of both."""

    short: tuple[Decimal, ...]
    long: tuple[Decimal, ...]
    both: tuple[Decimal, ...]


def kinks(rules: YearRules) -> Kinks:
    """All places at which the tax may bend or jump."""
    limits = {ZERO}
    if rules.free_below:
        limits |= {rules.free_below, rules.free_below - JUST_BELOW}
    limits.add(rules.allowance)
    every = (*rules.short_brackets, *rules.long_brackets, *rules.surcharge_brackets)
    bounds = {bracket.above for bracket in every}
    limits |= {bound - rules.income + off for bound in bounds for off in (ZERO, rules.allowance)}
    if not rules.inclusion:
        return Kinks((), (), ())
    counted = {limit / rules.inclusion for limit in limits}
    both = counted | {-rules.loss_cap / rules.inclusion}
    return Kinks(tuple(sorted(both)), tuple(sorted(counted)), tuple(sorted(both)))
