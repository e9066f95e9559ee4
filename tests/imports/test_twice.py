"""What holds for every file: twice adds nothing, the order of rows is nothing, one mistake changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.imports.files import preview_of
from bot.imports.records import Preview
from engine.account.ledger import new_among
from tests.imports.files import GENERIC, preview, price_at, terms

HEADER = "date,type,asset,amount,price,fee,account,txid,id\n"


@st.composite
def rows(draw: st.DrawFn) -> str:
    """A row of any kind; few values, so that rows are often equal."""
    kind = draw(st.sampled_from(["buy", "sell", "income", "deposit", "withdrawal", "lost"]))
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=draw(st.integers(0, 6)))
    is_trade = kind in ("buy", "sell")
    asset = draw(st.sampled_from(["BTC", "ETH"] if is_trade else ["BTC", "ETH", "USDT"]))
    fee = draw(st.sampled_from(["", "0.01"])) if is_trade else ""
    account, txid = draw(st.sampled_from(["a", "b"])), draw(st.sampled_from(["", "t1", "t2"]))
    return f"{at.isoformat()},{kind},{asset},{draw(st.integers(1, 3))},100,{fee},{account},{txid},\n"


def read(lines: list[str]) -> Preview:
    return preview_of(HEADER + "".join(lines), terms(price_at=price_at))


def without_transfers(lines: list[str]) -> list[str]:
    return [line for line in lines if ",deposit," not in line and ",withdrawal," not in line]


@given(st.lists(rows(), max_size=12))
def test_the_same_file_twice_adds_nothing(lines: list[str]) -> None:
    """Every entry has an id of its own, and is known by it the second time."""
    found = read(lines)
    ids = [entry.id for entry in found.entries]
    assert found.errors == () and len(set(ids)) == len(ids)
    assert new_among(found.entries, ()) == found.entries
    assert new_among(read(lines).entries, ids) == ()


@given(st.lists(rows(), max_size=12).flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_the_order_of_rows_changes_nothing(both: tuple[list[str], list[str]]) -> None:
    """Not the entries, not their ids, not their order."""
    assert read(both[0]).entries == read(both[1]).entries


@given(st.lists(rows(), min_size=1, max_size=8), st.lists(rows(), max_size=4))
def test_a_longer_export_adds_what_is_new(known: list[str], more: list[str]) -> None:
    """Trades that both files hold are added once."""
    first = read(without_transfers(known))
    both = read(without_transfers([*known, *more]))
    added = new_among(both.entries, [entry.id for entry in first.entries])
    assert {entry.id for entry in first.entries} | {entry.id for entry in added} == {e.id for e in both.entries}
    assert len(first.entries) + len(added) == len(both.entries)


@given(st.lists(rows(), max_size=6), st.integers(0, 6))
def test_one_mistake_leaves_no_entries(lines: list[str], place: int) -> None:
    """Wherever it stands."""
    broken = [*lines[:place], "2024-01-01,buy,BTC,x,100,,,,\n", *lines[place:]]
    found = read(broken)
    assert found.entries == () and [error.column for error in found.errors] == ["amount"]


@given(st.text(max_size=200))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    """And nothing else is raised."""
    for head in ("", "date,type,asset,amount,price,fee\n", "date;pair;side;amount;total;fee\n"):
        found = preview_of(head + text, terms())
        assert not (found.errors and found.entries)


WORDS = (
    "buy|sell|trade|deposit|withdrawal|transfer|income|fee|2024-01-15|01/02/2024|BTC|USDT|ETH|BTC/USDT|BTCUSDT|1|0|-1"
)
ODD = (
    "1e30|1e-70|1,234|0,5|x|=1+1|@SUM(A1)|0.1BTC|1 234|UTC+99:00|2024-01-15 10:00 UTC+99:00|0001-01-01|٣|a|b||9"
    + "9" * 40
)
HOSTILE = st.one_of(st.sampled_from(f"{WORDS}|{ODD}".split("|")), st.text(max_size=6))
NAMES = ["date", "Date(UTC+99:00)", "type", "asset", "pair", "quote", "amount", "price", "total", "fee", "fee coin"]
NAMES += ["value", "id", "txid", "account", "to account", "status", "sent", "sent currency", "received", "cur.", "cur."]


@given(
    st.lists(st.sampled_from(NAMES), min_size=3, max_size=12),
    st.lists(st.lists(HOSTILE, max_size=12), max_size=6),
    st.sampled_from([",", ";"]),
)
def test_any_table_at_all_is_read_or_refused(header: list[str], cells: list[list[str]], mark: str) -> None:
    """Known columns and whatever may stand in them; every mistake has a line, and every entry a name of its own."""
    quoted = [mark.join(f'"{cell}"' for cell in row) for row in cells]
    found = preview_of("\n".join([mark.join(["date", "type", "asset", "amount", *header]), *quoted]), terms())
    assert not (found.errors and found.entries)
    assert len({entry.id for entry in found.entries}) == len(found.entries)
    assert all(entry.quantity > 0 for entry in found.entries)
    assert all(error.line >= 1 and error.problem for error in found.errors)


def test_a_trade_of_which_one_side_is_known_is_known() -> None:
    """Whether its fee was in a third coin then, or what counts as money was another."""
    found = preview(GENERIC)
    known = ["binance:1:fee", "binance:2"]
    assert [entry.kind.value for entry in new_among(found.entries, known)] == ["income", "opening", "reduce"]
