"""The arrays of the statistics: 64-bit floats, that nobody changes once they are handed out."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Whole: TypeAlias = NDArray[np.int64]


def fixed(values: Floats) -> Floats:
    """The same array, read-only: what is remembered must stay what it was."""
    values.flags.writeable = False
    return values


def quotient(parts: Floats, wholes: Floats) -> Floats:
    """`parts / wholes`, and 0 where the whole is 0."""
    return np.divide(parts, wholes, out=np.zeros_like(parts), where=wholes > 0)
