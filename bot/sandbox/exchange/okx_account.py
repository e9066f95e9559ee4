"""The account in the OKX dialect: both pockets, rights of the key, fees, coins, transfers."""

from collections.abc import Callable
from decimal import Decimal

from bot.sandbox.exchange.config import KeyConfig
from bot.sandbox.exchange.okx_wire import RIGHTS, Json, OkxError, deposit_info, stamp, withdrawal_info
from bot.sandbox.exchange.venue import CoinFlags, Venue
from bot.sandbox.exchange.wire import Params, fixed, millis

FUNDING = ".FUNDING"
"""A balance whose name ends so lies in the funding account, under the plain name."""
_PAGE = 100


class OkxAccount:
    """The account endpoints of one venue; all are GET and need the right to read."""

    def __init__(self, venue: Venue) -> None:
        """Serve this venue."""
        self._venue = venue

    def endpoints(self) -> dict[str, Callable[[Params, KeyConfig], list[Json]]]:
        """Handler of every account endpoint, by path."""
        return {
            "/api/v5/account/balance": self._trading,
            "/api/v5/asset/balances": self._funding,
            "/api/v5/account/config": self._config,
            "/api/v5/account/trade-fee": self._fees,
            "/api/v5/asset/currencies": self._coins,
            "/api/v5/asset/deposit-history": lambda params, _: self._transfers("deposit", params),
            "/api/v5/asset/withdrawal-history": lambda params, _: self._transfers("withdrawal", params),
        }

    def _trading(self, _: Params, __: KeyConfig) -> list[Json]:
        details: list[Json] = [
            {
                "ccy": asset,
                "cashBal": fixed(balance.free + balance.locked),
                "availBal": fixed(balance.free),
                "frozenBal": fixed(balance.locked),
                "ordFrozen": fixed(balance.locked),
                "eq": fixed(balance.free + balance.locked),
                "liab": "",
                "uTime": stamp(self._venue.wall()),
            }
            for asset, balance in self._venue.account.balances.items()
            if balance.free + balance.locked and not asset.endswith(FUNDING)
        ]
        return [{"details": details, "totalEq": "", "uTime": stamp(self._venue.wall())}]

    def _funding(self, _: Params, __: KeyConfig) -> list[Json]:
        return [
            {
                "ccy": asset.removesuffix(FUNDING),
                "bal": fixed(balance.free),
                "availBal": fixed(balance.free),
                "frozenBal": "0",
            }
            for asset, balance in self._venue.account.balances.items()
            if asset.endswith(FUNDING)
        ]

    def _config(self, _: Params, key: KeyConfig) -> list[Json]:
        info: Json = {
            "acctLv": "1",
            "autoLoan": False,
            "ip": "127.0.0.1" if key.ip_restricted else "",
            "label": "sandbox",
            "level": "Lv1",
            "perm": ",".join(RIGHTS[right] for right in key.permissions),
            "posMode": "net_mode",
            "roleType": "0",
            "uid": "1",
        }
        return [info | key.extra]

    def _fees(self, params: Params, _: KeyConfig) -> list[Json]:
        if params.get("instType") != "SPOT":
            raise OkxError("51000", "Parameter instType error", 400)
        fees = self._venue.engine.fees
        taker, maker = (_charged(rate) for rate in (fees.taker, fees.maker))
        return [
            {
                "instType": "SPOT",
                "level": "Lv1",
                "taker": taker,
                "maker": maker,
                "takerUSDC": taker,
                "makerUSDC": maker,
                "takerU": "",
                "makerU": "",
                "fiat": [],
                "ts": stamp(self._venue.wall()),
            }
        ]

    def _coins(self, params: Params, _: KeyConfig) -> list[Json]:
        wanted = params["ccy"].split(",") if params.get("ccy") else None
        flags = {coin: self._venue.coins.get(coin, CoinFlags()) for coin in self._venue.coins}
        return [
            {
                "ccy": coin,
                "chain": f"{coin}-Sandbox",
                "name": coin,
                "canDep": flag.deposit,
                "canWd": flag.withdraw,
                "canInternal": True,
                "mainNet": True,
                "minFee": "0",
                "maxFee": "0",
                "minWd": "0",
                "maxWd": "1000000",
                "wdTickSz": "8",
            }
            for coin, flag in flags.items()
            if wanted is None or coin in wanted
        ]

    def _transfers(self, kind: str, params: Params) -> list[Json]:
        after = params.get("after")
        entries = sorted(self._venue.account.transfers, key=lambda entry: (entry.time, entry.id), reverse=True)
        chosen = [
            entry
            for entry in entries
            if entry.kind == kind
            and params.get("ccy") in (None, entry.asset)
            and (after is None or millis(entry.time) < int(after))
        ]
        describe = deposit_info if kind == "deposit" else withdrawal_info
        return [describe(entry) for entry in chosen[: min(int(params.get("limit", _PAGE)), _PAGE)]]


def _charged(rate: Decimal) -> str:
    return format(-rate, "f")
