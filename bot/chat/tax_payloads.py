"""What buttons on the cards of taxes, lots and imports carry: `v1:tax:2026`, `v1:lots:BTC:2` and the like. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.model.ids import Asset

YEAR: Final = "(?:19|[2-8][0-9])[0-9]{2}"
"""A year that a calendar has, with the one before and the one after it."""
TAX: Final = re.compile(rf"v1:tax:({YEAR})")
EXPORT: Final = re.compile(rf"v1:export:([a-z]+):({YEAR})")
LOTS: Final = re.compile(r"v1:lots:([A-Za-z0-9._-]{1,32}):([0-9]{1,6})")
IMPORT: Final = re.compile(r"v1:import:([a-z]+):([0-9a-f]{1,16})")


class ExportFormat(StrEnum):
    """As what a year is exported."""

    CSV = "csv"
    SPREADSHEET = "xlsx"


class ImportVerb(StrEnum):
    """What becomes of a file that was looked at."""

    ACCEPT = "go"
    CANCEL = "no"


@dataclass(frozen=True, slots=True)
class TaxLook:
    """A year's card is asked for."""

    year: int


@dataclass(frozen=True, slots=True)
class ExportPress:
    """A year's tables are asked for as a file."""

    format: ExportFormat
    year: int


@dataclass(frozen=True, slots=True)
class LotsLook:
    """A page of an asset's lots is asked for; the first is 1."""

    asset: Asset
    page: int


@dataclass(frozen=True, slots=True)
class ImportPress:
    """A file that was looked at is imported, or let go. `preview` is the preview's id."""

    verb: ImportVerb
    preview: str


TaxPress = TaxLook | ExportPress | LotsLook | ImportPress


def tax_payload(year: int) -> str:
    """What a button carries that shows a year."""
    return f"v1:tax:{year:04}"


def export_payload(wanted: ExportFormat, year: int) -> str:
    """What a button carries that exports a year."""
    return f"v1:export:{wanted}:{year:04}"


def lots_payload(asset: Asset, page: int) -> str | None:
    """What a button carries that shows a page of lots; None for an asset whose name no button can carry."""
    payload = f"v1:lots:{asset}:{page}"
    return payload if LOTS.fullmatch(payload) else None


def import_payload(verb: ImportVerb, preview: str) -> str:
    """What a button carries that decides on a file."""
    return f"v1:import:{verb}:{preview}"


def parse_tax(payload: str) -> TaxPress | None:
    """Read what a button carried. None for anything that none of these ever did."""
    if match := TAX.fullmatch(payload):
        return TaxLook(int(match[1]))
    if (match := EXPORT.fullmatch(payload)) and match[1] in set(ExportFormat):
        return ExportPress(ExportFormat(match[1]), int(match[2]))
    if match := LOTS.fullmatch(payload):
        return LotsLook(Asset(match[1]), int(match[2]))
    if (match := IMPORT.fullmatch(payload)) and match[1] in set(ImportVerb):
        return ImportPress(ImportVerb(match[1]), match[2])
    return None
