"""What the documents say is so: commands, targets, files and keys that they name exist, and none is left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from bot.chat.render.replies import COMMANDS, SANDBOX, help_page
from bot.cli import check_config

ROOT: Final = Path(check_config.__file__).parents[2]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS: Final = sorted(path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
PROSE: Final = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
CHAT: Final = re.compile(r"(?<![\w/.:>~-])/([a-z]{2,})(?![\w/.-])")
IN_A_CONTAINER: Final = {"config", "home"}


def subcommands() -> list[str]:
    """The commands of `equipoise --help`, asked of the program itself."""
    asked = subprocess.run(
        [sys.executable, "-m", "bot", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return re.findall(r"^    ([a-z][a-z-]+)(?: |$)", asked.stdout, re.MULTILINE)


def make_targets() -> set[str]:
    """What `make` can be asked for."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def in_code(text: str) -> str:
    """What stands in fences and backticks."""
    return "\n".join(CODE.findall(text))


def test_every_command_of_the_command_line_is_in_the_readme() -> None:
    """And the README names none that is not there."""
    known = subcommands()
    assert len(known) >= 7
    assert set(re.findall(r"`equipoise ([a-z-]+)", README)) == set(known)


def test_every_command_of_the_chat_is_in_the_readme_and_in_help() -> None:
    """And the documents name none that is not there. What is there in the sandbox alone need not be in the list."""
    words = {command.word for command in COMMANDS}
    assert words == set(CHAT.findall(help_page().html))
    (listed,) = re.findall(r"^In the chat: (.*?)\.$", README, re.MULTILINE | re.DOTALL)
    assert set(CHAT.findall(listed)) == words
    assert set(CHAT.findall(PROSE)) - IN_A_CONTAINER <= {*words, SANDBOX.word}


def test_every_make_target_that_is_named_exists() -> None:
    """In fences, in backticks, and in the build's own list of targets."""
    named = set(re.findall(r"\bmake ([a-z-]+)", in_code(PROSE)))
    assert {"demo", "test"} <= named
    assert named <= make_targets()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(phony.split()) == make_targets()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_function_and_test_that_a_document_names_exists(document: Path) -> None:
    """They are written as the file and the name: `bot/logs.py::Scrubber`."""
    named = re.findall(r"`([\w./-]+\.py)::(\w+)`", document.read_text(encoding="utf-8"))
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).exists()
        or not re.search(rf"(?m)^\s*(async def |def |class )?{name}\b", (ROOT / file).read_text(encoding="utf-8"))
    ]
    assert missing == []
    assert document.name != "reliability.md" or len(named) > 100


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_leads_to_exists(document: Path) -> None:
    """Links, pictures, and paths in backticks."""
    text = document.read_text(encoding="utf-8")
    links = [*re.findall(r"\]\(([^)#\s]+)", text), *re.findall(r'src="([^"]+)"', text)]
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    paths = re.findall(r"`((?:engine|bot|tests|docs|requirements|\.ci)/[\w./-]*)`", text)
    missing += [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


def test_every_key_that_the_readme_names_is_in_the_example() -> None:
    """Keys are written as in the file: `mode = "live"`, `approval.policy = "always"`."""
    example = tomllib.loads((ROOT / "config.example.toml").read_text(encoding="utf-8"))
    for path in re.findall(r"`([a-z_.]+) = ", README):
        table = example
        for key in path.split("."):
            assert key in table, path
            table = table[key]


# --- what no file may say ------------------------------------------------------------------------------------------

NOT_OURS: Final = {".git", ".venv", "__pycache__", "build", "dist", "node_modules"}
NOT_TEXT: Final = {".png", ".jpg", ".gz", ".ico", ".woff", ".woff2", ".sqlite"}
REGISTRIES: Final = (("files", "pythonhosted"), ("py" + "pi", "org"), ("registry", "npmjs"), ("deb", "debian", "org"))
FOLDERS: Final = ("wo" + "rk", "fa" + "rm", "ro" + "ot")
"""Of a machine that something was made on. In pieces, so that this file does not say them either."""
FORBIDDEN: Final = re.compile(
    "|".join([*(re.escape(".".join(parts)) for parts in REGISTRIES), *(f"/{folder}/" for folder in FOLDERS)])
)


def files() -> Iterator[Path]:
    """Every text file of the repository."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            f for f in folders if f not in NOT_OURS and not f.endswith(("_cache", ".egg-info", ".hypothesis"))
        ]
        yield from (path for name in names if (path := Path(folder, name)).suffix not in NOT_TEXT)


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    """What works here alone, or leads where a mirror should, is no part of the project."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in files()
        for match in FORBIDDEN.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_the_search_for_them_finds_them() -> None:
    """A pattern in pieces could match nothing at all."""
    for parts in REGISTRIES:
        assert FORBIDDEN.search(f"https://{'.'.join(parts)}/simple")
    for folder in FOLDERS:
        assert FORBIDDEN.search(f"see /{folder}/somewhere")
    assert {ROOT / "README.md", ROOT / "Makefile", ROOT / "bot" / "logs.py"} <= set(files())


def test_no_lock_file_names_an_address() -> None:
    """Requirements carry hashes; where they come from is each machine's own choice."""
    for lock in ("base.txt", "spreadsheet.txt", "pictures.txt", "dev.txt", "benchmark.txt"):
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
