"""How two failures of the past would have been judged, and how soon."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode
from tests.decide.guards.bedside import DEGRADED, HALTED, HEALTHY, codes
from tests.replays.scenarios import ANNOUNCED, Binance, Ftx, Moment, Replay, binance, changes, first, ftx

R = ReasonCode


def story(moments: list[Moment]) -> list[tuple[datetime, VenueHealth]]:
    """When the judgement changed, and to what."""
    return [(moment.at, moment.verdict.health) for moment in moments]


# --- FTX, 8 November 2022 --------------------------------------------------------------------------------------------


def test_ftx_is_degraded_two_hours_after_the_first_withdrawal_that_does_not_come() -> None:
    """And halted by that alone after six, five hours before it was said that withdrawals are closed."""
    moments = changes(Replay(Ftx(widest_gap=Decimal(0))).moments())
    assert story(moments) == [(ftx(8, 9), HEALTHY), (ftx(8, 12, 51), DEGRADED), (ftx(8, 16, 51), HALTED)]
    assert codes(moments[-1].verdict) == [R.HEALTH_WITHDRAWAL_PENDING, R.HEALTH_AWAITS_PERSON]
    assert ANNOUNCED - moments[-1].at == timedelta(hours=5)


def test_ftx_is_halted_sooner_where_its_prices_part_too() -> None:
    """A hundredth for ten minutes beside a slow withdrawal is enough: two signs with two causes."""
    moments = changes(Replay(Ftx()).moments())
    degraded, halted = first(moments, DEGRADED), first(moments, HALTED)
    assert degraded and halted and (degraded.at, halted.at) == (ftx(8, 12, 51), ftx(8, 14, 47))
    assert set(codes(halted.verdict)) == {R.HEALTH_WITHDRAWAL_PENDING, R.HEALTH_PRICE_OFF, R.HEALTH_AWAITS_PERSON}


def test_ftx_is_halted_by_prices_alone_where_nothing_was_withdrawn() -> None:
    """First no new plans at a hundredth, then no trust at three; and its interface answered all the time."""
    moments = list(Replay(Ftx(withdraws=False)).moments())
    assert story(changes(iter(moments))) == [
        (ftx(8, 9), HEALTHY),
        (ftx(8, 14, 47), DEGRADED),
        (ftx(8, 17, 59), HALTED),
    ]
    assert not any(R.HEALTH_CALLS_FAIL in codes(moment.verdict) for moment in moments)


def test_ftx_is_halted_half_an_hour_after_its_coins_are_closed_where_nothing_else_tells() -> None:
    """No withdrawal of our own, and prices as everywhere."""
    moments = changes(Replay(Ftx(withdraws=False, widest_gap=Decimal(0))).moments())
    assert story(moments)[1:] == [(ftx(8, 21, 51), DEGRADED), (ftx(8, 22, 21), HALTED)]


def test_ftx_is_never_healthy_again() -> None:
    """It waits for a person until the end."""
    moments = list(Replay(Ftx()).moments())
    halted = first(moments, HALTED)
    assert halted and {m.verdict.health for m in moments if m.at >= halted.at} == {HALTED}


# --- Binance, 24 March 2023 ------------------------------------------------------------------------------------------


def test_binance_is_degraded_within_minutes_and_halted_when_withdrawals_stay_closed() -> None:
    """Its books stand still from 11:26 on, the last minute that they moved; withdrawals are paused at 11:45."""
    moments = changes(Replay(Binance()).moments())
    assert story(moments) == [(binance(11), HEALTHY), (binance(11, 31), DEGRADED), (binance(12, 15), HALTED)]
    assert codes(moments[1].verdict) == [R.HEALTH_BOOKS_UNUSABLE]
    assert codes(moments[2].verdict)[0] is R.HEALTH_WITHDRAWALS_CLOSED


def test_binance_is_healthy_again_by_a_person_alone() -> None:
    """Everything works from 14:10 on, and hours later it still waits."""
    alone = list(Replay(Binance()).moments())
    assert alone[-1].verdict.health is HALTED and alone[-1].verdict.score == 0
    moments = changes(Replay(Binance(), person={binance(15): "resumes"}).moments())
    assert story(moments)[-1] == (binance(15), HEALTHY)


@pytest.mark.parametrize(("hour", "minute", "then"), [(13, 0, DEGRADED), (14, 5, HEALTHY)])
def test_binance_can_be_resumed_too_soon(hour: int, minute: int, then: VenueHealth) -> None:
    """Withdrawals that are closed are accepted; that it does not trade is not, and plans wait for that."""
    at = binance(hour, minute)
    moments = list(Replay(Binance(), person={at: "resumes"}).moments())
    (now,) = [moment for moment in moments if moment.at == at]
    assert now.verdict.health is then
    assert moments[-1].verdict.health is HEALTHY
