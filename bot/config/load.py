"""Read the configuration: TOML in, `Settings` or `Policy` out, or every mistake at once.

Nothing here reads a file or the environment but `read_settings`: the text, the variables and the reader come in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from bot.config.accounts import database_url, reference_settings, sandbox_control, telegram_settings, venue_settings
from bot.config.mistakes import ConfigMistakes, Mistake, mistakes_of, path_text, without
from bot.config.model_policy import mistakes_in_source, signal_settings
from bot.config.policy_file import mistakes_in_policy, policy_of
from bot.config.quotes import quoted_by
from bot.config.secrets import SecretSources, read_secret_file
from bot.config.settings import (
    LoggingSettings,
    ScheduleSettings,
    Settings,
    TelegramSettings,
    VenueSettings,
    WatchedSettings,
)
from bot.config.tables import FileTables, PolicyTables, Table
from bot.config.toml_text import parse_toml
from engine.model.ids import PortfolioId, VenueName
from engine.model.money import Quantity
from engine.model.policy import Policy

T = TypeVar("T", bound=Table)


def read_settings(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read a configuration file and the secrets that it names. Raises ConfigMistakes."""
    return load_settings(_text_of(path), environ=environ, home=Path.home())


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        remedy = "copy config.example.toml there, or give another path"
        raise ConfigMistakes([Mistake(str(path), f"cannot be read ({error.strerror}); {remedy}")]) from None
    except UnicodeDecodeError:
        raise ConfigMistakes([Mistake(str(path), "is not UTF-8 text; save it as UTF-8")]) from None


def read_journal_address(path: Path) -> str:
    """Where a configuration file says that the journal is, whatever else is wrong with it. Raises ConfigMistakes.

    For the kill switch: it must work in a shell without the bot's secrets, and on a file that is half edited.
    """
    tables, _ = _validated(FileTables, parse_toml(_text_of(path)))
    found: list[Mistake] = []
    address = database_url(tables.database, tables.mode, Path.home(), found)
    if found:
        raise ConfigMistakes(found)
    return address


def load_settings(
    text: str,
    *,
    environ: Mapping[str, str],
    home: Path,
    read_file: Callable[[Path], str] = read_secret_file,
) -> Settings:
    """Make the settings of a file's text. `read_file` reads a secret's file. Raises ConfigMistakes."""
    raw = parse_toml(text)
    tables, found = _validated(FileTables, raw)
    found += mistakes_in_policy(tables, raw, [mistake.key for mistake in found])
    sources = SecretSources(environ, home, read_file)
    telegram = telegram_settings(tables.telegram, sources, found)
    database = database_url(tables.database, tables.mode, home, found)
    venues = venue_settings(tables, sources, found)
    control = sandbox_control(tables.sandbox, tables.mode, found)
    found += [*_impossible_pace(tables), *_names_twice(tables), *_unquoted_numeraire(tables)]
    found += [mistake for mistake in mistakes_in_source(tables) if not any(m.key == mistake.key for m in found)]
    if found or telegram is None:
        raise ConfigMistakes(_in_order(found, FileTables))
    signal = signal_settings(tables.model.signals, home)
    return replace(_settings(tables, telegram, venues, database), sandbox_control=control, signal=signal)


def _settings(
    tables: FileTables, telegram: TelegramSettings, venues: tuple[VenueSettings, ...], database: str
) -> Settings:
    return Settings(
        mode=tables.mode,
        portfolio=PortfolioId(tables.portfolio.name),
        numeraire=tables.portfolio.numeraire,
        policy=policy_of(tables),
        venues=venues,
        watched=tuple(
            WatchedSettings(
                VenueName(name), table.as_of, tuple((a, Quantity(q)) for a, q in sorted(table.holdings.items()))
            )
            for name, table in sorted(tables.watched.items())
        ),
        reference=reference_settings(tables.reference),
        telegram=telegram,
        schedule=ScheduleSettings(tables.schedule.check_every, tables.schedule.heartbeat),
        logging=LoggingSettings(tables.logging.level, tables.logging.as_json),
        database_url=database,
    )


def load_policy(text: str) -> Policy:
    """Make the policy of a policy file's text, which holds nothing else. Raises ConfigMistakes."""
    raw = parse_toml(text)
    tables, found = _validated(PolicyTables, raw)
    found += mistakes_in_policy(tables, raw, [mistake.key for mistake in found])
    if found:
        raise ConfigMistakes(_in_order(found, PolicyTables))
    return policy_of(tables)


def _validated(model: type[T], raw: Mapping[str, object]) -> tuple[T, list[Mistake]]:
    """What can be read of a file, and what is wrong with the rest."""
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        found = mistakes_of(error, model)
        readable = without(raw, [e["loc"] for e in error.errors()])
    return model.model_validate(readable), found


def _unquoted_numeraire(tables: FileTables) -> list[Mistake]:
    """A currency that no venue quotes has no price there, so that nothing could be valued in it."""
    named = [*(venue.exchange for venue in tables.venues.values()), tables.reference.exchange]
    quotes = quoted_by({exchange for exchange in named if exchange})
    numeraire = tables.portfolio.numeraire
    if numeraire is None or not quotes or numeraire in quotes:
        return []
    remedy = "write one such as USDT or USD, leave it out, or name an exchange that quotes it in [reference]"
    problem = f"no venue of yours quotes {numeraire}; {remedy}"
    return [Mistake("portfolio.numeraire", problem)]


def _names_twice(tables: FileTables) -> list[Mistake]:
    twice = sorted(tables.venues.keys() & tables.watched.keys())
    return [Mistake(f"watched.{name}", "has the name of a venue; rename one of them") for name in twice]


def _impossible_pace(tables: FileTables) -> list[Mistake]:
    paces = {"check_every": tables.schedule.check_every, "heartbeat": tables.schedule.heartbeat}
    return [Mistake(f"schedule.{key}", "must be longer than 0") for key, pace in paces.items() if not pace]


def _in_order(found: Sequence[Mistake], model: type[Table]) -> list[Mistake]:
    """The mistakes table by table."""
    tables = [path_text([field.alias or name]) for name, field in model.model_fields.items()]
    rank = {name: place for place, name in enumerate(tables)}
    return sorted(found, key=lambda mistake: rank.get(re.split(r"[.\[]", mistake.key)[0], len(rank)))
