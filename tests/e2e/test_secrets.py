"""The bot's token, the keys and their secrets go into requests, and nowhere else."""

from __future__ import annotations

import pytest

from bot.logs import configure_logs
from tests.cli.processes import SECRETS, plant_canaries
from tests.e2e.stage import Stage, second_binance_order_waits


async def test_no_secret_reaches_a_file_a_message_or_the_log(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Through a whole plan with a key that is revoked in it, at the finest level of a log that knows no secret."""
    plant_canaries(stage)
    configure_logs("debug", as_json=False, secrets=[])
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    stage.sandbox.exchanges.faults.add(second_binance_order_waits())
    await stage.ada.presses("Approve")
    key = stage.sandbox.exchanges.venues["binance"].config.keys[0].key
    await stage.control("key", venue="binance", key=key, enabled=False)
    stage.sandbox.exchanges.faults.clear()
    await stage.ada.becomes(card.id, "the API key was refused")
    await stage.control("key", venue="binance", key=key, enabled=True)
    await stage.ada.shows("completed after")
    await stage.ada.asks("/health", "Health")
    await stage.stop_bot()

    written = {path.name: path.read_bytes().decode("latin-1") for path in stage.folder.iterdir()}
    assert {"config.toml", "journal.sqlite"} <= set(written)
    told = {f"message {message.id}": message.text for message in stage.ada.messages()}
    log = capsys.readouterr()
    everything = {**written, **told, "standard output": log.out, "standard error": log.err}
    assert [(where, secret) for where, text in everything.items() for secret in SECRETS if secret in text] == []
    assert "started" in log.err
