"""In which order trades are carried out, so that each is paid with what is there or what others have brought.

What brings something that another trade waits for comes first, final purchases last. Trades that wait for one another
in a circle have no such order; they arise where one venue's markets disagree, so that going round would pay.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from engine.decide.lanes import Place

Name = TypeVar("Name", bound=Hashable)
Number = TypeVar("Number", float, Decimal)


@dataclass(frozen=True, slots=True)
class Passage(Generic[Number]):
    """What a trade takes from one place and brings to another, in units of the assets or of value."""

    spends: Place
    brings: Place
    spent: Number
    brought: Number


def in_order(
    passages: Mapping[Name, Passage[Number]], free: Mapping[Place, Number], rank: Mapping[Name, Any]
) -> Iterator[tuple[Name, Number]]:
    """Each trade in its turn, with the share of it that can be paid then; `rank` breaks ties.

    Where nothing can be paid in full, what is nearest to it comes next.
    """
    balances, left = dict(free), {name: passages[name] for name in sorted(passages, key=rank.__getitem__)}
    while left:
        needed = {passage.spends for passage in left.values()}
        waiting = sorted(left, key=lambda name: left[name].brings not in needed)
        name, share = _first_payable(((name, left[name]) for name in waiting), balances)
        passage = left.pop(name)
        balances[passage.spends] = balances.get(passage.spends, passage.spent * 0) - passage.spent
        balances[passage.brings] = balances.get(passage.brings, passage.spent * 0) + passage.brought
        yield name, share


def _first_payable(
    waiting: Iterable[tuple[Name, Passage[Number]]], balances: Mapping[Place, Number]
) -> tuple[Name, Number]:
    """The first that can be paid in full; else the first of those of which most can be."""
    nearest: tuple[Name, Number] | None = None
    for name, passage in waiting:
        share = _share(passage, balances)
        if share >= 1:
            return name, share
        if nearest is None or share > nearest[1]:
            nearest = name, share
    assert nearest is not None, "something waits"
    return nearest


def circle_among(passages: Mapping[Name, Passage[Number]]) -> tuple[Name, ...]:
    """Trades of which each spends what the next one brings, all around; none where there is no such circle."""
    return next((circle for start in passages if (circle := _followed(passages, start))), ())


def _followed(passages: Mapping[Name, Passage[Number]], start: Name) -> tuple[Name, ...]:
    path = [start]
    while True:
        spends = passages[path[-1]].spends
        source = next((name for name, passage in passages.items() if passage.brings == spends), None)
        if source is None:
            return ()
        if source in path:
            return tuple(path[path.index(source) :])
        path.append(source)


def _share(passage: Passage[Number], balances: Mapping[Place, Number]) -> Number:
    """What can be paid of it, at most all."""
    nothing = passage.spent * 0
    available = balances.get(passage.spends, nothing)
    if available >= passage.spent:
        # Also of what is worth so little that it is paid with nothing.
        return nothing + 1
    return available / passage.spent
