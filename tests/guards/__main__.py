"""`python -m tests.guards --prices FOLDER`: what the guards would have said on past prices, at default settings.

The folder holds `hourly/NAMEUSDT_1h.csv.gz` and, of Kraken and Binance US, `depeg_2023_03/VENUE_BTC….csv.gz`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from engine.model.ids import Asset
from engine.model.money import ONE, Price, use_exact_context
from tests.guards.depeg_alarms import Minute, depeg_alarms
from tests.guards.past import CASH, HOUR, Hour, Life, in_a_month

PORTFOLIOS = (("BTC", "ETH", "BNB", "ADA", "LTC"), ("BTC", "ETH", "SOL", "AVAX", "LINK"), ("BTC", "ETH"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what would have been told."""
    parser = argparse.ArgumentParser(prog="python -m tests.guards")
    parser.add_argument("--prices", type=Path, required=True, help="the folder with past prices")
    parser.add_argument("--all", action="store_true", help="print each of them")
    options = parser.parse_args(arguments)
    use_exact_context()
    for coins in PORTFOLIOS:
        _print_portfolio(options.prices / "hourly", coins, each=options.all)
    for venue in ("kraken", "binanceus"):
        minutes = list(read_minutes(options.prices / "depeg_2023_03", venue))
        sys.stdout.write(f"USDC on {venue}, {minutes[0].at:%d %b %H:%M} to {minutes[-1].at:%d %b %H:%M %Y}\n")
        for at, kind, worth in depeg_alarms(minutes):
            sys.stdout.write(f"  {at:%d %b %H:%M} {kind:9} {worth}\n")
    return 0


def _print_portfolio(folder: Path, coins: Sequence[str], *, each: bool) -> None:
    hours = read_hours(folder, tuple(map(Asset, coins)))
    life = Life(tuple(map(Asset, coins)))
    told = life.live(hours)
    months = len({(at.year, at.month) for at, _ in hours})
    sys.stdout.write(f"{' '.join(coins)}: {hours[0][0]:%Y-%m} to {hours[-1][0]:%Y-%m}, {len(hours)} hours\n")
    for rule, a_month, loud in in_a_month(told, hours):
        sys.stdout.write(f"  {rule:14} {a_month:.2f} alerts a month, in {loud} of {months} months\n")
    for one in told if each else ():
        sys.stdout.write(f"    {one.at:%Y-%m-%d %H} {one.kind:8} {one.rule:12} {one.subject:9} {one.figure}\n")


def read_hours(folder: Path, coins: tuple[Asset, ...]) -> list[Hour]:
    """The hours that all coins have a close of, at their end."""
    series = {coin: dict(_closes(folder / f"{coin}USDT_1h.csv.gz")) for coin in coins}
    common = sorted(set.intersection(*(set(known) for known in series.values())))
    return [(at + HOUR, {CASH: Price(ONE), **{c: Price(series[c][at]) for c in coins}}) for at in common]


def read_minutes(folder: Path, venue: str) -> Iterator[Minute]:
    """What a stablecoin was worth: bitcoin in dollars over bitcoin in the coin. Without a dollar market, in Tether."""
    coin = dict(_closes(folder / f"{venue}_BTCUSDC_1m.csv.gz"))
    own = folder / f"{venue}_BTCUSD_1m.csv.gz"
    dollars = dict(_closes(own if own.exists() else folder / "binanceus_BTCUSD_1m.csv.gz"))
    for at in sorted(coin.keys() & dollars.keys()):
        yield Minute(at + timedelta(minutes=1), Price(dollars[at] / coin[at]))


def _closes(path: Path) -> Iterator[tuple[datetime, Decimal]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["close"]:
                yield datetime.fromisoformat(row["ts_utc"]).replace(tzinfo=UTC), Decimal(row["close"])


if __name__ == "__main__":
    raise SystemExit(main())
