"""A number from a chain: the total supply of an ERC-20 token, asked of a JSON-RPC node that the user names.

Whatever the node answers is doubted: the chain's id, the form of the answer, its size and its time. Its address may
hold a key, and is in no message.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import aiohttp
import certifi

from engine.model.money import EXACT
from engine.model.target_changes import SignalReading

TOTAL_SUPPLY: Final = "0x18160ddd"
"""The selector of `totalSupply()`: the first four bytes of the Keccak-256 of its name (ERC-20)."""
LONGEST_ANSWER: Final = timedelta(seconds=10)
LARGEST_ANSWER: Final = 64 * 1024
READ_AGAIN_AFTER: Final = timedelta(hours=1)
"""A supply is no price: it is asked for so often."""
TRIED_AGAIN_AFTER: Final = timedelta(minutes=10)
WORD: Final = re.compile(r"0x[0-9a-fA-F]{64}")
"""One value of 256 bits, as a contract returns it."""
QUANTITY: Final = re.compile(r"0x[0-9a-fA-F]{1,16}")
MOST_SHOWN: Final = 80


class BadAnswer(Exception):
    """The node did not answer what was asked. The message says what it did instead, without its address."""


@dataclass(frozen=True, slots=True)
class Token:
    """A contract on a chain. Its supply is counted in 10^-`decimals`."""

    chain_id: int
    contract: str
    decimals: int


class ChainSupply:
    """The total supply of a token, in whole tokens. Its last reading is all that it keeps."""

    def __init__(self, rpc_url: str, token: Token, longest: timedelta = LONGEST_ANSWER) -> None:
        """`longest` is how long one answer may take."""
        self._rpc_url = rpc_url
        self._token = token
        self._longest = longest
        self._last: SignalReading | None = None
        self._asking = asyncio.Lock()

    async def read(self, now: datetime) -> SignalReading:
        """The supply as of about now; an hour old at the most. Never raises for the node's sake."""
        async with self._asking:
            last = self._last
            rest = TRIED_AGAIN_AFTER if last is not None and last.value is None else READ_AGAIN_AFTER
            if last is None or not timedelta(0) <= now - last.at < rest:
                self._last = last = await self._asked(now)
            return last

    async def _asked(self, now: datetime) -> SignalReading:
        try:
            async with asyncio.timeout(2 * self._longest.total_seconds()):
                return SignalReading(now, await self._supply())
        except BadAnswer as error:
            return SignalReading(now, None, str(error))
        except TimeoutError:
            return SignalReading(now, None, "the node did not answer in time")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # Their own words may hold the address.
            return SignalReading(now, None, f"the node cannot be reached ({type(error).__name__})")

    async def _supply(self) -> Decimal:
        timeout = aiohttp.ClientTimeout(total=self._longest.total_seconds())
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=certifi.where()))
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            chain = await self._ask(session, 1, "eth_chainId", [])
            if not QUANTITY.fullmatch(chain) or int(chain, 16) != self._token.chain_id:
                raise BadAnswer(f"the node is of chain {_shown(chain)}, not of chain {self._token.chain_id}")
            call = {"to": self._token.contract, "data": TOTAL_SUPPLY}
            word = await self._ask(session, 2, "eth_call", [call, "latest"])
        if word == "0x":
            raise BadAnswer("there is no contract with a total supply at that address")
        if not WORD.fullmatch(word):
            raise BadAnswer(f"the contract answered no number of 256 bits, but {_shown(word)}")
        return EXACT.scaleb(Decimal(int(word, 16)), -self._token.decimals)

    async def _ask(self, session: aiohttp.ClientSession, number: int, method: str, params: list[object]) -> str:
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        async with session.post(self._rpc_url, json=request, allow_redirects=False) as response:
            if response.status != 200:
                raise BadAnswer(f"the node answered HTTP {response.status}")
            body = bytearray()
            async for chunk in response.content.iter_chunked(8192):
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise BadAnswer("the node answered more than a number needs")
        return _result(bytes(body), number)


def _result(body: bytes, number: int) -> str:
    """The text that answers a request. Raises BadAnswer."""
    if not body.strip():
        raise BadAnswer("the node answered nothing")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise BadAnswer("the node answered no JSON") from None
    if not isinstance(answer, dict) or answer.get("jsonrpc") != "2.0" or answer.get("id") != number:
        raise BadAnswer("the node answered something else than was asked")
    error = answer.get("error")
    if error is not None:
        said = error.get("message") if isinstance(error, dict) else None
        raise BadAnswer(f"the node refused: {_shown(said)}")
    result = answer.get("result")
    if not isinstance(result, str):
        raise BadAnswer("the node answered without a result")
    return result


def _shown(said: object) -> str:
    """A node's own words, cut short, on one line."""
    text = said if isinstance(said, str) else "without a reason"
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= MOST_SHOWN else f"{line[:MOST_SHOWN]}…"
