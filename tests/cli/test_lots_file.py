"""The events file of `equipoise lots`: every mistake named at once, each with its place and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.lots_command import CHEAP, DEAR, lots, printed, refused, written


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"id": ""}, "id: expected a name in quotes, got ''"),
        ({"id": 7}, "id: expected a name in quotes, got 7"),
        ({"id": None}, "id: is missing; add it"),
        ({"t": "2023-01-01"}, "t: expected a time with its zone, such as 2026-01-01T00:00:00Z, got '2023-01-01'"),
        ({"t": 1672531200}, "t: expected a time with its zone, such as 2026-01-01T00:00:00Z, got 1672531200"),
        (
            {"t": "0001-01-01T00:00:00Z"},
            "t: expected a time with its zone, such as 2026-01-01T00:00:00Z, got '0001-01-01T00:00:00Z'",
        ),
        ({"t": "9999-12-31T23:00:00Z"}, "t: expected a time with its zone"),
        ({"kind": "buy"}, "kind: expected one of acquire, income, dispose, reduce, transfer, got 'buy'"),
        ({"kind": ["acquire"]}, "kind: expected one of acquire, income, dispose, reduce, transfer, got ['acquire']"),
        ({"qty": "0"}, "qty: must be above 0, got 0"),
        ({"qty": None}, "qty: is missing; add it"),
        ({"qty": "two"}, "qty: expected a decimal number, got 'two'"),
        ({"qty": True}, "qty: expected a decimal number, got bool"),
        ({"price": "NaN"}, "price: expected a finite number, got NaN"),
        ({"price": "-1"}, "price: must not be below 0, got '-1'"),
        ({"price": "1e40"}, "price: expected a number of at most 30 digits before the point and 78 after it"),
        ({"price": None}, "cost: is missing; add it, or a price"),
        ({"kind": "transfer"}, "to_account: is missing; add it"),
        ({"lots": "cheap"}, "lots: expected a list of lots' ids, got 'cheap'"),
        ({"asset": 1}, "asset: expected a name in quotes, got 1"),
        ({"account": "two\nlines"}, "account: expected a name in quotes, got 'two\\nlines'"),
        ({"fees": "1"}, "fees: is not known; known here are account, asset, cost, "),
    ],
)
def test_a_mistake_is_named_with_its_place(
    change: dict[str, Any], mistake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line: the path in the file, what is wrong there, and what would be right."""
    assert lots(written(tmp_path / "e.json", DEAR, CHEAP | change)) == 2
    (line,) = refused(capsys)
    assert line.startswith(f"events[1].{mistake}")


def test_all_mistakes_of_a_file_are_named_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also several of one event, one line each."""
    bad = {"id": "", "t": "soon", "kind": "acquire", "qty": "-1", "fee": "much", "colour": "red"}
    file = written(tmp_path / "e.json", bad, "no event", CHEAP, CHEAP, schema="events/9", currency=3, events_=[])
    assert lots(file) == 2
    assert [line.partition(": ")[0] for line in refused(capsys)] == [
        "schema",
        "currency",
        "events_",
        "events[0].colour",
        "events[0].id",
        "events[0].t",
        "events[0].qty",
        "events[0].fee",
        "events[1]",
        "events[3].id",
    ]


def test_an_id_is_there_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It names a lot: which one is meant could not be told."""
    assert lots(written(tmp_path / "e.json", CHEAP, DEAR, DEAR | {"id": "cheap"})) == 2
    assert refused(capsys) == ["events[2].id: 'cheap' is there already at events[0]; rename one"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[]", "the file: expected an object with schema and events"),
        ('{"schema": "equipoise-events/1"}', "events: expected a list of events"),
        ('{"schema": "equipoise-events/1", "events": [1}', "line 1, column 46: is no JSON ("),
        ('{"schema": "equipoise-events/1", "events": [], "events": []}', "events: is there twice; keep one"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    text: str, mistake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the place, where there is one."""
    file = tmp_path / "e.json"
    file.write_text(text)
    assert lots(file) == 2
    assert refused(capsys)[0].startswith(mistake)


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its path."""
    assert lots(tmp_path / "nowhere.json") == 2
    assert "nowhere.json: cannot be read (No such file or directory)" in refused(capsys)[0]


def test_numbers_without_quotes_are_read_as_they_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three tenths are three tenths, and small ones keep all their digits."""
    file = tmp_path / "e.json"
    bought = '{"id": "a", "t": "2023-01-01T00:00:00Z", "kind": "acquire", "qty": 0.3, "cost": 0.1}'
    sold = '{"id": "s", "t": "2023-01-02T00:00:00Z", "kind": "dispose", "qty": 1e-1, "proceeds": 0.123456789012345678}'
    file.write_text(f'{{"schema": "equipoise-events/1", "events": [{bought}, {sold}]}}')
    assert lots(file, "--json") == 0
    answer = printed(capsys)
    assert [(m["qty"], m["proceeds"], m["cost"]) for m in answer["matches"]] == [
        ("0.1", "0.123456789012345678", "0.033333333333333333")
    ]
    assert answer["remaining"][0]["basis"] == "0.066666666666666667"
