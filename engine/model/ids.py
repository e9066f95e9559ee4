"""Typed identifiers, and the one rule by which a client order id is made."""

from __future__ import annotations

import hashlib
from typing import NewType

PortfolioId = NewType("PortfolioId", str)
PlanId = NewType("PlanId", str)
LegId = NewType("LegId", str)
DecisionId = NewType("DecisionId", str)
ClientOrderId = NewType("ClientOrderId", str)
Digest = NewType("Digest", str)
VenueName = NewType("VenueName", str)
Asset = NewType("Asset", str)
UserId = NewType("UserId", int)

CLIENT_ORDER_ID_LENGTH = 32
SHORT_ID_LENGTH = 8


def client_order_id(plan: PlanId, leg: LegId, slice_number: int, attempt: int) -> ClientOrderId:
    """The id under which a venue knows one attempt at one slice: 32 lower-case hex digits.

    A function of what is approved and nothing else, so that a process that comes back after a crash asks the venue
    about the very order that the one before it may have sent. A new attempt is made only after a known end.
    """
    text = f"{plan}|{leg}|{slice_number}|{attempt}"
    return ClientOrderId(hashlib.sha256(text.encode()).hexdigest()[:CLIENT_ORDER_ID_LENGTH])


def short(digest: Digest) -> str:
    """The part of a digest that people and buttons use."""
    return digest[:SHORT_ID_LENGTH]
