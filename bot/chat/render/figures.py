"""The only place that turns numbers and instants into text. Decimals in, words for a phone out; never a float. Pure.

Figures carry no markup. The functions that name a unit take it from outside and escape it (see `names`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Final

from bot.chat.render.frame import Frame
from bot.chat.render.names import name
from engine.model.ids import Asset
from engine.model.money import BPS_IN_ONE, ONE, ZERO, exact

MINUS: Final = "−"
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HUNDRED: Final = Decimal(100)
MILLION: Final = Decimal(1_000_000)
TOO_LONG_TO_READ: Final = Decimal("1e15")
"""From here on a figure is told by its first digits and its power of ten."""
SMALLEST_SHOWN: Final = Decimal("1e-12")
LEAST_PERCENT: Final = Decimal("0.05")
LEAST_MONEY: Final = Decimal("0.01")
WHOLE_PERCENT_FROM: Final = Decimal(10)
QUANTITY_DIGITS: Final = 8
PRICE_DIGITS: Final = 6
BAR_CELLS: Final = 10
HALF_A_BPS_DIGIT: Final = Decimal("0.05")
SECONDS_OF: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


@exact
def amount(value: Decimal) -> str:
    """Money without its unit: two decimals, none from a million on, two digits where it is under a cent."""
    size = abs(value)
    if size >= TOO_LONG_TO_READ or (value and size < SMALLEST_SHOWN):
        return _extreme(value)
    if size >= MILLION:
        return _fixed(value, 0)
    return _fixed(value, 2) if not value or size >= LEAST_MONEY else _significant(value, 2)


@exact
def gain(value: Decimal) -> str:
    """Money that was made or lost, with its sign and without its unit."""
    return _with_sign(value, amount(value))


def gain_money(value: Decimal, unit: str) -> str:
    """The same with its unit, as HTML."""
    return f"{gain(value)} {name(unit)}".rstrip()


@exact
def shown(value: Decimal) -> Decimal:
    """Money as it is shown, so that what is said of two shown amounts agrees with them."""
    return value if abs(value) >= MILLION else value.quantize(LEAST_MONEY, rounding=ROUND_HALF_EVEN)


def money(value: Decimal, unit: str) -> str:
    """Money with its unit, as HTML."""
    return f"{amount(value)} {name(unit)}".rstrip()


@exact
def quantity(value: Decimal) -> str:
    """Units of an asset: at most eight decimals, fewer for large ones, no trailing zeros."""
    if abs(value) >= TOO_LONG_TO_READ or (value and abs(value) < SMALLEST_SHOWN):
        return _extreme(value)
    if value and abs(value) < ONE.scaleb(-QUANTITY_DIGITS):
        return _significant(value, 2)
    return _trimmed(_fixed(value, min(QUANTITY_DIGITS, max(0, QUANTITY_DIGITS - 1 - _power(value)))))


def units(value: Decimal, asset: str) -> str:
    """A quantity with its asset, as HTML."""
    return f"{quantity(value)} {name(asset)}".rstrip()


@exact
def price(value: Decimal) -> str:
    """A price: six digits at least, two decimals at least, no trailing zeros."""
    if abs(value) >= TOO_LONG_TO_READ or (value and abs(value) < SMALLEST_SHOWN):
        return _extreme(value)
    return _trimmed(_fixed(value, max(2, PRICE_DIGITS - 1 - _power(value))))


@exact
def percent(fraction: Decimal) -> str:
    """A fraction of 1 as a percentage with one decimal."""
    return "under 0.1 %" if _hardly_any(fraction) else f"{amount_or_power(fraction * HUNDRED, 1)} %"


@exact
def percent_digits(fraction: Decimal) -> str:
    """The same without its unit, for a column of percentages; the table escapes it."""
    return "<0.1" if _hardly_any(fraction) else amount_or_power(fraction * HUNDRED, 1)


def _hardly_any(fraction: Decimal) -> bool:
    return ZERO < fraction * HUNDRED < LEAST_PERCENT


@exact
def whole_percent(fraction: Decimal) -> str:
    """A share that needs no decimal: how much of a band or of a leg is used up. Rounded down: 99.9 is not yet 100."""
    return f"{_fixed((fraction * HUNDRED).to_integral_value(rounding='ROUND_FLOOR'), 0)} %"


@exact
def points_digits(difference: Decimal) -> str:
    """A difference of two weights in points with its sign, for a column."""
    return _with_sign(difference, amount_or_power(difference * HUNDRED, 1))


@exact
def points(difference: Decimal) -> str:
    """A difference of two weights in points with its sign."""
    return f"{points_digits(difference)} points"


@exact
def threshold_points(threshold: Decimal) -> str:
    """A threshold in points of weight, which has no sign."""
    return f"{amount_or_power(threshold * HUNDRED, 1)} points"


@exact
def relative_digits(relative: Decimal) -> str:
    """A relative drift in percent with its sign, one decimal under ten."""
    value = relative * HUNDRED
    return _with_sign(value, amount_or_power(value, 0 if abs(value) >= WHOLE_PERCENT_FROM else 1))


@exact
def of_target(relative: Decimal | None) -> str:
    """A relative drift in words; where the target is 0 there is nothing to compare with."""
    return "none is wanted" if relative is None else f"{relative_digits(relative)} % of target"


@exact
def bps(value: Decimal) -> str:
    """Basis points with one decimal where there is one."""
    if ZERO < abs(value) < HALF_A_BPS_DIGIT:
        return "under 0.1 bps"
    return f"{_trimmed(amount_or_power(value, 1))} bps"


@exact
def bps_of_whole(part: Decimal, whole: Decimal) -> str:
    """A part of a whole in basis points; nothing where the whole is nothing."""
    return bps(part * BPS_IN_ONE / whole) if whole else "0 bps"


@exact
def bps_with_percent(value: Decimal) -> str:
    """Basis points for those who do not think in them."""
    return f"{bps(value)} ({_trimmed(_fixed(value / HUNDRED, 2))} %)"


@exact
def correlation(value: Decimal) -> str:
    """A correlation, or another figure that is near its limit by the third decimal: no trailing zeros."""
    return _trimmed(amount_or_power(value, 3))


@exact
def share(part: Decimal, whole: Decimal) -> Decimal:
    """How much of a whole a part is; of nothing, nothing."""
    return part / whole if whole else ZERO


@exact
def bar(fraction: Decimal, cells: int = BAR_CELLS) -> str:
    """A bar that is full at 1. Only 0 is empty and only 1 is full."""
    filled = int((min(max(fraction, ZERO), ONE) * cells).to_integral_value(rounding=ROUND_HALF_UP))
    if ZERO < fraction < ONE:
        filled = min(max(filled, 1), cells - 1)
    return "▰" * filled + "▱" * (cells - filled)


def count(number: int, noun: str = "", plural: str = "") -> str:
    """So many of something."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}" if noun else f"{number:,}"


@exact
def megabytes(size: int) -> str:
    """A file's size."""
    return f"{_fixed(Decimal(size) / MILLION, 1)} MB"


# --- time ------------------------------------------------------------------------------------------------------------


def moment(at: datetime, frame: Frame) -> str:
    """HH:MM in the reader's zone, with the date where it is not today."""
    return f"{_date(at, frame)}{at.astimezone(frame.zone):%H:%M}"


def moment_zoned(at: datetime, frame: Frame) -> str:
    """The same with the zone's name, for what must not be misread."""
    return f"{moment(at, frame)} {at.astimezone(frame.zone):%Z}"


def moment_seconds(at: datetime, frame: Frame) -> str:
    """The same to the second."""
    return f"{_date(at, frame)}{at.astimezone(frame.zone):%H:%M:%S}"


def day(on: date, frame: Frame) -> str:
    """A date of a calendar, with its year where it is another one."""
    year = "" if on.year == frame.now.astimezone(frame.zone).year else f" {on.year}"
    return f"{on.day} {MONTHS[on.month - 1]}{year}"


def full_day(on: date) -> str:
    """A date with its year, whenever it is read."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def _date(at: datetime, frame: Frame) -> str:
    local, today = at.astimezone(frame.zone), frame.now.astimezone(frame.zone)
    if local.date() == today.date():
        return ""
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {MONTHS[local.month - 1]}{year} "


def span(duration: timedelta) -> str:
    """How long, in its two largest units; a time that is over is no time."""
    seconds = max(0, duration // timedelta(seconds=1))
    parts = []
    for unit, size in SECONDS_OF:
        if seconds >= size:
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
    return " ".join(parts[:2]) or "0 s"


def milliseconds(duration: timedelta) -> str:
    """How long an answer took."""
    return f"{duration // timedelta(milliseconds=1):,} ms"


@exact
def seconds_as_span(seconds: Decimal) -> str:
    """How long, from a number of seconds."""
    return span(timedelta(seconds=int(min(seconds, TOO_LONG_TO_READ.scaleb(-4)))))


# --- digits ----------------------------------------------------------------------------------------------------------


def amount_or_power(value: Decimal, decimals: int) -> str:
    """So many decimals, or the power of ten of a figure that nobody can read."""
    return _extreme(value) if abs(value) >= TOO_LONG_TO_READ else _fixed(value, decimals)


def _fixed(value: Decimal, decimals: int) -> str:
    rounded = value.quantize(ONE.scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    text = f"{abs(rounded):,f}"
    return f"{MINUS}{text}" if rounded < 0 else text


def _significant(value: Decimal, digits: int) -> str:
    return _trimmed(_fixed(value, digits - 1 - _power(value)))


def _extreme(value: Decimal) -> str:
    digits = value.scaleb(-_power(value))
    return f"{_trimmed(_fixed(digits, 2))}e{_power(value)}"


def _power(value: Decimal) -> int:
    return value.adjusted() if value else 0


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_sign(value: Decimal, text: str) -> str:
    return f"+{text}" if value > 0 and text.strip("0.") else text


def units_worth(value: Decimal, asset: str, worth: Decimal, unit: str) -> str:
    """A quantity with what it is worth, as HTML; said once where it is counted in that very unit."""
    return units(value, asset) if asset == unit else f"{units(value, asset)} ({money(worth, unit)})"


def asset_total(amounts: dict[Asset, Decimal]) -> str:
    """Amounts of several assets, one after the other, as HTML."""
    return ", ".join(units(value, asset) for asset, value in sorted(amounts.items()))
