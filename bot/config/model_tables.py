"""The `[model]` table as people write it: what makes other targets of the static ones, and within which bounds."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, Field, StrictInt, StrictStr

from bot.config.fields import Duration, Number, WebAddress
from bot.config.mistakes import shown
from bot.config.table import STRICT
from engine.model.target_models import ModelGrid, ModelKind, ModelStance, SignalMeasure, TargetModel

MODEL: Final = TargetModel()


def _contract(value: object) -> object:
    # A longer one is a private key, say: it is not repeated.
    if isinstance(value, str) and len(value) == 42 and value.startswith("0x"):
        try:
            int(value[2:], 16)
        except ValueError:
            raise ValueError(f"{shown(value)} is no address of a contract") from None
        return value
    raise ValueError("expected a contract's address: 0x and 40 hexadecimal digits")


class Table(BaseModel):
    """A table of the model."""

    model_config = STRICT


class BoundTable(Table):
    """What a target may become."""

    least: Number = Field(default=Decimal(0), alias="min")
    most: Number = Field(default=Decimal(1), alias="max")


class RegimeTable(Table):
    """When volatility counts as high, and what then goes into the cash."""

    enter: Number = MODEL.regime.enter
    leave: Number = MODEL.regime.leave
    shift: Number = MODEL.regime.shift


class VolatilityTargetTable(Table):
    """The volatility that is not to be exceeded."""

    volatility: Number = MODEL.volatility_target.volatility


class RiskParityTable(Table):
    """How far it goes towards equal risks."""

    share: Number = MODEL.risk_parity.share


class MomentumTable(Table):
    """Over how long returns are measured, and how much follows from them."""

    lookback: Duration = MODEL.momentum.lookback
    tilt: Number = MODEL.momentum.tilt


class AccumulationTable(Table):
    """What cheap means, and how much follows from it."""

    average: Duration = MODEL.accumulation.average
    depth: Number = MODEL.accumulation.depth
    tilt: Number = MODEL.accumulation.tilt


class SignalsTable(Table):
    """What of a number counts, and how much follows from it."""

    measure: SignalMeasure = MODEL.signals.measure
    period: Duration = MODEL.signals.period
    low: Number = MODEL.signals.low
    high: Number = MODEL.signals.high
    tilt: Number = MODEL.signals.tilt
    value: Number | None = None


class SourceTable(SignalsTable):
    """The same, with where the number is read from: a contract on a chain, or a file."""

    rpc_url: WebAddress | None = None
    chain_id: StrictInt = 1
    contract: Annotated[StrictStr, BeforeValidator(_contract)] | None = None
    decimals: StrictInt = 6
    file: StrictStr | None = None


class PolicyModelTable(Table):
    """The model of a policy. Without a kind there is none, and the targets are static."""

    kind: ModelKind | None = None
    stance: ModelStance | None = None
    every: ModelGrid = MODEL.every
    max_step: Number = Decimal(MODEL.max_step)
    min_change: Number = Decimal(MODEL.min_change)
    rest: Duration = MODEL.rest
    decay: Number = MODEL.decay
    bounds: dict[str, BoundTable] = {}
    regime: RegimeTable = RegimeTable()
    volatility_target: VolatilityTargetTable = VolatilityTargetTable()
    risk_parity: RiskParityTable = RiskParityTable()
    momentum: MomentumTable = MomentumTable()
    accumulation: AccumulationTable = AccumulationTable()
    signals: SignalsTable = SignalsTable()


class ModelTable(PolicyModelTable):
    """The same in the whole file, which also says where a signal is read."""

    signals: SourceTable = SourceTable()
