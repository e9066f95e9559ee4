"""Files of histories as exchanges and people write them, and how they are read in tests."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from textwrap import dedent
from typing import Any

from bot.imports.files import preview_of
from bot.imports.records import Preview, Terms
from engine.model.ids import Asset

USDT = Asset("USDT")
PRICES = {"BNB": Decimal(600), "BTC": Decimal(40_000), "ETH": Decimal(2_000), "EUR": Decimal("1.1")}

Short = tuple[str, str, str, str]


def price_at(asset: Asset, _at: datetime) -> Decimal | None:
    """Prices that never change."""
    return PRICES.get(asset)


def terms(**changes: Any) -> Terms:
    """A file of one's account at Binance, in Tether, with bare times in UTC and no prices."""
    return Terms(**({"account": "binance", "numeraire": USDT, "zone": UTC} | changes))


def preview(text: str, **changes: Any) -> Preview:
    """Read a file that is written indented."""
    return preview_of(dedent(text), terms(**changes))


def read(text: str, **changes: Any) -> list[Short]:
    """The entries of a file that is right: kind, asset, quantity, and value as plain numbers."""
    found = preview(text, **changes)
    assert found.errors == (), "\n".join(map(str, found.errors))
    return [(e.kind.value, e.asset, _plain(e.quantity), _plain(e.value)) for e in found.entries]


def _plain(number: Decimal | None) -> str:
    return "?" if number is None else f"{number.normalize():f}"


def mistakes(text: str, **changes: Any) -> list[str]:
    """What is wrong with a file; it has no entries then."""
    found = preview(text, **changes)
    assert found.errors and not found.entries
    return [str(error) for error in found.errors]


GENERIC = """\
    date,type,asset,amount,price,fee,id
    2024-01-15T10:00:00Z,buy,BTC,0.5,40000,10,1
    2024-01-16T10:00:00Z,sell,BTC,0.2,41000,5,2
    2024-01-17T10:00:00Z,income,ETH,0.1,2000,,3
    2024-01-18T10:00:00Z,deposit,ETH,1,,,
    2024-01-19T10:00:00Z,withdrawal,BTC,0.1,,,
    """
