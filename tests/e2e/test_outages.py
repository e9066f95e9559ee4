"""Exchanges and Telegram out of reach: each is told of in plain words, neither holds up what still works."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.logs import configure_logs
from bot.outbox import Outbox
from bot.sandbox.exchange.orders import OrderStatus
from bot.sandbox.faults import FaultRule
from engine.api import Engine, JournalUnavailable
from tests.e2e.cards import legs_of
from tests.e2e.phone import LIMIT
from tests.e2e.stage import Stage, second_binance_order_waits

KRAKEN_ACCOUNT = "/0/private/BalanceEx"


def kraken_is_down() -> FaultRule:
    return FaultRule("drop", venue="kraken")


async def test_an_exchange_that_is_down_at_the_start_keeps_plans_from_being_made(stage: Stage) -> None:
    """The other one is shown, the message says so, and with the exchange the plan comes."""
    await stage.shock(ETH="1.16", BTC="0.90")
    stage.sandbox.exchanges.faults.add(kraken_is_down())
    await stage.start_bot()
    await stage.ada.shows("⚠️ kraken is out of reach", "No new plan is made without it")
    view = await stage.ada.asks("/portfolio", "binance", "kraken")
    assert "ETH 5" in view.text
    await stage.ada.asks("/why", "What stands in the way", "The venue kraken is out of reach")
    await stage.looks()
    assert stage.ada.messages("waits for approval") == []
    assert len(stage.ada.messages("kraken is out of reach", "No new plan is made without it")) == 1

    stage.sandbox.exchanges.faults.clear()
    await stage.ada.shows("✅ kraken is well again")
    await stage.ada.shows("waits for approval")


async def test_an_exchange_that_goes_down_later_keeps_its_last_balances(stage: Stage) -> None:
    """They are shown with their age, and no plan is made from them."""
    await stage.start_bot()
    await stage.looks()
    stage.sandbox.exchanges.faults.add(kraken_is_down())
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.ada.shows("⚠️ kraken is out of reach")
    view = await stage.ada.asks("/portfolio", "kraken", "SOL")
    assert "26.6666" in view.text
    await stage.looks()
    assert stage.ada.messages("waits for approval") == []
    stage.sandbox.exchanges.faults.clear()
    await stage.ada.shows("waits for approval")


async def test_what_happens_while_telegram_is_out_of_reach_is_told_once_when_it_is_back(stage: Stage) -> None:
    """The engine goes on watching and planning; the card is delivered afterwards, and works."""
    await stage.start_bot()
    await stage.looks()
    stage.telegram.faults.set_outage(True)
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.looks(4)
    assert stage.ada.messages() == []
    stage.telegram.faults.set_outage(False)
    card = await stage.ada.shows("waits for approval")
    await stage.looks(3)
    assert [m.id for m in stage.ada.messages("waits for approval")] == [card.id]
    assert len(stage.ada.messages("has reached its limit")) == 1
    await stage.ada.presses("Approve")
    await stage.ada.shows("completed after")


async def test_the_bot_starts_while_telegram_is_out_of_reach(stage: Stage) -> None:
    """It looks at the exchanges meanwhile, and connects as soon as it can."""
    stage.telegram.faults.set_outage(True)
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    await stage.looks(3)
    stage.telegram.faults.set_outage(False)
    await stage.ada.shows("waits for approval")
    await stage.ada.asks("/whoami", "owner of this bot")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (JournalUnavailable("the disk is full: make room on it"), ("the disk is full", "nothing is traded")),
        (ZeroDivisionError(), ("Looking at the market failed: ZeroDivisionError", "no new plan is made")),
    ],
    ids=["database", "defect"],
)
async def test_looks_that_fail_are_told_once_with_what_happens_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception, words: tuple[str, ...]
) -> None:
    """Nothing of it is in the journal: it is said directly, as soon as Telegram takes it, and is tried again."""
    looked = Engine.advance
    tried: list[Engine] = []

    async def fail(engine: Engine) -> None:
        tried.append(engine)
        stage.telegram.state.feed.publish("look")
        raise error

    monkeypatch.setattr(Engine, "advance", fail)
    stage.telegram.faults.set_outage(True)
    await stage.start_bot()
    await stage.telegram.wait_for(lambda: len(tried) > 1, LIMIT)
    stage.telegram.faults.set_outage(False)
    await stage.ada.shows(*words, "it is tried again at every look")
    so_far = len(tried)
    await stage.telegram.wait_for(lambda: len(tried) > so_far + 2, LIMIT)
    assert len(stage.ada.messages(*words)) == 1
    monkeypatch.setattr(Engine, "advance", looked)
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.ada.shows("waits for approval")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (JournalUnavailable("the disk is full: make room on it"), "the disk is full: make room on it"),
        (ZeroDivisionError("nothing that people should read"), "That failed: ZeroDivisionError"),
    ],
    ids=["database", "defect"],
)
async def test_words_and_presses_that_fail_are_answered_with_what_happens_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    """Whoever waits for an answer hears that there is none, and what to do; nothing of it was done."""

    async def fail(*_: object) -> None:
        raise error

    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    with monkeypatch.context() as broken:
        broken.setattr(Engine, "look", fail)
        broken.setattr(Engine, "approve", fail)
        told = await stage.ada.asks("/portfolio", words, "What happens next: nothing was changed")
        await stage.telegram.user_presses("Approve", stage.ada.user, card.id)
        await stage.ada.shows(words, "/health shows how things are", after=told.id)
    assert not stage.ada.messages("nothing that people should read")
    await stage.ada.presses("Approve", card.id)
    await stage.ada.shows("completed after")


async def test_a_loop_that_fails_is_begun_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it had to do is done by the next one; the log says what went wrong."""
    configure_logs("error", as_json=False, secrets=[])
    deliver = Outbox.deliver_pending
    failed: list[Outbox] = []

    async def fail_twice(outbox: Outbox) -> timedelta | None:
        if len(failed) == 2:
            return await deliver(outbox)
        failed.append(outbox)
        raise ZeroDivisionError

    monkeypatch.setattr(Outbox, "deliver_pending", fail_twice)
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    await stage.ada.shows("waits for approval")
    log = capsys.readouterr().err
    assert [log.count(word) for word in ("loop_failed", "loop=outbox", "error=ZeroDivisionError")] == [2, 2, 2]


async def test_orders_wait_while_the_clocks_differ(stage: Stage) -> None:
    """The card says by how much and what to do; once the clock is right the plan goes on by itself."""
    await stage.control("venue", venue="kraken", clock_ahead_seconds=-31)
    await stage.holds_ether_on_kraken()
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    await stage.ada.presses("Approve")
    await stage.ada.becomes(card.id, "orders at kraken are held up", "31 s ahead of the exchange's; set it by NTP")
    assert stage.accounts.orders("kraken") == []
    await stage.control("venue", venue="kraken", clock_ahead_seconds=0)
    await stage.ada.shows("completed after")
    assert stage.accounts.orders("kraken")


async def test_a_key_that_is_revoked_in_mid_plan_is_told_on_the_card(stage: Stage) -> None:
    """What the other exchange has to do is done meanwhile; with the key the plan comes to its end."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    stage.sandbox.exchanges.faults.add(second_binance_order_waits())
    await stage.ada.presses("Approve")
    first, *_ = legs_of(card)
    await stage.ada.becomes(card.id, first.done)
    key = stage.sandbox.exchanges.venues["binance"].config.keys[0].key
    await stage.control("key", venue="binance", key=key, enabled=False)
    stage.sandbox.exchanges.faults.clear()
    await stage.ada.becomes(card.id, "the API key was refused; check key and secret in [venues.binance]")
    await stage.control("key", venue="binance", key=key, enabled=True)
    await stage.ada.shows("completed after")
    assert {order.status for order in stage.accounts.orders()} == {OrderStatus.FILLED}
