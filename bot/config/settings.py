"""What the bot runs with: the configuration file, checked and with its secrets fetched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from bot.config.secrets import Secret
from engine.model.events import Mode
from engine.model.ids import Asset, PortfolioId, UserId, VenueName
from engine.model.money import Quantity
from engine.model.policy import Policy


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """How often the bot looks, and how often it says that it lives."""

    check_every: timedelta
    heartbeat: timedelta


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """The chat. `allowed_users` may be empty: members can be in the journal instead."""

    token: Secret
    allowed_users: tuple[UserId, ...]
    base_url: str
    proxy: str | None
    drop_pending: bool
    """Messages that came while the bot was down are thrown away."""


@dataclass(frozen=True, slots=True)
class VenueSettings:
    """An account on an exchange. In simulation without keys it begins with `holdings`."""

    name: VenueName
    exchange: str
    key: Secret | None
    secret: Secret | None
    base_url: str | None
    proxy: str | None
    holdings: tuple[tuple[Asset, Quantity], ...]
    reserve: tuple[tuple[Asset, Quantity], ...] = ()
    """Kept out of every plan: what the exchange takes its fees in, say."""
    passphrase: Secret | None = None
    """Beside key and secret, where the exchange gives one."""

    @property
    def has_keys(self) -> bool:
        """Key and secret are both there."""
        return self.key is not None and self.secret is not None


@dataclass(frozen=True, slots=True)
class WatchedSettings:
    """Holdings that are counted and never traded, with the day on which they were so."""

    name: VenueName
    as_of: date
    holdings: tuple[tuple[Asset, Quantity], ...]


@dataclass(frozen=True, slots=True)
class SignalSettings:
    """Where a number is read that targets follow: a contract's total supply on a chain, or a file.

    The address may hold a key of the node's provider: it is not shown.
    """

    rpc_url: str | None = field(repr=False)
    chain_id: int
    contract: str
    decimals: int
    file: Path | None


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """What is written to the log: `level` is debug, info, warning or error."""

    level: str
    as_json: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the file says. Venues are in the order of their names; `numeraire` is None where the books say it."""

    mode: Mode
    portfolio: PortfolioId
    numeraire: Asset | None
    policy: Policy
    venues: tuple[VenueSettings, ...]
    watched: tuple[WatchedSettings, ...]
    reference: VenueSettings | None
    """Public prices for a numeraire that no venue quotes: an exchange without an account."""
    telegram: TelegramSettings
    schedule: ScheduleSettings
    logging: LoggingSettings
    database_url: str
    sandbox_control: str | None = None
    """Where the sandbox lets things happen that is traded on: an address on this computer."""
    signal: SignalSettings | None = None
    """None: no number is read from outside."""

    @property
    def kill_file(self) -> Path:
        """The local kill switch: while this file is there, nothing is sent."""
        return kill_file_of(self.database_url)

    @property
    def journal_file(self) -> Path:
        """The file that the journal is in."""
        return journal_file_of(self.database_url)


def journal_file_of(database_url: str) -> Path:
    """The file that an address leads to."""
    return Path(database_url.partition("///")[2])


def kill_file_of(database_url: str) -> Path:
    """Where the kill switch of a journal is: beside its file."""
    return Path(f"{journal_file_of(database_url)}.kill")
