"""Kraken's names: XXBT for bitcoin, ZUSD for dollars, XXBTZUSD for their pair, and its ids."""

from bot.sandbox.exchange.config import InstrumentConfig

_COINS = {"BTC": "XBT", "DOGE": "XDG"} | {
    coin: coin for coin in ("ETC", "ETH", "LTC", "MLN", "XLM", "XMR", "XRP", "ZEC")
}
_FIAT = ("USD", "EUR", "GBP", "CAD", "JPY", "AUD")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SPACE = 32**16
_MIX = 0x9E3779B97F4A7C15F39D
_UNMIX = pow(_MIX, -1, _SPACE)


def asset_alt(asset: str) -> str:
    """The short name: XBT, ETH, USD, USDT."""
    return _COINS.get(asset, asset)


def asset_id(asset: str) -> str:
    """The name in balances: XXBT, XETH, ZUSD; newer assets have no prefix."""
    if asset in _COINS:
        return "X" + _COINS[asset]
    return "Z" + asset if asset in _FIAT else asset


def pair_alt(instrument: InstrumentConfig) -> str:
    """XBTUSD: the name in the description of an order."""
    return asset_alt(instrument.base) + asset_alt(instrument.quote)


def pair_ws(instrument: InstrumentConfig) -> str:
    """XBT/USD."""
    return f"{asset_alt(instrument.base)}/{asset_alt(instrument.quote)}"


def pair_id(instrument: InstrumentConfig) -> str:
    """XXBTZUSD where both assets are old enough to have prefixes, else like the short name."""
    base, quote = instrument.base, instrument.quote
    if base in _COINS and (quote in _FIAT or quote in _COINS):
        return asset_id(base) + asset_id(quote)
    return "USDTZUSD" if (base, quote) == ("USDT", "USD") else pair_alt(instrument)


def reference(letter: str, number: int) -> str:
    """An id in Kraken's form: O for orders, T for trades, then letters that hide the number."""
    rest = number * _MIX % _SPACE
    text = ""
    for _ in range(16):
        rest, digit = divmod(rest, 32)
        text = _ALPHABET[digit] + text
    return f"{letter}{text[:5]}-{text[5:10]}-{text[10:]}"


def number_of(letter: str, text: str) -> int | None:
    """The number behind such an id; None if the text is not one."""
    if len(text) != 19 or text[0] != letter or text[6] != "-" or text[12] != "-":
        return None
    value = 0
    for character in text[1:].replace("-", ""):
        if character not in _ALPHABET:
            return None
        value = value * 32 + _ALPHABET.index(character)
    return value * _UNMIX % _SPACE
