"""A state file with one thing wrong in it is refused by name, or decided on as it says: never is a plan wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from bot.config.load import load_policy
from bot.config.mistakes import ConfigMistakes
from bot.state_file import load_state
from engine.decide.pipeline import decide
from engine.model.decision import RequestKind
from engine.model.money import use_exact_context
from tests.planning.checker import check

POLICY = """
[targets]
BTC = 0.4
ETH = 0.3
USDT = 0.2
USDC = 0.1
[liquidity]
depth_multiple = 0
"""
HOSTILE: tuple[object, ...] = (
    "NaN", "-NaN", "Infinity", "-1", "0", "-0", "1e-30", "1e29", "1e400", "", "abc", "１", " 1", None, True, -5, 0,
    10**60, [], {}, ["1"], {"BTC": "1"}, [["1", "2", "3"]], [["100", "1"], ["200", "1"]], "BTC", "ETH/BTC",
)  # fmt: skip
Path = tuple[str | int, ...]


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def market(base: str, quote: str, price: float) -> dict[str, Any]:
    return {
        "base": base,
        "quote": quote,
        "taker_fee": "0.001",
        "maker_fee": "0.001",
        "price_tick": "0.0001",
        "amount_step": "0.0001",
        "min_amount": "0.0001",
        "min_notional": "5",
        "bids": [[f"{price * (1 - n / 5000):.4f}", "3"] for n in range(1, 4)],
        "asks": [[f"{price * (1 + n / 5000):.4f}", "3"] for n in range(1, 4)],
    }


STATE: dict[str, Any] = {
    "schema": "equipoise-state/1",
    "as_of": "2026-01-01T00:00:00Z",
    "numeraire": "USDT",
    "marks": {"BTC": "60000", "ETH": "3000", "USDT": "1", "USDC": "0.999"},
    "venues": [
        {
            "name": "alpha",
            "health": "healthy",
            "balances": {"BTC": "1", "USDT": "9000"},
            "locked": {"BTC": "0.1"},
            "markets": [market("BTC", "USDT", 60000), market("ETH", "USDT", 3000)],
        },
        {
            "name": "beta",
            "health": "healthy",
            "balances": {"ETH": "2", "USDC": "4000"},
            "markets": [market("ETH", "USDC", 3003), market("USDC", "USDT", 0.999)],
        },
    ],
}


def places(value: object, path: Path = ()) -> Iterator[Path]:
    """Every place of the file that can be spoiled."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


PLACES = [path for path in places(STATE) if path]


def spoiled(path: Path, value: object) -> dict[str, Any]:
    """The file with one place replaced; with `...`, taken out."""
    state: Any = copy.deepcopy(STATE)
    holder = state
    for key in path[:-1]:
        holder = holder[key]
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return state  # type: ignore[no-any-return]


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(PLACES), st.sampled_from((*HOSTILE, ...)))
def test_one_thing_wrong_is_named_or_decided_on(path: Path, value: object) -> None:
    """Whatever stands in whichever place: a mistake with its key and remedy, a veto, or a plan that holds."""
    policy = load_policy(POLICY)
    try:
        inputs = load_state(json.dumps(spoiled(path, value)), policy, RequestKind.MANUAL)
    except ConfigMistakes as error:
        event("refused")
        assert all(mistake.key and mistake.problem for mistake in error.mistakes)
        return
    outcome = decide(inputs).outcome
    event("vetoed" if outcome.vetoes else "planned" if outcome.plan else "nothing to trade")
    if outcome.plan is not None and inputs.snapshot.given_marks:
        found = check(inputs, outcome.plan, {t.name: Fraction(t.weight) for t in policy.targets})
        assert not found.faults


def test_the_file_as_it_is_leads_to_a_plan() -> None:
    """What the others spoil."""
    plan = decide(load_state(json.dumps(STATE), load_policy(POLICY), RequestKind.MANUAL)).outcome.plan
    assert plan is not None
    assert plan.legs


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("venues", 0, "markets", 0, "amount_step"), "0", "venues[0].markets[0].amount_step"),
        (("venues", 0, "balances", "BTC"), "-1", "venues[0].balances.BTC"),
        (("venues", 1, "balances", "ETH"), "1e60", "venues[1].balances.ETH"),
        (("marks", "BTC"), "0", "marks.BTC"),
        (("venues", 1, "markets", 0, "asks", 0, 0), "NaN", "venues[1].markets[0].asks[0]"),
    ],
)
def test_the_mistake_names_its_place(path: Path, value: str, named: str) -> None:
    """A step of 0, a quantity that is negative or beyond all bounds, a price of 0, no number."""
    with pytest.raises(ConfigMistakes) as error:
        load_state(json.dumps(spoiled(path, value)), load_policy(POLICY))
    assert any(mistake.key.startswith(named) for mistake in error.value.mistakes)


def test_a_crossed_book_is_left_out_and_named() -> None:
    """Its market is not traded on."""
    crossed = spoiled(("venues", 0, "markets", 0, "bids", 0, 0), "70000")
    outcome = decide(load_state(json.dumps(crossed), load_policy(POLICY), RequestKind.MANUAL)).outcome
    assert any(note.get("symbol") == "BTC/USDT" for note in outcome.valuation.notes)
    assert outcome.plan is None or all(leg.symbol != "BTC/USDT" for leg in outcome.plan.legs)


def test_weights_that_do_not_sum_to_one_are_refused() -> None:
    """With what they sum to."""
    with pytest.raises(ConfigMistakes, match=r"sum to 0\.9"):
        load_policy(POLICY.replace("BTC = 0.4", "BTC = 0.3"))
