"""The outside accounts of the configuration: the chat, the exchanges and the database, with their secrets fetched."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.config.mistakes import Mistake
from bot.config.quotes import NEEDS_PASSPHRASE, exchanges
from bot.config.secrets import Secret, SecretSources, SecretUnavailable
from bot.config.settings import TelegramSettings, VenueSettings
from bot.config.tables import DatabaseTable, FileTables, ReferenceTable, SandboxTable, TelegramTable, VenueTable
from engine.model.events import Mode
from engine.model.ids import UserId, VenueName
from engine.model.money import Quantity

BOT_TOKEN: Final = re.compile(r"[0-9]+:[A-Za-z0-9_-]{20,}")
SQLITE: Final = re.compile(r"sqlite:///(.+)")
POSTGRES: Final = re.compile(r"postgres(ql)?(\+\w+)?://")


def telegram_settings(table: TelegramTable, sources: SecretSources, found: list[Mistake]) -> TelegramSettings | None:
    """The chat's settings; None where the token cannot be had, with the mistake added to `found`."""
    token = _secret("telegram.token", table.token_env, table.token_file, sources, found)
    if token is None:
        if table.token_env is None and table.token_file is None and not _mentioned("telegram.token", found):
            remedy = "name the variable or the file that holds the token from BotFather in token_env or token_file"
            found.append(Mistake("telegram", f"has no token; {remedy}"))
        return None
    if not BOT_TOKEN.fullmatch(token.reveal()):
        key = "telegram.token_env" if table.token_env is not None else "telegram.token_file"
        found.append(Mistake(key, "does not lead to a bot token (digits, a colon, letters); copy it from BotFather"))
    return TelegramSettings(
        token=token,
        allowed_users=tuple(UserId(user) for user in dict.fromkeys(table.allowed_users)),
        base_url=table.base_url,
        proxy=table.proxy,
        drop_pending=table.drop_pending,
    )


def venue_settings(tables: FileTables, sources: SecretSources, found: list[Mistake]) -> tuple[VenueSettings, ...]:
    """The settings of every venue, in the order of their names; what is wrong is added to `found`."""
    if not tables.venues and not _mentioned("venues", found):
        found.append(Mistake("venues", 'add at least one, such as [venues.kraken] with exchange = "kraken"'))
    return tuple(_venue(name, table, tables.mode, sources, found) for name, table in sorted(tables.venues.items()))


def _venue(name: str, table: VenueTable, mode: Mode, sources: SecretSources, found: list[Mistake]) -> VenueSettings:
    where = f"venues.{name}"
    own: list[Mistake] = []
    key = _secret(f"{where}.key", table.key_env, table.key_file, sources, own)
    secret = _secret(f"{where}.secret", table.secret_env, table.secret_file, sources, own)
    passphrase = _secret(f"{where}.passphrase", table.passphrase_env, table.passphrase_file, sources, own)
    own += _venue_mistakes(where, table, mode, [*found, *own])
    found += own
    return VenueSettings(
        name=VenueName(name),
        exchange=table.exchange or "",
        key=key,
        secret=secret,
        base_url=table.base_url,
        proxy=table.proxy,
        holdings=tuple((asset, Quantity(amount)) for asset, amount in sorted(table.holdings.items())),
        reserve=tuple((asset, Quantity(amount)) for asset, amount in sorted(table.reserve.items())),
        passphrase=passphrase,
    )


def _venue_mistakes(where: str, table: VenueTable, mode: Mode, known: list[Mistake]) -> list[Mistake]:
    found = []
    if table.exchange is None and not _mentioned(f"{where}.exchange", known):
        choice = exchanges('"')
        found.append(Mistake(f"{where}.exchange", f"is missing; write {choice}"))
    if mode is Mode.LIVE and table.base_url and not table.base_url.startswith("https://"):
        found.append(Mistake(f"{where}.base_url", "would send keys in clear; write an https address or leave it out"))
    found += _passphrase_mistakes(where, table, known)
    missing = [
        part
        for part, ways in (("key", (table.key_env, table.key_file)), ("secret", (table.secret_env, table.secret_file)))
        if ways == (None, None) and not _mentioned(f"{where}.{part}", known)
    ]
    if len(missing) == 1:
        found += [Mistake(f"{where}.{p}_env", f"is missing; name it, or {p}_file: both are needed") for p in missing]
    elif missing and mode is not Mode.SIMULATION:
        keys = "key_env and secret_env, or key_file and secret_file"
        found.append(Mistake(where, f"has no keys, which mode {mode.value} needs; name {keys}"))
    elif missing and not table.holdings and not _mentioned(f"{where}.holdings", known):
        found.append(Mistake(where, "has nothing to begin with; add holdings = { USDT = 1000 }, or name its keys"))
    return found


def _passphrase_mistakes(where: str, table: VenueTable, known: list[Mistake]) -> list[Mistake]:
    named = (table.passphrase_env, table.passphrase_file) != (None, None)
    has_key = (table.key_env, table.key_file) != (None, None)
    wanted = table.exchange in NEEDS_PASSPHRASE
    if wanted and has_key and not named and not _mentioned(f"{where}.passphrase", known):
        remedy = f"is missing; name it, or passphrase_file: keys of {table.exchange} have one"
        return [Mistake(f"{where}.passphrase_env", remedy)]
    if named and table.exchange is not None and not wanted:
        key = "passphrase_env" if table.passphrase_env is not None else "passphrase_file"
        return [Mistake(f"{where}.{key}", f"is not for {table.exchange}, whose keys have none; remove it")]
    return []


def reference_settings(table: ReferenceTable) -> VenueSettings | None:
    """The exchange whose public prices are looked at, where one is named. No venue's name has a space."""
    if table.exchange is None:
        return None
    return VenueSettings(
        name=VenueName(f"{table.exchange} prices"),
        exchange=table.exchange,
        key=None,
        secret=None,
        base_url=table.base_url,
        proxy=table.proxy,
        holdings=(),
    )


def sandbox_control(table: SandboxTable, mode: Mode, found: list[Mistake]) -> str | None:
    """Where the sandbox is told what shall happen; what is wrong with it is added to `found`.

    Only on this computer: whoever is asked there can bend what the bot sees.
    """
    if table.control is None:
        return None
    if mode is not Mode.SANDBOX:
        found.append(Mistake("sandbox.control", f"is for mode sandbox alone, not for {mode.value}; remove it"))
    elif not _is_loopback(urlsplit(table.control).hostname or ""):
        remedy = "write an address such as http://127.0.0.1:8080"
        found.append(Mistake("sandbox.control", f"must be an address on this computer; {remedy}"))
    return table.control


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def database_url(table: DatabaseTable, mode: Mode, home: Path, found: list[Mistake]) -> str:
    """The journal's address, with its driver's name.

    Without one it is a file of the mode's own, so that pretended fills stay by themselves.
    """
    url = table.url or f"sqlite:///~/.local/share/equipoise/{mode.value}.sqlite"
    problem = _database_problem(url)
    if problem:
        found.append(Mistake("database.url", f"{problem}; write sqlite:///~/path/to/file"))
    path = url.removeprefix("sqlite:///")
    return f"sqlite+aiosqlite:///{path.replace('~', str(home), 1) if path.startswith('~/') else path}"


def _database_problem(url: str) -> str:
    sqlite = SQLITE.fullmatch(url)
    if sqlite:
        return "" if sqlite[1].startswith(("/", "~/")) else "the path must begin with / or ~/"
    return "PostgreSQL comes with a later version" if POSTGRES.match(url) else "is no address of a SQLite file"


def _secret(
    key: str, variable: str | None, file: str | None, sources: SecretSources, found: list[Mistake]
) -> Secret | None:
    """A secret from where the file says; None where it says nothing or it cannot be had, which is added to `found`."""
    if variable is not None and file is not None:
        found.append(Mistake(f"{key}_env", f"is there beside {key.rpartition('.')[2]}_file; keep one"))
        return None
    try:
        if variable is not None:
            return sources.from_variable(variable)
        return sources.from_file(file) if file is not None else None
    except SecretUnavailable as error:
        found.append(Mistake(f"{key}_env" if variable is not None else f"{key}_file", str(error)))
        return None


def _mentioned(key: str, found: list[Mistake]) -> bool:
    """A mistake at the key or below it is known already, so that another of the same cause would be noise."""
    return any(mistake.key.startswith(key) for mistake in found)
