"""What people are told: facts that wait for their messages, and the messages that stand for something in a chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from engine.model.ids import PortfolioId
from engine.ports import CardRecord, OutboxRow
from engine.store.event_log import event_of
from engine.store.schema import card, event, outbox
from engine.store.upserts import upsert

CARDS_AT_HAND: Final = 64

# Statements that every round of the outbox runs are built once: building one costs more than running it.
UNTOLD: Final = (
    sa.select(event, outbox.c.attempts)
    .join_from(outbox, event)
    .where(outbox.c.portfolio == bindparam("of"), sa.not_(outbox.c.told))
    .order_by(outbox.c.seq)
    .limit(bindparam("most"))
)
IN_QUESTION: Final = sa.update(outbox).where(outbox.c.seq.in_(bindparam("seqs", expanding=True)))
TOLD: Final = IN_QUESTION.values(told=True)
FAILED: Final = IN_QUESTION.values(attempts=outbox.c.attempts + 1)
CARD: Final = sa.select(card).where(card.c.key == bindparam("of"), card.c.chat_id == bindparam("chat"))


def untold(connection: sa.Connection, portfolio: PortfolioId, limit: int) -> tuple[OutboxRow, ...]:
    """Facts that are still to be told, oldest first."""
    rows = connection.execute(UNTOLD, {"of": portfolio, "most": limit}).mappings()
    return tuple(OutboxRow(event_of(row), row["attempts"]) for row in rows)


def mark_told(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """These need no message any more."""
    connection.execute(TOLD, {"seqs": seqs})


def count_failure(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Telling these failed once more."""
    connection.execute(FAILED, {"seqs": seqs})


def read_card(connection: sa.Connection, key: str, chat_id: int) -> CardRecord | None:
    """The message that stands for something in a chat."""
    row = connection.execute(CARD, {"of": key, "chat": chat_id}).one_or_none()
    return None if row is None else CardRecord(row.key, row.chat_id, row.message_id, row.content_hash, row.updated_at)


def write_card(connection: sa.Connection, record: CardRecord) -> CardRecord:
    """Insert or replace it."""
    upsert(connection, card, [asdict(record)], ("key", "chat_id"), ("message_id", "content_hash", "updated_at"))
    return record


@dataclass(slots=True)
class Untold:
    """Whether anything is left to tell, as far as that is known without a look at the outbox."""

    announced: int = 0
    """How many appends may have left something to tell."""
    left: frozenset[int] = frozenset()
    """What had not been told, of all that was announced up to `left_at`."""
    left_at: int | None = None

    @property
    def is_nothing(self) -> bool:
        """All is told, and nothing was announced since."""
        return self.left_at == self.announced and not self.left

    def seen_whole(self, rows: Sequence[OutboxRow], as_of: int) -> None:
        """These rows were all there were in a look that began when so many appends had announced something."""
        self.left, self.left_at = frozenset(row.event.seq for row in rows), as_of

    def told(self, seqs: Sequence[int]) -> None:
        """These are marked."""
        self.left -= set(seqs)


@dataclass(slots=True)
class RecentCards:
    """The cards that were written last, as a card that changes is read before each of its edits."""

    cards: dict[tuple[str, int], CardRecord] = field(default_factory=dict)

    def get(self, key: str, chat_id: int) -> CardRecord | None:
        """A card, where it is at hand."""
        return self.cards.get((key, chat_id))

    def settle(self, card: CardRecord) -> Callable[[CardRecord | None], None]:
        """What keeps a card once it is committed, and forgets what was there where that is in doubt."""

        def settled(committed: CardRecord | None) -> None:
            self.cards.pop((card.key, card.chat_id), None)
            if committed is not None:
                self.cards[card.key, card.chat_id] = committed
            if len(self.cards) > CARDS_AT_HAND:
                del self.cards[next(iter(self.cards))]

        return settled
