"""How every table of a file is read."""

from __future__ import annotations

from typing import Final

from pydantic import ConfigDict

STRICT: Final = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
"""A key that is not known is a mistake, and no value is repeated in an error: it may be a secret."""
