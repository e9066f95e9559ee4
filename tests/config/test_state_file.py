"""A state file becomes what a decision depends on. `state.json` is the one of the documentation."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.config.load import load_policy
from bot.state_file import load_state
from engine.model.canonical import canonical_json
from engine.model.decision import DecisionInputs, RequestKind
from engine.model.portfolio import VenueHealth

POLICY = load_policy("[targets]\nBTC = 0.6\nUSDT = 0.4\n")
State = dict[str, Any]
DOCUMENTED: State = json.loads((Path(__file__).parent / "state.json").read_text(encoding="utf-8"))


def read(state: State) -> DecisionInputs:
    return load_state(json.dumps(state), POLICY)


def with_change(change: Callable[[State], object]) -> State:
    state = copy.deepcopy(DOCUMENTED)
    change(state)
    return state


def test_the_documented_state_is_read() -> None:
    """Every key of the documentation reaches the decision's inputs."""
    inputs = read(DOCUMENTED)
    snapshot = inputs.snapshot
    (alpha,) = snapshot.venues
    assert inputs.now == snapshot.as_of == datetime(2026, 1, 1, tzinfo=UTC)
    assert (inputs.policy, inputs.request) == (POLICY, RequestKind.SCHEDULED)
    assert snapshot.numeraire == "USD"
    assert snapshot.given_marks == (("BTC", Decimal(60000)), ("ETH", Decimal(3000)), ("USDT", Decimal(1)))
    assert (alpha.name, alpha.health, alpha.observed_at) == ("alpha", VenueHealth.HEALTHY, snapshot.as_of)
    assert [(b.asset, b.free, b.locked) for b in alpha.balances] == [
        ("BTC", Decimal("1.1"), Decimal("0.1")),
        ("USDT", Decimal(1000), Decimal(0)),
    ]
    (market,), (book,) = alpha.instruments, alpha.books
    assert (market.symbol, market.venue, market.taker_fee) == ("BTC/USDT", "alpha", Decimal("0.001"))
    assert (market.price_tick, market.amount_step) == (Decimal("0.01"), Decimal("0.00001"))
    assert (market.min_amount, market.min_notional) == (Decimal(0), Decimal(5))
    assert (book.bids[0].price, book.bids[0].quantity) == (Decimal(59990), Decimal("0.5"))
    assert (book.asks[0].price, book.asks[0].quantity) == (Decimal(60010), Decimal("0.4"))
    assert book.as_of == snapshot.as_of
    (lot,), (series,) = inputs.lots, inputs.history
    assert (lot.id, lot.asset, lot.account) == ("l1", "BTC", "alpha")
    assert (lot.quantity, lot.basis) == (Decimal("1.2"), Decimal(50000))
    assert series.closes == ((datetime(2025, 12, 31, tzinfo=UTC), Decimal(60500)),)
    assert inputs.standing.last_rebalance == inputs.standing.last_date_fired == datetime(2025, 12, 1, tzinfo=UTC)
    assert inputs.standing.open_plan is None


def test_what_is_optional_may_be_left_out() -> None:
    """Marks, locked, lots, history and standing; an open plan is named by its digest."""

    def leave_out(state: State) -> None:
        for key in ("marks", "lots", "history"):
            del state[key]
        del state["venues"][0]["locked"]
        state["standing"] = {"open_plan": "ab12"}

    inputs = read(with_change(leave_out))
    assert (inputs.lots, inputs.history, inputs.snapshot.given_marks) == ((), (), ())
    assert inputs.snapshot.venues[0].free(inputs.snapshot.venues[0].balances[0].asset) == Decimal("1.2")
    assert (inputs.standing.open_plan, inputs.standing.last_rebalance) == ("ab12", None)


def test_a_manual_request_is_handed_on() -> None:
    """The trigger by hand comes from the command line, not from the file."""
    assert load_state(json.dumps(DOCUMENTED), POLICY, RequestKind.MANUAL).request is RequestKind.MANUAL


def test_json_numbers_are_read_as_decimals() -> None:
    """0.1 without quotes is one tenth, to the last digit."""
    text = json.dumps(DOCUMENTED).replace('"BTC": "1.2"', '"BTC": 1.100000000000000000001')
    text = text.replace('"locked": {"BTC": "0.1"}', '"locked": {"BTC": 0.1}')
    (btc, _) = load_state(text, POLICY).snapshot.venues[0].balances
    assert (btc.free, btc.locked) == (Decimal("1.000000000000000000001"), Decimal("0.1"))


def test_sums_are_exact_whatever_context_the_thread_has() -> None:
    """A balance of 18 decimals and many digits before them loses nothing to what is locked."""
    state = with_change(
        lambda s: s["venues"][0]["balances"].update(BTC="123456789012345678901234567890.000000000000000001")
    )
    free = read(state).snapshot.venues[0].balances[0].free
    assert free == Decimal("123456789012345678901234567889.900000000000000001")


def test_the_order_of_the_file_does_not_matter() -> None:
    """Venues, balances, markets, marks and lots come in the order of their names."""

    def widen(state: State) -> None:
        beta = copy.deepcopy(state["venues"][0])
        beta["name"] = "beta"
        beta["markets"].append(copy.deepcopy(beta["markets"][0]) | {"base": "ETH"})
        state["venues"].append(beta)
        state["lots"].append(state["lots"][0] | {"id": "l0"})
        state["history"]["ETH"] = state["history"]["BTC"]

    def turned(value: object) -> object:
        if isinstance(value, dict):
            return {key: turned(inner) for key, inner in reversed(value.items())}
        return [turned(inner) for inner in reversed(value)] if isinstance(value, list) and _objects(value) else value

    state = with_change(widen)
    other = turned(state)
    assert isinstance(other, dict)
    assert [venue["name"] for venue in other["venues"]] == ["beta", "alpha"]
    assert canonical_json(read(other)) == canonical_json(read(state))


def _objects(values: list[Any]) -> bool:
    return all(isinstance(value, dict) for value in values)


def test_a_crossed_book_and_an_empty_one_are_handed_on() -> None:
    """They are the venue's word, and the engine's to judge."""

    def cross(state: State) -> None:
        market = state["venues"][0]["markets"][0]
        market["bids"], market["asks"] = [["60020", "1"]], [["60010", "1"]]
        state["venues"][0]["markets"].append(market | {"base": "ETH", "bids": [], "asks": []})

    crossed, empty = read(with_change(cross)).snapshot.venues[0].books
    assert crossed.is_crossed
    assert not empty.is_two_sided


def test_the_age_of_an_unreachable_venues_balances_is_unknown() -> None:
    """They are the last known ones, and the file does not say since when."""
    state = with_change(lambda s: s["venues"][0].update(health="unreachable"))
    (alpha,) = read(state).snapshot.venues
    assert (alpha.health, alpha.observed_at) == (VenueHealth.UNREACHABLE, None)
