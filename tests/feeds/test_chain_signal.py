"""A token's supply over JSON-RPC: read as a decimal, and every answer refused that is not one, with what it was."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from engine.feeds.chain_signal import READ_AGAIN_AFTER, TRIED_AGAIN_AFTER, ChainSupply, Token
from tests.builders import T0

USDC = Token(1, "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", 6)
WORD = f"0x{53_412_345_678_901_234:064x}"
LONG_ERROR = json.dumps({"jsonrpc": "2.0", "id": 2, "error": {"message": "A" * 500}})
Answer = Callable[[dict[str, Any]], Awaitable[web.Response]]


def result(value: object) -> Answer:
    """A node that answers with this."""

    async def answer(asked: dict[str, Any]) -> web.Response:
        return web.json_response({"jsonrpc": "2.0", "id": asked["id"], "result": value})

    return answer


def raw(text: str, status: int = 200, kind: str = "application/json") -> Answer:
    """A node that answers with this text, whatever is asked."""

    async def answer(_: dict[str, Any]) -> web.Response:
        return web.Response(text=text, status=status, content_type=kind)

    return answer


class Node:
    """A scripted node: one answer for each method."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {"eth_chainId": result("0x1"), "eth_call": result(WORD)}
        self.asked: list[dict[str, Any]] = []
        self.address = ""

    async def handle(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.text())
        self.asked.append(asked)
        return await self.answers[asked["method"]](asked)

    def supply(self, token: Token = USDC, seconds: float = 5) -> ChainSupply:
        return ChainSupply(f"{self.address}/v3/some-key", token, timedelta(seconds=seconds))


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    made = Node()
    app = web.Application()
    app.router.add_post("/v3/some-key", made.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def problem(node: Node, **more: Any) -> str:
    """Why the supply could not be read. The node's address, which may hold a key, is never part of it."""
    reading = await node.supply(**more).read(T0)
    assert reading.value is None
    assert "some-key" not in reading.problem and "127.0.0.1" not in reading.problem
    return reading.problem


async def test_the_supply_is_counted_in_whole_tokens(node: Node) -> None:
    """Exact, with the token's decimals; the chain's id is asked for first."""
    reading = await node.supply().read(T0)
    assert (reading.value, reading.at, reading.problem) == (Decimal("53412345678.901234"), T0, "")
    assert [asked["method"] for asked in node.asked] == ["eth_chainId", "eth_call"]
    assert node.asked[1]["params"] == [{"to": USDC.contract, "data": "0x18160ddd"}, "latest"]


async def test_the_largest_number_of_a_contract_is_exact(node: Node) -> None:
    """256 bits, with eighteen decimals."""
    node.answers["eth_call"] = result("0x" + "f" * 64)
    reading = await node.supply(Token(1, USDC.contract, 18)).read(T0)
    assert reading.value == Decimal(2**256 - 1).scaleb(-18)


async def test_it_is_asked_for_once_an_hour(node: Node) -> None:
    """And of a node that failed, after ten minutes."""
    supply = node.supply()
    first = await supply.read(T0)
    assert await supply.read(T0 + READ_AGAIN_AFTER - timedelta(seconds=1)) is first
    assert len(node.asked) == 2
    node.answers["eth_call"] = raw("", 503)
    failed = await supply.read(T0 + READ_AGAIN_AFTER)
    assert failed.value is None
    assert await supply.read(T0 + READ_AGAIN_AFTER + timedelta(minutes=9)) is failed
    node.answers["eth_call"] = result(WORD)
    assert (await supply.read(T0 + READ_AGAIN_AFTER + TRIED_AGAIN_AFTER)).value is not None


async def test_two_who_ask_at_once_ask_the_node_once(node: Node) -> None:
    """A look and a person's question."""
    supply = node.supply()
    one, other = await asyncio.gather(supply.read(T0), supply.read(T0))
    assert one is other and len(node.asked) == 2


@pytest.mark.parametrize("chain", ["0x89", "0x", "1", "mainnet", "0x1" + "0" * 40])
async def test_another_chain_is_refused(node: Node, chain: str) -> None:
    """The same address can be another token there."""
    node.answers["eth_chainId"] = result(chain)
    assert "not of chain 1" in await problem(node)
    assert [asked["method"] for asked in node.asked] == ["eth_chainId"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (raw("<html>502 Bad Gateway</html>", kind="text/html"), "the node answered no JSON"),
        (raw("<html>", 502), "the node answered HTTP 502"),
        (raw("", 301), "the node answered HTTP 301"),
        (raw(""), "the node answered nothing"),
        (raw("  \n"), "the node answered nothing"),
        (raw("[" * 30_000), "the node answered no JSON"),
        (raw("x" * 70_000), "the node answered more than a number needs"),
        (raw("[]"), "the node answered something else than was asked"),
        (raw('{"jsonrpc": "2.0", "id": 99, "result": "0x1"}'), "the node answered something else than was asked"),
        (raw('{"jsonrpc": "2.0", "id": 2}'), "the node answered without a result"),
        (result(None), "the node answered without a result"),
        (result(53), "the node answered without a result"),
        (result("0x"), "there is no contract with a total supply at that address"),
        (result("0x12"), "the contract answered no number of 256 bits, but 0x12"),
        (result(WORD + WORD[2:]), "the contract answered no number of 256 bits"),
        (result("0x" + "g" * 64), "the contract answered no number of 256 bits"),
        (
            raw('{"jsonrpc": "2.0", "id": 2, "error": {"code": 3, "message": "execution\\nreverted"}}'),
            "the node refused: execution reverted",
        ),
        (raw('{"jsonrpc": "2.0", "id": 2, "error": "no"}'), "the node refused: without a reason"),
        (raw(LONG_ERROR), f"the node refused: {'A' * 80}…"),
    ],
)
async def test_an_answer_that_is_no_supply_is_refused_with_what_it_was(node: Node, answer: Answer, said: str) -> None:
    """Nothing is guessed from it."""
    node.answers["eth_call"] = answer
    assert (await problem(node)).startswith(said)


async def test_a_node_that_hangs_is_given_up(node: Node) -> None:
    """An evaluation waits for it."""

    async def never(_: dict[str, Any]) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError("never")

    node.answers["eth_chainId"] = never
    assert await problem(node, seconds=0.05) == "the node did not answer in time"


async def test_a_node_that_is_not_there_is_told_of_without_its_address() -> None:
    """Its address may hold a key."""
    node = Node()
    node.address = "http://127.0.0.1:9"
    assert (await problem(node)).startswith("the node cannot be reached")


async def test_a_redirect_is_not_followed(node: Node) -> None:
    """It would lead to whoever the answer says."""

    async def elsewhere(_: dict[str, Any]) -> web.Response:
        return web.Response(status=307, headers={"Location": f"{node.address}/other"})

    node.answers["eth_chainId"] = elsewhere
    assert await problem(node) == "the node answered HTTP 307"
