"""The sandbox's events: the card with a button for each, and what to watch for once one happens. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from bot.chat.message import Button, Message, Style
from bot.chat.payloads import ViewVerb, view_payload
from bot.chat.render.layout import lines, paragraphs
from bot.chat.render.names import bare, name
from bot.chat.sandbox_events import Happening, SandboxEvent, Subjects, event_payload

CRASH_PERCENT: Final = Decimal(30)
MOST_ASSETS: Final = 3
MOST_IN_ROW: Final = 3
TOLD_LIMIT: Final = 300
"""Characters of what the sandbox says that are shown."""
WATCH: Final[Mapping[Happening, str]] = {
    Happening.HALT: "Watch for a word about it here, and /venues: that decides whether plans still use it.",
    Happening.SLOW: "Watch /health for how long it takes to answer, and /drift: a look takes longer now.",
    Happening.DEPEG: "Watch for a word about its peg, and for a plan that sells it. /risk shows it.",
    Happening.CRASH: "Watch for a drift alert or, where it fell to its stop, for a plan that sells. /risk shows it.",
    Happening.RECOVER: "Watch /venues. What was halted meanwhile waits for a word from you there.",
}
RECOVER: Final = SandboxEvent(Happening.RECOVER)


def events_card(subjects: Subjects) -> Message:
    """What can happen, with a button for the most usual of each."""
    html = paragraphs(
        "🎬 <b>What can happen in the sandbox</b>",
        lines(
            "/sandbox halt <i>venue</i>: it pays nothing out any more, and goes from bad to worse",
            "/sandbox slow <i>venue</i>: it answers late",
            "/sandbox depeg <i>stablecoin 0.93</i>: it falls to so many USD within a minute",
            "/sandbox crash <i>asset percent</i>: its price falls at once",
            "/sandbox recover: all of it ends",
        ),
        "Nothing of it is real: only the sandbox's own exchanges and prices are bent.",
    )
    crashes = (SandboxEvent(Happening.CRASH, asset, CRASH_PERCENT) for asset in subjects.assets[:MOST_ASSETS])
    keyboard = (
        *_rows("🛑 Halt", (SandboxEvent(Happening.HALT, venue) for venue in subjects.venues)),
        *_rows("🐌 Slow", (SandboxEvent(Happening.SLOW, venue) for venue in subjects.venues)),
        *_rows("💵 Depeg", (SandboxEvent(Happening.DEPEG, coin) for coin in subjects.stablecoins)),
        *_rows("📉 Crash", crashes),
        *_rows("✅ Recover", (RECOVER,)),
    )
    return Message(html, keyboard)


def happened(event: SandboxEvent, told: str) -> Message:
    """What the sandbox says that it did, and what to watch for. `told` is from outside."""
    said = name(told.rstrip(". "), TOLD_LIMIT)
    health = Button("Health", view_payload(ViewVerb.HEALTH))
    drift = Button("Drift", view_payload(ViewVerb.DRIFT))
    recover = () if event.what is Happening.RECOVER else _row("✅ Recover", (RECOVER,))
    return Message(f"🎬 <b>In the sandbox:</b> {said}.\n{WATCH[event.what]}", ((drift, health, *recover),))


def _rows(verb: str, events: Iterable[SandboxEvent]) -> list[tuple[Button, ...]]:
    buttons = _row(verb, events)
    return [buttons[start : start + MOST_IN_ROW] for start in range(0, len(buttons), MOST_IN_ROW)]


def _row(verb: str, events: Iterable[SandboxEvent]) -> tuple[Button, ...]:
    """A button for each event whose names a button can carry; the others can be typed."""
    style = Style.SUCCESS if verb.endswith("Recover") else Style.PLAIN
    return tuple(
        Button(f"{verb} {bare(event.subject, 16)}".rstrip(), payload, style)
        for event in events
        if (payload := event_payload(event)) is not None
    )
