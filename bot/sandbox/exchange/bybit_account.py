"""The account in the Bybit dialect: its two wallets, rights of the key, fees, coins, transfers.

What lies in the funding wallet stands in the sandbox's account under FUND: and the name of the coin.
"""

from collections.abc import Callable
from typing import Literal

from bot.sandbox.exchange.account import Balance, Transfer
from bot.sandbox.exchange.bybit_wire import BybitError, Json, coin_info, page, window
from bot.sandbox.exchange.config import InstrumentConfig, KeyConfig
from bot.sandbox.exchange.venue import CoinFlags, Venue
from bot.sandbox.exchange.wire import Params, fixed, millis

FUNDING = "FUND:"
_LONGEST_DAYS = 30
_DEPOSIT_STATUS = {"done": 3, "pending": 1, "failed": 4}
_WITHDRAWAL_STATUS = {"done": "success", "pending": "Pending", "failed": "Fail"}


class BybitAccount:
    """The account endpoints of one venue; all are GET and need the right to read."""

    def __init__(self, venue: Venue, instruments: dict[str, InstrumentConfig]) -> None:
        """`instruments` by Bybit's name of the market."""
        self._venue = venue
        self._instruments = instruments

    def endpoints(self) -> dict[str, Callable[[Params, KeyConfig], Json]]:
        """Handler of every account endpoint, by path."""
        return {
            "/v5/user/query-api": self._key_info,
            "/v5/account/info": self._account_info,
            "/v5/account/wallet-balance": self._unified,
            "/v5/account/fee-rate": self._fee_rates,
            "/v5/asset/coin/query-info": self._coins,
            "/v5/asset/transfer/query-account-coins-balance": self._funding,
            "/v5/asset/deposit/query-record": self._deposits,
            "/v5/asset/withdraw/query-record": self._withdrawals,
        }

    def _key_info(self, _: Params, key: KeyConfig) -> Json:
        info: Json = {
            "id": "13770661",
            "note": "sandbox",
            "apiKey": key.key,
            "readOnly": int("trade" not in key.permissions),
            "secret": "",
            "type": 1,
            "deadlineDay": 83,
            "expiredAt": "2099-01-01T00:00:00Z",
            "createdAt": "2025-01-01T00:00:00Z",
            "unified": 0,
            "uta": 1,
            "userID": 24600000,
            "isMaster": True,
            "parentUid": "0",
            "ips": ["127.0.0.1"] if key.ip_restricted else ["*"],
        }
        return info | key.extra | {"permissions": _words_of(key)}

    def _account_info(self, _: Params, __: KeyConfig) -> Json:
        return {"marginMode": "REGULAR_MARGIN", "unifiedMarginStatus": 5, "spotHedgingStatus": "OFF"}

    def _unified(self, params: Params, _: KeyConfig) -> Json:
        if params.get("accountType") != "UNIFIED":
            raise BybitError(10001, "accountType only support UNIFIED.")
        coins = [_wallet_row(name, held) for name, held in self._balances() if not name.startswith(FUNDING)]
        return {"list": [{"accountType": "UNIFIED", "coin": coins}]}

    def _funding(self, params: Params, key: KeyConfig) -> Json:
        if params.get("accountType") != "FUND":
            raise BybitError(10001, "accountType only support FUND.")
        if not _words_of(key)["Wallet"]:
            raise BybitError(10005, "Permission denied, please check your API key permissions.")
        rows = [
            {
                "coin": name.removeprefix(FUNDING),
                "walletBalance": fixed(held.free + held.locked),
                "transferBalance": fixed(held.free),
                "bonus": "",
            }
            for name, held in self._balances()
            if name.startswith(FUNDING)
        ]
        return {"memberId": "24600000", "accountType": "FUND", "balance": rows}

    def _fee_rates(self, params: Params, _: KeyConfig) -> Json:
        wanted, fees = params.get("symbol"), self._venue.engine.fees
        if params.get("category") != "spot" or (wanted is not None and wanted not in self._instruments):
            raise BybitError(10001, "params error: category or symbol invalid")
        rates = {"takerFeeRate": format(fees.taker, "f"), "makerFeeRate": format(fees.maker, "f")}
        return {"list": [{"symbol": name} | rates for name in self._instruments if wanted in (None, name)]}

    def _coins(self, _: Params, __: KeyConfig) -> Json:
        return {"rows": [coin_info(coin, self._venue.coins.get(coin, CoinFlags())) for coin in self._venue.coins]}

    def _deposits(self, params: Params, _: KeyConfig) -> Json:
        rows: list[Json] = [
            {
                "id": f"160000{entry.id}",
                "coin": entry.asset,
                "chain": entry.asset,
                "amount": fixed(entry.amount),
                "txID": entry.txid,
                "status": _DEPOSIT_STATUS[entry.status],
                "toAddress": "sandbox-address",
                "tag": "",
                "depositFee": "",
                "successAt": str(millis(entry.time)),
                "confirmations": "1",
                "txIndex": "0",
                "blockHash": "",
            }
            for entry in self._transfers("deposit", params)
        ]
        return page(params, "rows", rows, default=50, most=50)

    def _withdrawals(self, params: Params, _: KeyConfig) -> Json:
        rows: list[Json] = [
            {
                "withdrawId": str(entry.id),
                "txID": entry.txid,
                "coin": entry.asset,
                "chain": entry.asset,
                "amount": fixed(entry.amount),
                "withdrawFee": fixed(entry.fee),
                "status": _WITHDRAWAL_STATUS[entry.status],
                "toAddress": "sandbox-address",
                "tag": "",
                "createTime": str(millis(entry.time)),
                "updateTime": str(millis(entry.time)),
                "withdrawType": 0,
            }
            for entry in self._transfers("withdrawal", params)
        ]
        return page(params, "rows", rows, default=50, most=50)

    def _transfers(self, kind: Literal["deposit", "withdrawal"], params: Params) -> list[Transfer]:
        start, end = window(params, self._venue.wall(), _LONGEST_DAYS)
        return [
            entry
            for entry in reversed(self._venue.account.transfers)
            if entry.kind == kind and start <= millis(entry.time) <= end and params.get("coin") in (None, entry.asset)
        ]

    def _balances(self) -> list[tuple[str, Balance]]:
        return list(self._venue.account.balances.items())


def _wallet_row(coin: str, held: Balance) -> Json:
    whole = fixed(held.free + held.locked)
    nothing = dict.fromkeys(("borrowAmount", "spotBorrow", "accruedInterest", "unrealisedPnl", "bonus"), "0")
    margin = dict.fromkeys(("totalOrderIM", "totalPositionIM", "totalPositionMM", "availableToWithdraw"), "")
    own: Json = {"coin": coin, "equity": whole, "walletBalance": whole, "locked": fixed(held.locked), "usdValue": "0"}
    return own | nothing | margin


def _words_of(key: KeyConfig) -> dict[str, list[str]]:
    wallet = {"withdraw": ["Withdraw"], "transfer": ["AccountTransfer", "SubMemberTransfer"]}
    words: dict[str, list[str]] = {
        "ContractTrade": [],
        "Spot": ["SpotTrade"] if "read" in key.permissions else [],
        "Wallet": [word for right in key.permissions for word in wallet.get(right, ())],
        "Options": [],
        "Derivatives": [],
        "Exchange": [],
        "Earn": [],
        "BlockTrade": [],
        "Affiliate": [],
    }
    added: dict[str, list[str]] = key.extra.get("permissions", {})
    return words | {group: [*words.get(group, ()), *new] for group, new in added.items()}
