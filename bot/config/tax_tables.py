"""Tax profiles as they are written: a country's rules, dated and with their sources, or a person's own."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from bot.config.fields import NotNegative, number_where
from bot.config.mistakes import ConfigMistakes, Mistake, mistakes_of, shown
from bot.config.toml_text import parse_toml
from engine.model.lots import LotMethod, Scope
from engine.model.money import ONE, ZERO, exact
from engine.model.tax import Bracket, TaxProfile, WashSale, YearRules

FOLDER: Final = "bot.config.tax_profiles"
PAIR: Final = 2

Rate = Annotated[Decimal, number_where(lambda rate: ZERO <= rate <= ONE, "expected a rate from 0 to 1, such as 0.24")]
Amount = Annotated[Decimal, number_where(lambda _: True, "expected an amount")]


def _pair(value: object) -> object:
    if not isinstance(value, list) or len(value) != PAIR:
        raise ValueError('expected the income it begins at and its rate, such as ["11925", "0.12"]')
    return tuple(value)


def _rising(brackets: list[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    if not brackets or brackets[0][0] != 0 or any(a[0] >= b[0] for a, b in pairwise(brackets)):
        raise ValueError("must begin at 0 and rise")
    return brackets


BracketRow = Annotated[tuple[NotNegative, Rate], BeforeValidator(_pair)]
Brackets = Annotated[list[BracketRow], AfterValidator(_rising)]


def _day(value: object) -> tuple[int, int]:
    try:
        month, _, day = str(value).partition("-")
        return int(month), int(day)
    except ValueError:
        raise ValueError(f"expected month and day, such as 04-06, got {shown(value)}") from None


class TaxTableRow(BaseModel):
    """A table of a profile. A key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class YearTable(TaxTableRow):
    """The rules of a year; what is left out is as the profile says for every year."""

    short_rate: Rate | None = None
    long_rate: Rate | None = None
    short_brackets: Brackets | None = None
    long_brackets: Brackets | None = None
    income: NotNegative | None = None
    nets_terms: bool | None = None
    loss_cap: NotNegative | None = None
    carried_loss_rate: Rate | None = None
    allowance: NotNegative | None = None
    free_below: NotNegative | None = None
    inclusion: Rate | None = None
    year_to_date_short: Amount | None = None
    year_to_date_long: Amount | None = None


class ProfileTable(YearTable):
    """A whole profile. Keys of a year at the top hold for every year that has none of its own."""

    name: str = "own"
    base: str | None = None
    methods: list[LotMethod] | None = None
    scope: Scope | None = None
    wash_sale: WashSale | None = None
    wash_days: int | None = None
    year_begins: Annotated[tuple[int, int], BeforeValidator(_day)] | None = None
    sources: list[str] = []
    years: dict[int, YearTable] = {}


def profile_names() -> tuple[str, ...]:
    """The profiles that come with the program."""
    files = resources.files(FOLDER).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


@exact
def load_profile(name_or_path: str) -> TaxProfile:
    """A profile that comes with the program, or one of the user's own. Raises ConfigMistakes."""
    table = _table(name_or_path)
    if table.base is None:
        return _profile([table])
    return _profile([_table(table.base), table])


def _table(name_or_path: str) -> ProfileTable:
    text = _text(name_or_path)
    try:
        return ProfileTable.model_validate(parse_toml(text))
    except ValidationError as error:
        raise ConfigMistakes(mistakes_of(error, ProfileTable)) from None


def _text(name_or_path: str) -> str:
    if name_or_path in profile_names():
        return (resources.files(FOLDER) / f"{name_or_path}.toml").read_text(encoding="utf-8")
    try:
        return Path(name_or_path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        known = ", ".join(profile_names())
        problem = f"{shown(name_or_path)} is no profile ({known}), and no file that can be read; write one of either"
        raise ConfigMistakes([Mistake("profile", problem)]) from None


def _profile(layers: list[ProfileTable]) -> TaxProfile:
    """Several tables as one: what a later one says wins, for every year."""
    whole = _laid_over([layer.model_dump(exclude_none=True, exclude_defaults=True) for layer in layers])
    years = sorted({year for layer in layers for year in layer.years})
    rules = [(year, _rules(_of_year(layers, year))) for year in years]
    profile = TaxProfile(
        name=str(whole.get("name", layers[-1].name)),
        years=tuple(rules),
        every_year=None if rules else _rules(_of_year(layers, None)),
    )
    own = {key: whole[key] for key in ("scope", "wash_sale", "wash_days", "year_begins") if key in whole}
    return replace(profile, methods=tuple(whole.get("methods", profile.methods)), **own)


def _laid_over(tables: list[dict[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for table in tables:
        whole |= table
    return whole


def _of_year(layers: list[ProfileTable], year: int | None) -> dict[str, Any]:
    tables: list[dict[str, Any]] = []
    for layer in layers:
        tables.append(layer.model_dump(exclude_none=True, include=set(YearTable.model_fields)))
        if year in layer.years:
            tables.append(layer.years[year].model_dump(exclude_none=True))
    return _laid_over(tables)


def _rules(table: dict[str, Any]) -> YearRules:
    """Raises ConfigMistakes where it says of no rate."""
    short, long = (_brackets(table, term) for term in ("short", "long"))
    if short is None:
        raise ConfigMistakes([Mistake("short_rate", "is missing; write the rate of your own tax, such as 0.24")])
    limits = ("income", "nets_terms", "loss_cap", "carried_loss_rate", "allowance", "free_below", "inclusion")
    return YearRules(
        short_brackets=short,
        long_brackets=short if long is None else long,
        short_to_date=table.get("year_to_date_short", ZERO),
        long_to_date=table.get("year_to_date_long", ZERO),
        **{key: table[key] for key in limits if key in table},
    )


def _brackets(table: dict[str, Any], term: str) -> tuple[Bracket, ...] | None:
    """A flat rate; or brackets, which where no income is told mean the highest rate: the tax is no higher than that."""
    rate, rows = table.get(f"{term}_rate"), table.get(f"{term}_brackets")
    if rate is not None:
        return (Bracket(ZERO, rate),)
    if rows is None:
        return None
    brackets = tuple(Bracket(above, rate) for above, rate in rows)
    return brackets if "income" in table else (Bracket(ZERO, brackets[-1].rate),)
