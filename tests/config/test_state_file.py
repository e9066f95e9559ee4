"""A state file becomes what a decision depends on. `state.json` is the one of the documentation."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.config.load import load_policy
from bot.state_file import load_state
from engine.model.canonical import canonical_json
from engine.model.decision import DecisionInputs, RequestKind
from engine.model.errors import Fault
from engine.model.health import SignKind
from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode
from engine.model.venue_signals import CallOutcomes, CoinState, Signal, VenueSignals
from tests import builders as b

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
    """Venues with their signals, balances, markets, marks, lots and judgements come in the order of their names."""

    def widen(state: State) -> None:
        since = "2025-12-31T00:00:00Z"
        state["venues"][0]["markets"][0]["usual"] = {"spread_bps": "2"}
        state["venues"][0]["signals"] = {"coins": [{"asset": "USDT"}, {"asset": "BTC", "withdraw": False}]}
        beta = copy.deepcopy(state["venues"][0])
        beta["name"] = "beta"
        beta["markets"].append(copy.deepcopy(beta["markets"][0]) | {"base": "ETH"})
        state["venues"].append(beta)
        state["lots"].append(state["lots"][0] | {"id": "l0"})
        state["history"]["ETH"] = state["history"]["BTC"]
        signs = [{"kind": "slow", "since": since}, {"kind": "calls_fail", "since": since}]
        state["standing"]["venues"] = [{"venue": v, "since": since, "signs": signs} for v in ("beta", "alpha")]
        state["standing"]["questions"] = [
            {"venue": v, "since": since, "changes": {"USDT": "1", "BTC": "-1"}} for v in ("beta", "alpha")
        ]

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


def test_how_a_venue_is_doing_is_read() -> None:
    """Durations in seconds, failed calls by their fault; what is left out is not known."""
    told = {
        "calls": {"looked_at": 10, "failed": {"network": 2, "key": "1"}},
        "latency_p95_seconds": "6.25",
        "latency_usual_seconds": "0.2",
        "clock_skew_seconds": "-1.5",
        "online": False,
        "status": "maintenance",
        "coins": [
            {"asset": "USDT", "deposit": True},
            {"asset": "BTC", "withdraw": False, "closed_since": "2025-12-31T23:00:00Z"},
        ],
        "pending_since": "2025-12-31T22:00:00Z",
        "books_still_since": "2025-12-31T23:59:00Z",
        "unavailable": ["key"],
    }
    (alpha,) = read(with_change(lambda s: s["venues"][0].update(signals=told))).snapshot.venues
    assert alpha.signals == VenueSignals(
        calls=CallOutcomes(10, ((Fault.KEY, 1), (Fault.NETWORK, 2))),
        latency_p95=timedelta(seconds=6, milliseconds=250),
        latency_usual=timedelta(milliseconds=200),
        clock_skew=timedelta(seconds=-1.5),
        online=False,
        status="maintenance",
        coins=(
            CoinState(b.BTC, None, False, datetime(2025, 12, 31, 23, tzinfo=UTC)),
            CoinState(b.USDT, True, None),
        ),
        pending_since=datetime(2025, 12, 31, 22, tzinfo=UTC),
        books_still_since=datetime(2025, 12, 31, 23, 59, tzinfo=UTC),
        unavailable=(Signal.KEY,),
    )
    assert read(DOCUMENTED).snapshot.venues[0].signals is None


def test_what_the_key_may_do_is_read() -> None:
    """In words, as the exchange has them."""
    told = {"key_problem": "the key may not trade", "rights_gained": ["withdraw", "transfer"]}
    (alpha,) = read(with_change(lambda s: s["venues"][0].update(signals=told))).snapshot.venues
    assert alpha.signals == VenueSignals(key_problem="the key may not trade", rights_gained=("withdraw", "transfer"))


def test_what_is_usual_on_a_market_is_read_and_the_instant_of_its_book() -> None:
    """Of the markets of which the file says it; a figure that is left out is not known."""

    def tell(state: State) -> None:
        market = state["venues"][0]["markets"][0]
        known = {"hours": 24, "spread_bps": "2", "day_volume": "100"}
        state["venues"][0]["markets"] = [
            market | {"base": "ETH"},
            market | {"usual": known, "as_of": "2025-12-31T23:59:00Z"},
        ]

    (alpha,) = read(with_change(tell)).snapshot.venues
    (bitcoin,) = alpha.usual
    assert (bitcoin.symbol, bitcoin.hours) == ("BTC/USDT", 24)
    assert (bitcoin.spread_bps, bitcoin.depth, bitcoin.day_volume) == (Decimal(2), None, Decimal(100))
    assert [book.as_of.minute for book in alpha.books] == [59, 0]


def test_how_venues_were_judged_before_is_read() -> None:
    """With the signs that stood, what a person has accepted, and why: the file says so."""
    since = "2025-12-31T00:00:00Z"
    pending = {"kind": "withdrawal_pending", "since": since, "measure": "7200"}
    closed = {"kind": "withdrawals_closed", "since": since, "subjects": ["BTC"]}
    entry = {"venue": "alpha", "health": "halted", "since": since, "clean_since": since}
    standing = {"venues": [entry | {"signs": [closed, pending], "accepted": [closed]}]}
    (alpha,) = read(with_change(lambda s: s.update(standing=standing))).standing.guards.venues
    at = datetime(2025, 12, 31, tzinfo=UTC)
    assert (alpha.venue, alpha.health, alpha.since, alpha.clean_since) == ("alpha", VenueHealth.HALTED, at, at)
    assert [(s.kind, s.since, s.measure, s.subjects) for s in alpha.signs] == [
        (SignKind.WITHDRAWAL_PENDING, at, Decimal(7200), ()),
        (SignKind.WITHDRAWALS_CLOSED, at, Decimal(1), ("BTC",)),
    ]
    assert [sign.kind for sign in alpha.accepted] == [SignKind.WITHDRAWALS_CLOSED]
    assert b.codes(alpha.halted_by) == [ReasonCode.TOLD_BY_FILE]


def test_a_venue_of_which_something_is_asked_stays_out_of_plans() -> None:
    """As it does while the bot runs, until somebody has said what it was."""
    changes = {"USDT": "5", "BTC": "-0.1"}
    entry = {"venue": "alpha", "since": "2025-12-31T00:00:00Z", "changes": changes}
    inputs = read(with_change(lambda s: s.update(standing={"questions": [entry]})))
    (question,) = inputs.standing.questions
    assert [(c.asset, c.quantity) for c in question.changes] == [("BTC", Decimal("-0.1")), ("USDT", Decimal(5))]
    assert [venue.trades for venue in inputs.snapshot.venues] == [False]
    assert [venue.trades for venue in read(DOCUMENTED).snapshot.venues] == [True]
