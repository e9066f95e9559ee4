"""Taxes, lots and histories in the chat: what is typed, pressed and sent, on an engine without venues."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from bot.chat.commands import Ask
from bot.chat.message import Message
from bot.chat.presses import Pressed
from bot.chat.services import ReceivedFile
from bot.exports.lots_view import lot_handle
from engine.model import events as ev
from engine.model.ids import Asset, VenueName
from engine.model.ledger import BookLine
from engine.model.money import Price, Quantity, use_exact_context
from tests.chat import builders as a
from tests.chat.fakes import PERSON, ChatParts, chat_parts

KRAKEN = VenueName("kraken")
HELD = ev.BalancesAdopted(KRAKEN, (BookLine(KRAKEN, Asset("BTC"), Quantity(Decimal(2))),))
PRICES = ev.PricesNoted(a.USDT, ((Asset("BTC"), Price(Decimal(60_000))),))
TRADES = b"""date,type,asset,amount,price,fee,id,account
2024-03-01 10:00:00,buy,BTC,1.5,40000,10,t1,kraken
2025-06-01 10:00:00,sell,BTC,0.5,70000,10,t2,kraken
"""
OPENING = lot_handle(f"opening:kraken:BTC:{a.T0:%Y-%m-%d}")


@pytest.fixture
async def parts() -> AsyncIterator[ChatParts]:
    """Two bitcoin of unknown cost."""
    use_exact_context()
    async with chat_parts() as made:
        await made.note(HELD, PRICES)
        yield made


def text(*messages: Message) -> str:
    return "\n".join(message.html for message in messages)


async def says(parts: ChatParts, words: str) -> str:
    name, *arguments = words.removeprefix("/").split()
    return text(*await parts.commands.table[name](Ask(PERSON, tuple(arguments))))


async def sent(parts: ChatParts, content: bytes, caption: str = "") -> Message:
    file = ReceivedFile("trades.csv", content)
    (answer,) = await parts.commands.received(Ask(PERSON, tuple(caption.split())), file)
    return answer


async def pressed(parts: ChatParts, message: Message, label: str) -> Pressed:
    """Press the button of a message that begins so."""
    (payload,) = [button.payload for row in message.keyboard for button in row if button.label.startswith(label)]
    return await parts.presses.press(payload, PERSON)


async def test_lots_of_unknown_cost_are_shown_with_what_to_do(parts: ChatParts) -> None:
    """The id is the one that /basis takes."""
    assert "Not all is known of what BTC cost" in await says(parts, "/lots")
    shown = await says(parts, "/lots btc")
    assert "not known" in shown
    assert f"/basis {OPENING} 12000 2024-05-31" in shown


async def test_a_person_says_what_they_cost(parts: ChatParts) -> None:
    """In total, and since when; from then on they are known."""
    assert "Noted: 90,000.00 USDT in all" in await says(parts, f"/basis {OPENING} 90,000 2023-05-31")
    shown = await says(parts, "/lots BTC")
    assert "90,000.00" in shown
    assert "31 May 2023" in shown


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("/basis", "needs the id"),
        ("/basis 12345678 1", "the id is not one of those"),
        (f"/basis {OPENING} much", "the amount expected a decimal number"),
        (f"/basis {OPENING} -1", "must not be negative"),
        (f"/basis {OPENING} 1 31.5.2023", "the date is to be written as 2024-05-31"),
        (f"/basis {OPENING} 1 2999-01-01", "lies in the future"),
        (f"/basis {OPENING} 1 0001-01-01", "lies before 2009-01-03"),
        ("/tax last", "the year was not understood"),
        ("/tax 0000", "the year was not understood"),
        ("/tax 9999", "the year was not understood"),
        (f"/basis {OPENING} 12,5", "the amount is to be written as 12000.50 or 12,000.50"),
        (f"/basis {OPENING} 90.000,50", "the amount is to be written as 12000.50 or 12,000.50"),
        ("/import nowhere", "the venue is not known"),
    ],
)
async def test_what_was_not_understood_is_said_with_what_would_be(parts: ChatParts, words: str, why: str) -> None:
    """Nothing is changed by it."""
    answer = await says(parts, words)
    assert why in answer
    assert f"write {words.split()[0]}" in answer


async def test_a_file_is_shown_and_imported_by_its_button(parts: ChatParts) -> None:
    """Then it is known what was there; sent again, it holds nothing new."""
    preview = await sent(parts, TRADES)
    assert "1 purchase, 1 sale" in preview.html
    assert "Nothing has been changed yet" in preview.html
    done = await pressed(parts, preview, "✅ Import")
    assert done.becomes is not None
    assert "2 records imported" in done.becomes.html
    assert "40,006.67" in await says(parts, "/lots BTC")
    assert "It holds nothing new" in (await sent(parts, TRADES)).html
    assert "Gain in all" in await says(parts, "/tax 2025")


async def test_each_preview_imports_what_it_showed(parts: ChatParts) -> None:
    """The same file may be sent for one account, and then for another."""
    rows = TRADES.replace(b",kraken", b"").replace(b",account", b"")
    first = await sent(parts, rows, "kraken")
    await sent(parts, rows, "vault")
    await pressed(parts, first, "✅ Import")
    (fact,) = [event.fact for event in await parts.journal.facts(ev.HistoryImported)]
    assert isinstance(fact, ev.HistoryImported)
    assert {entry.account for entry in fact.entries} == {"kraken"}


async def test_a_file_that_was_cancelled_or_forgotten_changes_nothing(parts: ChatParts) -> None:
    """A second press says so."""
    preview = await sent(parts, TRADES)
    for expected in ("Nothing was imported", "I no longer have that file"):
        answer = await pressed(parts, preview, "Cancel")
        assert answer.becomes is not None
        assert expected in answer.becomes.html
    assert not await parts.journal.facts(ev.HistoryImported)


async def test_a_file_with_a_mistake_has_no_button(parts: ChatParts) -> None:
    """Its lines are named."""
    preview = await sent(parts, TRADES.replace(b"40000", b"dear"))
    assert "line 2" in preview.html
    assert not [b for row in preview.keyboard for b in row if "Import" in b.label]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"PK\x03\x04\x00\xff"], ids=["UTF-16", "a spreadsheet"])
async def test_what_is_no_text_is_refused(parts: ChatParts, content: bytes) -> None:
    """With what to do."""
    assert "save it as CSV in UTF-8" in (await sent(parts, content)).html


async def test_the_caption_names_the_account_where_the_file_does_not(parts: ChatParts) -> None:
    """Also after the command."""
    bare = b"date,type,asset,amount,price,id\n2024-03-01 10:00:00,buy,BTC,1,40000,t1\n"
    for caption in ("cold wallet", "/import cold wallet"):
        preview = await sent(parts, bare, caption)
        await pressed(parts, preview, "✅ Import") if caption == "cold wallet" else None
    (fact,) = [event.fact for event in await parts.journal.facts(ev.HistoryImported)]
    assert isinstance(fact, ev.HistoryImported)
    assert [entry.account for entry in fact.entries] == ["cold wallet"]


async def test_a_year_is_exported_as_files(parts: ChatParts) -> None:
    """Every table as CSV, or one spreadsheet."""
    preview = await sent(parts, TRADES)
    await pressed(parts, preview, "✅ Import")
    (card,) = await parts.commands.table["tax"](Ask(PERSON, ("2025",)))
    names = [m.file.name for m in (await pressed(parts, card, "📄 CSV")).says if m.file]
    assert names == ["2025-gains.csv", "2025-income.csv", "2025-open-lots.csv", "2025-form-8949.csv"]
    (book,) = (await pressed(parts, card, "📊")).says
    assert book.file is not None
    assert book.file.content.startswith(b"PK")
    turned = await pressed(parts, card, "◀ 2024")
    assert turned.becomes is not None
    assert "Tax year 2024" in turned.becomes.html
