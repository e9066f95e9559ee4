"""How far coins move together, in words: the caption of the picture, and the table where there is none. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bot.chat.message import Message
from bot.chat.render import figures
from bot.chat.render.layout import columns, joined, lines, paragraphs, table
from bot.chat.render.names import cell, name
from engine.model.guards import Correlation, Stance
from engine.model.money import ONE, exact
from engine.model.together import LeftOut, Ranked, Together

TITLE: Final = "🔗 <b>How your coins move together</b>"
HOW: Final = "Daily moves, the newest weigh most: half as much after 23 days."
MOST_LEFT_OUT: Final = 6
MOST_PAIRS: Final = 20
PAIR_COLUMNS: Final = 21
FIGURE_COLUMNS: Final = 8


@exact
def caption(found: Together, rule: Correlation) -> Message:
    """The average, the most correlated pair and the bets, each with its limit and where it stands in its own past."""
    assert found.average is not None and found.bets is not None, "pairs come with both"
    most, several, above = found.pairs[0], len(found.assets) > 2, found.bets.rank
    higher = _against(found.average, "higher", found.average.rank)
    lower = _against(found.bets, "lower", None if above is None else ONE - above)
    average = (
        f"Average: <b>{figures.correlation(found.average.now)}</b> of {figures.count(len(found.pairs), 'pair')} "
        f"(limit {figures.correlation(rule.average)}){higher}."
    )
    bets = (
        f"Independent bets: <b>{figures.amount(found.bets.now)}</b> of {len(found.assets)} "
        f"(limit {figures.correlation(rule.bets)}){lower}."
    )
    pair = (
        f"Most alike: {name(most.first)} and {name(most.second)}, <b>{figures.correlation(most.correlation)}</b> "
        f"(limit {figures.correlation(rule.pair)})."
    )
    return Message(
        paragraphs(
            TITLE,
            lines(average if several else "", pair, bets if several else ""),
            lines(HOW, _left_out(found.left_out), _off(rule)),
        )
    )


def _against(figure: Ranked, how: str, share: Decimal | None) -> str:
    if share is None:
        return f"; what is usual is known after {figures.count(figure.needed, 'day')}, and {figure.days} are there"
    return f", {how} than on {figures.whole_percent(share)} of the last {figures.count(figure.days, 'day')}"


def _left_out(left_out: tuple[LeftOut, ...]) -> str:
    if not left_out:
        return ""
    said = [f"{name(each.asset)} ({each.days} of {each.needed} days)" for each in left_out]
    return f"Not compared yet: {joined(said, MOST_LEFT_OUT)}."


def _off(rule: Correlation) -> str:
    return "Nothing watches this: risk.correlation is off." if rule.stance is Stance.OFF else ""


@exact
def in_words(told: Message, found: Together, problem: str) -> Message:
    """The same without a picture: the pairs as a table, and what a picture would take."""
    rows = [
        row
        for pair in found.pairs[:MOST_PAIRS]
        for row in columns(cell(pair.name, PAIR_COLUMNS), (figures.correlation(pair.correlation),), FIGURE_COLUMNS)
    ]
    rest = len(found.pairs) - MOST_PAIRS
    more = f"and {figures.count(rest, 'pair')} that correlate less" if rest > 0 else ""
    said = f"I cannot draw this: {name(problem, limit=200)}."
    return Message(paragraphs(told.html, lines(table(rows), more), said))


def nothing_to_compare(found: Together | None, rule: Correlation) -> Message:
    """Where there are not two coins of which enough is known."""
    needed = "There are not two coins to compare: it takes two that are no stablecoins, with known prices."
    untold = "No venue has told daily prices of your coins yet."
    if rule.stance is Stance.OFF:
        untold = "I ask for no past prices, as risk.correlation is off: with “alert” it only tells."
    return Message(paragraphs(TITLE, lines(needed, _left_out(found.left_out) if found else untold)))
