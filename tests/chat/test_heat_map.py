"""The picture of the correlations: its size, that equal figures are equal pictures, and what it shows where."""

from __future__ import annotations

import io
import sys
import time

import pytest
from PIL import Image

from bot.chat.render.heat_map import Look, NoPictures, by_likeness, heat_map
from engine.model.money import use_exact_context
from tests.chat.correlation_builders import of_many, together

MOST_BYTES = 200_000
LONGEST_SECONDS = 3.0
"""A warm one takes a tenth of it; a machine that does other things too is no failure."""


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def brightness(picture: Image.Image, across: float, down: float) -> int:
    """Of a point, in fractions of the picture."""
    red, green, blue = picture.getpixel((int(across * picture.width), int(down * picture.height)))
    return int(red) + int(green) + int(blue)


@pytest.mark.parametrize("look", list(Look))
@pytest.mark.parametrize("count", [3, 10, 20])
def test_it_is_a_square_that_a_phone_shows_at_once(count: int, look: Look) -> None:
    """At least two pixels for each of the phone's 360, a fifth of a megabyte at the most."""
    heat_map(together(), look)
    begun = time.perf_counter()
    content = heat_map(of_many(count), look)
    assert time.perf_counter() - begun < LONGEST_SECONDS
    picture = opened(content)
    assert picture.width == picture.height >= 720
    assert len(content) < MOST_BYTES


def test_equal_figures_are_equal_pictures() -> None:
    assert heat_map(together()) == heat_map(together())
    assert heat_map(together()) != heat_map(together(), Look.DARK)


def test_the_assets_that_correlate_most_come_first() -> None:
    """ETH correlates most with all others."""
    assert by_likeness(together()) == ("ETH", "BTC", "SOL")


def test_what_correlates_more_is_darker_on_white_and_brighter_on_black() -> None:
    """BTC beside ETH is the upper cell, SOL beside BTC the lower right one; above the diagonal is nothing."""
    light, dark = opened(heat_map(together())), opened(heat_map(together(), Look.DARK))
    assert brightness(light, 0.2, 0.1) < brightness(light, 0.9, 0.8) < brightness(light, 0.9, 0.3)
    assert brightness(dark, 0.2, 0.1) > brightness(dark, 0.9, 0.8)
    assert brightness(light, 0.9, 0.3) > 3 * 250


def test_names_from_outside_are_no_formulas_and_no_letters_that_are_missing() -> None:
    """A venue may list a coin under any name; the library would warn, or fail."""
    heat_map(together({("$x^2$", "币安人生"): "0.5", ("$x^2$", r"\frac{"): "0.4", (r"\frac{", "币安人生"): "0.3"}))


def test_without_the_library_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(NoPictures, match=r"requirements/pictures\.txt"):
        heat_map(together())
