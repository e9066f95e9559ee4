"""Which column of a file is what: known exports by their headers, and any other by the names of its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.imports.table import LOOKED_AT, Line, NoTable
from bot.imports.words import RowKind
from engine.model.ids import Asset


class Field(StrEnum):
    """What a column can say of a row."""

    AT = "time"
    KIND = "type"
    SUBKIND = "kind of the type"
    STATUS = "status"
    PAIR = "market"
    BASE = "base"
    QUOTE = "quote"
    ASSET = "asset"
    QUANTITY = "quantity"
    PRICE = "price"
    TOTAL = "total, without the fee"
    FEE = "fee"
    FEE_ASSET = "coin of the fee"
    FEE_VALUE = "value of the fee"
    VALUE = "value in the numeraire"
    VALUE_ASSET = "currency of the value"
    ID = "id of the row"
    GROUP = "what ties rows together"
    TXID = "transaction on the chain"
    ACCOUNT = "account"
    TO_ACCOUNT = "account it went to"
    SENT = "quantity sent"
    SENT_ASSET = "coin sent"
    RECEIVED = "quantity received"
    RECEIVED_ASSET = "coin received"
    NOTE = "note"


NUMBERS: Final = frozenset(
    {Field.QUANTITY, Field.PRICE, Field.TOTAL, Field.FEE, Field.FEE_VALUE, Field.VALUE, Field.SENT, Field.RECEIVED}
)
_NAMES: Final = {
    Field.AT: "date|time|timestamp|datetime|date & time|utc time|date time|created at|createdat|trade date|filled time"
    "|time of update|tradecreatedat|createddate|trade time|transaction date|completed at|executed at|when",
    Field.KIND: "type|side|operation|transaction type|direction|action|label|kind|order side|buy/sell|trade side|event",
    Field.STATUS: "status|state",
    Field.PAIR: "pair|market|symbol|trading pair|instrument|product|spot pairs|currency pair|pairs",
    Field.BASE: "base|base asset|base currency|base coin",
    Field.QUOTE: "quote|quote asset|quote currency|quote coin|price currency|spot price currency",
    Field.ASSET: "asset|coin|currency|token|cryptocurrency|coin type|amount currency|size unit",
    Field.QUANTITY: "amount|quantity|qty|executed|filled|size|vol|volume|quantity transacted|filled quantity"
    "|filled amount|executed quantity|amount coin|units|exec qty|executed amount|change",
    Field.PRICE: "price|filled price|avg. filled price|avg filled price|average price|avg trading price|trading price"
    "|spot price at transaction|price at transaction|unit price|exec price|deal price|dealprice|rate",
    Field.TOTAL: "total|cost|proceeds|subtotal|funds|filled value|filled volume|exec value|deal value|dealvalue"
    "|quote amount|quote quantity|gross amount|order value",
    Field.FEE: "fee|fees|commission|transaction fee|transactionfee|fee amount|fees and/or spread|fee paid|exec fee"
    "|trading fee|fee quantity",
    Field.VALUE_ASSET: "net worth currency|value currency|value asset",
    Field.FEE_ASSET: "cur.#3|fee asset|fee coin|fee currency|feecurrency|commission asset|fee unit|fee cur."
    "|fees currency",
    Field.ID: "id|trade id|tradeid|transaction id|tx id|unique id|row id|uuid|execution id|exec id|fill id",
    Field.GROUP: "group|refid|group id",
    Field.TXID: "txid|tx hash|txhash|hash|transaction hash|blockchain hash|tx",
    Field.ACCOUNT: "account|wallet|venue|exchange|location|platform|from account|source account",
    Field.TO_ACCOUNT: "to account|to wallet|to venue|to exchange|destination|destination account",
    Field.SENT: "sent|sent amount|sent quantity|outgoing amount|from amount|sell amount|sell|out amount|amount out",
    Field.SENT_ASSET: "sent currency|sent asset|outgoing asset|from currency|from asset|sell currency|sell coin|cur.#2"
    "|out currency|currency out",
    Field.RECEIVED: "received|received amount|received quantity|incoming amount|to amount|buy amount|buy|in amount"
    "|amount in",
    Field.RECEIVED_ASSET: "received currency|received asset|incoming asset|to currency|to asset|buy currency|buy coin"
    "|cur.|in currency|currency in",
    Field.NOTE: "note|notes|description|comment|remark|remarks|memo",
}
NAMED: Final = {name: meaning for meaning, names in _NAMES.items() for name in names.split("|")}
VALUES: Final = ("value ({})", "{} value", "value {}", "value in {}", "amount{}", "total ({})", "fiat value ({})")
FEE_VALUES: Final = ("fee value ({})", "fee value {}", "fee value", "fee value in {}")
PLAIN_VALUES: Final = (
    "value",
    "income value",
    "market value",
    "net value",
    "fair market value",
    "worth",
    "net worth amount",
)
ZONE_BEHIND: Final = re.compile(r"\s*\((?:utc|gmt)[^)]*\)$")


@dataclass(frozen=True, slots=True)
class Format:
    """A known export: the headers that it is recognised by, and the meaning of its columns where names mislead.

    `is_ledger`: each row is one change of one balance, and rows with the same GROUP are one trade.
    """

    name: str
    headers: frozenset[str]
    columns: Mapping[str, Field | None] = field(default_factory=dict)
    is_utc: bool = True
    is_kraken: bool = False
    is_ledger: bool = False
    group_is_id: bool = False
    """All rows with one GROUP belong together, and it is the exchange's own id of the trade."""
    fee_is_of_what_was_received: bool = False
    """Where no coin of the fee is named; otherwise it is of the quote."""
    kind: RowKind | None = None
    """What every row is, where no column says it."""
    words: Mapping[str, RowKind] = field(default_factory=dict)
    """Types that mean something else here than elsewhere."""
    without: frozenset[str] = frozenset()
    """Headers by which another export is told from this one."""
    has_ids_of_trades: bool = True
    """An id of it is that by which the exchange itself tells of the trade."""
    knows_accounts: bool = False
    """A column says of which account a row is; else all are of the account that the file is of."""


def _headers(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


FORMATS: Final = (
    Format("Kraken trades", _headers("txid|ordertxid|pair|vol|cost"),
           {"txid": Field.ID, "ordertxid": None, "vol": Field.QUANTITY, "cost": Field.TOTAL}, is_kraken=True),
    Format("Kraken ledgers", _headers("txid|refid|aclass|asset|amount|balance"),
           {"txid": Field.ID, "refid": Field.GROUP, "balance": None, "aclass": None, "wallet": None,
            "subtype": Field.SUBKIND, "amountusd": None}, is_kraken=True, is_ledger=True, group_is_id=True,
           words={"transfer": RowKind.INTERNAL}),
    Format("Binance statement", _headers("utc_time|account|operation|coin|change"),
           {"utc_time": Field.AT, "account": None}, is_ledger=True),
    Format("Binance trades", _headers("date(utc)|pair|side|price|executed|amount|fee"), {"amount": Field.TOTAL}),
    Format("Binance trades", _headers("date(utc)|market|type|price|amount|total|fee|fee coin")),
    Format("Binance deposits or withdrawals", _headers("coin|amount|transactionfee|address|txid|status")),
    Format("Binance withdrawals", _headers("coin|network|amount|fee|address|txid|status"), kind=RowKind.WITHDRAWAL),
    Format("Binance deposits", _headers("coin|network|amount|address|txid|status"), kind=RowKind.DEPOSIT,
           without=_headers("type|fee")),
    Format("KuCoin deposits", _headers("account type|coin|amount|deposit address|status"), kind=RowKind.DEPOSIT),
    Format("KuCoin withdrawals", _headers("account type|coin|amount|withdrawal address/account|status"),
           kind=RowKind.WITHDRAWAL),
    Format("Coinbase", _headers("timestamp|transaction type|asset|quantity transacted|subtotal|notes"),
           {"total (inclusive of fees and/or spread)": None, "total (inclusive of fees)": None},
           has_ids_of_trades=False),
    Format("Coinbase fills", _headers("trade id|product|side|created at|size|price|fee|total|price/fee/total unit"),
           {"trade id": None, "total": None, "portfolio": None, "price/fee/total unit": Field.FEE_ASSET}),
    Format("Bybit spot trades", _headers("spot pairs|direction|filled value|filled price|filled quantity|fees"),
           {"order type": None, "order no.": None}, fee_is_of_what_was_received=True),
    Format("KuCoin trades", _headers("symbol|side|avg. filled price|filled amount|filled volume|fee|fee currency"),
           {"order id": None, "order type": None, "account type": None, "order price": None, "order amount": None,
            "order time": None, "filled volume (usdt)": None}),
    Format("KuCoin trades", _headers("tradecreatedat|orderid|symbol|side|price|size|funds|fee|feecurrency")),
    Format("OKX trades", _headers("order id|time|trade type|balance change|balance"),
           {"order id": Field.GROUP, "id": Field.ID, "trade type": None, "symbol": None, "instrument": None,
            "amount": None, "trading unit": None, "unit": None, "unit#2": Field.ASSET, "balance unit": Field.ASSET,
            "balance change": Field.QUANTITY, "fee": None, "fee unit": None, "balance": None, "filled price": None},
           is_utc=False, is_ledger=True,
           words={"transfer in": RowKind.INTERNAL, "transfer out": RowKind.INTERNAL}),
)  # fmt: skip
GENERIC: Final = Format("generic", frozenset(), is_utc=False, knows_accounts=True)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one file: where each meaning stands, and the header's line."""

    format: Format
    line: int
    headers: tuple[str, ...]
    places: Mapping[Field, int]

    def meanings(self) -> tuple[str, ...]:
        """What each column was taken for, in their order; empty where it is not read."""
        by_place = {place: meaning.value for meaning, place in self.places.items()}
        return tuple(by_place.get(place, "") for place in range(len(self.headers)))


def layout_of(lines: Sequence[Line], numeraire: Asset) -> Layout:
    """Find the header among the first lines, and what its columns mean. Raises NoTable."""
    for line in lines[:LOOKED_AT]:
        names = _names(line.cells)
        known = next((each for each in FORMATS if _is_of(names, each)), GENERIC)
        places = _places(names, known, numeraire)
        if Field.AT in places and _tells_something(places):
            return Layout(known, line.number, line.cells, places)
    raise NoTable(
        lines[0].number if lines else 1,
        "there is no header with names of columns that are known; the first line names at least a date, a type, "
        "an asset or a market, and an amount",
    )


def _is_of(names: Sequence[str], known: Format) -> bool:
    both = _both(names)
    return known.headers <= both and not known.without & both


def _tells_something(places: Mapping[Field, int]) -> bool:
    one_sided = Field.QUANTITY in places and bool(places.keys() & {Field.ASSET, Field.PAIR, Field.BASE})
    return one_sided or bool(places.keys() & {Field.SENT, Field.RECEIVED})


def _names(cells: Sequence[str]) -> list[str]:
    """The names in lower case; of those that come again, the second is `name#2`."""
    seen: Counter[str] = Counter()
    names = []
    for cell in cells:
        name = " ".join(cell.lower().split())
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _both(names: Iterable[str]) -> frozenset[str]:
    """With and without the zone behind a name."""
    return frozenset(each for name in names for each in (name, ZONE_BEHIND.sub("", name)))


def _places(names: Sequence[str], known: Format, numeraire: Asset) -> dict[Field, int]:
    """The first column of each meaning: what a format says of a column wins over its name."""
    places: dict[Field, int] = {}
    ranked = sorted(range(len(names)), key=lambda place: _own_word(names[place], known) is None)
    for place in ranked:
        meaning = _meaning(names[place], known, numeraire)
        if meaning is not None:
            places.setdefault(meaning, place)
    return places


def _own_word(name: str, known: Format) -> Field | None:
    return known.columns.get(name) or known.columns.get(ZONE_BEHIND.sub("", name))


def _meaning(name: str, known: Format, numeraire: Asset) -> Field | None:
    bare = ZONE_BEHIND.sub("", name)
    for each in (name, bare):
        if each in known.columns:
            return known.columns[each]
    money = numeraire.lower()
    if bare in PLAIN_VALUES or bare in {pattern.format(money) for pattern in VALUES}:
        return Field.VALUE
    if bare in {pattern.format(money) for pattern in FEE_VALUES}:
        return Field.FEE_VALUE
    return NAMED.get(bare.replace("_", " "))
