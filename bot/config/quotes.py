"""What each exchange quotes its markets in, as far as a numeraire is concerned: known without asking it."""

from __future__ import annotations

from typing import Final

BINANCE: Final = """
    USDT USDC FDUSD TUSD DAI USD1 BTC ETH BNB EUR TRY BRL JPY ARS MXN PLN ZAR UAH RON CZK COP IDR EURI XRP TRX DOGE SOL
"""
KRAKEN: Final = """
    USD EUR GBP CAD JPY CHF AUD USDT USDC DAI PYUSD USDG RLUSD USD1 EURC BTC ETH DOT SOL
"""
BYBIT: Final = """
    USDT USDC EUR BRL TRY PLN DAI BTC ETH SOL
"""
KUCOIN: Final = """
    USDT USDC EUR BRL BTC ETH KCS BNB TRX DOGE
"""
QUOTES: Final = {
    "binance": frozenset(BINANCE.split()),
    "kraken": frozenset(KRAKEN.split()),
    "bybit": frozenset(BYBIT.split()),
    "kucoin": frozenset(KUCOIN.split()),
}


def quoted_by(exchanges: set[str]) -> frozenset[str]:
    """The currencies that at least one of these exchanges quotes in."""
    found: frozenset[str] = frozenset()
    return found.union(*(QUOTES.get(exchange, frozenset()) for exchange in exchanges))
