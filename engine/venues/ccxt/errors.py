"""What a failed call means for the caller: NotSent, Refused or Unconfirmed.

Only what is on a list counts as "certainly not placed". Everything else that happens to an order is Unconfirmed: it may
exist. Reads have no effect, so that whatever does not help to repeat is Refused, and all else NotSent.
Messages are made of our own words and the venue's own message; never of a URL, a header or a body that we sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.model.errors import Fault, NotSent, Refused, Unconfirmed, VenueError
from engine.venues.ccxt.profile import ErrorWords

LONGEST_MESSAGE = 200
SERVER_ERROR = 500
TOO_MANY_REQUESTS = 429
TURNED_AWAY = "RateLimitExceeded"

ORDER_REFUSED = frozenset(
    {"AuthenticationError", "BadRequest", "InsufficientFunds", "InvalidOrder", "MarketClosed"},
)
"""ccxt's classes, their subclasses included: the venue read the order and did not take it."""
ORDER_NOT_SENT = frozenset({"RateLimitExceeded", "DDoSProtection", "InvalidNonce"})
"""The venue turned the request away before it read the order."""
ASKED_TOO_OFTEN = frozenset({"RateLimitExceeded", "DDoSProtection"})
READ_REFUSED = frozenset({"AuthenticationError", "BadRequest", "NotSupported", "ArgumentsRequired"})
KEY_REFUSED = "AuthenticationError"
NEVER_CONNECTED = frozenset({"ClientConnectorError", "gaierror"})
NOT_SIGNED = frozenset({"ValueError"})
"""What a secret raises that has not the form that the venue hands out."""
CLOSED = frozenset({"ClientsClosed", "ExchangeClosedByUser"})
SAID_ABOUT = {
    "RequestTimeout": "it did not answer in time",
    "RateLimitExceeded": "it wants fewer requests",
    "DDoSProtection": "it wants fewer requests",
    "OnMaintenance": "it is under maintenance",
    "InvalidNonce": "it did not accept the request's time: compare this computer's clock with the real time",
    "ExchangeNotAvailable": "it is not available",
}
"""Our words for ccxt's classes, most telling first."""
MASK = "***"


@dataclass(slots=True)
class Answer:
    """What is known of one call: whether it left, and what came back. `secrets` are what may not be repeated of it."""

    sent: bool = False
    status: int | None = None
    code: str = ""
    message: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def shown(self, text: str) -> str:
        """The venue's words as they may be told: some venues repeat the key that a request was signed with."""
        for secret in self.secrets:
            text = text.replace(secret, MASK)
        return text


class CallFailed(Exception):
    """A call to a venue failed: `kinds` are the names of the error's classes, the most special first."""

    def __init__(self, kinds: tuple[str, ...], cause_kinds: tuple[str, ...], answer: Answer) -> None:
        super().__init__(kinds[0])
        self.kinds = kinds
        self.never_connected = bool(NEVER_CONNECTED.intersection(cause_kinds))
        self.answer = answer

    def is_a(self, names: frozenset[str]) -> bool:
        """It is of one of these classes."""
        return bool(names.intersection(self.kinds))

    def says(self, parts: frozenset[str]) -> bool:
        """The venue's code or message contains one of these; one of digits alone is the code itself."""
        said = f"{self.answer.code} {self.answer.message}".lower()
        return any(self.answer.code == part if part.isdigit() else part in said for part in parts)


def failure_of(error: BaseException, answer: Answer) -> CallFailed:
    """The failure that an exception out of ccxt stands for."""
    kinds = _class_names(error)
    if answer.status == TOO_MANY_REQUESTS and TURNED_AWAY not in kinds:
        # ccxt has another class for it on some exchanges.
        kinds = (TURNED_AWAY, *kinds)
    return CallFailed(kinds, _class_names(error.__cause__), answer)


def order_error(venue: str, failure: CallFailed, words: ErrorWords) -> VenueError:
    """What a failed attempt to place or cancel an order means."""
    answer, code = failure.answer, failure.answer.shown(failure.answer.code)
    if failure.says(words.uncertain):
        return Unconfirmed(venue, _sentence(failure), code=code)
    if _is_key_refused(failure, words):
        return _key_refused(venue, code, words)
    if not answer.sent:
        return _held_back(venue, failure, words)
    if failure.never_connected:
        return NotSent(venue, "no connection could be made")
    if failure.says(words.try_later):
        return NotSent(venue, _sentence(failure), code=code)
    if failure.says(words.refused):
        return Refused(venue, _sentence(failure), code=code)
    if answer.status is not None and answer.status < SERVER_ERROR:
        if failure.is_a(ORDER_NOT_SENT):
            return NotSent(venue, _sentence(failure), code=code)
        if failure.is_a(ORDER_REFUSED):
            return Refused(venue, _sentence(failure), code=code)
    return Unconfirmed(venue, f"{_sentence(failure)}; the order may have been placed", code=code)


def read_error(venue: str, failure: CallFailed, words: ErrorWords) -> VenueError:
    """What a failed read means: Refused where it does not help to repeat it. It says what kind of fault it was."""
    error = _read_error(venue, failure, words)
    error.fault = fault_of(failure, words)
    return error


def fault_of(failure: CallFailed, words: ErrorWords) -> Fault:
    """What kind of thing went wrong. A key comes first: for one that was revoked, ccxt has other names on some venues.

    Without any answer it is the network, whatever else it may be called.
    """
    if _is_key_refused(failure, words) or failure.is_a(frozenset({KEY_REFUSED})):
        return Fault.KEY
    if failure.is_a(frozenset({"OnMaintenance"})):
        return Fault.MAINTENANCE
    if failure.is_a(ASKED_TOO_OFTEN):
        return Fault.RATE_LIMITED
    no_answer = failure.answer.sent and failure.answer.status is None
    return Fault.NETWORK if no_answer or failure.never_connected else Fault.OTHER


def _read_error(venue: str, failure: CallFailed, words: ErrorWords) -> VenueError:
    code = failure.answer.shown(failure.answer.code)
    if _is_key_refused(failure, words):
        return _key_refused(venue, code, words)
    if failure.never_connected:
        return NotSent(venue, "no connection could be made")
    if not failure.answer.sent:
        return _held_back(venue, failure, words)
    if failure.is_a(READ_REFUSED) or failure.says(words.refused):
        return Refused(venue, _sentence(failure), code=code)
    return NotSent(venue, _sentence(failure), code=code)


def clean(text: str) -> str:
    """A venue's words, fit for a log and a chat: printable, on one line, and not long."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:LONGEST_MESSAGE]


def _is_key_refused(failure: CallFailed, words: ErrorWords) -> bool:
    if failure.answer.code in words.key_refused:
        return True
    return KEY_REFUSED in failure.kinds and "PermissionDenied" not in failure.kinds


def _key_refused(venue: str, code: str, words: ErrorWords) -> Refused:
    remedy = f"the API key was refused; check {words.credentials} in [venues.{venue}], and its IP allow-list"
    return Refused(venue, remedy, code=code)


def _held_back(venue: str, failure: CallFailed, words: ErrorWords) -> VenueError:
    if "HostNotAllowed" in failure.kinds:
        return Refused(venue, "a request to a host that is not the venue's own was held back")
    if failure.is_a(CLOSED):
        return NotSent(venue, "its connection is closed")
    if failure.is_a(NOT_SIGNED):
        return Refused(venue, f"the request could not be signed; check {words.credentials} in [venues.{venue}]")
    return Refused(venue, f"the request was not sent: {failure.kinds[0]}")


def _sentence(failure: CallFailed) -> str:
    answer = failure.answer
    if answer.message:
        return f"it answered “{clean(answer.shown(answer.message))}”"
    known = next((text for kind, text in SAID_ABOUT.items() if kind in failure.kinds), "")
    if known:
        return known if answer.status is None else f"{known} (HTTP {answer.status})"
    return "its answer could not be read" if answer.sent else f"the request was not sent: {failure.kinds[0]}"


def _class_names(error: BaseException | None) -> tuple[str, ...]:
    return tuple(kind.__name__ for kind in type(error).__mro__) if error is not None else ()
