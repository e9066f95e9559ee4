"""What every test runs under, as `equipoise` itself does: exact decimals, and waiting times as durations."""

from __future__ import annotations

import os

# Read by python-telegram-bot when it raises RetryAfter; without it, it warns.
os.environ.setdefault("PTB_TIMEDELTA", "1")

from engine.model.money import use_exact_context

use_exact_context()
