"""What is left of a verdict on a venue when the rule is turned down after it."""

from __future__ import annotations

import pytest

from engine.model.conditions import GuardStanding
from engine.model.decision import Standing
from engine.model.guards import ExchangeHealth, Guards, Stance
from engine.model.health import VenueStanding
from engine.model.ids import VenueName
from engine.model.portfolio import VenueHealth
from engine.run.guarding import halted_venues, unsound_venues
from tests import builders as b

ALPHA, BETA = VenueName("alpha"), VenueName("beta")
JUDGED = (
    VenueStanding(ALPHA, VenueHealth.DEGRADED, b.T0),
    VenueStanding(BETA, VenueHealth.HALTED, b.T0),
)


@pytest.mark.parametrize("stance", list(Stance))
def test_a_verdict_holds_as_long_as_the_rule_leaves_venues_out(stance: Stance) -> None:
    """One that is off judges no more: its last word would hold for ever."""
    standing = Standing(guards=GuardStanding(venues=JUDGED))
    policy = b.policy({"BTC": "1"}, guards=Guards(exchange_health=ExchangeHealth(stance)))
    left_out = stance in (Stance.PROPOSE, Stance.ACT)
    assert halted_venues(standing, policy) == ({BETA} if left_out else set())
    assert unsound_venues(standing, policy) == ({ALPHA, BETA} if left_out else set())
