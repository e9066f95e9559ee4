"""The process as a whole: how soon it works, and how much memory it takes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks.figures import note
from tests.benchmarks.sandbox_process import SandboxProcess, wait_until

pytestmark = pytest.mark.benchmark

STARTS: Final = 5
EVALUATIONS: Final = 15
SECONDS_TO_FIRST_EVALUATION: Final = 5.0
MEGABYTES: Final = 300.0


def test_start_to_first_evaluation(sandbox: SandboxProcess) -> None:
    """From the start of the process until the first evaluation is in the journal."""
    taken = []
    for number in range(STARTS):
        config = sandbox.config({"database": {"url": f"sqlite:///{sandbox.folder}/{number}/journal.sqlite"}})
        own = SandboxProcess(sandbox.folder / str(number), sandbox.described, sandbox.environ)
        begun = time.monotonic()
        with own.bot(config):
            wait_until(lambda journal=own: journal.evaluations() > 0)  # type: ignore[misc]
            taken.append(time.monotonic() - begun)
    told = f"median {sorted(taken)[STARTS // 2]:.2f} s, max {max(taken):.2f} s (n = {STARTS})"
    note("process start → first evaluation journalled", told, "5 s", max(taken) < SECONDS_TO_FIRST_EVALUATION)


def test_memory_with_many_markets(wide_sandbox: SandboxProcess) -> None:
    """Two exchanges of 800 markets each, after some evaluations."""
    with wide_sandbox.bot(wide_sandbox.config()) as bot:
        wait_until(lambda: wide_sandbox.evaluations() >= EVALUATIONS, look_every=0.1)
        now, peak = (megabytes(bot.pid, name) for name in ("VmRSS", "VmHWM"))
    told = f"VmRSS {now:.0f} MB, VmHWM {peak:.0f} MB after {EVALUATIONS} evaluations"
    note("memory, 2 exchanges of 800 markets", told, "300 MB", peak < MEGABYTES)


def megabytes(process: int, name: str) -> float:
    """A figure of a process's status, which Linux tells in kB."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    (figure,) = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(figure) / 1024
