"""What is known of venues: from the looks that are made anyway, and from what is asked beside them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.model.errors import Fault, NotSent
from engine.model.ids import Asset
from engine.model.ledger import WithdrawalState
from engine.model.portfolio import Balance, VenueHealth
from engine.model.venue import KeyRights, VenueProbe
from engine.model.venue_signals import NOTHING_KNOWN, CallOutcomes, CoinState, Signal
from engine.run.venue_watch import KNOWN_FOR, VenueWatch
from tests import builders as b
from tests.builders import Market
from tests.run.watched import ALPHA, BETA, MILLISECOND, MINUTE, SECOND, Watched, signals_in

# --- what is heard ---------------------------------------------------------------------------------------------------


async def test_calls_that_fail_are_counted_by_what_went_wrong() -> None:
    """Of the last ten: a look that ends with its first call is one, one that succeeds is two."""
    watched = Watched()
    seen = await watched.look()
    assert signals_in(seen).calls == CallOutcomes(2)
    watched.alpha.down = True
    for _ in range(3):
        seen = await watched.look()
    assert signals_in(seen).calls == CallOutcomes(5, ((Fault.NETWORK, 3),))
    assert next(v for v in seen.venues if v.name == ALPHA).health is VenueHealth.UNREACHABLE
    watched.alpha.down = False
    for _ in range(5):
        seen = await watched.look()
    assert signals_in(seen).calls == CallOutcomes(10)


async def test_a_book_that_cannot_be_read_counts_although_balances_can() -> None:
    """As where the matching engine has stopped and the account still answers."""
    watched = Watched()

    async def refuse(_: object) -> tuple[()]:
        raise NotSent("alpha", "busy", fault=Fault.OTHER)

    watched.alpha.tops = refuse  # type: ignore[method-assign]
    for _ in range(5):
        seen = await watched.look()
    assert signals_in(seen).calls == CallOutcomes(10, ((Fault.OTHER, 5),))


async def test_a_venue_that_hangs_counts_as_one_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look ends without it."""
    watched = Watched()
    monkeypatch.setattr("engine.run.observe.LONGEST_LOOK", MILLISECOND)
    watched.alpha.balances = asyncio.Event().wait  # type: ignore[method-assign,assignment]
    assert signals_in(await watched.look()).calls == CallOutcomes(1, ((Fault.NETWORK, 1),))


async def test_answers_are_timed_by_the_look() -> None:
    """The whole books of many markets may take long, and say nothing of how quick a venue is."""
    watched = Watched()

    async def slow_balances() -> tuple[Balance, ...]:
        await watched.clock.sleep(3 * SECOND)
        return ()

    watched.alpha.balances = slow_balances  # type: ignore[method-assign]
    for _ in range(10):
        look = asyncio.create_task(watched.observer.look(whole_books=False))
        await watched.clock.advance(10 * SECOND)
        seen = await look
    signals = signals_in(seen)
    assert (signals.latency_p95, signals.latency_usual) == (3 * SECOND, timedelta(0))


async def test_whole_books_are_not_timed() -> None:
    """Ten looks at them are ten answers, those of the balances."""
    watched = Watched()

    async def slow_books(_: object) -> tuple[()]:
        await watched.clock.sleep(9 * SECOND)
        return ()

    watched.alpha.books = slow_books  # type: ignore[method-assign]
    for _ in range(20):
        look = asyncio.create_task(watched.observer.look(whole_books=True))
        await watched.clock.advance(10 * SECOND)
        seen = await look
    assert signals_in(seen).latency_p95 == timedelta(0)


async def test_books_that_stand_still_are_seen_to() -> None:
    """Since the last change of any best price or quantity, in a look at the best prices or at whole books."""
    watched = Watched()
    await watched.look()
    first = watched.clock.now()
    assert signals_in(await watched.look()).books_still_since == first
    watched.alpha.markets["ETH/USDT"] = Market("ETH/USDT", "10", depth="7", fee="0.001")
    assert signals_in(await watched.look()).books_still_since == watched.clock.now()
    changed = watched.clock.now()
    assert signals_in(await watched.look(whole_books=True)).books_still_since == changed


# --- what is asked ---------------------------------------------------------------------------------------------------


async def test_before_it_was_asked_nothing_of_that_is_known() -> None:
    """It is named, so that nobody takes its absence for good news."""
    watched = Watched()
    signals = signals_in(await watched.look())
    assert set(signals.unavailable) == set(Signal) - {Signal.CALLS}
    assert (signals.online, signals.coins, signals.pending_since) == (None, (), None)
    assert watched.watch.signals(BETA).calls == CallOutcomes(2)
    assert VenueWatch({ALPHA: watched.alpha}, watched.clock).signals(ALPHA) == NOTHING_KNOWN


async def test_a_venue_that_was_asked_tells_all_but_its_speed() -> None:
    """Of the coins that it holds, and of no others."""
    watched = Watched()
    await watched.look()
    signals = await watched.asked()
    assert signals.unavailable == (Signal.LATENCY,)
    assert (signals.online, signals.status, signals.clock_skew) == (True, "ok", timedelta(0))
    assert signals.coins == (CoinState(b.BTC, True, True), CoinState(b.USDT, True, True))
    assert (signals.key_problem, signals.rights_gained) == ("", ())


async def test_status_clock_and_coins_are_told_as_they_are() -> None:
    """A closed coin with the instant at which that was first seen, until it opens."""
    watched = Watched()
    await watched.look()
    watched.alpha.status, watched.alpha.skew, watched.alpha.shut = "cancel_only", 7 * SECOND, {"BTC"}
    first = watched.clock.now()
    signals = await watched.asked()
    assert (signals.online, signals.status, signals.clock_skew) == (False, "cancel_only", 7 * SECOND)
    assert signals.coins[0] == CoinState(b.BTC, False, False, closed_since=first)
    await watched.look(10 * MINUTE)
    assert (await watched.asked()).coins[0].closed_since == first
    watched.alpha.tells_coins = False
    assert Signal.COINS in (await watched.asked()).unavailable
    watched.alpha.tells_coins = True
    assert (await watched.asked()).coins[0].closed_since == first
    watched.alpha.shut = set()
    assert (await watched.asked()).coins[0] == CoinState(b.BTC, True, True)
    watched.alpha.shut = {"BTC"}
    assert (await watched.asked()).coins[0].closed_since == watched.clock.now() - SECOND


async def test_a_coin_that_is_not_held_any_more_is_not_told_of() -> None:
    """It was, when it was asked about."""
    watched = Watched()
    await watched.look()
    await watched.watch.ask(ALPHA)
    del watched.alpha.held[Asset("BTC")]
    assert [coin.asset for coin in (await watched.signals()).coins] == ["USDT"]


async def test_a_clock_is_off_by_what_is_certain() -> None:
    """Half the time of the answer may be the network's."""
    watched = Watched()

    async def probe() -> VenueProbe:
        return VenueProbe(True, "ok", -4 * SECOND, 3 * SECOND)

    watched.alpha.probe = probe  # type: ignore[method-assign]
    assert (await watched.asked()).clock_skew == timedelta(seconds=-2.5)


async def test_a_venue_that_says_nothing_of_itself_is_not_online_for_that() -> None:
    """That it answers is known already."""
    watched = Watched()

    async def probe() -> VenueProbe:
        return VenueProbe(True, "online", timedelta(0), timedelta(0), tells_status=False)

    watched.alpha.probe = probe  # type: ignore[method-assign]
    signals = await watched.asked()
    assert signals.online is None and signals.status == ""
    assert Signal.STATUS in signals.unavailable and Signal.CLOCK not in signals.unavailable


async def test_the_oldest_withdrawal_on_its_way_is_told() -> None:
    """What is done or came back is not waited for."""
    watched = Watched()
    await watched.clock.advance(MINUTE)
    watched.alpha.withdraw("w1", "USDT", "1", state=WithdrawalState.DONE)
    assert (await watched.asked()).pending_since is None
    began = watched.clock.now()
    watched.alpha.withdraw("w2", "USDT", "1")
    await watched.clock.advance(MINUTE)
    watched.alpha.withdraw("w3", "USDT", "1")
    assert (await watched.asked()).pending_since == began


GAINS: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    ({}, (), ""),
    ({"can_withdraw": True}, ("withdraw",), "withdraw"),
    ({"ip_restricted": False}, ("be used from any address",), ""),
    ({"unknown": ("teleport",)}, ("teleport",), "teleport"),
    ({"can_trade": False}, (), "trade"),
]


@pytest.mark.parametrize(("change", "gained", "problem"), GAINS)
async def test_rights_are_compared_with_those_at_first(
    change: dict[str, Any], gained: tuple[str, ...], problem: str
) -> None:
    """More than at first is told, and less only where the key cannot be used with it."""
    watched = Watched()
    assert (await watched.asked()).rights_gained == ()
    watched.alpha.rights = replace(watched.alpha.rights, **change)
    signals = await watched.asked()
    assert signals.rights_gained == gained
    assert problem in signals.key_problem and bool(problem) == bool(signals.key_problem)


async def test_a_right_to_withdraw_is_told_from_the_start() -> None:
    """It is never right; another right that was there at first is the owner's own choice."""
    watched = Watched()
    watched.alpha.rights = KeyRights(True, True, can_withdraw=True, ip_restricted=False, unknown=("earn",))
    assert (await watched.asked()).rights_gained == ("withdraw",)


async def test_rights_that_could_not_be_checked_are_not_known() -> None:
    """Neither lost nor gained; and what they are compared with is still the first that were told."""
    watched = Watched()
    await watched.asked()
    fine = watched.alpha.rights
    watched.alpha.rights = KeyRights(False, False, False, False, problem="no answer")
    signals = await watched.asked()
    assert Signal.KEY in signals.unavailable and signals.key_problem == "" and signals.rights_gained == ()
    watched.alpha.rights = replace(fine, can_withdraw=True)
    assert (await watched.asked()).rights_gained == ("withdraw",)


async def test_what_a_venue_does_not_answer_is_unavailable() -> None:
    """Whatever it told before, and without an error."""
    watched = Watched()
    await watched.look()
    await watched.asked()
    watched.alpha.down = True
    await watched.watch.ask(ALPHA)
    missing = set((await watched.signals()).unavailable)
    assert missing == {Signal.COINS, Signal.WITHDRAWALS, Signal.LATENCY}


async def test_one_answer_that_does_not_come_keeps_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a time of its own."""
    watched = Watched()
    await watched.look()
    monkeypatch.setattr("engine.run.venue_watch.LONGEST_ANSWER", MILLISECOND)
    watched.alpha.probe = asyncio.Event().wait  # type: ignore[method-assign,assignment]
    assert set((await watched.asked()).unavailable) == {Signal.CLOCK, Signal.STATUS, Signal.LATENCY}


async def test_what_was_told_long_ago_is_not_known_any_more() -> None:
    """A program that could not ask for a while does not know."""
    watched = Watched()
    await watched.look()
    await watched.watch.ask(ALPHA)
    assert signals_in(await watched.look(KNOWN_FOR)).online is True
    assert Signal.STATUS in signals_in(await watched.look(SECOND)).unavailable
