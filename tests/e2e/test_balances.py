"""Money that comes, goes and moves outside the bot, over both exchanges' real records, answered in the chat."""

from __future__ import annotations

from tests.e2e.stage import Stage


async def test_a_change_without_a_record_is_asked_about_and_answered_with_one_press(stage: Stage) -> None:
    """The message that asked shows the answer in its place; the venue takes part in plans again."""
    await stage.start_bot()
    await stage.looks()
    await stage.control("balance", venue="kraken", asset="USD", delta="900", silent=True)
    asked = await stage.ada.shows("A change on kraken that I cannot explain", "+900 USD")
    await stage.ada.asks("/portfolio", "A change here waits for your word")
    assert await stage.ada.presses("My own trade", asked.id) == "Booked. Thank you."
    await stage.ada.becomes(asked.id, "Ada says: a trade of your own")
    await stage.ada.asks("/questions", "Nothing waits for your word")


async def test_a_transfer_between_the_exchanges_is_no_new_money(stage: Stage) -> None:
    """It is asked where it goes, counts on its way, and is recognised where it arrives."""
    await stage.start_bot()
    await stage.looks()
    out = {"venue": "binance", "asset": "BTC", "delta": "-0.1", "fee": "0.0002"}
    await stage.control("balance", **out, status="pending", txid="0xabc")
    left = await stage.ada.shows("0.1 BTC and 0.0002 BTC fee left binance", "Where does it go?")
    await stage.ada.presses("To kraken", left.id)
    await stage.ada.becomes(left.id, "is on its way to kraken, says Ada")
    await stage.ada.asks("/portfolio", "🏦 in transit", "On its way between venues")
    await stage.control("balance", venue="kraken", asset="BTC", delta="0.1", txid="0xabc")
    await stage.ada.becomes(left.id, "0.1 BTC arrived on kraken from binance", "no new money")
    assert stage.ada.messages("came in") == []


async def test_money_that_was_told_of_raises_no_question(stage: Stage) -> None:
    """What is typed in advance explains the change; a slip in it is answered with the remedy."""
    await stage.start_bot()
    await stage.looks()
    await stage.ada.asks("/moved 900 USD to nowhere", "the venue must be one of binance, kraken", "write /moved")
    await stage.ada.asks("/moved 900 usd to Kraken", "Noted: 900 USD to kraken")
    await stage.control("balance", venue="kraken", asset="USD", delta="900", silent=True)
    await stage.ada.shows("The change on kraken", "+900 USD", "Ada says: new money")
    assert stage.ada.messages("that I cannot explain") == []
