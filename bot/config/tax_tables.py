"""Tax profiles as they are written: a country's rules, dated and with their sources, or a person's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictBool,
    StrictStr,
    ValidationError,
    model_validator,
)

from bot.config.fields import NotNegative, Number, number_where
from bot.config.mistakes import ConfigMistakes, Mistake, mistakes_of, shown
from bot.config.toml_text import parse_toml
from engine.model.lots import LotMethod, Scope
from engine.model.money import ONE, ZERO, exact
from engine.model.tax import Bracket, TaxProfile, WashSale, YearRules

FOLDER: Final = "bot.config.tax_profiles"
PAIR: Final = 2
DAY: Final = re.compile(r"\d\d-\d\d")
YEAR: Final = re.compile(r"[12]\d{3}")
NO_LEAP_YEAR: Final = 2025
MOST_WASH_DAYS: Final = 366
LISTS: Final = ("short", "long", "surcharge")
LIMITS: Final = ("income", "nets_terms", "loss_cap", "carried_loss_rate", "allowance", "free_below", "inclusion")

Rate = Annotated[Decimal, number_where(lambda rate: ZERO <= rate <= ONE, "expected a rate from 0 to 1, such as 0.24")]
Share = Annotated[
    Decimal, number_where(lambda part: ZERO < part <= ONE, "expected a part above 0 up to 1, such as 0.5")
]


def _pair(value: object) -> object:
    if not isinstance(value, list) or len(value) != PAIR:
        raise ValueError('expected the income it begins at and its rate, such as ["11925", "0.12"]')
    return tuple(value)


def _rising(brackets: list[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    """With falling rates, more gains could mean less tax, and the least tax would be sought in the wrong place."""
    if not brackets or brackets[0][0] != 0 or any(a[0] >= b[0] or a[1] > b[1] for a, b in pairwise(brackets)):
        raise ValueError("must begin at an income of 0, and incomes and rates must rise; put them in order")
    return brackets


BracketRow = Annotated[tuple[NotNegative, Rate], BeforeValidator(_pair)]
Brackets = Annotated[list[BracketRow], AfterValidator(_rising)]


def _day(value: object) -> tuple[int, int]:
    remedy = f'expected month and day that every year has, such as "04-06", got {shown(value)}'
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError(remedy)
    month, day = int(value[:2]), int(value[3:])
    try:
        date(NO_LEAP_YEAR, month, day)
    except ValueError:
        raise ValueError(remedy) from None
    return month, day


def _year(value: object) -> int:
    if not isinstance(value, str) or not YEAR.fullmatch(value):
        raise ValueError(f"expected a year, such as 2025, got {shown(value)}")
    return int(value)


def _wash_days(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_WASH_DAYS:
        raise ValueError(f"expected a whole number of days from 1 to {MOST_WASH_DAYS}, such as 30, got {shown(value)}")
    return value


def _some(methods: list[LotMethod]) -> list[LotMethod]:
    if not methods:
        raise ValueError("names no method; name those that the law allows, or leave the key out")
    return methods


def _shipped(value: object) -> str:
    if not isinstance(value, str) or value not in profile_names():
        raise ValueError(f"expected a profile that comes with the program ({_known()}), got {shown(value)}")
    return value


class TaxTableRow(BaseModel):
    """A table of a profile. A key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class YearTable(TaxTableRow):
    """The rules of a year; what is left out is as the profile says for every year."""

    short_rate: Rate | None = None
    long_rate: Rate | None = None
    short_brackets: Brackets | None = None
    long_brackets: Brackets | None = None
    surcharge_brackets: Brackets | None = None
    income: NotNegative | None = None
    nets_terms: StrictBool | None = None
    loss_cap: NotNegative | None = None
    carried_loss_rate: Rate | None = None
    allowance: NotNegative | None = None
    free_below: NotNegative | None = None
    inclusion: Share | None = None
    year_to_date_short: Number | None = None
    year_to_date_long: Number | None = None

    @model_validator(mode="after")
    def _one_way(self) -> YearTable:
        for term in ("short", "long"):
            if getattr(self, f"{term}_rate") is not None and getattr(self, f"{term}_brackets") is not None:
                raise ValueError(f"{term}_rate and {term}_brackets say the same thing twice; leave one of them out")
        return self


class ProfileTable(YearTable):
    """A whole profile. Keys of a year at the top hold for every year that does not say otherwise."""

    name: StrictStr = "own"
    currency: StrictStr | None = None
    base: Annotated[str, BeforeValidator(_shipped)] | None = None
    methods: Annotated[list[LotMethod], AfterValidator(_some)] | None = None
    scope: Scope | None = None
    wash_sale: WashSale | None = None
    wash_days: Annotated[int, BeforeValidator(_wash_days)] | None = None
    year_begins: Annotated[tuple[int, int], BeforeValidator(_day)] | None = None
    sources: list[StrictStr] = []
    years: dict[Annotated[int, BeforeValidator(_year)], YearTable] = {}


def profile_names() -> tuple[str, ...]:
    """The profiles that come with the program."""
    files = resources.files(FOLDER).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def _known() -> str:
    return ", ".join(profile_names())


@exact
def load_profile(name_or_path: str) -> TaxProfile:
    """A profile that comes with the program, or one of the user's own.

    What a file says wins over what its `base` says, for every year. Where a file or its base lists years, those alone
    are known; else its rules hold for every year. Raises ConfigMistakes.
    """
    layers = [_table(name_or_path)]
    is_told = name_or_path not in profile_names() and _tells_of_taxpayer(layers[0])
    while (base := layers[0].base) is not None:
        layers.insert(0, _table(base))
    return replace(_profile(layers), is_told=is_told)


def _tells_of_taxpayer(table: ProfileTable) -> bool:
    """Whether a file of the user's own says what they earn, or what they are taxed at."""
    own = ("income", "short_rate", "short_brackets")
    return any(getattr(each, key) is not None for each in (table, *table.years.values()) for key in own)


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
    except (OSError, UnicodeDecodeError, ValueError):
        problem = f"{shown(name_or_path)} is no profile ({_known()}), and no file that can be read; write one of either"
        raise ConfigMistakes([Mistake("profile", problem)]) from None


def _profile(layers: Sequence[ProfileTable]) -> TaxProfile:
    """Several tables as one."""
    years = sorted({year for layer in layers for year in layer.years})
    found: list[Mistake] = []
    rules = [_rules(_of_year(layers, year), f"years.{year}.", found) for year in years]
    every_year = None if years else _rules(_of_year(layers, None), "", found)
    if found:
        raise ConfigMistakes(found)
    whole = _laid_over([_told(layer) for layer in layers])
    own: dict[str, Any] = {
        key: whole[key] for key in ("currency", "scope", "wash_sale", "wash_days", "year_begins") if key in whole
    }
    if "methods" in whole:
        own["methods"] = tuple(whole["methods"])
    named = ((year, each) for year, each in zip(years, rules, strict=True) if each is not None)
    return TaxProfile(layers[-1].name, tuple(named), every_year=every_year, **own)


def _told(table: YearTable) -> dict[str, Any]:
    """What a table says itself, by its keys."""
    return {key: value for key in type(table).model_fields if (value := getattr(table, key)) is not None}


def _laid_over(tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a later table says wins. A rate stands in for brackets, and brackets for a rate."""
    whole: dict[str, Any] = {}
    for table in tables:
        for term in LISTS:
            if f"{term}_rate" in table or f"{term}_brackets" in table:
                whole.pop(f"{term}_rate", None)
                whole.pop(f"{term}_brackets", None)
        whole |= table
    return whole


def _of_year(layers: Sequence[ProfileTable], year: int | None) -> dict[str, Any]:
    tables: list[dict[str, Any]] = []
    for layer in layers:
        tables.append({key: value for key, value in _told(layer).items() if key in YearTable.model_fields})
        if year in layer.years:
            tables.append(_told(layer.years[year]))
    return _laid_over(tables)


def _rules(table: dict[str, Any], where: str, found: list[Mistake]) -> YearRules | None:
    short, long, surcharge = (_brackets(table, term) for term in LISTS)
    if short is None:
        found.append(Mistake(f"{where}short_rate", "is missing; write the rate of your own tax, such as 0.24"))
        return None
    return YearRules(
        short_brackets=short,
        long_brackets=short if long is None else long,
        surcharge_brackets=surcharge if surcharge and _is_surcharged(table) else (),
        short_to_date=table.get("year_to_date_short", ZERO),
        long_to_date=table.get("year_to_date_long", ZERO),
        **{key: table[key] for key in LIMITS if key in table},
    )


def _is_surcharged(table: dict[str, Any]) -> bool:
    """Whether a surcharge comes on top: whoever writes a rate of his own, and no income, has all in it."""
    return "income" in table or "short_rate" not in table


def _brackets(table: dict[str, Any], term: str) -> tuple[Bracket, ...] | None:
    """A flat rate; or brackets, which where no income is told mean the highest rate: the tax is no higher than that."""
    rate, rows = table.get(f"{term}_rate"), table.get(f"{term}_brackets")
    if rate is not None:
        return (Bracket(ZERO, rate),)
    if rows is None:
        return None
    brackets = tuple(Bracket(above, rate) for above, rate in rows)
    return brackets if "income" in table else (Bracket(ZERO, brackets[-1].rate),)
