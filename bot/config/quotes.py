"""The exchanges that a file can name, and what is known of each without asking it: what it quotes its markets in."""

from __future__ import annotations

from typing import Final

BINANCE: Final = """
    USDT USDC FDUSD TUSD DAI USD1 BTC ETH BNB EUR TRY BRL JPY ARS MXN PLN ZAR UAH RON CZK COP IDR EURI XRP TRX DOGE SOL
"""
KRAKEN: Final = """
    USD EUR GBP CAD JPY CHF AUD USDT USDC DAI PYUSD USDG RLUSD USD1 EURC BTC ETH DOT SOL
"""
COINBASE: Final = """
    USD USDC USDT EUR GBP BTC ETH
"""
OKX: Final = """
    USDT USDC USD EUR BRL AUD AED TRY SGD DAI BTC ETH OKB
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
    "coinbase": frozenset(COINBASE.split()),
    "okx": frozenset(OKX.split()),
    "bybit": frozenset(BYBIT.split()),
    "kucoin": frozenset(KUCOIN.split()),
}
NEEDS_PASSPHRASE: Final = frozenset({"okx", "kucoin"})
"""Their API keys have a passphrase beside the secret."""


def exchanges(mark: str) -> str:
    """The names of all exchanges as a choice, each between quotation marks."""
    *others, last = (f"{mark}{name}{mark}" for name in QUOTES)
    return f"{', '.join(others)} or {last}"


def quoted_by(exchanges: set[str]) -> frozenset[str]:
    """The currencies that at least one of these exchanges quotes in."""
    found: frozenset[str] = frozenset()
    return found.union(*(QUOTES.get(exchange, frozenset()) for exchange in exchanges))
