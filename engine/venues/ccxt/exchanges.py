"""The exchanges that can be traded on through ccxt, by the word that the configuration uses."""

from __future__ import annotations

from typing import Final

from engine.venues.ccxt.binance import BINANCE
from engine.venues.ccxt.bybit import BYBIT
from engine.venues.ccxt.coinbase import COINBASE
from engine.venues.ccxt.kraken import KRAKEN
from engine.venues.ccxt.kucoin import KUCOIN
from engine.venues.ccxt.okx import OKX
from engine.venues.ccxt.profile import Profile

PROFILES: Final[dict[str, Profile]] = {
    "binance": BINANCE,
    "kraken": KRAKEN,
    "coinbase": COINBASE,
    "okx": OKX,
    "bybit": BYBIT,
    "kucoin": KUCOIN,
}
