"""Tax profiles: what comes with the program, and what a person writes on top of it."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from bot.config.mistakes import ConfigMistakes
from bot.config.tax_tables import FOLDER, load_profile, profile_names
from engine.account.lots.tax_due import tax_due
from engine.model.errors import InvalidValue
from engine.model.lots import LotMethod, Scope
from engine.model.tax import TaxProfile, WashSale

D = Decimal


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A file of the user's own, yet to be written."""
    return tmp_path / "own.toml"


def written(path: Path, text: str) -> TaxProfile:
    path.write_text(text, encoding="utf-8")
    return load_profile(str(path))


def due(profile: TaxProfile, year: int, short: str = "0", long: str = "0") -> Decimal:
    return tax_due(profile.rules(year), D(short), D(long))


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_loads_under_its_name_and_says_where_it_is_from(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    if name != "generic":
        text = (resources.files(FOLDER) / f"{name}.toml").read_text(encoding="utf-8")
        assert tomllib.loads(text)["sources"]
        assert [year for year, _ in profile.years][-3:] == [2024, 2025, 2026]


@pytest.mark.parametrize("name", [name for name in profile_names() if name != "generic"])
def test_a_year_that_a_profile_does_not_know_is_refused(name: str) -> None:
    for year in (1999, 2027):
        with pytest.raises(InvalidValue, match=rf"{name} knows the rules of .*, and not of {year}; add them"):
            load_profile(name).rules(year)


def test_the_generic_profile_is_one_rate_for_all_years() -> None:
    assert due(load_profile("generic"), 1999, "1000", "1000") == D(500)


def test_united_states_a_short_gain_on_top_of_a_known_income(own: Path) -> None:
    """Single, 2025, 85,000: all of 10,000 more lies below 103,350, so 22 %."""
    profile = written(own, 'base = "us"\nincome = 85000\n')
    assert due(profile, 2025, "10000") == D(2200)
    # 18,350 at 22 % and 1,650 at 24 %.
    assert due(profile, 2025, "20000") == D("4037") + D("396")
    assert due(profile, 2025, "0", "10000") == D(1500)
    # A loss of 5,000: 3,000 of it at 22 %.
    assert due(profile, 2025, "-5000") == D(-660)


@pytest.mark.parametrize(("year", "top"), [(2024, "47025"), (2025, "48350"), (2026, "49450")])
def test_united_states_long_gains_are_free_in_the_lowest_bracket(own: Path, year: int, top: str) -> None:
    profile = written(own, f'base = "us"\nincome = {D(top) - 1000}\n')
    assert due(profile, year, "0", "1000") == 0
    assert due(profile, year, "0", "1100") == D(15)


def test_united_states_the_surcharge_begins_at_200_000_and_for_couples_at_250_000(own: Path) -> None:
    """2025: single 195,000 and 10,000 of gain: 2,300 at 24 %, 7,700 at 32 %, and 3.8 % of 5,000."""
    single = written(own, 'base = "us"\nincome = 195000\n')
    assert due(single, 2025, "10000") == D(552) + D(2464) + D(190)
    joint = written(own, 'base = "us_joint"\nincome = 245000\n')
    assert due(joint, 2025, "10000") == D(2400) + D(190)
    assert due(joint, 2025, "0", "10000") == D(1500) + D(190)


def test_without_an_income_the_highest_rates_hold(own: Path) -> None:
    for name in ("us", "us_joint"):
        assert due(load_profile(name), 2025, "1000") == D(408), "37 % and 3.8 %"
        assert due(load_profile(name), 2025, "0", "1000") == D(238)
    assert due(written(own, 'base = "us"\nincome = 0\n'), 2025, "1000") == D(100)


def test_a_rate_of_ones_own_has_all_in_it(own: Path) -> None:
    profile = written(own, 'base = "us"\nshort_rate = "0.24"\nlong_rate = "0.15"\n')
    assert due(profile, 2025, "1000", "1000") == D(390)
    assert due(profile, 2026, "-9000") == D(-720), "what is not said otherwise is the base's: 3,000 at 24 %"


def test_germany_below_the_limit_all_is_free_and_from_it_on_nothing(own: Path) -> None:
    germany = load_profile("de")
    assert [due(germany, 2023, gain) for gain in ("599.99", "600")] == [0, D(600) * D("0.47475")]
    assert [due(germany, 2024, gain) for gain in ("999.99", "1000")] == [0, D("474.75")]
    assert due(germany, 2025, "900", "100000") == 0, "after a year nothing counts"
    assert due(germany, 2025, "1000", "-100000") == D("474.75"), "and no loss does"
    assert due(written(own, 'base = "de"\nshort_rate = 0.3\n'), 2025, "2000") == D(600)


def test_united_kingdom(own: Path) -> None:
    """2025/26, 30,000 after the personal allowance: of 13,000, 3,000 are free, 7,700 at 18 % and 2,300 at 24 %."""
    profile = written(own, 'base = "uk"\nincome = 30000\n')
    assert due(profile, 2025, "13000") == D(1386) + D(552)
    assert due(load_profile("uk"), 2025, "13000") == D(2400)
    # 2023/24: 6,000 are free, the rest at 20 %.
    assert due(load_profile("uk"), 2023, "13000") == D(1400)
    assert (profile.year_begins, profile.methods, profile.scope) == ((4, 6), (LotMethod.UK,), Scope.UNIVERSAL)


def test_canada_taxes_half_of_a_gain_and_denies_superficial_losses() -> None:
    profile = load_profile("ca")
    assert due(profile, 2025, "1000") == D(165)
    assert due(profile, 2025, "1000", "-400") == D(99)
    assert (profile.methods, profile.wash_sale, profile.wash_days) == ((LotMethod.AVERAGE,), WashSale.ENFORCE, 30)


def test_united_states_wash_sales_are_a_warning_until_the_law_changes(own: Path) -> None:
    assert load_profile("us_joint").wash_sale is WashSale.WARN
    stricter = written(own, 'base = "us"\nwash_sale = "enforce"\nwash_days = 61\n')
    assert (stricter.wash_sale, stricter.wash_days) == (WashSale.ENFORCE, 61)
    assert LotMethod.AVERAGE not in stricter.methods


def test_a_file_of_ones_own_adds_a_year_and_overrides_one(own: Path) -> None:
    """What is said at the top of the file wins over the base for every year; a year of its own wins over that."""
    text = """
    name = "mine"
    base = "us"
    loss_cap = 1500
    [years.2026]
    loss_cap = 500
    [years.2027]
    short_brackets = [[0, 0.1], [10000, 0.3]]
    """
    profile = written(own, text)
    assert [(year, rules.loss_cap) for year, rules in profile.years] == [
        (2024, D(1500)),
        (2025, D(1500)),
        (2026, D(500)),
        (2027, D(1500)),
    ]
    assert (profile.name, due(profile, 2027, "100")) == ("mine", D(30))


def test_brackets_stand_in_for_a_rate_of_the_base(own: Path) -> None:
    profile = written(own, 'base = "de"\nincome = 0\nshort_brackets = [[0, 0], [5000, 0.2]]\n')
    assert due(profile, 2025, "6000") == D(200)


def test_results_that_the_history_does_not_hold_are_told(own: Path) -> None:
    rules = written(own, 'short_rate = "0.3"\nyear_to_date_short = "-250.5"\nyear_to_date_long = 7\n').rules(1999)
    assert (rules.short_to_date, rules.long_to_date) == (D("-250.5"), D(7))
    assert rules.long_brackets == rules.short_brackets, "one rate is for both"


RATED = "short_rate = 0.3\n"
ORDER = "must begin at an income of 0, and incomes and rates must rise; put them in order"
DAY = 'expected month and day that every year has, such as "04-06", got '
DAYS = "expected a whole number of days from 1 to 366, such as 30, got "


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "short_rate: is missing; write the rate of your own tax, such as 0.24"),
        ("[years.2025]\n", "years.2025.short_rate: is missing; write the rate of your own tax, such as 0.24"),
        ("short_rate = 24\n", "short_rate: expected a rate from 0 to 1, such as 0.24, got 24"),
        (RATED + "inclusion = 0\n", "inclusion: expected a part above 0 up to 1, such as 0.5, got 0"),
        (RATED + "loss_cap = -1\n", "loss_cap: must not be negative, got -1"),
        (RATED + 'nets_terms = "yes"\n', "nets_terms: expected true or false, without quotes"),
        (RATED + "short_rates = 1\n", "short_rates: is not known; did you mean short_rate?"),
        (
            RATED + "short_brackets = [[0, 0.1]]\n",
            "the file: short_rate and short_brackets say the same thing twice; leave one of them out",
        ),
        ("short_brackets = [[0, 0.2], [9, 0.1]]\n", f"short_brackets: {ORDER}"),
        ("short_brackets = [[0, 0.1], [0, 0.2]]\n", f"short_brackets: {ORDER}"),
        ("short_brackets = [[1, 0.1]]\n", f"short_brackets: {ORDER}"),
        ("short_brackets = []\n", f"short_brackets: {ORDER}"),
        (
            "[years.2025]\nlong_brackets = [[0]]\n",
            'years.2025.long_brackets[0]: expected the income it begins at and its rate, such as ["11925", "0.12"]',
        ),
        (RATED + 'methods = ["best"]\n', "methods[0]: expected 'fifo', 'lifo'"),
        (
            RATED + "methods = []\n",
            "methods: names no method; name those that the law allows, or leave the key out",
        ),
        (RATED + 'wash_sale = "no"\n', "wash_sale: expected 'off', 'warn' or 'enforce', got 'no'"),
        (RATED + "wash_days = 0\n", f"wash_days: {DAYS}0"),
        (RATED + 'wash_days = "30"\n', f"wash_days: {DAYS}'30'"),
        (RATED + 'year_begins = "02-29"\n', f"year_begins: {DAY}'02-29'"),
        (RATED + 'year_begins = "13-01"\n', f"year_begins: {DAY}'13-01'"),
        (RATED + 'year_begins = "4-6"\n', f"year_begins: {DAY}'4-6'"),
        (RATED + "[years.25]\n", "years.25: expected a year, such as 2025, got '25'"),
        (RATED + 'scope = "wallet"\n', "scope: expected 'account' or 'universal', got 'wallet'"),
        (
            'base = "fr"\n',
            "base: expected a profile that comes with the program (ca, de, generic, uk, us, us_joint), got 'fr'",
        ),
        (RATED + "name = 3\n", "name: expected text in quotes"),
        ("short_rate = \n", "line 1: is no TOML"),
    ],
)
def test_mistakes_are_named_with_their_place_and_a_remedy(own: Path, text: str, mistake: str) -> None:
    with pytest.raises(ConfigMistakes) as caught:
        written(own, text)
    (found,) = caught.value.mistakes
    assert str(found).startswith(mistake)


def test_all_mistakes_are_told_at_once(own: Path) -> None:
    with pytest.raises(ConfigMistakes) as caught:
        written(own, "wash_days = -1\nincome = -1\n[years.2025]\ninclusion = 2\n")
    assert {mistake.key for mistake in caught.value.mistakes} == {"wash_days", "income", "years.2025.inclusion"}
    with pytest.raises(ConfigMistakes) as caught:
        written(own, "[years.2024]\n[years.2025]\n")
    assert [mistake.key for mistake in caught.value.mistakes] == ["years.2024.short_rate", "years.2025.short_rate"]


def test_what_is_neither_a_profile_nor_a_file_is_named(tmp_path: Path) -> None:
    for unread in ("usa", str(tmp_path), "a\0b"):
        with pytest.raises(ConfigMistakes, match=r"profile: .* is no profile \(ca, de, generic, uk, us, us_joint\)"):
            load_profile(unread)
