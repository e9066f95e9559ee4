"""The account in the Binance dialect: balances, rights of the key, fees, coins, transfers."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.sandbox.exchange.account import Balance, Transfer
from bot.sandbox.exchange.binance_wire import BinanceError, Json, coin_info, trade_fee
from bot.sandbox.exchange.config import InstrumentConfig, KeyConfig
from bot.sandbox.exchange.venue import CoinFlags, Venue
from bot.sandbox.exchange.wire import Params, fixed, millis


class BinanceAccount:
    """The account endpoints of one venue; all are GET and need the right to read."""

    def __init__(self, venue: Venue, instruments: dict[str, InstrumentConfig]) -> None:
        """`instruments` by Binance's name of the market."""
        self._venue = venue
        self._instruments = instruments

    def endpoints(self) -> dict[str, Callable[[Params, KeyConfig], object]]:
        """Handler of every account endpoint, by path."""
        return {
            "/api/v3/account": self._account,
            "/sapi/v1/account/apiRestrictions": self._restrictions,
            "/sapi/v1/asset/tradeFee": self._trade_fees,
            "/sapi/v1/bnbBurn": self._burn,
            "/sapi/v1/capital/config/getall": self._coins,
            "/sapi/v1/capital/deposit/hisrec": self._deposits,
            "/sapi/v1/capital/withdraw/history": self._withdrawals,
        }

    def _account(self, params: Params, _: KeyConfig) -> Json:
        fees = self._venue.engine.fees
        balances = self._venue.account.balances
        shown = {asset: balances.get(asset, Balance()) for asset in dict.fromkeys([*self._venue.coins, *balances])}
        omit_zero = params.get("omitZeroBalances") == "true"
        return {
            "makerCommission": int(fees.maker * 10_000),
            "takerCommission": int(fees.taker * 10_000),
            "buyerCommission": 0,
            "sellerCommission": 0,
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "updateTime": millis(self._venue.wall()),
            "accountType": "SPOT",
            "balances": [
                {"asset": asset, "free": fixed(balance.free), "locked": fixed(balance.locked)}
                for asset, balance in shown.items()
                if not omit_zero or balance.free + balance.locked > 0
            ],
            "permissions": ["SPOT"],
        }

    def _restrictions(self, _: Params, key: KeyConfig) -> Json:
        rights = key.permissions
        return {
            "ipRestrict": key.ip_restricted,
            "createTime": 1_700_000_000_000,
            "enableReading": "read" in rights,
            "enableSpotAndMarginTrading": "trade" in rights,
            "enableWithdrawals": "withdraw" in rights,
            "enableInternalTransfer": "transfer" in rights,
            "permitsUniversalTransfer": "transfer" in rights,
            "enableMargin": False,
            "enableFutures": False,
            "enableVanillaOptions": False,
            "enablePortfolioMarginTrading": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": False,
        } | key.extra

    def _trade_fees(self, params: Params, _: KeyConfig) -> list[Json]:
        wanted = params.get("symbol")
        if wanted is not None and wanted not in self._instruments:
            raise BinanceError(-1121, "Invalid symbol.")
        fees = self._venue.engine.fees
        return [trade_fee(item, fees) for name, item in self._instruments.items() if wanted in (None, name)]

    def _burn(self, _: Params, __: KeyConfig) -> Json:
        return {"spotBNBBurn": self._venue.engine.fees.mode == "coin", "interestBNBBurn": False}

    def _coins(self, _: Params, __: KeyConfig) -> list[Json]:
        balances = self._venue.account.balances
        coins = dict.fromkeys([*self._venue.coins, *balances])
        flags = {coin: self._venue.coins.get(coin, CoinFlags()) for coin in coins}
        return [
            coin_info(coin, held.free, held.locked, flags[coin])
            for coin in coins
            if (held := balances.get(coin, Balance()))
        ]

    def _deposits(self, params: Params, _: KeyConfig) -> list[Json]:
        return [
            {
                "id": str(entry.id),
                "amount": fixed(entry.amount),
                "coin": entry.asset,
                "network": entry.asset,
                "status": {"done": 1, "pending": 0, "failed": 7}[entry.status],
                "address": "sandbox-address",
                "addressTag": "",
                "txId": entry.txid,
                "insertTime": millis(entry.time),
                "transferType": 0,
                "confirmTimes": "1/1",
                "walletType": 0,
            }
            for entry in self._transfers("deposit", params)
        ]

    def _withdrawals(self, params: Params, _: KeyConfig) -> list[Json]:
        return [
            {
                "id": str(entry.id),
                "amount": fixed(entry.amount),
                "transactionFee": fixed(entry.fee),
                "coin": entry.asset,
                "network": entry.asset,
                "status": {"done": 6, "pending": 4, "failed": 5}[entry.status],
                "address": "sandbox-address",
                "txId": entry.txid,
                "applyTime": datetime.fromtimestamp(entry.time, UTC).strftime("%Y-%m-%d %H:%M:%S"),
                "transferType": 0,
                "walletType": 0,
            }
            for entry in self._transfers("withdrawal", params)
        ]

    def _transfers(self, kind: str, params: Params) -> list[Transfer]:
        since, until = (_time(params, name) for name in ("startTime", "endTime"))
        return [
            entry
            for entry in reversed(self._venue.account.transfers)
            if entry.kind == kind
            and params.get("coin") in (None, entry.asset)
            and (since is None or millis(entry.time) >= since)
            and (until is None or millis(entry.time) <= until)
        ]


def _time(params: Params, name: str) -> int | None:
    text = params.get(name)
    if text is not None and not text.isdigit():
        raise BinanceError(-1100, f"Illegal characters found in parameter '{name}'.")
    return None if text is None else int(text)
