"""/correlation: a picture with its caption, the table where no picture can be made, and what is not known."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.chat import correlation_talk
from bot.chat.message import Message
from bot.chat.render.correlations import caption, in_words, nothing_to_compare
from bot.chat.services import Ask
from engine.model.guards import Correlation, Stance
from engine.model.ids import Asset
from engine.model.money import use_exact_context
from engine.model.together import LeftOut, Together
from tests.chat.correlation_builders import of_many, ranked, together
from tests.chat.fakes import PERSON, ChatParts, chat_parts
from tests.chat.golden_file import assert_golden

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def parts() -> AsyncIterator[ChatParts]:
    use_exact_context()
    async with chat_parts() as made:
        yield made


async def asked(parts: ChatParts, monkeypatch: pytest.MonkeyPatch, found: Together | None, *words: str) -> Message:
    monkeypatch.setattr(correlation_talk, "moving_together", lambda *_: found)
    (answer,) = await parts.commands.table["correlation"](Ask(PERSON, words))
    return answer


async def test_it_is_a_picture_with_its_figures(parts: ChatParts, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = await asked(parts, monkeypatch, together())
    assert answer.file is not None and answer.file.is_picture
    assert answer.file.content.startswith(PNG)
    assert "BTC and ETH, <b>0.925</b>" in answer.html


async def test_it_is_dark_for_those_who_ask(parts: ChatParts, monkeypatch: pytest.MonkeyPatch) -> None:
    light = await asked(parts, monkeypatch, together())
    dark = await asked(parts, monkeypatch, together(), "dark")
    assert light.file is not None and dark.file is not None
    assert light.file.content != dark.file.content


async def test_without_the_extra_it_is_a_table(parts: ChatParts, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it says what a picture takes."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    answer = await asked(parts, monkeypatch, together())
    assert answer.file is None
    assert "ETH/SOL" in answer.html and "requirements/pictures.txt" in answer.html


async def test_of_two_coins_there_is_one_figure_and_no_picture(
    parts: ChatParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await asked(parts, monkeypatch, together({("BTC", "ETH"): "0.9"}))
    assert answer.file is None
    assert "BTC and ETH, <b>0.9</b>" in answer.html and "Average" not in answer.html


async def test_with_nothing_known_it_says_so(parts: ChatParts, monkeypatch: pytest.MonkeyPatch) -> None:
    """No venue tells prices, or none of enough coins."""
    assert "No venue has told" in (await asked(parts, monkeypatch, None)).html
    young = Together((Asset("BTC"),), (LeftOut(Asset("SOL"), 12, 30),))
    assert "SOL (12 of 30 days)" in (await asked(parts, monkeypatch, young)).html


async def test_an_engine_without_prices_is_asked_in_vain(parts: ChatParts) -> None:
    (answer,) = await parts.commands.table["correlation"](Ask(PERSON))
    assert "not two coins to compare" in answer.html


def test_golden() -> None:
    """What is read: with and without a picture, of young and hostile coins, and where the rule is off."""
    rule = Correlation()
    told = caption(together(left_out={"<b>NEW</b>": 3, "TON": 29}), rule)
    assert_golden("correlation", told)
    many = of_many(10)
    assert_golden("correlation_in_words", in_words(caption(many, rule), many, "pictures need matplotlib"))
    young = together(average=ranked("0.81", None, 41), bets=ranked("1.7", None, 41))
    assert_golden("correlation_young", caption(young, replace(rule, stance=Stance.OFF)))
    assert_golden(
        "correlation_nothing", nothing_to_compare(None, rule), nothing_to_compare(None, Correlation(Stance.OFF))
    )
