"""The account in the KuCoin dialect: its two wallets, rights of the key, fees, transfers.

What lies in the main account stands in the sandbox's account under main: and the name of the coin.
"""

from collections.abc import Callable
from typing import Literal

from bot.sandbox.exchange.account import Transfer
from bot.sandbox.exchange.config import InstrumentConfig, KeyConfig
from bot.sandbox.exchange.kucoin_wire import Json, KucoinError, number
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Params, fixed, millis

MAIN = "main:"
_MARKETS_A_REQUEST = 10
_STATUS = {"done": "SUCCESS", "pending": "PROCESSING", "failed": "FAILURE"}
_RIGHTS = {"read": "General", "trade": "Spot", "withdraw": "Transfer", "transfer": "InnerTransfer"}


class KucoinAccount:
    """The account endpoints of one venue; all are GET and need the right to read."""

    def __init__(self, venue: Venue, instruments: dict[str, InstrumentConfig]) -> None:
        """`instruments` by KuCoin's name of the market."""
        self._venue = venue
        self._instruments = instruments

    def endpoints(self) -> dict[str, Callable[[Params, KeyConfig], object]]:
        """Handler of every account endpoint, by path."""
        return {
            "/api/ua/v1/account/mode": lambda _, __: {"selfAccountMode": "CLASSIC"},
            "/api/v1/hf/accounts/opened": lambda _, __: True,
            "/api/v3/margin/symbols": lambda _, __: {"timestamp": millis(self._venue.wall()), "items": []},
            "/api/v1/isolated/symbols": lambda _, __: [],
            "/api/v1/user/api-key": self._key_info,
            "/api/v1/accounts": self._accounts,
            "/api/v1/trade-fees": self._trade_fees,
            "/api/v1/deposits": self._deposits,
            "/api/v1/withdrawals": self._withdrawals,
        }

    def _key_info(self, _: Params, key: KeyConfig) -> Json:
        info: Json = {
            "remark": "sandbox",
            "apiKey": key.key,
            "apiVersion": 3,
            "permission": ",".join(_RIGHTS[right] for right in key.permissions),
            "createdAt": 1_700_000_000_000,
            "uid": 165_111_215,
            "isMaster": True,
        }
        return info | ({"ipWhitelist": "127.0.0.1"} if key.ip_restricted else {}) | key.extra

    def _accounts(self, params: Params, _: KeyConfig) -> list[Json]:
        rows: list[Json] = []
        for count, (name, held) in enumerate(self._venue.account.balances.items()):
            kind = "main" if name.startswith(MAIN) else "trade_hf"
            if params.get("type") in (None, kind):
                rows.append(
                    {
                        "id": str(2_560_047_104 + count),
                        "currency": name.removeprefix(MAIN),
                        "type": kind,
                        "balance": fixed(held.free + held.locked),
                        "available": fixed(held.free),
                        "holds": fixed(held.locked),
                    },
                )
        return rows

    def _trade_fees(self, params: Params, _: KeyConfig) -> list[Json]:
        names, fees = params.get("symbols", "").split(","), self._venue.engine.fees
        if len(names) > _MARKETS_A_REQUEST or not set(names) <= set(self._instruments):
            raise KucoinError("400100", "symbols is invalid")
        rates: Json = {"takerFeeRate": format(fees.taker, "f"), "makerFeeRate": format(fees.maker, "f")}
        return [{"symbol": name} | rates for name in names]

    def _deposits(self, params: Params, _: KeyConfig) -> Json:
        return self._page(params, [self._row(entry) for entry in self._transfers("deposit", params)])

    def _withdrawals(self, params: Params, _: KeyConfig) -> Json:
        rows = [{"id": f"{entry.id:024x}"} | self._row(entry) for entry in self._transfers("withdrawal", params)]
        return self._page(params, rows)

    def _row(self, entry: Transfer) -> Json:
        return {
            "currency": entry.asset,
            "chain": entry.asset.lower(),
            "status": _STATUS[entry.status],
            "address": "sandbox-address",
            "memo": "",
            "isInner": False,
            "amount": fixed(entry.amount),
            "fee": fixed(entry.fee),
            "walletTxId": f"{entry.txid}@sandbox-address" if entry.kind == "deposit" else entry.txid,
            "createdAt": millis(entry.time),
            "updatedAt": millis(entry.time),
            "remark": "",
        }

    def _page(self, params: Params, rows: list[Json]) -> Json:
        size, current = number(params, "pageSize", 50), number(params, "currentPage", 1)
        if not 10 <= size <= 500:
            raise KucoinError("400100", "pageSize should be between 10 and 500")
        items = rows[(current - 1) * size : current * size]
        count = {"totalNum": len(rows), "totalPage": -(-len(rows) // size)}
        return {"currentPage": current, "pageSize": size} | count | {"items": items}

    def _transfers(self, kind: Literal["deposit", "withdrawal"], params: Params) -> list[Transfer]:
        now = millis(self._venue.wall())
        start, end = number(params, "startAt", 0), number(params, "endAt", now)
        return [
            entry
            for entry in reversed(self._venue.account.transfers)
            if entry.kind == kind
            and start <= millis(entry.time) <= end
            and params.get("currency") in (None, entry.asset)
        ]
