"""Every error the engine raises on purpose, by what the caller may do next.

EngineError
├── InvalidValue        a value that no record may hold; names the field and the remedy
├── UnknownRecord       asked for something that is not in the journal
├── ConcurrentWrite     someone else wrote first: read again and judge anew
├── JournalUnavailable  the database cannot be read or written; says what to do
│   └── JournalInUse    another process has it: the program is running already
└── VenueError          a venue did not do what was asked
    ├── NotSent         certainly not placed: may be tried again
    ├── Refused         terminal: the venue said no, with its own code
    └── Unconfirmed     may have happened: nothing is sent before it is reconciled
"""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """What kind of thing went wrong with a call to a venue: for judging the venue, not for what to do next."""

    NETWORK = "network"
    """No connection, or no answer in time."""
    RATE_LIMITED = "rate_limited"
    MAINTENANCE = "maintenance"
    """It says itself that it is away."""
    KEY = "key"
    """The key was not accepted, or may not do this."""
    OTHER = "other"


class EngineError(Exception):
    """Root of all errors that the engine raises on purpose."""


class InvalidValue(EngineError):
    """A value that no record may hold. `field` is where, the message says what would be right."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class UnknownRecord(EngineError):
    """Asked for a plan, order or decision that the journal does not hold."""


class ConcurrentWrite(EngineError):
    """The stream has grown since it was read. Read again, and judge the request anew."""


class JournalUnavailable(EngineError):
    """The database cannot be used. The message is one sentence for the user, with the remedy."""


class JournalInUse(JournalUnavailable):
    """Another process of the program works on the database."""


class VenueError(EngineError):
    """A venue did not do what was asked. `code` is the venue's own word, where it gave one."""

    def __init__(self, venue: str, message: str, *, code: str = "", fault: Fault = Fault.OTHER) -> None:
        super().__init__(f"{venue}: {message}")
        self.venue = venue
        self.message = message
        self.code = code
        self.fault = fault


class NotSent(VenueError):
    """The request certainly had no effect. It may be tried again."""


class Refused(VenueError):
    """The venue answered no, for good. The same request would be refused again."""


class Unconfirmed(VenueError):
    """The request may have had its effect. Reconcile before anything else is sent."""
