"""What a model sees: past prices up to the decision and nothing later, the targets, and its settings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.decide.adopted import adopted_weights
from engine.decide.guards.look import is_stable
from engine.decide.statistics.panel import DAY, ReturnsPanel, returns_panel
from engine.model.decision import DecisionInputs
from engine.model.ids import Asset
from engine.model.money import ONE, total
from engine.model.policy import Policy
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.target_changes import NamedWeights, named
from engine.model.target_models import ModelStance, TargetModel

OLDEST_LAST_CLOSE: Final = timedelta(days=3)
"""An asset whose last daily close is older than this is not known."""
FIGURE: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Said:
    """What a model wants of the targets other than the cash, and why; None where it cannot tell."""

    weights: Mapping[str, Decimal] | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ModelView:
    """What a model may look at."""

    now: datetime
    model: TargetModel
    static: Mapping[str, Decimal]
    """The user's own weights; they sum to exactly 1."""
    present: Mapping[str, Decimal]
    """Those that a change would be made to."""
    coins: Mapping[str, tuple[Asset, ...]]
    """The targets that rise and fall, and their assets that do; none of weight 0."""
    cash: str | None
    """The target that takes what coins give up."""
    panel: ReturnsPanel | None
    """Daily closes of the coins' assets up to `now`."""
    readings: Sequence[tuple[datetime, Decimal]] = ()
    """What is known of a signal, oldest first."""
    problem: str = ""
    """Why the signal could not be read now."""

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Every asset that rises and falls, in the order of names."""
        return tuple(sorted(asset for assets in self.coins.values() for asset in assets))

    @property
    def shares(self) -> dict[Asset, float]:
        """The static weight of every such asset; assets of one bucket share it evenly."""
        return {a: float(self.static[n]) / len(assets) for n, assets in self.coins.items() for a in assets}

    def lacking(self, least: int) -> tuple[Reason, ...]:
        """Why a model that needs so many daily returns of every coin cannot tell; none where it can."""
        if not self.coins:
            return (reason(ReasonCode.MODEL_NO_COINS),)
        known = self._known()
        short = [(known.get(asset, 0), asset) for asset in self.assets if known.get(asset, 0) < least]
        if not short:
            return ()
        days, asset = min(short)
        return (reason(ReasonCode.MODEL_HISTORY_SHORT, asset=asset, days=days, least=least),)

    def _known(self) -> dict[Asset, int]:
        """How many returns are known of each asset; none of one that has no recent price."""
        panel = self.panel
        if panel is None or self.now - panel.last > OLDEST_LAST_CLOSE:
            return {}
        rows = 1 + (OLDEST_LAST_CLOSE - (self.now - panel.last)) // DAY
        recent = panel.log_prices[-rows:]
        fresh = {a for number, a in enumerate(panel.assets) if any(map(math.isfinite, recent[:, number].tolist()))}
        return {asset: count for asset, count in panel.known().items() if asset in fresh}


def view_of(inputs: DecisionInputs) -> ModelView:
    """What the policy's model sees at a decision. The past is cut at its instant before anything looks at it."""
    policy, standing = inputs.policy, inputs.standing.models
    coins = _coins(policy)
    cash = cash_target(policy)
    static = exact_sum(policy, cash)
    assets = tuple(sorted(asset for each in coins.values() for asset in each))
    reading = inputs.signal
    readings = [(at, value) for at, value in standing.signals if at <= inputs.now]
    if reading is not None and reading.value is not None:
        readings = [*(known for known in readings if known[0] < reading.at), (reading.at, reading.value)]
    return ModelView(
        now=inputs.now,
        model=policy.model,
        static=static,
        present=dict(present_weights(inputs, static)),
        coins=coins,
        cash=cash,
        panel=returns_panel(inputs.history, assets, inputs.now) if assets else None,
        readings=readings,
        problem=reading.problem if reading is not None else "",
    )


def present_weights(inputs: DecisionInputs, static: Mapping[str, Decimal]) -> NamedWeights:
    """The weights that a change would be made to: of a record its own last ones, else those that were adopted."""
    standing = inputs.standing.models
    if inputs.policy.model.stance is ModelStance.SHADOW:
        shadow = standing.shadow
        return shadow if {n for n, _ in shadow} == set(static) else named(static)
    return adopted_weights(inputs) or named(static)


def cash_target(policy: Policy) -> str | None:
    """The largest target of assets that keep their worth in a currency; the first by name of equals."""
    stable = [t for t in policy.targets if all(is_stable(asset) for asset in policy.assets_of(t.name))]
    return min(stable, key=lambda t: (-t.weight, t.name)).name if stable else None


def exact_sum(policy: Policy, cash: str | None) -> dict[str, Decimal]:
    """The static weights with what they miss of 1, a millionth at the most, in the cash or the largest target."""
    weights = {target.name: Decimal(target.weight) for target in policy.targets}
    takes = cash or min(weights, key=lambda name: (-weights[name], name))
    weights[takes] += ONE - total(weights.values())
    return weights


def figure(value: float) -> Decimal:
    """A finite statistic as the exact figure that is told, to four decimals."""
    return Decimal.from_float(value).quantize(FIGURE)


def _coins(policy: Policy) -> dict[str, tuple[Asset, ...]]:
    moving = {t.name: tuple(a for a in policy.assets_of(t.name) if not is_stable(a)) for t in policy.targets}
    return {t.name: moving[t.name] for t in policy.targets if t.weight > 0 and moving[t.name]}
