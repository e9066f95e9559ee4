"""How often the correlation guard would have spoken up on past prices, and of what: run with a folder of daily closes.

`python -m tests.guards.correlation_alarms --prices FOLDER`; the folder holds `closes_daily.csv`, a column for each
coin, an empty cell where there is no price. A day's close is looked at when the day is over, with as much history as
venues tell, and nothing later.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from engine.decide.guards.conditions import condition_changes
from engine.decide.guards.correlation import correlations
from engine.decide.guards.look import Look
from engine.decide.valuation import value
from engine.feeds.venue_closes import LOOKED_BACK
from engine.model.conditions import TOLD, ChangeKind, Condition, GuardStanding, conditions_after
from engine.model.decision import DecisionInputs, PriceSeries, Standing
from engine.model.guards import Correlation, Guards
from engine.model.ids import Asset
from engine.model.market import Close
from engine.model.money import Price, Weight, use_exact_context
from engine.model.policy import Policy, Target
from tests.builders import USDT, snapshot, venue

DAY = timedelta(days=1)
MONTH = timedelta(days=365.25 / 12)
PORTFOLIOS = (
    ("BTC", "ETH"),
    ("BTC", "ETH", "SOL"),
    ("BTC", "ETH", "BNB"),
    ("BTC", "ETH", "BNB", "ADA", "LTC"),
    ("BTC", "ETH", "BNB", "ADA", "XRP", "DOGE", "SOL", "LTC", "LINK", "AVAX"),
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What people would have heard, and when."""

    at: datetime
    kind: ChangeKind
    subject: str
    figure: str


def alarms(closes: Mapping[str, Sequence[Close]], rule: Correlation | None = None) -> list[Alarm]:
    """Everything that is told of a portfolio of these coins, from the day on which all have a history."""
    coins = tuple(map(Asset, sorted(closes)))
    policy = _policy(coins, rule or Correlation())
    seen = snapshot(venue("alpha", {"USDT": "1"}))
    valuation = value(seen, policy)
    conditions: tuple[Condition, ...] = ()
    found: list[Alarm] = []
    for now in days_of(closes):
        history = tuple(_recent(coin, closes[coin], now) for coin in coins)
        standing = Standing(guards=GuardStanding(conditions=conditions))
        look = Look(DecisionInputs(seen, policy, standing, now, history=history), valuation, ())
        changes = condition_changes(correlations(look), conditions, now)
        conditions = conditions_after(conditions, changes)
        found += [
            Alarm(now, c.kind, c.condition.subject, c.reason.get("average") or c.reason.get("correlation"))
            for c in changes
            if c.kind in TOLD
        ]
    return found


def days_of(closes: Mapping[str, Sequence[Close]]) -> list[datetime]:
    """The ends of days on which a portfolio of these coins is looked at."""
    begin = max(series[0][0] for series in closes.values()) + LOOKED_BACK
    end = min(series[-1][0] for series in closes.values())
    return [begin + number * DAY for number in range((end - begin) // DAY + 1)]


def _policy(coins: tuple[Asset, ...], rule: Correlation) -> Policy:
    share = Weight(Decimal("0.5") / len(coins))
    targets = (*(Target(coin, share) for coin in coins), Target(USDT, Weight(1 - share * len(coins))))
    return Policy(targets, guards=Guards(correlation=rule))


def _recent(coin: Asset, series: Sequence[Close], now: datetime) -> PriceSeries:
    return PriceSeries(coin, tuple(close for close in series if now - LOOKED_BACK <= close[0] <= now))


def read_closes(folder: Path, coins: Sequence[str]) -> dict[str, list[Close]]:
    """The closes of these coins, each at the end of its day."""
    with (folder / "closes_daily.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        coin: [(datetime.fromisoformat(row["timestamp"]) + DAY, Price(Decimal(row[coin]))) for row in rows if row[coin]]
        for coin in coins
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what would have been told of each portfolio, and how often."""
    parser = argparse.ArgumentParser(prog="python -m tests.guards.correlation_alarms")
    parser.add_argument("--prices", type=Path, required=True, help="the folder with closes_daily.csv")
    folder = parser.parse_args(arguments).prices
    use_exact_context()
    for coins in PORTFOLIOS:
        closes = read_closes(folder, coins)
        print_report(closes, alarms(closes))
    return 0


def print_report(closes: Mapping[str, Sequence[Close]], found: Sequence[Alarm]) -> None:
    """One portfolio: alerts a month, months without any, and each one."""
    days = days_of(closes)
    raised = [alarm for alarm in found if alarm.kind is not ChangeKind.RESOLVED]
    months = {(day.year, day.month) for day in days}
    loud = {(alarm.at.year, alarm.at.month) for alarm in raised}
    times = {alarm.at for alarm in raised}
    sys.stdout.write(
        f"{' '.join(sorted(closes))}: {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}, "
        f"{len(raised) / ((days[-1] - days[0]) / MONTH):.2f} alerts a month in "
        f"{len(times) / ((days[-1] - days[0]) / MONTH):.2f} messages, "
        f"{len(months - loud)} of {len(months)} months without\n"
    )
    for alarm in found:
        sys.stdout.write(f"  {alarm.at:%Y-%m-%d} {alarm.kind:8} {alarm.subject:10} {alarm.figure}\n")


if __name__ == "__main__":
    raise SystemExit(main())
