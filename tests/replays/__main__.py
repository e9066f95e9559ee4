"""`python -m tests.replays --prices DIR`: FTX's last day with the prices of that day, and when it would have been left.

DIR holds hourly prices: FTTUSDT_1h.csv.gz, or a file whose name ends in 2022-11_hourly.csv with columns BTC and FTT.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from engine.model.portfolio import VenueHealth
from tests.replays.scenarios import ANNOUNCED, Binance, Ftx, Moment, Prices, Replay, Scenario, changes, first, ftx

UNTIL = ftx(14, 0)
"""When both of its interfaces were down."""
VARIANTS: dict[str, Ftx] = {
    "a withdrawal of ours, and prices that part": Ftx(),
    "a withdrawal of ours alone": Ftx(widest_gap=Decimal(0)),
    "prices that part alone": Ftx(withdraws=False),
    "flags of coins alone": Ftx(withdraws=False, widest_gap=Decimal(0)),
}


def main() -> int:
    """Print when each way of knowing degrades and halts, and what FTT cost then."""
    parser = argparse.ArgumentParser(prog="python -m tests.replays")
    parser.add_argument("--prices", type=Path, required=True, help="a folder with hourly prices")
    prices = hourly(parser.parse_args().prices)
    at = by_hour(prices)
    for name, scenario in VARIANTS.items():
        _print(f"FTX, 8 November 2022: {name}", scenario, at)
    _print("Binance, 24 March 2023 (without prices of the day)", Binance(), lambda _: at(ftx(8, 9)))
    return 0


def hourly(folder: Path) -> dict[datetime, Prices]:
    """Bitcoin and FTT at the end of each hour of that week. Raises SystemExit where they are not there."""
    wide = sorted(folder.rglob("*2022-11_hourly.csv"))
    if not wide:
        sys.exit(f"{folder} holds no file whose name ends in 2022-11_hourly.csv")
    with wide[0].open(newline="") as file:
        rows = {_instant(row["timestamp"]): row for row in csv.DictReader(file)}
    found: dict[datetime, Prices] = {
        at: {"BTC": Decimal(row["BTC"]), "FTT": Decimal(row["FTT"])} for at, row in rows.items()
    }
    for path in sorted(folder.rglob("FTTUSDT_1h.csv.gz")):
        with gzip.open(path, "rt", newline="") as file:
            for row in csv.DictReader(file):
                at = _instant(row["ts_utc"])
                if at in found:
                    found[at] = {**found[at], "FTT": Decimal(row["close"])}
    return found


def by_hour(prices: dict[datetime, Prices]) -> Callable[[datetime], Prices]:
    """The prices of the last hour that was over at an instant: none is known before its time."""

    def at(now: datetime) -> Prices:
        return prices[max(hour for hour in prices if hour < now.replace(minute=0, second=0))]

    return at


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "")).replace(tzinfo=UTC)


def _print(title: str, scenario: Scenario, at: Callable[[datetime], Prices]) -> None:
    _say(f"\n{title}")
    moments = list(Replay(scenario, at).moments())
    for moment in changes(iter(moments)):
        codes = ", ".join(why.code.value for why in moment.verdict.reasons) or "-"
        _say(f"  {_seen(moment)}  {moment.verdict.health:<9}{moment.verdict.score:>4}  {codes}")
    degraded, halted = first(moments, VenueHealth.DEGRADED), first(moments, VenueHealth.HALTED)
    if degraded and halted:
        minutes = (halted.at - degraded.at) // timedelta(minutes=1)
        _say(f"  minutes from the first sign that counts to the halt: {minutes}")
    if halted and isinstance(scenario, Ftx):
        then, announced, end = (at(instant)["FTT"] for instant in (halted.at, ANNOUNCED, UNTIL))
        minutes = (halted.at - ANNOUNCED) // timedelta(minutes=1)
        _say(f"  minutes from the announcement to the halt: {minutes}")
        _say(f"  FTT {then} at the halt, {announced} at the announcement, {end} on the 14th ({end / then - 1:.0%})")


def _seen(moment: Moment) -> str:
    return f"{moment.at:%d %b %H:%M}  FTT {moment.prices['FTT']:>8.4f}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
