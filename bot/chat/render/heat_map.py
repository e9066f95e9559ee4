"""The correlation matrix as a picture for a phone: a square that is read at 360 pixels, equal for equal figures.

matplotlib is imported when a picture is made: it is an extra that the bot itself runs without. Only the half below the
diagonal is drawn, as the other half says the same; the scale stands in the empty one.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from bot.chat.render.names import clean
from engine.model.ids import Asset
from engine.model.money import ZERO, exact
from engine.model.together import Together

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES: Final = 3.6
DOTS, FINE_DOTS = 200, 260
"""An inch: 720 pixels a side, twice those of the phone; more where there are many small figures."""
LEFT, RIGHT, BOTTOM, TOP = 0.15, 0.98, 0.13, 0.97
"""The matrix within the picture; beside and below it are the names."""
POINTS: Final = 72
"""An inch: what sizes of letters are told in."""
LARGEST, SMALLEST = 12.0, 5.0
LARGEST_NAME: Final = 10.0
"""Letters, in points."""
NAME_COLUMNS: Final = 5
MOST_COLOURS: Final = 256
MOST_UPRIGHT: Final = 6
"""Of more assets, the names below are turned."""
MANY: Final = 12
"""Up to so many assets a figure reads .87; with more, 87."""
FAINTEST: Final = 0.4
"""What correlates less than this has the colour of it: few coins do, and colours must tell the others apart."""
SCALE_AT: Final = (0.57, 0.945, 0.4, 0.03)
"""In the empty half, also where that is one cell of three assets: left, bottom, width and height, in fractions."""
LEAST_ASSETS: Final = 3
"""Of two there is one figure, and no picture."""
DARK_INK: Final = 0.45
"""Above this luminance of a cell its figure is dark."""


class Look(StrEnum):
    """For which background a picture is made."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class _Colours:
    """Of the picture, the words on it, and the scale by matplotlib's name."""

    paper: str
    ink: str
    scale: str


COLOURS: Final[Mapping[Look, _Colours]] = {
    Look.LIGHT: _Colours("#ffffff", "#1c1c1e", "YlOrRd"),
    Look.DARK: _Colours("#17212b", "#f2f2f7", "inferno"),
}


class NoPictures(Exception):
    """matplotlib is not installed. The message is one sentence with the remedy."""


@exact
def heat_map(found: Together, look: Look = Look.LIGHT) -> bytes:
    """A PNG of all pairs. Raises NoPictures; there must be three assets."""
    try:
        from matplotlib import colormaps
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        remedy = "install it (pip install -r requirements/pictures.txt)"
        raise NoPictures(f"pictures need matplotlib, which is not installed: {remedy}") from None
    colours, order = COLOURS[look], by_likeness(found)
    scale = colormaps[colours.scale].with_extremes(bad=colours.paper)
    dots = FINE_DOTS if len(order) > MANY else DOTS
    figure = Figure(figsize=(INCHES, INCHES), dpi=dots, facecolor=colours.paper)
    canvas: Any = FigureCanvasAgg(figure)
    axes = figure.add_axes((LEFT, BOTTOM, RIGHT - LEFT, TOP - BOTTOM))
    axes.set_axis_off()
    image = axes.imshow(_lower_half(found, order), cmap=scale, vmin=FAINTEST, vmax=1, aspect="auto")
    _write_figures(axes, _cells(found, order), image, len(order))
    _write_names(axes, order, colours.ink)
    bar = figure.colorbar(image, cax=axes.inset_axes(SCALE_AT), orientation="horizontal")
    bar.set_ticks([FAINTEST, 0.6, 0.8, 1], labels=["≤0.4", "0.6", "0.8", "1"])
    bar.ax.tick_params(labelsize=8, length=2, color=colours.ink, labelcolor=colours.ink)
    bar.outline.set_visible(False)
    canvas.draw()
    return _png(canvas)


def _png(canvas: Any) -> bytes:
    """With colours enough for edges of letters to be smooth: a third of the bytes of one with all of them."""
    from PIL import Image

    drawn = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba())
    file = io.BytesIO()
    drawn.convert("RGB").quantize(MOST_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG")
    return file.getvalue()


def by_likeness(found: Together) -> tuple[Asset, ...]:
    """The assets in the order of the picture: the ones first that correlate most with all others."""
    sums = dict.fromkeys(found.assets, ZERO)
    for pair in found.pairs:
        sums[pair.first] += pair.correlation
        sums[pair.second] += pair.correlation
    return tuple(sorted(found.assets, key=lambda asset: (-sums[asset], asset)))


def _lower_half(found: Together, order: Sequence[Asset]) -> list[list[float]]:
    """A row for every asset but the first, a column for every one but the last."""
    rows = [[math.nan] * (len(order) - 1) for _ in order[1:]]
    for (row, column), value in _cells(found, order).items():
        rows[row][column] = float(value)
    return rows


def _cells(found: Together, order: Sequence[Asset]) -> dict[tuple[int, int], Decimal]:
    """The correlation of each cell by row and column."""
    known = {frozenset((pair.first, pair.second)): pair.correlation for pair in found.pairs}
    places = combinations(range(len(order)), 2)
    return {(lower - 1, upper): known[frozenset((order[upper], order[lower]))] for upper, lower in places}


def _write_figures(axes: Axes, cells: Mapping[tuple[int, int], Decimal], image: Any, assets: int) -> None:
    """The figure in each cell, dark where the cell is light."""
    size = _letters(assets, share=0.38)
    for (row, column), value in cells.items():
        red, green, blue, _ = image.to_rgba(float(value))
        ink = "#111111" if 0.299 * red + 0.587 * green + 0.114 * blue > DARK_INK else "#ffffff"
        axes.text(column, row, _short(value, assets), ha="center", va="center", color=ink, fontsize=size)


def _write_names(axes: Axes, order: Sequence[Asset], ink: str) -> None:
    """Beside and below. What comes from outside is no formula, and has no letter that the font lacks."""
    size, is_narrow = min(_letters(len(order), share=0.5), LARGEST_NAME), len(order) > MOST_UPRIGHT
    style: dict[str, Any] = {"color": ink, "fontsize": size, "parse_math": False, "textcoords": "offset points"}
    below: dict[str, Any] = (
        {"ha": "right", "rotation": 50, "rotation_mode": "anchor"} if is_narrow else {"ha": "center"}
    )
    for place, asset in enumerate(order[1:]):
        side = ("axes fraction", "data")
        axes.annotate(_name(asset), (0, place), xycoords=side, xytext=(-4, 0), ha="right", va="center", **style)
    for place, asset in enumerate(order[:-1]):
        foot = ("data", "axes fraction")
        axes.annotate(_name(asset), (place, 0), xycoords=foot, xytext=(0, -4), va="top", **below, **style)


def _letters(assets: int, share: float) -> float:
    """A size of letters that takes this share of a cell."""
    cell = INCHES * POINTS * (TOP - BOTTOM) / (assets - 1)
    return min(max(cell * share, SMALLEST), LARGEST)


def _short(value: Decimal, assets: int) -> str:
    text = f"{abs(value):.2f}"
    short = text.removeprefix("0") if assets <= MANY else text.removeprefix("0.").replace(".", "")
    return f"−{short}" if value < 0 else short


def _name(asset: Asset) -> str:
    shown = clean(asset, NAME_COLUMNS)
    return "".join(character if character.isascii() else "?" for character in shown.replace("…", "."))
