"""What every guard looks at: the inputs, the valued portfolio, and what is worked out from both once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Final

from engine.decide.markets import cash_assets
from engine.decide.valuation import RELIED_ON
from engine.model.conditions import Condition, GuardStanding, Stage
from engine.model.decision import DecisionInputs, Drift
from engine.model.guards import Guards, Rule
from engine.model.ids import Asset
from engine.model.money import ZERO, Price
from engine.model.policy import Policy
from engine.model.portfolio import Valuation

DOLLARS: Final = frozenset(
    map(Asset, ("USDT", "USDC", "DAI", "TUSD", "FDUSD", "PYUSD", "USDP", "BUSD", "GUSD", "USDS", "USDE", "FRAX", "UST"))
)
"""Stablecoins that are meant to be worth a dollar."""
EUROS: Final = frozenset(map(Asset, ("EURC", "EURT", "EURS", "EURI")))
DOLLAR: Final = Asset("USD")
EURO: Final = Asset("EUR")
FIAT: Final = frozenset(map(Asset, ("USD", "EUR", "GBP", "CHF", "JPY", "AUD", "CAD", "TRY", "BRL")))


@dataclass(frozen=True)
class Look:
    """One look of the guards at a portfolio."""

    inputs: DecisionInputs
    valuation: Valuation
    drifts: tuple[Drift, ...]

    @property
    def now(self) -> datetime:
        """The instant of the decision."""
        return self.inputs.now

    @property
    def guards(self) -> Guards:
        """The rules as the policy has them."""
        return self.inputs.policy.guards

    @property
    def standing(self) -> GuardStanding:
        """What earlier looks and people left behind."""
        return self.inputs.standing.guards

    @cached_property
    def marks(self) -> Mapping[Asset, Price]:
        """The price of every asset that has one by a venue which can be relied on.

        What an unwell venue alone says is good enough for what lies there, and for no word of a guard.
        """
        relied_on = {v.name for v in self.inputs.snapshot.venues if v.health in RELIED_ON}
        return {
            mark.asset: mark.price
            for mark in self.valuation.marks
            if not mark.sources or any(source.venue in relied_on for source in mark.sources)
        }

    @cached_property
    def held(self) -> Mapping[Asset, Decimal]:
        """The units held of every asset, over all venues."""
        units: dict[Asset, Decimal] = {}
        for holding in self.valuation.holdings:
            units[holding.asset] = units.get(holding.asset, ZERO) + holding.quantity
        return units

    @cached_property
    def cash(self) -> frozenset[Asset]:
        """The managed assets that purchases are paid with."""
        return cash_assets(self.inputs.snapshot, self.inputs.policy)

    @cached_property
    def coins(self) -> tuple[Asset, ...]:
        """The managed assets that rise and fall: no stablecoin, and no currency of a state."""
        return coins_of(self.inputs.policy)

    def standing_condition(self, rule: Rule, subject: str) -> Condition | None:
        """What stands raised of a rule for a subject."""
        for condition in self.standing.conditions:
            if condition.key == (rule, subject) and condition.stage is Stage.RAISED:
                return condition
        return None


def coins_of(policy: Policy) -> tuple[Asset, ...]:
    """The managed assets that rise and fall: no stablecoin, and no currency of a state."""
    return tuple(asset for asset in policy.managed_assets if not is_stable(asset))


def is_stable(asset: Asset) -> bool:
    """Whether an asset is meant to keep its worth in a currency of a state, or is one."""
    return asset in DOLLARS or asset in EUROS or asset in FIAT
