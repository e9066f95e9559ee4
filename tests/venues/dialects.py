"""What the exchanges call the same things, and where they differ in what they tell, by dialect."""

from __future__ import annotations

from decimal import Decimal

BALANCE_PATH = {
    "binance": "/api/v3/account",
    "kraken": "/0/private/BalanceEx",
    "coinbase": "/api/v3/brokerage/accounts",
    "okx": "/api/v5/account/balance",
}
FEE_PATH = {
    "binance": "/sapi/v1/asset/tradeFee",
    "kraken": "/0/private/TradeVolume",
    "coinbase": "/api/v3/brokerage/transaction_summary",
    "okx": "/api/v5/account/trade-fee",
}
MARKETS_PATH = {
    "binance": "/api/v3/exchangeInfo",
    "kraken": "/0/public/AssetPairs",
    "coinbase": "/api/v3/brokerage/market/products",
    "okx": "/api/v5/public/instruments",
}
BOOK_PATH = {
    "binance": "/api/v3/depth",
    "kraken": "/0/public/Depth",
    "coinbase": "/api/v3/brokerage/market/product_book",
    "okx": "/api/v5/market/books",
}
DENIED = {
    "binance": "-2015",
    "kraken": "EGeneral:Permission denied",
    "coinbase": "PERMISSION_DENIED",
    "okx": "50120",
}
LISTED_FEE = {
    "binance": Decimal("0.001"),
    "kraken": Decimal("0.0026"),
    "coinbase": Decimal("0.012"),
    "okx": Decimal("0.0015"),
}
STAKED = {"binance": "LDBTC", "kraken": "XBT.M", "coinbase": "BTC.VAULT", "okx": "BTC.FUNDING"}
NOT_TOLD = {
    "binance": {"cancel_only", "post_only"},
    "coinbase": {"maintenance", "cancel_only", "post_only"},
}
"""States that a venue's own word on itself does not show: an order tells."""
