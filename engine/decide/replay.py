"""Decide a stored decision again, and compare byte for byte."""

from __future__ import annotations

from dataclasses import dataclass

from engine.decide.pipeline import ENGINE_VERSION, decide
from engine.model.canonical import canonical_json
from engine.model.decision import Decision


@dataclass(frozen=True, slots=True)
class Replay:
    """A stored decision beside what the present engine makes of the same inputs."""

    stored: Decision
    again: Decision

    @property
    def agrees(self) -> bool:
        """The outcomes are the same text."""
        return canonical_json(self.stored.outcome) == canonical_json(self.again.outcome)

    @property
    def same_version(self) -> bool:
        """Both were made by the same version of the engine: then they must agree."""
        return self.stored.engine_version == ENGINE_VERSION


def replay(stored: Decision) -> Replay:
    """Run the same inputs through the present engine."""
    return Replay(stored, decide(stored.inputs))
