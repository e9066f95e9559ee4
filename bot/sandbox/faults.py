"""Faults by script: what goes wrong with which call, when, and how often.

A rule matches calls by venue, method and path. "before" strikes a call that the venue has not seen
yet, "after" one that it has carried out: the difference between an order that was never placed
and one that was, unknown to the sender.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter

FaultKind = Literal["hang", "slow", "drop", "cut", "status", "empty", "html", "maintenance", "stale", "error"]
HTML = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


@dataclass(slots=True)
class FaultRule:
    """One rule. `skip` calls pass first, then `times` are struck (None: all of them).

    - hang: no answer for `seconds`, then the connection closes; slow: `seconds` late, then as usual
    - drop: the connection closes at once; cut: it closes half-way through the answer
    - status: HTTP `status` with `body`; empty: 200 without a body; html: 200 with a web page
    - maintenance and error (`code`, `message`): in the venue's own words
    - stale: the first answer to a matching call is given again and again (for order books)
    """

    do: FaultKind
    when: Literal["before", "after"] = "before"
    venue: str = "*"
    method: str = "*"
    path: str = ""
    seconds: float = 30.0
    status: int = 503
    body: str = HTML
    code: str = "-1000"
    message: str = "An unknown error occurred while processing the request."
    skip: int = 0
    times: int | None = None
    __pydantic_config__ = ConfigDict(extra="forbid")

    def __post_init__(self) -> None:
        """A closed connection after a cut needs an answer to cut: it always strikes after."""
        if self.do in ("cut", "stale"):
            self.when = "after"

    def matches(self, venue: str, method: str, path: str) -> bool:
        """Whether the rule is about this call; `path` is the venue's own, without prefix."""
        return (
            self.venue in ("*", venue)
            and self.method in ("*", method)
            and path.startswith(self.path)
            and self.times != 0
        )


@dataclass(slots=True)
class FaultScript:
    """The rules in force. The first one that matches strikes."""

    rules: list[FaultRule] = field(default_factory=list)
    _kept: dict[tuple[int, str], bytes] = field(default_factory=dict)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, rule: FaultRule) -> None:
        """Put a rule in force, after those that are."""
        self.rules.append(rule)

    def clear(self) -> None:
        """Drop all rules and let the calls that hang go on at once."""
        self.rules.clear()
        self._kept.clear()
        released, self._released = self._released, asyncio.Event()
        released.set()

    def strike(self, venue: str, method: str, path: str) -> FaultRule | None:
        """The rule for this call, counted off; None when nothing goes wrong."""
        for rule in self.rules:
            if rule.matches(venue, method, path):
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None

    async def wait(self, seconds: float) -> None:
        """Let the time pass, or less if the rules are cleared."""
        try:
            await asyncio.wait_for(self._released.wait(), seconds)
        except TimeoutError:
            return

    def keep(self, rule: FaultRule, call: str, answer: bytes) -> bytes:
        """The first answer that was given to this call since the rule is in force."""
        return self._kept.setdefault((id(rule), call), answer)


_RULE = TypeAdapter(FaultRule)


def rule_from_dict(document: dict[str, Any]) -> FaultRule:
    """Read a rule; raises ValueError naming every key that is wrong."""
    return _RULE.validate_python(document)


def rule_to_dict(rule: FaultRule) -> dict[str, Any]:
    """The rule as JSON-ready values."""
    document: dict[str, Any] = _RULE.dump_python(rule, mode="json")
    return document
