"""What the methods of choosing lots are called: in a sentence, in a word, and in a column. Pure."""

from __future__ import annotations

from typing import Final

from engine.model.lots import LotMethod

DESCRIBED: Final[dict[LotMethod, str]] = {
    LotMethod.FIFO: "oldest first (FIFO)",
    LotMethod.LIFO: "newest first (LIFO)",
    LotMethod.HIFO: "dearest first (HIFO)",
    LotMethod.LOFO: "cheapest first (LOFO)",
    LotMethod.SPECIFIC: "the lots that each sale names",
    LotMethod.AVERAGE: "average cost",
    LotMethod.UK: "same day, 30 days, pool (UK)",
    LotMethod.MIN_TAX: "least tax of the year",
}
"""For who meets it the first time."""
NAMES: Final[dict[LotMethod, str]] = {
    LotMethod.FIFO: "FIFO",
    LotMethod.LIFO: "LIFO",
    LotMethod.HIFO: "HIFO",
    LotMethod.LOFO: "LOFO",
    LotMethod.SPECIFIC: "named lots",
    LotMethod.AVERAGE: "average cost",
    LotMethod.UK: "UK matching",
    LotMethod.MIN_TAX: "least tax",
}
SHORT: Final[dict[LotMethod, str]] = {
    **{method: method.value.upper() for method in (LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO, LotMethod.LOFO)},
    LotMethod.SPECIFIC: "named",
    LotMethod.AVERAGE: "Average",
    LotMethod.UK: "UK",
    LotMethod.MIN_TAX: "Min. tax",
}
"""For a narrow column."""
