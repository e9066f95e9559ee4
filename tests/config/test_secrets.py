"""Secrets do not show, and come only from where others cannot read them."""

from __future__ import annotations

import json
import logging
import pickle
from pathlib import Path

import pytest

from bot.config.secrets import Secret, SecretSources, SecretUnavailable, read_secret_file


def sources(home: Path) -> SecretSources:
    return SecretSources(environ={}, home=home, read_file=read_secret_file)


def secret_file(folder: Path, content: str | bytes, mode: int) -> Path:
    path = folder / "token"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def test_a_secret_shows_as_stars_wherever_it_is_printed(caplog: pytest.LogCaptureFixture) -> None:
    """Text, representation, format, containers, logs and JSON: the value is in none of them."""
    secret = Secret("hunter2")
    logging.getLogger("test").warning("token %s", secret)
    printed = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret:>10}",
        f"{secret!r}",
        str({"a": [secret]}),
        caplog.text,
    ]
    assert all("***" in text and "hunter2" not in text for text in printed)
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert secret.reveal() == "hunter2"


def test_secrets_are_equal_by_value() -> None:
    """So that settings can be compared after a reload."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


@pytest.mark.parametrize(
    "written", ["-----BEGIN KEY-----\nabc\n-----END KEY-----\n", "-----BEGIN KEY-----\\nabc\\n-----END KEY-----\\n"]
)
def test_a_key_of_several_lines_can_be_written_as_one(tmp_path: Path, written: str) -> None:
    """From a file or a variable, with line ends or with what stands for them; any other secret stays as it is."""
    wanted = "-----BEGIN KEY-----\nabc\n-----END KEY-----"
    path = secret_file(tmp_path, written, 0o600)
    from_variable = SecretSources({"S": written, "T": "a\\nb"}, tmp_path, read_secret_file)
    for secret in (sources(tmp_path).from_file(str(path)), from_variable.from_variable("S")):
        assert secret.reveal().strip() == wanted
    assert from_variable.from_variable("T") == Secret("a\\nb")


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_file_that_only_its_owner_can_read_is_used(tmp_path: Path, mode: int) -> None:
    """White space around the secret, such as the last line's end, is not part of it; ~ is the home."""
    path = secret_file(tmp_path, "hunter2\n", mode)
    assert sources(tmp_path).from_file(str(path)) == Secret("hunter2")
    assert sources(tmp_path).from_file("~/token") == Secret("hunter2")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o444, 0o620])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    """The message holds the command that mends it."""
    path = secret_file(tmp_path, "hunter2", mode)
    with pytest.raises(SecretUnavailable, match=f"mode {mode:o}.*chmod 600 {path}") as caught:
        sources(tmp_path).from_file(str(path))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("content", "why"), [("", "is empty"), (" \n", "is empty"), (b"\xff\xfe", "holds no text")])
def test_a_file_without_a_secret_is_refused(tmp_path: Path, content: str | bytes, why: str) -> None:
    """An empty file, or one that is no text, is no secret."""
    with pytest.raises(SecretUnavailable, match=why):
        sources(tmp_path).from_file(str(secret_file(tmp_path, content, 0o600)))


def test_a_folder_is_no_secret(tmp_path: Path) -> None:
    """What cannot be read says why."""
    with pytest.raises(SecretUnavailable, match=r"cannot be read \(Is a directory\)"):
        sources(tmp_path).from_file(str(tmp_path))
