"""x."""
from tests.e2e.stage import Stage

async def test_x(stage: Stage) -> None:
    """x."""
    await stage.start_bot()
    await stage.asks("/start", "Portfolio")
    await stage.shock(ETH="1.16", BTC="0.90")
    card = await stage.shows("waits for approval")
    print(*map(str, stage.telegram.screen()), sep="\n\n")
    print(await stage.presses("Approve"))
    await stage.shows("completed", "Weights now")
    print(*map(str, stage.telegram.screen()), sep="\n\n")
    print(stage.weights(), stage.requests)
