"""Secrets on their way in: from the environment or from a file that only its owner can read, never written inline.

A secret shows itself as *** wherever it is printed, logged or put into a message.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MASK: Final = "***"
VARIABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SHOWABLE_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,40}")
"""A key pasted by mistake where the name of a variable belongs must not be repeated in a message."""
LOOKS_SECRET: Final = re.compile(
    r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}|0x[0-9a-fA-F]{64}\b|(?<=signature=)[^&\s]+|(?<=api_key=)[^&\s]+|(?<=apiKey=)[^&\s]+"
)
"""Bot tokens, private keys, and what signs or names a request. A token follows on letters in /bot123456:…/getMe."""
PEM: Final = "-----BEGIN"
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Secret:
    """A value that must not be seen. `reveal` is the only way to it; two secrets of one value are equal."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value in clear. Whoever asks for it hands it to the service that it is for, and to nothing else."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written to disk")


class SecretUnavailable(Exception):
    """A secret could not be had. The message is one sentence with the remedy, without the secret."""


@dataclass(frozen=True, slots=True)
class SecretSources:
    """Where secrets come from: the process's environment and the files below `home`."""

    environ: Mapping[str, str]
    home: Path
    read_file: Callable[[Path], str]

    def from_variable(self, name: str) -> Secret:
        """The value of an environment variable. Raises SecretUnavailable where it is not set."""
        if not VARIABLE_NAME.fullmatch(name):
            raise SecretUnavailable("write the name of an environment variable here, not the secret itself")
        value = self.environ.get(name, "").strip()
        if not value:
            called = f"environment variable {name}" if SHOWABLE_NAME.fullmatch(name) else "environment variable"
            raise SecretUnavailable(f"the {called} is not set or empty; set it where the bot is started")
        return Secret(_with_line_ends(value))

    def from_file(self, written: str) -> Secret:
        """What a file holds, without white space around it. Raises SecretUnavailable where it cannot be used."""
        path = self.home / written[2:] if written.startswith("~/") else Path(written)
        if not path.is_absolute():
            raise SecretUnavailable("write a path that begins with / or ~/")
        try:
            value = self.read_file(path).strip()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it holds no text"
            raise SecretUnavailable(f"the file cannot be read ({why}); check the path and its owner") from None
        if not value:
            raise SecretUnavailable("the file is empty; write the secret into it")
        return Secret(_with_line_ends(value))


def without_secrets(text: str) -> str:
    """A text with stars in place of what looks like a secret, whoever it belongs to."""
    return LOOKS_SECRET.sub(MASK, text)


def _with_line_ends(value: str) -> str:
    """A key in PEM takes several lines, which exchanges hand out, and variables hold, as one with \\n in it."""
    return value.replace("\\n", "\n") if PEM in value else value


def read_secret_file(path: Path) -> str:
    """Read a file that only its owner can read. Raises SecretUnavailable where others can, OSError where none can."""
    with path.open(encoding="utf-8") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & OTHERS:
            raise SecretUnavailable(f"others can use the file (mode {mode:o}); run: chmod 600 {path}")
        return file.read()
