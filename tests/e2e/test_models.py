"""Targets that follow a number from a chain, in front of a person: wired, read, and shown before anything changes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.e2e.stage import Stage

CONTRACT = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"


@pytest.fixture
async def node() -> AsyncIterator[str]:
    """The address of a node on whose chain 1,000,000 tokens were issued."""

    async def answer(request: web.Request) -> web.Response:
        asked = json.loads(await request.text())
        result = "0x1" if asked["method"] == "eth_chainId" else f"0x{10**12:064x}"
        return web.json_response({"jsonrpc": "2.0", "id": asked["id"], "result": result})

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_supply_on_a_chain_is_read_and_shown(stage: Stage, node: str) -> None:
    """By /models, with its stance; the record begins with its first date, and no target has changed."""
    signals = {"rpc_url": node, "contract": CONTRACT, "measure": "level", "low": 0, "high": 2_000_000}
    await stage.start_bot({"model": {"kind": "signals"}, "model.signals": signals})
    shown = await stage.ada.asks("/models", "Targets by signals", "1,000,000")
    assert "shadow: it keeps a record, and changes nothing" in shown.text
    assert "begins with the first date" in shown.text


async def test_a_node_of_another_chain_is_told_of(stage: Stage, node: str) -> None:
    """Nothing is guessed from what it says."""
    signals = {"rpc_url": node, "contract": CONTRACT, "chain_id": 10}
    await stage.start_bot({"model": {"kind": "signals", "stance": "propose"}, "model.signals": signals})
    shown = await stage.ada.asks("/models", "It cannot tell now, and changes nothing", "not of chain 10")
    assert node not in shown.text
