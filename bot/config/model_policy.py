"""The `[model]` table as the engine's model, and as where its signal is read."""

from __future__ import annotations

from pathlib import Path

from bot.config.mistakes import Mistake
from bot.config.model_tables import PolicyModelTable, SourceTable
from bot.config.settings import SignalSettings
from bot.config.tables import FileTables, PolicyTables
from engine.model.money import Weight
from engine.model.target_models import (
    Accumulation,
    Bound,
    ModelKind,
    ModelStance,
    Momentum,
    RiskParity,
    Signals,
    TargetModel,
    VolatilityRegime,
    VolatilityTarget,
    default_stance,
    statics_out_of_bounds,
)

MOST_DECIMALS = 36


def model_of(table: PolicyModelTable) -> TargetModel:
    """What the table describes. A kind of which no stance is said goes as far as its default."""
    kind = table.kind or TargetModel().kind
    stance = ModelStance.OFF if table.kind is None else table.stance or default_stance(table.kind)
    return TargetModel(
        kind=kind,
        stance=stance,
        every=table.every,
        max_step=Weight(table.max_step),
        min_change=Weight(table.min_change),
        rest=table.rest,
        decay=table.decay,
        bounds=tuple(Bound(n, Weight(b.least), Weight(b.most)) for n, b in sorted(table.bounds.items())),
        regime=VolatilityRegime(table.regime.enter, table.regime.leave, table.regime.shift),
        volatility_target=VolatilityTarget(table.volatility_target.volatility),
        risk_parity=RiskParity(table.risk_parity.share),
        momentum=Momentum(table.momentum.lookback, table.momentum.tilt),
        accumulation=Accumulation(table.accumulation.average, table.accumulation.depth, table.accumulation.tilt),
        signals=_signals(table),
    )


def _signals(table: PolicyModelTable) -> Signals:
    signals = table.signals
    return Signals(
        measure=signals.measure,
        period=signals.period,
        low=signals.low,
        high=signals.high,
        tilt=signals.tilt,
        value=signals.value,
    )


def mistakes_in_model(tables: PolicyTables) -> list[Mistake]:
    """What contradicts itself beyond the engine's own check: static targets out of bounds, a stance of nothing."""
    table = tables.model
    targets = {name: Weight(target.weight) for name, target in tables.targets.items()}
    found = [Mistake(m.field, m.problem) for m in statics_out_of_bounds(model_of(table), targets)]
    if table.kind is None and table.stance not in (None, ModelStance.OFF):
        kinds = ", ".join(kind.value for kind in ModelKind)
        found.append(Mistake("model.kind", f"is missing, so that nothing could {table.stance}; write one of {kinds}"))
    return found


def signal_settings(table: SourceTable, home: Path) -> SignalSettings | None:
    """Where a signal is read; None where it is typed, or from nowhere."""
    if table.value is not None or (table.rpc_url is None and table.file is None):
        return None
    file = Path(table.file.replace("~", str(home), 1)) if table.file else None
    return SignalSettings(table.rpc_url, table.chain_id, table.contract or "", table.decimals, file)


def mistakes_in_source(tables: FileTables) -> list[Mistake]:
    """A signal that is read from nowhere, from two places, or from a contract of which too little is said."""
    table, follows = tables.model.signals, tables.model.kind is ModelKind.SIGNALS
    ways = {"value": table.value, "rpc_url": table.rpc_url, "file": table.file}
    given = [name for name, way in ways.items() if way is not None]
    found = []
    if len(given) > 1:
        found.append(Mistake(f"model.signals.{given[1]}", f"is there beside {given[0]}; keep one"))
    if follows and not given:
        found.append(Mistake("model.signals", "says of no number; name a value, an rpc_url with a contract, or a file"))
    if table.rpc_url is not None and table.contract is None:
        remedy = "is missing; write the address of an ERC-20 contract, whose total supply is read"
        found.append(Mistake("model.signals.contract", remedy))
    if table.rpc_url is not None and not _is_safe(table.rpc_url):
        found.append(Mistake("model.signals.rpc_url", "could be changed on its way; write an https address"))
    if not 0 <= table.decimals <= MOST_DECIMALS:
        found.append(Mistake("model.signals.decimals", f"must lie between 0 and {MOST_DECIMALS}"))
    if table.chain_id < 1:
        found.append(Mistake("model.signals.chain_id", "must be 1 (Ethereum) or the number of another chain"))
    if table.file is not None and not table.file.startswith(("/", "~/")):
        found.append(Mistake("model.signals.file", "the path must begin with / or ~/"))
    return found


def _is_safe(address: str) -> bool:
    """Over https, or to this machine itself, where one runs a node of one's own."""
    return address.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]"))
