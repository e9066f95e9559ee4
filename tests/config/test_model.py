"""The `[model]` table: which model, how far it goes by default, and where a signal is read."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.config.load import load_policy, load_settings
from bot.config.settings import SignalSettings
from engine.model.target_models import Bound, ModelGrid, ModelKind, ModelStance, SignalMeasure, TargetModel

D = Decimal
TARGETS = "[targets]\nBTC = 0.6\nUSDT = 0.4\n"
REST = '[telegram]\ntoken_env = "TOKEN"\n[venues.kraken]\nexchange = "kraken"\nholdings = { BTC = 1 }\n'
ENVIRON = {"TOKEN": "4242:" + "t" * 35}
CONTRACT = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"


def model(text: str = "") -> TargetModel:
    return load_policy(TARGETS + text).model


def signal(text: str) -> SignalSettings | None:
    return load_settings(TARGETS + REST + text, environ=ENVIRON, home=Path("/home/ada")).signal


def test_without_a_kind_there_is_no_model() -> None:
    """Static targets stay static."""
    assert model() == model("[model]\nmin_change = 0.05\n") == TargetModel()
    assert model().stance is ModelStance.OFF


@pytest.mark.parametrize("kind", list(ModelKind))
def test_what_is_asked_for_by_name_alone_proposes_or_keeps_a_record(kind: ModelKind) -> None:
    """Accumulation and signals keep a record unless more is written; none changes targets by itself."""
    by_default = model(f"[model]\nkind = '{kind}'\n").stance
    first = kind in (ModelKind.ACCUMULATION, ModelKind.SIGNALS)
    assert by_default is (ModelStance.SHADOW if first else ModelStance.PROPOSE)
    assert model(f"[model]\nkind = '{kind}'\nstance = 'auto'\n").stance is ModelStance.AUTO


def test_every_key_of_the_policy_reaches_the_model() -> None:
    """With its own value."""
    found = model(
        "[model]\nkind = 'momentum'\nevery = 'daily'\nmax_step = 0.2\nmin_change = 0.1\nrest = '3d'\ndecay = 0.94\n"
        "bounds = { BTC = { min = 0.3, max = 0.7 } }\n"
        "[model.regime]\nenter = 0.8\nleave = 0.5\nshift = 0.2\n[model.volatility_target]\nvolatility = 0.3\n"
        "[model.risk_parity]\nshare = 0.5\n[model.momentum]\nlookback = '60d'\ntilt = 0.1\n"
        "[model.accumulation]\naverage = '100d'\ndepth = 0.3\ntilt = 0.2\n"
        "[model.signals]\nmeasure = 'level'\nperiod = '7d'\nlow = -1\nhigh = 2\ntilt = 0.3\nvalue = 0.5\n"
    )
    assert (found.kind, found.every) == (ModelKind.MOMENTUM, ModelGrid.DAILY)
    assert (found.max_step, found.min_change, found.rest) == (D("0.2"), D("0.1"), timedelta(days=3))
    assert found.bounds == (Bound("BTC", D("0.3"), D("0.7")),)  # type: ignore[arg-type]
    assert (found.regime.enter, found.regime.leave, found.regime.shift) == (D("0.8"), D("0.5"), D("0.2"))
    assert (found.volatility_target.volatility, found.risk_parity.share, found.decay) == (D("0.3"), D("0.5"), D("0.94"))
    assert (found.momentum.lookback, found.momentum.tilt) == (timedelta(days=60), D("0.1"))
    assert (found.accumulation.average, found.accumulation.depth) == (timedelta(days=100), D("0.3"))
    signals = found.signals
    assert (signals.measure, signals.period, signals.value) == (SignalMeasure.LEVEL, timedelta(days=7), D("0.5"))
    assert (signals.low, signals.high, signals.tilt) == (D(-1), D(2), D("0.3"))


def test_where_a_signal_is_read_is_no_part_of_the_policy() -> None:
    """A node's address may hold a key: it is in no journal, and is not shown."""
    found = signal(f"[model.signals]\nrpc_url = 'https://rpc.example.org/v3/key'\ncontract = '{CONTRACT}'\n")
    assert found == SignalSettings("https://rpc.example.org/v3/key", 1, CONTRACT, 6, None)
    assert "example.org" not in repr(found)


def test_a_file_is_found_from_home() -> None:
    """As all paths are."""
    found = signal("[model.signals]\nfile = '~/signal.txt'\n")
    assert found is not None and found.file == Path("/home/ada/signal.txt")


def test_a_number_that_is_typed_is_read_from_nowhere() -> None:
    """It is part of the policy."""
    assert signal("[model.signals]\nmeasure = 'level'\nvalue = 1\n") is None
    assert signal("") is None
