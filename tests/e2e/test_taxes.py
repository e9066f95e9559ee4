"""What was bought, what it cost, and what a sale comes to, in front of a person with a file."""

from __future__ import annotations

from tests.e2e.stage import Stage

BOUGHT = b"""date,type,asset,amount,price,fee,id,account
2024-03-01 10:00:00,buy,ETH,5,1000,0,t1,binance
"""


async def test_a_history_is_imported_sold_from_and_exported(stage: Stage) -> None:
    """The plan uses up what the file tells of, dearest first after what was there; the year's file holds the sale."""
    await stage.start_bot()
    await stage.looks()
    await stage.telegram.user_sends_file("bought.csv", BOUGHT)
    preview = await stage.ada.shows("Import of bought.csv", "1 purchase", "Nothing has been changed yet")
    await stage.ada.presses("✅ Import")
    await stage.ada.becomes(preview.id, "1 record imported")
    assert "1 Mar 2024" in (await stage.ada.asks("/lots ETH", "Lots of ETH")).text

    await stage.shock(ETH="1.16", BTC="0.90")
    card = await stage.ada.shows("waits for approval", "Estimated tax")
    await stage.ada.presses("Approve")
    await stage.ada.becomes(card.id, "🏁 completed")
    year = await stage.ada.asks("/tax", "Tax year", "ETH")
    assert "about" in year.text
    await stage.ada.presses("📄 CSV")

    def exported() -> list[bytes]:
        shown = stage.telegram.screen(stage.ada.user)
        return [m.content or b"" for m in shown if m.from_bot and (m.document or "").endswith("gains.csv")]

    (gains,) = await stage.telegram.wait_for(exported, 10)
    assert b"ETH" in gains
