"""The engine's only door: what the bot may take through it, pinned."""

from __future__ import annotations

from engine import api

PINNED = """
A_YEAR ENGINE_VERSION LEDGER_FACTS Answer AnswerKind Aside CardRecord Clock ConcurrentWrite Engine EngineError
EngineHealth EngineSettings Expectation Explanations GuardView Heard Holding Imported InvalidValue Journal JournalInUse
JournalUnavailable LedgerView LegState LotRules NotSent OrderState OutboxRow Person PlanState PlanSummary Refused
Replay Said SignalSource TargetsAnswer TargetsAnswerKind TrailEntry Unconfirmed UnknownRecord Venue VenueError
VenueLine VenueState decide extra_of is_quiet ledger_view moving_together order_cost quiet_hours replay settle
tax_due
"""


def test_the_door_is_as_wide_as_it_was_agreed() -> None:
    """Whoever widens or narrows it changes this list too, and thinks about it."""
    assert api.__all__ == PINNED.split()


def test_everything_at_the_door_is_there() -> None:
    """In the order of names, each once."""
    assert sorted(set(api.__all__)) == sorted(api.__all__)
    assert all(hasattr(api, name) for name in api.__all__)


def test_the_engine_has_few_words() -> None:
    """About a dozen things that can be asked of it."""
    public = [name for name in vars(api.Engine) if not name.startswith("_")]
    assert len(public) <= 18
