"""The account in the Kraken dialect: balances, rights of the key, fees, transfers."""

from collections.abc import Callable
from decimal import Decimal

from bot.sandbox.exchange.config import InstrumentConfig, KeyConfig
from bot.sandbox.exchange.kraken_names import asset_id, pair_id, reference
from bot.sandbox.exchange.kraken_wire import RIGHTS, Json
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Params, fixed

_PLACES = 10


class KrakenAccount:
    """The account endpoints of one venue."""

    def __init__(self, venue: Venue, find_pair: Callable[[str], InstrumentConfig]) -> None:
        """`find_pair` knows every name of a pair and raises KrakenError for others."""
        self._venue = venue
        self._find_pair = find_pair

    def endpoints(self) -> dict[str, tuple[Callable[[Params], object], str]]:
        """Handler and needed right of every account endpoint."""
        return {
            "Balance": (self._balance, "query-funds"),
            "BalanceEx": (self._extended_balance, "query-funds"),
            "TradeVolume": (self._trade_volume, "query-funds"),
            "DepositStatus": (lambda params: self._transfers("deposit", params), "query-funds"),
            "WithdrawStatus": (lambda params: self._transfers("withdrawal", params), "query-funds"),
        }

    def _balance(self, _: Params) -> Json:
        return {
            asset_id(asset): fixed(balance.free + balance.locked, _PLACES)
            for asset, balance in self._venue.account.balances.items()
        }

    def _extended_balance(self, _: Params) -> Json:
        return {
            asset_id(asset): {
                "balance": fixed(balance.free + balance.locked, _PLACES),
                "hold_trade": fixed(balance.locked, _PLACES),
            }
            for asset, balance in self._venue.account.balances.items()
        }

    def _trade_volume(self, params: Params) -> Json:
        fees = self._venue.engine.fees
        pairs = [self._find_pair(name) for name in params.get("pair", "").split(",") if name]
        return {
            "currency": "ZUSD",
            "volume": "0.0000",
            "fees": {pair_id(pair): _tier(fees.taker) for pair in pairs},
            "fees_maker": {pair_id(pair): _tier(fees.maker) for pair in pairs},
        }

    def _transfers(self, kind: str, params: Params) -> list[Json]:
        return [
            {
                "method": entry.asset,
                "aclass": "currency",
                "asset": asset_id(entry.asset),
                "refid": reference("R", entry.id),
                "txid": entry.txid,
                "info": "sandbox-address",
                "amount": fixed(entry.amount, _PLACES),
                "fee": fixed(entry.fee, _PLACES),
                "time": int(entry.time),
                "status": {"done": "Success", "pending": "Pending", "failed": "Failure"}[entry.status],
            }
            for entry in reversed(self._venue.account.transfers)
            if entry.kind == kind and params.get("asset") in (None, asset_id(entry.asset), entry.asset)
        ]


def key_info(key: KeyConfig) -> Json:
    """The answer of GetApiKeyInfo."""
    info: Json = {
        "api_key_name": "sandbox",
        "nonce_window": "0",
        "valid_until": "0",
        "query_from": "0",
        "query_to": "0",
        "created_time": "1700000000",
        "modified_time": "1700000000",
        "last_used": "1700000000",
        "ip_allowlist": ["127.0.0.1"] if key.ip_restricted else [],
    }
    words = [*rights_of(key), *key.extra.get("permissions", ())]
    return info | key.extra | {"permissions": words}


def rights_of(key: KeyConfig) -> list[str]:
    """The words that Kraken uses for what the key may do."""
    return [word for permission in key.permissions for word in RIGHTS[permission]]


def _tier(rate: Decimal) -> Json:
    percent = fixed(rate * 100, 4)
    return {
        "fee": percent,
        "minfee": percent,
        "maxfee": percent,
        "nextfee": None,
        "nextvolume": None,
        "tiervolume": "0.0000",
    }
