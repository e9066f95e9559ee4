"""A reason's operands, read as what they are, in the words of the chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.names import name, problem
from engine.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class Operands:
    """A reason's operands, read as what they are. An operand that is a word and no figure is shown as that word."""

    reason: Reason
    frame: Frame

    def text(self, key: str) -> str:
        """A name, as HTML."""
        return name(self.reason.get(key))

    def problem(self, key: str) -> str:
        """What went wrong, in brackets; nothing where nobody said."""
        said = self.reason.get(key).strip()
        return f" ({problem(said)})" if said else ""

    def number(self, key: str) -> Decimal | None:
        """A figure, or None where there is none."""
        try:
            value = Decimal(self.reason.get(key))
        except InvalidOperation:
            return None
        return value if value.is_finite() else None

    def figure(self, key: str, shown: Callable[[Decimal], str]) -> str:
        """A figure in the given form."""
        value = self.number(key)
        return self.text(key) if value is None else shown(value)

    def money(self, key: str) -> str:
        """An amount in the numeraire, without a sign."""
        return self.figure(key, lambda value: figures.money(abs(value), self.frame.numeraire))

    def units(self, key: str, asset: str = "asset") -> str:
        """A quantity of the asset that another operand names."""
        return self.figure(key, lambda value: figures.units(value, self.reason.get(asset)))

    def moment(self, key: str) -> str:
        """An instant."""
        try:
            return figures.moment(datetime.fromisoformat(self.reason.get(key)), self.frame)
        except ValueError:
            return self.text(key)

    def until(self) -> str:
        """Until an instant, or until a person says so."""
        try:
            at = datetime.fromisoformat(self.reason.get("until"))
        except ValueError:
            return "until somebody resumes it"
        return f"until {figures.moment(at, self.frame)}"


Clause = Callable[[Operands], str]
