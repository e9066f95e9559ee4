"""`equipoise lots`: a history in, matches out, and every option."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import pytest

from tests.cli.lots_command import CHEAP, DEAR, SALE, history, lots, printed, refused, written
from tests.cli.processes import equipoise


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two purchases, and a sale that needs both."""
    return written(tmp_path / "events.json", CHEAP, DEAR, SALE)


def test_the_output_has_the_documented_names(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Matches, what remains, totals, and what is missing; every number is the text of a decimal."""
    assert lots(file, "--json") == 0
    assert printed(capsys) == {
        "schema": "equipoise-matches/1",
        "matches": [
            {
                "event": "sale",
                "lot": "cheap",
                "asset": "X",
                "account": "main",
                "qty": "2",
                "proceeds": "96",
                "cost": "21",
                "gain": "75",
                "term": "long",
            },
            {
                "event": "sale",
                "lot": "dear",
                "asset": "X",
                "account": "main",
                "qty": "1",
                "proceeds": "48",
                "cost": "30",
                "gain": "18",
                "term": "short",
            },
        ],
        "remaining": [{"account": "main", "asset": "X", "lot": "dear", "qty": "1", "basis": "30"}],
        "totals": {"gain": "93", "short": "18", "long": "75", "income": "0"},
        "missing": [],
    }


@pytest.mark.parametrize(
    ("method", "costs"),
    [
        ("fifo", ["21", "30"]),
        ("lifo", ["60", "10.5"]),
        ("hifo", ["60", "10.5"]),
        ("lofo", ["21", "30"]),
        ("average", ["40.5", "20.25"]),
        ("uk_s104", ["60.75"]),
    ],
)
def test_every_method_can_be_asked_for(
    method: str, costs: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The matches are those of the engine."""
    assert lots(file, "--json", method=method) == 0
    assert [match["cost"] for match in printed(capsys)["matches"]] == costs


def test_the_uk_s_matches_say_their_rule(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And no lot."""
    assert lots(file, "--json", method="uk_s104") == 0
    answer = printed(capsys)
    (match,) = answer["matches"]
    assert (match["rule"], match["lot"], match["term"]) == ("s104", None, "none")
    assert answer["remaining"] == [{"account": "main", "asset": "X", "lot": None, "qty": "1", "basis": "20.25"}]


def test_lots_are_named_in_the_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For the method that asks for names; to the others they mean nothing."""
    file = written(tmp_path / "e.json", CHEAP, DEAR, SALE | {"qty": "1", "lots": ["dear"]})
    assert lots(file, "--json", method="specific") == 0
    assert [match["lot"] for match in printed(capsys)["matches"]] == ["dear"]
    assert lots(file, "--json") == 0
    assert [match["lot"] for match in printed(capsys)["matches"]] == ["cheap"]
    assert lots(written(file, CHEAP, DEAR, SALE | {"qty": "1"}), "--json", method="specific") == 2
    assert refused(capsys) == ["sale.lots: is missing, and several lots fit; name those that are sold"]


def test_the_least_tax_needs_a_profile(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that comes with the program, or a file."""
    assert lots(file, "--json", method="min_tax") == 2
    (line,) = refused(capsys)
    assert line.startswith("profile: is missing; ")
    assert lots(file, "--json", "--profile", "generic", method="min_tax") == 0
    assert printed(capsys)["totals"]["gain"] == "73.5"
    own = tmp_path / "own.toml"
    own.write_text('short_rate = "0.9"\nlong_rate = "0"\nyear_to_date_short = "-1000"\n')
    assert lots(file, "--json", "--profile", str(own), method="min_tax") == 0
    assert {match["lot"]: match["qty"] for match in printed(capsys)["matches"]} == {"dear": "2", "cheap": "1"}


def test_income_is_no_match(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told in the totals, and opens a lot."""
    reward = CHEAP | {"id": "reward", "kind": "income", "qty": "1", "price": "7", "fee": "0"}
    assert lots(written(tmp_path / "e.json", reward), "--json") == 0
    answer = printed(capsys)
    assert (answer["matches"], answer["totals"]["income"]) == ([], "7")
    assert answer["remaining"] == [{"account": "main", "asset": "X", "lot": "reward", "qty": "1", "basis": "7"}]


def test_a_total_wins_over_a_price(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of what was paid and of what was got; neither may be there alone."""
    file = written(tmp_path / "e.json", CHEAP | {"cost": "40"}, SALE | {"qty": "1", "proceeds": "70"})
    assert lots(file, "--json") == 0
    (match,) = printed(capsys)["matches"]
    assert (match["cost"], match["proceeds"], match["gain"]) == ("20", "70", "50")


def test_what_books_no_gain_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fee without its worth, units that are gone, and a sale for which nothing is told."""
    way = {"id": "way", "t": "2023-05-01T00:00:00Z", "kind": "transfer", "qty": "1", "to_account": "cold"}
    lost = {"id": "lost", "t": "2023-06-01T00:00:00Z", "kind": "reduce", "qty": "0.5", "account": "cold"}
    given = {"id": "given", "t": "2023-07-01T00:00:00Z", "kind": "dispose", "qty": "1"}
    assert lots(written(tmp_path / "e.json", CHEAP, DEAR, way | {"fee_qty": "0.5"}, lost, given), "--json") == 0
    answer = printed(capsys)
    assert [(m["event"], m["cost"], m["proceeds"], m["gain"]) for m in answer["matches"]] == [
        ("way", "5.25", None, None),
        ("lost", "5.25", None, None),
        ("given", "5.25", None, None),
        ("given", "15", None, None),
    ]
    assert answer["totals"]["gain"] == "0"
    assert lots(written(tmp_path / "e.json", CHEAP, way | {"fee_qty": "0.5", "fee_proceeds": "9"}), "--json") == 0
    assert [match["gain"] for match in printed(capsys)["matches"]] == ["3.75"]


# --- options -------------------------------------------------------------------------------------------------------


def test_scope_says_from_where_a_sale_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the account that sells, unless told otherwise."""
    file = written(tmp_path / "e.json", CHEAP | {"account": "cold"}, DEAR, SALE | {"qty": "1"})
    assert lots(file, "--json") == 0
    assert [match["lot"] for match in printed(capsys)["matches"]] == ["dear"]
    assert lots(file, "--json", "--scope", "universal") == 0
    assert [match["lot"] for match in printed(capsys)["matches"]] == ["cheap"]


def test_order_key_says_what_is_dear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The fee counts, unless told otherwise."""
    with_fee = CHEAP | {"price": "29", "fee": "5"}
    file = written(tmp_path / "e.json", with_fee, DEAR, SALE | {"qty": "1"})
    for options, lot in (((), "cheap"), (("--order-key", "price"), "dear"), (("--order-key", "unit_cost"), "cheap")):
        assert lots(file, "--json", *options, method="hifo") == 0
        assert [match["lot"] for match in printed(capsys)["matches"]] == [lot]


def test_without_a_price_it_is_the_total_less_the_fee(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By a unit: 29 and not 32."""
    by_total = {"id": "cheap", "t": "2023-01-01T00:00:00Z", "kind": "acquire", "qty": "2", "cost": "64", "fee": "6"}
    file = written(tmp_path / "e.json", by_total, DEAR, SALE | {"qty": "1"})
    assert lots(file, "--json", "--order-key", "price", method="hifo") == 0
    assert [match["lot"] for match in printed(capsys)["matches"]] == ["dear"]


@pytest.mark.parametrize(
    ("options", "terms"),
    [
        ((), ["long", "short"]),
        (("--holding", "anniversary"), ["long", "short"]),
        (("--holding", "days:400"), ["short", "short"]),
        (("--holding", "seconds:60"), ["long", "long"]),
        (("--holding", "none"), ["none", "none"]),
    ],
)
def test_holding_says_what_is_long(
    options: tuple[str, ...], terms: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By anniversary, unless told otherwise."""
    assert lots(file, "--json", *options) == 0
    assert [match["term"] for match in printed(capsys)["matches"]] == terms


def test_timezone_is_the_taxpayer_s(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half past eleven in the evening is the next day farther east."""
    late = SALE | {"t": "2024-01-01T23:30:00Z", "qty": "1"}
    file = written(tmp_path / "e.json", CHEAP, late)
    for options, term in (((), "short"), (("--timezone", "Europe/Berlin"), "long")):
        assert lots(file, "--json", *options) == 0
        assert [match["term"] for match in printed(capsys)["matches"]] == [term]


def test_a_shortfall_is_refused_or_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what is known and what to do; under zero_basis as units of no lot."""
    file = written(tmp_path / "e.json", CHEAP, SALE)
    assert lots(file, "--json") == 2
    remedy = "add what came before, or let the shortfall be zero_basis"
    assert refused(capsys) == [f"sale: uses up 3 X in main, and 2 are known; {remedy}"]
    assert lots(file, "--json", "--shortfall", "zero_basis") == 0
    answer = printed(capsys)
    assert [(match["lot"], match["qty"], match["cost"]) for match in answer["matches"]] == [
        ("cheap", "2", "21"),
        (None, "1", "0"),
    ]
    assert answer["missing"] == [{"event": "sale", "qty": "1"}]


def test_years_have_methods_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As many as are named."""
    sales = [SALE | {"id": str(year), "t": f"{year}-06-01T00:00:00Z", "qty": "0.5"} for year in (2023, 2024, 2025)]
    file = written(tmp_path / "e.json", CHEAP, DEAR, *sales)
    options = ("--year-method", "2024=lifo", "--year-method", "2025=hifo")
    assert lots(file, "--json", *options) == 0
    assert [match["lot"] for match in printed(capsys)["matches"]] == ["cheap", "dear", "dear"]


def test_bad_options_are_named_all_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the mistakes of the history, and each with what would be right."""
    file = written(tmp_path / "e.json", CHEAP | {"qty": "-2"})
    options = ("--holding", "days", "--timezone", "Berlin", "--year-method", "2024:fifo", "--profile", "nowhere.toml")
    assert lots(file, *options) == 2
    lines = refused(capsys)
    assert [line.partition(":")[0] for line in lines] == [
        "profile",
        "--year-method",
        "--holding",
        "--timezone",
        "events[0].qty",
    ]
    assert all(
        wanted in line
        for line, wanted in zip(
            lines,
            ["write one", "expected a year", "expected anniversary", "write one", "must not be below 0"],
            strict=True,
        )
    )


@pytest.mark.parametrize(
    "text", ["years:1", "days:", "days:-1", "days:x", "anniversary:2", "none:1", "seconds:99999999999"]
)
def test_a_holding_period_that_is_none_is_refused(text: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is guessed."""
    assert lots(file, "--holding", text) == 2
    (line,) = refused(capsys)
    assert line.startswith("--holding: expected anniversary, days:365, seconds:31536000 or none, got ")


# --- as a process --------------------------------------------------------------------------------------------------


async def test_a_history_can_come_from_standard_input(file: Path) -> None:
    """A dash stands for it."""
    by_file = await equipoise("lots", file, "--method", "hifo", "--json")
    assert by_file.status == 0
    given = json.dumps(history(CHEAP, DEAR, SALE)).encode()
    assert await equipoise("lots", "-", "--method", "hifo", "--json", given=given) == by_file


async def test_it_is_a_command_of_the_shell(file: Path) -> None:
    """With a status that says how it ended, and words for people where JSON is not asked for."""
    ended = await equipoise("lots", file, "--method", "hifo")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "sale: 2 X of dear cost 60.00, gain 36.00 short",
        "sale: 1 X of cheap cost 10.50, gain 37.50 long",
        "gain 73.50, 1 lots left",
    ]
    unknown = await equipoise("lots", file, "--method", "best")
    assert unknown.status == 2
    assert "invalid choice: 'best'" in unknown.err


def test_the_collector_is_left_as_it_was(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It rests while a history is matched, and not longer, also after a mistake."""
    assert gc.isenabled()
    assert lots(file) == 0
    assert lots("nowhere") == 2
    assert gc.isenabled()
