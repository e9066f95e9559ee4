"""A policy file holds the policy part of the configuration and nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.config.load import load_policy
from bot.config.mistakes import ConfigMistakes
from engine.model.policy import Policy

DOCUMENTED = """
[targets]
BTC = 0.5
ETH = { weight = 0.3, threshold = 0.03 }
USDT = 0.2
[buckets]
[portfolio]
unmanaged = "keep"
allow_partial = false
[trigger]
kind = "threshold"
drift_mode = "absolute"
threshold = 0.05
every = "monthly"
timezone = "UTC"
hybrid_threshold = 0.10
cooldown = "1h"
[rebalance]
to = "target"
tolerance = 0.0005
min_trade = 10
max_cost_bps = 100
[liquidity]
depth_bps = 50
depth_multiple = 3
[tax]
method = "hifo"
weight_in_plan = false
"""


def test_the_documented_policy_is_read() -> None:
    """Every key whose name is fixed is known, and the documented defaults are the engine's."""
    policy = load_policy(DOCUMENTED)
    assert policy == load_policy("[targets]\nUSDT = 0.2\nETH = { weight = 0.3, threshold = 0.03 }\nBTC = 0.5\n")
    assert type(policy) is Policy
    assert [t.threshold for t in policy.targets if t.name == "ETH"] == [Decimal("0.03")]


def test_weights_may_miss_one_by_a_millionth() -> None:
    """Thirds can be written."""
    thirds = "[targets]\nA = 0.333333\nB = 0.333333\nC = 0.333333\n"
    assert len(load_policy(thirds).targets) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "targets: name at least one asset with its weight"),
        ('mode = "live"\n' + DOCUMENTED, "mode: is not known"),
        (DOCUMENTED + '[telegram]\ntoken_env = "T"\n', "telegram: is not known"),
        (DOCUMENTED + "[venues.a]\n", "venues: is not known"),
        (DOCUMENTED.replace("[portfolio]", '[portfolio]\nname = "x"'), "portfolio.name: is not known"),
        (DOCUMENTED.replace("0.5\n", "0.6\n"), "targets: the weights sum to 1.1"),
        (DOCUMENTED.replace('"threshold"', '"now and then"'), "trigger.kind: "),
    ],
)
def test_what_is_not_policy_is_a_mistake(text: str, expected: str) -> None:
    """The same reader, the same words, and no key of the rest of the file."""
    with pytest.raises(ConfigMistakes) as caught:
        load_policy(text)
    (mistake,) = caught.value.mistakes
    assert str(mistake).startswith(expected)
