"""How numbers, instants and names are written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.render import figures, names
from tests.chat import builders as a


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1240.5", "1,240.50 USDT"),
        ("999999.994", "999,999.99 USDT"),
        ("1234567.89", "1,234,568 USDT"),
        ("0", "0.00 USDT"),
        ("-4.2", "−4.20 USDT"),
        ("0.00123456", "0.0012 USDT"),
        ("0.00000000000000000012", "1.2e-19 USDT"),
        ("123456789012345678901234567890", "1.23e29 USDT"),
    ],
)
def test_money(value: str, text: str) -> None:
    """Thousands are grouped; millions have no decimals, amounts under a cent keep two digits."""
    assert figures.money(Decimal(value), "USDT") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.050000", "0.05"),
        ("0.123456789", "0.12345679"),
        ("12345.678912345", "12,345.679"),
        ("1000000", "1,000,000"),
        ("0.000000001234", "0.0000000012"),
        ("0", "0"),
        ("1E+3", "1,000"),
    ],
)
def test_quantity(value: str, text: str) -> None:
    """At most eight decimals, no zeros at the end, and never an exponent for what people hold."""
    assert figures.quantity(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("60010.123", "60,010.12"), ("1.000421", "1.00042"), ("0.0000123456", "0.0000123456"), ("3015", "3,015")],
)
def test_price(value: str, text: str) -> None:
    """A stablecoin's price shows its small deviation; a large price shows cents."""
    assert figures.price(Decimal(value)) == text


def test_weights_and_drifts() -> None:
    """One decimal; a drift is told in points and relative to the target, with its sign."""
    assert figures.percent(Decimal("0.38333")) == "38.3 %"
    assert figures.percent(Decimal("0.0001")) == "under 0.1 %"
    assert figures.points(Decimal("0.05")) == "+5.0 points"
    assert figures.points(Decimal("-0.0004")) == "0.0 points"
    assert figures.of_target(Decimal("0.1501")) == "+15 % of target"
    assert figures.of_target(Decimal("-0.042")) == "−4.2 % of target"
    assert figures.of_target(None) == "none is wanted"


def test_bps() -> None:
    """One decimal where there is one, and in percent for those who do not think in basis points."""
    assert figures.bps(Decimal("12.34")) == "12.3 bps"
    assert figures.bps(Decimal("3.0")) == "3 bps"
    assert figures.bps(Decimal("0.01")) == "under 0.1 bps"
    assert figures.bps_with_percent(Decimal(30)) == "30 bps (0.3 %)"
    assert figures.bps_of_whole(Decimal(1), Decimal(0)) == "0 bps"


def test_bars_and_shares() -> None:
    """A bar is full only when all is done; 99.9 % is not yet 100 %."""
    assert figures.bar(Decimal("0.5")) == "▰▰▰▰▰▱▱▱▱▱"
    assert figures.bar(Decimal("0.25")) == "▰▰▰▱▱▱▱▱▱▱"
    assert figures.bar(Decimal("0.999")) == "▰▰▰▰▰▰▰▰▰▱"
    assert figures.bar(Decimal("0.001")) == "▰▱▱▱▱▱▱▱▱▱"
    assert figures.bar(Decimal(3)) == "▰▰▰▰▰▰▰▰▰▰"
    assert figures.whole_percent(Decimal("0.999")) == "99 %"


def test_times_are_in_the_readers_zone() -> None:
    """HH:MM today, with the date on another day of that zone, with the year in another year."""
    frame = a.a_frame()
    assert figures.moment(a.T0, frame) == "14:02"
    assert figures.moment_seconds(a.T0, frame) == "14:02:00"
    assert figures.moment(a.T0 + timedelta(hours=10), frame) == "3 Mar 00:02"
    assert figures.moment(a.T0 - timedelta(days=100), frame) == "22 Nov 2025 14:02"


def test_spans() -> None:
    """The two largest units."""
    assert figures.span(timedelta(minutes=27)) == "27 min"
    assert figures.span(timedelta(days=3, hours=4, minutes=5)) == "3 d 4 h"
    assert figures.span(timedelta(seconds=-5)) == "0 s"
    assert figures.seconds_as_span(Decimal("95.4")) == "1 min 35 s"


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_figures_are_short(value: Decimal) -> None:
    """No figure of any size is wider than a table's column can be, and none fails."""
    for shown in (figures.amount, figures.quantity, figures.price):
        assert len(shown(value)) <= 26
        assert "E" not in shown(value)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("BTC", "BTC"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("/stop", "<code>/stop</code>"),
        ("t.me/x", "<code>t.me/x</code>"),
        ("BTC/USDT", "BTC/USDT"),
        ("a\n\tb\x00\u202ec", "a bc"),
        ("שלום", "\u2068שלום\u2069"),
        ("x" * 60, "x" * 39 + "…"),
        ("\ud800", ""),
    ],
)
def test_names_from_outside(text: str, html: str) -> None:
    """Escaped, on one line, cut; what Telegram would make a link of is shown as code; right-to-left is fenced in."""
    assert names.name(text) == html


def test_marks_do_not_pile_up() -> None:
    """A name made of combining marks takes no column and is cut all the same."""
    assert len(names.name("a" + "\u0301" * 10_000)) <= 80


def test_wide_characters_take_two_columns() -> None:
    """A table stays aligned with emoji and Chinese names."""
    assert names.width("🚀比特") == 6
    assert names.width(names.cell("比特币比特币", 5)) == 5


def test_gains_have_a_sign() -> None:
    """Except for one that is nothing, or rounds to it."""
    written = [figures.gain(Decimal(value)) for value in ("1240.5", "-4.2", "0", "0E-18")]
    assert written == ["+1,240.50", "−4.20", "0.00", "0.00"]
    assert figures.gain_money(Decimal(3), "USDT") == "+3.00 USDT"
    assert figures.gain_money(Decimal(3), "") == "+3.00"


def test_a_day_has_its_year_where_it_is_another_one() -> None:
    """By the reader's calendar; in full where it is always to be said."""
    assert [figures.day(date(year, 12, 3), a.a_frame()) for year in (2026, 2027)] == ["3 Dec", "3 Dec 2027"]
    assert figures.full_day(date(2026, 12, 3)) == "3 Dec 2026"
