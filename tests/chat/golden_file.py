"""Compare messages with what a reviewer has read and approved: `UPDATE_GOLDEN=1` writes the files anew.

A file holds the HTML as it is sent, a rule, the rows of buttons with what each carries, and the name of the file that
goes along; parts are set apart.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from bot.chat.message import Button, Message

FOLDER: Final = Path(__file__).parent / "golden"
BETWEEN_PARTS: Final = "\n\n================================\n\n"
BEFORE_BUTTONS: Final = "\n--------------------------------\n"
DIGEST: Final = re.compile(r":[0-9a-f]{8}$")
"""It changes with every field that a plan gains; that buttons carry the right one has a test of its own."""


def assert_golden(name: str, *messages: Message) -> None:
    """Fail where the messages differ from the file of that name."""
    path = FOLDER / f"{name}.html"
    text = BETWEEN_PARTS.join(as_text(message) for message in messages) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"no golden file {path.name}: run once with UPDATE_GOLDEN=1, and read it"
    assert text == path.read_text(encoding="utf-8")


def as_text(message: Message) -> str:
    """A message with its buttons and its file, and whether it makes a sound."""
    rows = [" ".join(_button(button) for button in row) for row in message.keyboard]
    sound = "(silent)" if message.silent else ""
    file = f"(file {message.file.name}, {message.file.mime_type})" if message.file else ""
    return message.html + BEFORE_BUTTONS + "\n".join(part for part in (*rows, sound, file) if part)


def _button(button: Button) -> str:
    style = f"({button.style})" if button.style else ""
    return f"[{button.label}]{style} {DIGEST.sub(':digest', button.payload)}"
