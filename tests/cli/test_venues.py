"""`equipoise venues`: what can be traded on, and what is promised about orders in doubt."""

from __future__ import annotations

import json

import pytest

from bot.__main__ import main
from bot.config.quotes import QUOTES


def test_every_exchange_that_can_be_configured_is_in_the_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    """With its promises in words; none is offered that is not."""
    assert main(["venues", "--json"]) == 0
    rows = {row["exchange"]: row for row in json.loads(capsys.readouterr().out)["venues"]}
    assert rows.keys() == QUOTES.keys()
    assert rows["binance"]["in_doubt"] == "the same id again after 15 s of silence"
    assert rows["okx"]["key"] == "key, secret and passphrase"


def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """One row an exchange."""
    assert main(["venues"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in QUOTES)
