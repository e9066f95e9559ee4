"""What is promised about telling people: every end is told, nothing waits for ever, and nothing is sent again idly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from bot.chat.message import Message
from engine.model import events as ev
from engine.model.events import Event
from tests.simulation.evidence import Evidence
from tests.simulation.people import MEMBERS
from tests.simulation.telegram import Sending

REPORTED: Final = (ev.PlanCompleted, ev.PlanAborted)
SHOWN_ON_THE_CARD: Final = (ev.PlanDeclined, ev.PlanExpired, ev.PlanSuperseded)


def every_end_is_told(seen: Evidence) -> Iterator[str]:
    """Every plan's end reaches every member who has not blocked the bot: a report, or the card as it is then."""
    for event in seen.events:
        if not isinstance(event.fact, REPORTED + SHOWN_ON_THE_CARD):
            continue
        kind = "report" if isinstance(event.fact, REPORTED) else "card"
        messages = _messages(seen, event)
        reached = {sending.chat for sending in seen.world.telegram.sendings if sending.message in messages}
        for chat in set(MEMBERS) - seen.world.telegram.blocked_by:
            if chat not in reached:
                yield f"the {kind} of {event.stream} ({event.kind}) never reached {chat}"


def nothing_is_told_twice(seen: Evidence) -> Iterator[str]:
    """A report or a card is not sent to a chat again, but where Telegram took it and we could not record that."""
    for sendings in sent_anew(seen).values():
        for first, second in pairwise(sendings):
            if not is_excused(first, second):
                yield f"chat {first.chat} got a message twice, at {first.at:.1f} and {second.at:.1f}"


def nothing_waits_untold(seen: Evidence) -> Iterator[str]:
    """At rest the outbox is empty: all that is announced was told, or can never be."""
    with seen.world.disk.read() as disk:
        (waiting,) = disk.execute("SELECT count(*) FROM outbox WHERE NOT told").fetchone()
    if waiting:
        yield f"{waiting} facts were never told"


def sent_anew(seen: Evidence) -> dict[tuple[str, int], list[Sending]]:
    """The reports and cards that were sent as new messages, by what they stand for and their chat.

    Other messages can be equal to the letter although they tell of different facts.
    """
    reports = {f"fact:{event.seq}" for event in seen.events if isinstance(event.fact, REPORTED)}
    keys: dict[Message, set[str]] = defaultdict(set)
    for post in (post for telling in seen.world.tellings for post in telling.posts):
        if post.key in reports or post.key.startswith("card:"):
            keys[post.message].add(post.key)
    found: dict[tuple[str, int], list[Sending]] = defaultdict(list)
    for sending in seen.world.telegram.sendings:
        for key in keys[sending.message] if sending.is_new else ():
            found[key, sending.chat].append(sending)
    return found


def is_excused(first: Sending, second: Sending) -> bool:
    """Telegram's answer was lost, or the process or its disk failed before the message was on record."""
    return not first.answered or first.life != second.life or first.troubles_before != second.troubles_before


def _messages(seen: Evidence, event: Event) -> list[object]:
    """What the announcer made of an end: its report where there is one, else the card."""
    of_event = [telling for telling in seen.world.tellings if telling.event.seq == event.seq]
    posts = [post for telling in of_event for post in telling.posts]
    report, card = f"fact:{event.seq}", f"card:{event.stream.removeprefix('plan:')}"
    wanted = report if isinstance(event.fact, REPORTED) else card
    return [post.message for post in posts if post.key == wanted]
