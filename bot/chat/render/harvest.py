"""Losses that are worth realising: what they save, what they cost, and what is left to be taxed later. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.message import Message
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import ends, fitting, lines, paragraphs, table
from bot.chat.render.names import cell
from engine.model.money import Money, exact, total
from engine.model.plan_tax import Harvest

NAME_COLUMNS = 12


@exact
def harvest_suggested(found: Sequence[Harvest], frame: Frame) -> Message:
    """What could be sold at a loss and bought back at once; nothing is done of it."""
    return Message(fitting(lambda room: _text(found, frame, room)), silent=True)


def _text(found: Sequence[Harvest], frame: Frame, room: int) -> str:
    net = Money(total(each.saves - each.cost for each in found))
    rows = [row for each in found[:room] for row in _rows(each)]
    rest = len(found) - room
    return paragraphs(
        lines(
            "✂️ <b>Losses that would save tax</b>",
            f"Sold and bought back at once, they would save about <b>{figures.money(net, frame.numeraire)}</b> "
            "after all costs.",
        ),
        lines(table(rows), f"and {figures.count(rest)} more" if rest > 0 else ""),
        "What is bought back has cost less: the gain that is left is taxed when that is sold. Whether your law counts "
        "a loss that is bought back, ask somebody who knows it; this is no tax advice.",
        'Nothing is traded. With <code>tax.harvest = "propose"</code> I make a plan of it, for you to approve.',
    )


def _rows(each: Harvest) -> list[str]:
    return [
        *ends(f"{figures.quantity(each.quantity)} {cell(each.asset, NAME_COLUMNS)}", cell(each.venue, NAME_COLUMNS)),
        *ends(" loss", figures.amount(each.loss)),
        *ends(" tax saved", figures.amount(each.saves)),
        *ends(" round trip", figures.amount(each.cost)),
        *ends(" gain left", figures.gain(each.left)),
    ]
