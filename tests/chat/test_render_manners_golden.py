"""Golden files of the cards of loudness and quiet hours, and of the words about a choice."""

from __future__ import annotations

from datetime import time

from bot.chat.render import loudness, quiet_hours
from engine.model import events as ev
from engine.model.notices import Loudness, NoticeKind
from engine.model.policy import QuietHours
from tests.chat import builders as a
from tests.chat.golden_file import assert_golden

NIGHT = QuietHours(time(22, 30), time(7))


def test_loudness() -> None:
    """As it is unless somebody chose, and with choices; a row never takes two lines."""
    assert_golden("loudness", loudness.loudness_card(()))
    chosen = tuple((kind, Loudness.OFF) for kind in NoticeKind)
    assert_golden("loudness_as_low_as_can_be", loudness.loudness_card(chosen))
    table = loudness.loudness_card(chosen).html.partition("<pre>")[2].partition("</pre>")[0]
    assert {len(row) for row in table.splitlines()} == {32}


def test_a_choice_of_loudness() -> None:
    """Told to the others; a hostile name cannot break it."""
    for name, degree in (("off", Loudness.OFF), ("silent", Loudness.SILENT)):
        fact = ev.LoudnessChosen(NoticeKind.DRIFT, degree, a.BEN, a.HOSTILE)
        assert_golden(f"loudness_chosen_{name}", loudness.chosen(fact))


def test_quiet_hours() -> None:
    """From the file, from the chat, and none."""
    assert_golden("quiet_from_file", quiet_hours.quiet_card(NIGHT, a.a_frame(), from_file=True))
    assert_golden("quiet_none", quiet_hours.quiet_card(None, a.a_frame(), from_file=False))


def test_a_choice_of_quiet_hours() -> None:
    """Hours, none, and those of the file, of which there may be none."""
    hours = ev.QuietChosen(NIGHT, False, a.BEN, "Ben")
    off, file = ev.QuietChosen(None, False, a.BEN, "Ben"), ev.QuietChosen(None, True, a.BEN, "Ben")
    said = [quiet_hours.chosen(fact, NIGHT, a.a_frame()) for fact in (hours, off, file)]
    assert_golden("quiet_chosen", *said, quiet_hours.chosen(file, None, a.a_frame()))
