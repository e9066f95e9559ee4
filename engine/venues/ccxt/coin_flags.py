"""Which coins can be deposited and withdrawn, as each exchange says it: a coin is open where any of its networks is.

A coin that an exchange says nothing of is neither open nor closed. Coinbase says nothing of any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.model.ids import Asset
from engine.model.venue_signals import CoinState
from engine.venues.ccxt.parse import dict_of, list_of, text_of
from engine.venues.ccxt.profile import Api, Listing, Payload

Flags = tuple[bool | None, bool | None]
"""Whether deposits and withdrawals are open; None: not said."""

KRAKEN_WORDS: dict[str, Flags] = {
    "enabled": (True, True),
    "deposit_only": (True, False),
    "withdrawal_only": (False, True),
    "funding_temporarily_disabled": (False, False),
}
"""Any other word says nothing that is understood."""
MOST_OKX_COINS = 20
"""It answers for so many by name; for more, for all that it has."""


def read_binance(payload: Payload, listing: Listing, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
    """By the networks of each coin; money without any has flags of its own. Raises InvalidValue."""
    rows = list_of({"coins": payload}, "coins")
    return _states(assets, listing, ((text_of(row, "coin"), _binance_flags(row)) for row in rows))


def _binance_flags(row: Payload) -> Flags:
    networks = row.get("networkList")
    if not networks:
        return _flag(row, "depositAllEnable"), _flag(row, "withdrawAllEnable")
    return _any(networks, "depositEnable"), _any(networks, "withdrawEnable")


def read_kraken(payload: Payload, listing: Listing, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
    """By the one word that stands for both. Raises InvalidValue."""
    rows = dict_of(payload, "result").items()
    return _states(assets, listing, ((name, KRAKEN_WORDS.get(row.get("status"), (None, None))) for name, row in rows))


def read_okx(payload: Payload, listing: Listing, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
    """A row for each network. Raises InvalidValue."""
    rows = list_of(payload, "data")
    flags = ((text_of(row, "ccy"), (_flag(row, "canDep"), _flag(row, "canWd"))) for row in rows)
    return _states(assets, listing, flags)


def read_bybit(payload: Payload, listing: Listing, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
    """By the chains of each coin, in figures. Raises InvalidValue."""
    rows = list_of(dict_of(payload, "result"), "rows")
    return _states(assets, listing, ((text_of(row, "coin"), _bybit_flags(row.get("chains") or ())) for row in rows))


def _bybit_flags(chains: Iterable[Payload]) -> Flags:
    words = [{name: {"1": True, "0": False}.get(value) for name, value in chain.items()} for chain in chains]
    return _any(words, "chainDeposit"), _any(words, "chainWithdraw")


def read_kucoin(payload: Payload, listing: Listing, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
    """By the chains of each coin. Raises InvalidValue."""
    rows = [(row, row.get("chains") or ()) for row in list_of(payload, "data")]
    flags = (
        (text_of(row, "currency"), (_any(chains, "isDepositEnabled"), _any(chains, "isWithdrawEnabled")))
        for row, chains in rows
    )
    return _states(assets, listing, flags)


async def binance_coins(api: Api, listing: Listing, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
    """Asked for all coins at once: it does not tell of one alone."""
    return read_binance(await api.private("sapiGetCapitalConfigGetall", {}), listing, assets)


async def kraken_coins(api: Api, listing: Listing, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
    """Asked by the venue's own names; an unknown one would be an error."""
    names = sorted(name for name, asset in listing.assets.items() if asset in assets and "." not in name)
    if not names:
        return _states(assets, listing, ())
    return read_kraken(await api.public("publicGetAssets", {"asset": ",".join(names)}), listing, assets)


async def okx_coins(api: Api, listing: Listing, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
    """Asked by name where they are few."""
    wanted = {"ccy": ",".join(sorted(assets))} if len(assets) <= MOST_OKX_COINS else {}
    return read_okx(await api.private("privateGetAssetCurrencies", wanted), listing, assets)


async def bybit_coins(api: Api, listing: Listing, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
    """Asked for all at once: one by one would be as many requests."""
    return read_bybit(await api.private("privateGetV5AssetCoinQueryInfo", {}), listing, assets)


async def kucoin_coins(api: Api, listing: Listing, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
    """Needs no key."""
    return read_kucoin(await api.public("publicGetCurrencies", {}), listing, assets)


def _states(assets: frozenset[Asset], listing: Listing, told: Iterable[tuple[str, Flags]]) -> tuple[CoinState, ...]:
    """The state of each asset, out of what was told of any coins, once or for each network."""
    found: dict[Asset, Flags] = {}
    for name, flags in told:
        asset = listing.assets.get(name, Asset(name))
        known = found.get(asset, (None, None))
        found[asset] = _either(known[0], flags[0]), _either(known[1], flags[1])
    return tuple(CoinState(asset, *found.get(asset, (None, None))) for asset in sorted(assets))


def _either(one: bool | None, other: bool | None) -> bool | None:
    said = {one, other} - {None}
    return True in said if said else None


def _any(networks: Iterable[Mapping[str, object]], key: str) -> bool | None:
    said = [flag for network in networks if (flag := _flag(network, key)) is not None]
    return any(said) if said else None


def _flag(payload: Mapping[str, object], key: str) -> bool | None:
    value = payload.get(key)
    return value if isinstance(value, bool) else None
