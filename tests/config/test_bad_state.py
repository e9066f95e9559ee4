"""Every mistake in a state file is named with its path and what would be right, all at once."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.config.load import load_policy
from bot.config.mistakes import ConfigMistakes
from bot.state_file import load_state

POLICY = load_policy("[targets]\nBTC = 0.6\nUSDT = 0.4\n")
State = dict[str, Any]
DOCUMENTED: State = json.loads((Path(__file__).parent / "state.json").read_text(encoding="utf-8"))


def with_change(change: Callable[[State], object]) -> State:
    state = copy.deepcopy(DOCUMENTED)
    change(state)
    return state


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigMistakes) as caught:
        load_state(text, POLICY)
    return [str(mistake) for mistake in caught.value.mistakes]


VENUE = "venues[0]"
MARKET = "venues[0].markets[0]"


def venue(**changes: Any) -> Callable[[State], object]:
    return lambda state: state["venues"][0].update(changes)


def market(**changes: Any) -> Callable[[State], object]:
    return lambda state: state["venues"][0]["markets"][0].update(changes)


def top(**changes: Any) -> Callable[[State], object]:
    return lambda state: state.update(changes)


def lot(**changes: Any) -> Callable[[State], object]:
    return lambda state: state["lots"][0].update(changes)


def signals(**told: Any) -> Callable[[State], object]:
    return venue(signals=told)


def usual(**known: Any) -> Callable[[State], object]:
    return market(usual=known)


def judged(**changes: Any) -> Callable[[State], object]:
    entry = {"venue": "alpha", "health": "degraded", "since": "2025-12-31T00:00:00Z"}
    return top(standing={"venues": [entry | changes]})


def asked(**changes: Any) -> Callable[[State], object]:
    entry = {"venue": "alpha", "since": "2025-12-31T00:00:00Z", "changes": {"BTC": "-1"}}
    return top(standing={"questions": [entry | changes]})


SIGN = {"kind": "slow", "since": "2025-12-31T00:00:00Z"}
CONDITION = {"rule": "stop_loss", "subject": "BTC", "since": "2025-12-31T00:00:00Z"}
SIGNALS = "venues[0].signals"
JUDGED = "standing.venues[0]"
BAD: dict[str, tuple[Callable[[State], object], str]] = {
    "schema": (top(schema="equipoise-state/2"), "schema: expected 'equipoise-state/1', got 'equipoise-state/2'"),
    "missing key": (lambda s: s.pop("numeraire"), "numeraire: is missing; add it"),
    "unknown key": (top(vanues=[]), "vanues: is not known; did you mean venues?"),
    "unknown key of a market": (market(fee="0.1"), f"{MARKET}.fee: is not known; known here are base"),
    "unknown health": (venue(health="fine"), f"{VENUE}.health: expected 'healthy', 'degraded', 'halted', 'unreac"),
    "no zone": (top(as_of="2026-01-01T00:00:00"), "as_of: '2026-01-01T00:00:00' has no zone; write an instant with"),
    "no instant": (top(as_of="yesterday"), "as_of: 'yesterday' is no instant; write"),
    "instant as a number": (top(as_of=1767225600), "as_of: is no instant; write"),
    "negative balance": (venue(balances={"BTC": "-1"}, locked={}), f"{VENUE}.balances.BTC: must not be negative"),
    "balance that is no number": (venue(balances={"BTC": None}, locked={}), f"{VENUE}.balances.BTC: expected a decim"),
    "more locked than held": (
        venue(locked={"BTC": "1.3"}),
        f"{VENUE}.locked.BTC: is more than the balance of BTC, which it is part of",
    ),
    "locked and not held": (venue(locked={"ETH": "1"}), f"{VENUE}.locked.ETH: is more than the balance of ETH"),
    "mark of nothing": (top(marks={"BTC": "0"}), "marks.BTC: must be above 0, got '0'"),
    "asset's name": (top(marks={"BTC/USD": "1"}), "marks.BTC/USD: 'BTC/USD' is no asset; write it as the exchange"),
    "unsorted bids": (market(bids=[["1", "1"], ["2", "1"]]), f"{MARKET}.bids: must be sorted, highest price first"),
    "unsorted asks": (market(asks=[["2", "1"], ["1", "1"]]), f"{MARKET}.asks: must be sorted, lowest price first"),
    "level of no price": (market(bids=[["0", "1"]]), f"{MARKET}.bids[0][0]: must be above 0"),
    "level of no quantity": (market(asks=[["1", "-1"]]), f"{MARKET}.asks[0][1]: must be above 0"),
    "level of three": (market(asks=[["1", "1", "1"]]), f"{MARKET}.asks[0]: expected two values in a list"),
    "base is quote": (market(quote="BTC"), f"{MARKET}.quote: must differ from base"),
    "fee in percent": (market(taker_fee="1"), f"{MARKET}.taker_fee: must be a fraction such as 0.001, got '1'"),
    "step of nothing": (market(amount_step="0"), f"{MARKET}.amount_step: must be above 0"),
    "negative minimum": (market(min_notional="-1"), f"{MARKET}.min_notional: must not be negative"),
    "venue twice": (
        lambda s: s["venues"].append(s["venues"][0]),
        "venues[1]: alpha is there already at venues[0]; keep one or rename one",
    ),
    "market twice": (
        lambda s: s["venues"][0]["markets"].append(s["venues"][0]["markets"][0]),
        "venues[0].markets[1]: BTC/USDT is there already at venues[0].markets[0]",
    ),
    "lot twice": (lambda s: s["lots"].append(s["lots"][0]), "lots[1]: l1 is there already at lots[0]"),
    "lot of nothing": (lot(quantity="0"), "lots[0].quantity: must be above 0"),
    "negative basis": (lot(basis="-1"), "lots[0].basis: must not be negative"),
    "history newest first": (
        top(history={"BTC": [["2025-12-31T00:00:00Z", "1"], ["2025-12-30T00:00:00Z", "1"]]}),
        "history.BTC: must be sorted, oldest first, each instant once",
    ),
    "history of one instant twice": (
        top(history={"BTC": [["2025-12-31T00:00:00Z", "1"], ["2025-12-31T00:00:00Z", "2"]]}),
        "history.BTC: must be sorted, oldest first, each instant once",
    ),
    "standing": (top(standing={"open_plan": 7}), "standing.open_plan: expected a name"),
    "unknown signal": (
        signals(latency_p95="6"),
        f"{SIGNALS}.latency_p95: is not known; did you mean latency_p95_seconds?",
    ),
    "negative latency": (signals(latency_p95_seconds="-1"), f"{SIGNALS}.latency_p95_seconds: must not be negative"),
    "a latency of days": (
        signals(latency_p95_seconds="86401"),
        f"{SIGNALS}.latency_p95_seconds: must be seconds, of a day at the most, got",
    ),
    "online in words": (signals(online="yes"), f"{SIGNALS}.online: expected true or false, without quotes"),
    "half a call": (signals(calls={"looked_at": "2.5"}), f"{SIGNALS}.calls.looked_at: must be a whole number from 0"),
    "unknown fault": (
        signals(calls={"looked_at": 10, "failed": {"netwrok": 1}}),
        f"{SIGNALS}.calls.failed.netwrok: expected 'network', 'rate_limited'",
    ),
    "more calls failed than there were": (
        signals(calls={"looked_at": 3, "failed": {"network": 2, "other": "2"}}),
        f"{SIGNALS}.calls.failed: no more calls can have failed than were looked at; raise looked_at or lower it",
    ),
    "coin twice": (
        signals(coins=[{"asset": "BTC"}, {"asset": "BTC", "withdraw": False}]),
        f"{SIGNALS}.coins[1]: BTC is there already at {SIGNALS}.coins[0]",
    ),
    "unknown kind of signal": (signals(unavailable=["coin"]), f"{SIGNALS}.unavailable[0]: expected 'calls', 'latency'"),
    "told and unavailable": (
        signals(unavailable=["status", "coins"], coins=[{"asset": "BTC"}]),
        f"{SIGNALS}.unavailable[1]: coins cannot be unavailable and told of in coins; remove one of both",
    ),
    "usual spread below zero": (usual(spread_bps="-1"), f"{MARKET}.usual.spread_bps: must not be negative"),
    "unknown figure of a market": (usual(volume="1"), f"{MARKET}.usual.volume: is not known; did you mean day_volume?"),
    "no instant of a book": (market(as_of="now"), f"{MARKET}.as_of: 'now' is no instant; write an instant"),
    "judged to be no answer": (
        judged(health="unreachable"),
        f"{JUDGED}.health: no venue is judged to be unreachable; write healthy, degraded or halted",
    ),
    "judged, and not there": (
        judged(venue="aplha"),
        f"{JUDGED}.venue: 'aplha' is no venue of this file; known here are alpha",
    ),
    "judged twice": (
        top(standing={"venues": [{"venue": "alpha", "since": SIGN["since"]}] * 2}),
        f"standing.venues[1]: alpha is there already at {JUDGED}",
    ),
    "unknown sign": (judged(signs=[SIGN | {"kind": "lazy"}]), f"{JUDGED}.signs[0].kind: expected 'calls_fail', 'mos"),
    "sign twice": (judged(signs=[SIGN, SIGN]), f"{JUDGED}.signs[1]: slow is there already at {JUDGED}.signs[0]"),
    "accepted twice": (judged(accepted=[SIGN, SIGN]), f"{JUDGED}.accepted[1]: slow is there already at"),
    "shares that are not those of the assets": (
        top(standing={"conditions": [CONDITION | {"assets": ["BTC"], "shares": ["0.5", "0.5"]}]}),
        "standing.conditions[0].shares: expected one for each of the assets, 1 in all",
    ),
    "question without a change": (asked(changes={}), "standing.questions[0].changes: is empty; write what has changed"),
    "question of nothing": (asked(changes={"BTC": "0"}), "standing.questions[0].changes.BTC: must not be 0, got '0'"),
    "question of no venue": (asked(venue="beta"), "standing.questions[0].venue: 'beta' is no venue of this file"),
    "venues that are no list": (top(venues={"alpha": {}}), "venues: expected a list in square brackets"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_mistake_is_named_with_its_path_and_the_remedy(kind: str) -> None:
    """One line, for the one thing that is wrong."""
    change, expected = BAD[kind]
    (found,) = mistakes(json.dumps(with_change(change)))
    assert found.startswith(expected)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", '"NaN"', '"sNaN"', "1e999", '"1e9999999"', "true"])
def test_what_is_no_ordinary_number_is_refused(number: str) -> None:
    """JSON's usual extensions and numbers without end, with and without quotes."""
    (found,) = mistakes(json.dumps(DOCUMENTED).replace('"60000"', number))
    assert found.startswith("marks.BTC: expected a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"schema": ', "line 1, column 12: is no JSON (expecting value); correct the line"),
        ("", "line 1, column 1: is no JSON"),
        ("[1]", "the file: expected a table of keys and values"),
        ("null", "the file: expected a table of keys and values"),
        ("[" * 100_000, "the file: is nested too deeply"),
    ],
)
def test_what_is_no_state_is_refused(text: str, expected: str) -> None:
    """Text that is no JSON, and JSON that is no object."""
    (found,) = mistakes(text)
    assert found.startswith(expected)


def test_a_key_that_is_there_twice_is_a_mistake() -> None:
    """JSON would keep the last one and say nothing."""
    text = json.dumps(DOCUMENTED).replace('"USDT": "1000"', '"USDT": "1000", "USDT": "9"')
    assert mistakes(text) == ["venues[0].balances.USDT: is there twice; keep one"]


def test_all_mistakes_are_found_at_once() -> None:
    """Of kinds, of order, and between entries: none hides another."""

    def spoil(state: State) -> None:
        state["schema"] = "?"
        state["venues"][0] |= {"health": "?", "locked": {"BTC": "2"}}
        state["venues"][0]["markets"][0] |= {"quote": "BTC", "bids": [["1", "1"], ["2", "1"]], "price_tick": "x"}
        state["venues"].append(DOCUMENTED["venues"][0])
        state["lots"][0]["acquired_at"] = "2025-01-01"

    found = mistakes(json.dumps(with_change(spoil)))
    assert sorted(line.split(": ")[0] for line in found) == [
        "lots[0].acquired_at",
        "schema",
        "venues[0].health",
        "venues[0].locked.BTC",
        "venues[0].markets[0].bids",
        "venues[0].markets[0].price_tick",
        "venues[0].markets[0].quote",
        "venues[1]",
    ]


def test_a_mistake_is_one_line_that_can_be_printed() -> None:
    """Whatever a key is made of."""
    for key in ("a\nb", "a\ud800", "\x1b[2J"):
        (found,) = mistakes(json.dumps(with_change(top(**{key: 1}))))
        assert found.isprintable()
        assert found.encode()
