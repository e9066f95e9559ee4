"""A script of things that go wrong between the bot and Telegram, so that a test can order them."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.sandbox.telegram.feed import Feed
from bot.sandbox.telegram.wire import ApiError, Wire

ACTIONS = ("error", "drop", "stall", "deliver_then_drop")
DOWNLOAD = "downloadFile"
"""What rules call the download of a file, which is no method of the Bot API."""


@dataclass(slots=True)
class FaultRule:
    """One rule. `method` is a Bot API method, "downloadFile" or "*".

    `count` is how often it strikes (0: until cleared).

    error: answer with code and description (and retry_after). drop: cut the connection before anything is done.
    stall: wait `seconds`, then go on as usual. deliver_then_drop: do it, and cut the connection instead of answering.
    """

    method: str = "*"
    action: str = "error"
    code: int = 502
    description: str = "Bad Gateway"
    retry_after: int | None = None
    seconds: float = 0.0
    count: int = 1

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError(f"action: {self.action!r} is none of {', '.join(ACTIONS)}")
        if self.retry_after is not None and self.code == 502:
            self.code = 429
            self.description = f"Too Many Requests: retry after {self.retry_after}"

    def error(self) -> ApiError:
        """The refusal of an error rule."""
        return ApiError(self.code, self.description, self.retry_after)


class FaultScript:
    """Rules in the order they were added; the first that matches strikes. An outage beats them all."""

    def __init__(self, feed: Feed) -> None:
        self.outage = False
        self._feed = feed
        self._rules: list[FaultRule] = []

    def add(self, rule: FaultRule) -> None:
        """Append a rule."""
        self._rules.append(rule)

    def add_wire(self, body: dict[str, Any]) -> None:
        """Append a rule from JSON. Raises ValueError naming the key that is wrong."""
        known = {field.name for field in fields(FaultRule)}
        unknown = sorted(set(body) - known)
        if unknown:
            raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
        self.add(FaultRule(**body))

    def set_outage(self, on: bool) -> None:
        """Telegram is out of reach for the bot (True) or back (False); waiting polls are cut at once."""
        self.outage = on
        self._feed.publish("outage", on=on)

    def clear(self) -> None:
        """Forget all rules and end the outage."""
        self._rules.clear()
        self.set_outage(False)

    def wire(self) -> Wire:
        """What is scripted at the moment."""
        return {"outage": self.outage, "rules": [asdict(rule) for rule in self._rules]}

    def strike(self, method: str) -> FaultRule | None:
        """The rule for this call, used up by one."""
        for rule in self._rules:
            if rule.method == "*" or rule.method.lower() == method.lower():
                if rule.count == 1:
                    self._rules.remove(rule)
                elif rule.count > 1:
                    rule.count -= 1
                return rule
        return None
