"""What the exchanges call the same things, and where they differ in what they tell, by dialect."""

from __future__ import annotations

from decimal import Decimal

ORDER_PATH = {
    "binance": "/api/v3/order",
    "kraken": "/0/private/AddOrder",
    "coinbase": "/api/v3/brokerage/orders",
    "okx": "/api/v5/trade/order",
    "bybit": "/v5/order/create",
    "kucoin": "/api/v1/hf/orders",
}
BALANCE_PATH = {
    "binance": "/api/v3/account",
    "kraken": "/0/private/BalanceEx",
    "coinbase": "/api/v3/brokerage/accounts",
    "okx": "/api/v5/account/balance",
    "bybit": "/v5/account/wallet-balance",
    "kucoin": "/api/v1/accounts",
}
FEE_PATH = {
    "binance": "/sapi/v1/asset/tradeFee",
    "kraken": "/0/private/TradeVolume",
    "coinbase": "/api/v3/brokerage/transaction_summary",
    "okx": "/api/v5/account/trade-fee",
    "bybit": "/v5/account/fee-rate",
    "kucoin": "/api/v1/trade-fees",
}
MARKETS_PATH = {
    "binance": "/api/v3/exchangeInfo",
    "kraken": "/0/public/AssetPairs",
    "coinbase": "/api/v3/brokerage/market/products",
    "okx": "/api/v5/public/instruments",
    "bybit": "/v5/market/instruments-info",
    "kucoin": "/api/v2/symbols",
}
BOOK_PATH = {
    "binance": "/api/v3/depth",
    "kraken": "/0/public/Depth",
    "coinbase": "/api/v3/brokerage/market/product_book",
    "okx": "/api/v5/market/books",
    "bybit": "/v5/market/orderbook",
    "kucoin": "/api/v1/market/orderbook",
}
DENIED = {
    "binance": "-2015",
    "kraken": "EGeneral:Permission denied",
    "coinbase": "PERMISSION_DENIED",
    "okx": "50120",
    "bybit": "10005",
    "kucoin": "400007",
}
LISTED_FEE = {
    "binance": Decimal("0.001"),
    "kraken": Decimal("0.0026"),
    "coinbase": Decimal("0.012"),
    "okx": Decimal("0.0015"),
    "bybit": Decimal("0.001"),
    "kucoin": Decimal("0.001"),
}
STAKED = {
    "binance": "LDBTC",
    "kraken": "XBT.M",
    "coinbase": "BTC.VAULT",
    "okx": "BTC.FUNDING",
    "bybit": "FUND:BTC",
    "kucoin": "main:BTC",
}
"""Under these names the sandbox keeps what is held and cannot be traded with: lent, or in another wallet."""
NOT_TOLD = {
    "binance": {"cancel_only", "post_only"},
    "coinbase": {"maintenance", "cancel_only", "post_only"},
    "bybit": {"cancel_only", "post_only"},
    "kucoin": {"post_only"},
}
"""States that a venue's own word on itself does not show: an order tells."""
