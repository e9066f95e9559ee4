"""Names of assets and of markets as files write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from bot.config.mistakes import shown
from engine.model.errors import InvalidValue
from engine.model.ids import Asset

ASSET_NAME: Final = re.compile(r"[A-Z0-9][A-Z0-9.]{0,19}")
LONGEST_NAME: Final = 40
BETWEEN: Final = re.compile(r"\s*[/_:|-]\s*|\s+")
QUOTES: Final = frozenset(
    {"USDT", "USDC", "FDUSD", "BUSD", "TUSD", "DAI", "USD", "EUR", "GBP", "JPY", "AUD", "CAD", "CHF", "TRY", "BRL"}
    | {"KRW", "PLN", "BTC", "XBT", "ETH", "BNB", "SOL", "KCS"}
)
"""What is traded against: a name without anything between its two coins is taken apart by these."""
OTHER_NAMES: Final = {"XBT": "BTC", "XDG": "DOGE"}
KRAKEN_NAMES: Final = {
    "XXBT": "BTC", "XETH": "ETH", "XLTC": "LTC", "XXRP": "XRP", "XXLM": "XLM", "XXMR": "XMR", "XZEC": "ZEC",
    "XETC": "ETC", "XXDG": "DOGE", "XREP": "REP", "XMLN": "MLN", "ETH2": "ETH",
    "ZUSD": "USD", "ZEUR": "EUR", "ZGBP": "GBP", "ZJPY": "JPY", "ZCAD": "CAD", "ZAUD": "AUD",
}  # fmt: skip
KRAKEN_SUFFIX: Final = re.compile(r"(?:\d{2})?\.[A-Z]$")
"""DOT28.S, XBT.M and the like: the same asset, staked or lent."""


def asset_named(text: str, *, is_kraken: bool = False) -> Asset:
    """An asset by the name that a file gives it. Raises InvalidValue, with an empty field."""
    name = text.upper()
    if is_kraken:
        name = KRAKEN_SUFFIX.sub("", name)
        name = KRAKEN_NAMES.get(name, name)
    if not ASSET_NAME.fullmatch(name):
        raise InvalidValue("", f"{shown(text)} is no asset; write it as the exchange does, such as BTC")
    return Asset(OTHER_NAMES.get(name, name))


def pair_named(text: str, known: Callable[[str], bool], *, is_kraken: bool = False) -> tuple[Asset, Asset]:
    """Base and quote of a market: BTC/USDT, BTC-USDT, BTCUSDT; `known` says what is a name of an asset in the file.

    Raises InvalidValue, with an empty field, where the two cannot be told apart.
    """
    parts = [part for part in BETWEEN.split(text.strip()) if part]
    if len(parts) == 1:
        parts = _taken_apart(parts[0].upper(), lambda name: name in QUOTES or known(name), is_kraken=is_kraken)
    if len(parts) != 2:
        raise InvalidValue("", f"{shown(text)} is no market; write one as BTC/USDT")
    base, quote = (asset_named(part, is_kraken=is_kraken) for part in parts)
    return base, quote


def _taken_apart(name: str, known: Callable[[str], bool], *, is_kraken: bool) -> list[str]:
    """The longest quote that is known at its end, unless both ends of two ways to part it are known."""
    if len(name) > LONGEST_NAME:
        return []

    def is_known(part: str) -> bool:
        return known(part) or (is_kraken and part in KRAKEN_NAMES)

    splits = [(name[:cut], name[cut:]) for cut in range(1, len(name)) if is_known(name[cut:])]
    # TUSD and USD both end BTCTUSD: where one base is known and the other is not, the known one is meant.
    certain = [split for split in splits if is_known(split[0])]
    if len(certain) > 1:
        names = " or ".join(sorted("/".join(split) for split in certain))
        raise InvalidValue("", f"it can be {names}; write which")
    return [part for split in [*certain, *splits][:1] for part in split]
