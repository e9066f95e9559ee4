"""Exact quantities: the units, the decimal context they live in, and rounding to a venue's steps.

Units are `NewType`s over `Decimal`: the type checker finds a price passed as a quantity, and at run time there is
nothing but exact decimals. No float enters: `EXACT` traps a float that is compared or mixed with a decimal.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
    localcontext,
    setcontext,
)
from typing import NewType, ParamSpec, TypeVar

from engine.model.errors import InvalidValue

Quantity = NewType("Quantity", Decimal)
"""Units of an asset."""
Price = NewType("Price", Decimal)
"""Units of quote for one unit of base."""
Money = NewType("Money", Decimal)
"""An amount in the numeraire, or in the quote currency where the name says so."""
Weight = NewType("Weight", Decimal)
"""A fraction of 1 of the managed value."""
Bps = NewType("Bps", Decimal)
"""Basis points: 1/10,000."""

ZERO = Decimal(0)
ONE = Decimal(1)
BPS_IN_ONE = Decimal(10_000)
RATIO_STEP = Decimal("1e-18")
"""Ratios and converted amounts are kept to 18 decimals, as fine as the finest asset is divided."""

EXACT = Context(
    prec=78,
    rounding=ROUND_HALF_EVEN,
    traps=[FloatOperation, InvalidOperation, DivisionByZero, Overflow],
)
"""78 digits hold a 256-bit integer, so that sums and products of what venues and chains report are exact."""

MOST_WHOLE_DIGITS = 30
"""Before the point: no amount and no price of anything needs more, and products of two stay exact."""

TOO_LONG = f"expected a number of at most {MOST_WHOLE_DIGITS} digits before the point and {EXACT.prec} after it"

P = ParamSpec("P")
R = TypeVar("R")


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """Run a pure function in `EXACT`, whatever context the caller's thread has."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return wrapper


def use_exact_context() -> None:
    """Make `EXACT` the context of this thread and of the tasks it starts; called once at start-up."""
    setcontext(EXACT.copy())


def decimal_of(value: object, field: str) -> Decimal:
    """Read a finite decimal from a string, an int or a `Decimal`; a float is refused.

    Raises InvalidValue, which names `field`.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise InvalidValue(field, f"expected a decimal number, got {type(value).__name__}")
    try:
        number = EXACT.create_decimal(value)
    except InvalidOperation as error:
        raise InvalidValue(field, f"expected a decimal number, got {str(value)[:40]!r}") from error
    except Overflow as error:
        raise InvalidValue(field, TOO_LONG) from error
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise InvalidValue(field, f"expected a finite number, got {value}")
    if exponent < -EXACT.prec or (number and number.adjusted() >= MOST_WHOLE_DIGITS):
        raise InvalidValue(field, TOO_LONG)
    return number


def ratio(part: Decimal, whole: Decimal) -> Decimal:
    """`part / whole` to 18 decimals, half to even. `whole` must not be zero."""
    return (part / whole).quantize(RATIO_STEP, rounding=ROUND_HALF_EVEN)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum; zero of nothing."""
    return sum(amounts, ZERO)


def bps_of(amount: Decimal, bps: Decimal) -> Decimal:
    """So many basis points of an amount, exact."""
    return amount * bps / BPS_IN_ONE


def floor_to_step(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` that is not above `value`. `step` is above zero."""
    return (value / step).to_integral_value(rounding=ROUND_FLOOR) * step


def ceil_to_step(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of `step` that is not below `value`. `step` is above zero."""
    return (value / step).to_integral_value(rounding=ROUND_CEILING) * step


def truncate(value: Decimal, decimals: int) -> Decimal:
    """Cut towards zero to so many decimals."""
    return value.quantize(ONE.scaleb(-decimals), rounding=ROUND_DOWN)


def plain(value: Decimal) -> str:
    """The one text of a decimal: no exponent, no trailing zeros, no negative zero. Exact."""
    if not value:
        return "0"
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
