"""What the configuration knows of exchanges, and what trades on them, are the same exchanges."""

from __future__ import annotations

import ccxt.async_support as ccxt

from bot.config.quotes import NEEDS_PASSPHRASE, QUOTES
from engine.venues.ccxt.exchanges import PROFILES
from tests.sandbox.exchange_fixtures import EVERY_VENUE


def test_every_exchange_that_a_file_can_name_can_be_traded_on() -> None:
    """And the other way round: a profile that no file can name would be of no use."""
    assert set(QUOTES) == set(PROFILES)


def test_every_exchange_is_held_by_the_contract() -> None:
    """The sandbox speaks its dialect, so that the suites that hold for every venue hold it too."""
    assert set(EVERY_VENUE) == set(PROFILES)


def test_a_passphrase_is_asked_for_where_requests_are_signed_with_one() -> None:
    """A file without it is refused when it is read, and not by the exchange at the first order."""
    signed_with = {name: getattr(ccxt, PROFILES[name].ccxt_id)().requiredCredentials["password"] for name in PROFILES}
    assert {name for name, needed in signed_with.items() if needed} == NEEDS_PASSPHRASE
