"""How often each model would ask for other targets on real prices, and what that would turn over.

`python -m tests.decide.models closes.csv` reads daily closes: a column `timestamp`, and one for each coin. Every
proposal is taken to be adopted; a model sees the half year before each date that exchanges tell of, and no more.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from engine.decide.models.outcome import model_outcome
from engine.decide.models.shadow import shadow_record
from engine.model.decision import DecisionInputs, PriceSeries, Standing
from engine.model.ids import Asset
from engine.model.money import Price, use_exact_context
from engine.model.policy import Policy
from engine.model.target_changes import AdoptedTargets, ModelStanding, ShadowDay, ShadowRecord, named
from engine.model.target_models import ModelGrid, ModelKind, ModelStance, TargetModel
from tests import builders as b
from tests.decide.models.prices import policy

TOLD = timedelta(days=180)
WEEK = timedelta(days=7)
PORTFOLIOS = {
    "BTC ETH": {"BTC": "0.5", "ETH": "0.3", "USDT": "0.2"},
    "five coins": {"BTC": "0.3", "ETH": "0.2", "BNB": "0.1", "ADA": "0.1", "LTC": "0.1", "USDT": "0.2"},
}
WEEKS_IN_YEAR = 365.25 / 7
HEADS = ("changes", "in 30 days", "targets", "static", "model")
"""Changes a year; the most in 30 days; what targets move a year; what is traded for static ones, and for these."""
KINDS = [kind for kind in ModelKind if kind is not ModelKind.SIGNALS]


@dataclass
class Count:
    """What a model did over all dates on which it could tell."""

    dates: int = 0
    changes: int = 0
    moved: Decimal = Decimal(0)
    at: list[datetime] = field(default_factory=list)
    record: ShadowRecord | None = None

    @property
    def busiest(self) -> int:
        """The most changes within any 30 days."""
        month = timedelta(days=30)
        return max((sum(first <= at < first + month for at in self.at) for first in self.at), default=0)

    def row(self, kind: ModelKind) -> str:
        """The figures a year."""
        record, years = self.record, self.dates / WEEKS_IN_YEAR
        assert record is not None, "asked before it was measured"
        lines = (self.moved, record.static.turnover, record.model.turnover)
        told = "".join(f"{float(each) / years:>11.2f}" for each in lines)
        return f"{kind.value:<18}{self.dates:>7}{self.changes / years:>11.1f}{self.busiest:>11}{told}"


def closes(path: Path, assets: Sequence[str]) -> dict[str, list[tuple[datetime, Price]]]:
    """The closes of some coins. The close of a day is known at its end."""
    found: dict[str, list[tuple[datetime, Price]]] = {asset: [] for asset in assets}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            end = datetime.fromisoformat(row["timestamp"]) + timedelta(days=1)
            for asset in assets:
                if row[asset]:
                    found[asset].append((end, Price(Decimal(row[asset]))))
    return found


def dates(every: timedelta, start: datetime, end: datetime) -> Iterator[datetime]:
    """A little after each date of the grid."""
    at = start + timedelta(days=(7 - start.weekday()) % 7, minutes=20)
    while at < end:
        yield at
        at += every


def measured(model: TargetModel, wanted: Policy, known: dict[str, list[tuple[datetime, Price]]]) -> Count:
    """Date after date, every proposal adopted."""
    count, standing, days = Count(), ModelStanding(), list[ShadowDay]()
    static = named({t.name: t.weight for t in wanted.targets})
    start = max(own[0][0] for own in known.values()) + TOLD
    end = min(own[-1][0] for own in known.values())
    every = WEEK if model.every is ModelGrid.WEEKLY else timedelta(days=1)
    for now in dates(every, start, end):
        history = tuple(
            PriceSeries(Asset(name), tuple(c for c in own if now - TOLD <= c[0] <= now))
            for name, own in sorted(known.items())
        )
        seen = DecisionInputs(b.snapshot(as_of=now), wanted, Standing(models=standing), now, history=history)
        outcome = model_outcome(seen)
        if not outcome.wants:
            continue
        count.dates += 1
        if outcome.change is not None:
            count.changes += 1
            count.at.append(now)
            before = dict(outcome.change.before)
            count.moved += sum((abs(w - before[n]) for n, w in outcome.change.after), Decimal(0))
            adopted = AdoptedTargets(outcome.change.after, now, "measured", ())
            standing = ModelStanding(adopted=adopted)
        last = tuple((series.asset, series.closes[-1][1]) for series in history)
        days.append(ShadowDay(now, static, outcome.on_record, last))
    count.record = shadow_record(days, {t.name: wanted.assets_of(t.name) for t in wanted.targets})
    return count


def main(path: Path, changes: Sequence[str]) -> None:
    """Print a table for each portfolio. `changes` are settings other than the defaults, such as min_change=0.03."""
    use_exact_context()
    settings = {name: Decimal(value) for name, _, value in (change.partition("=") for change in changes)}
    for title, targets in PORTFOLIOS.items():
        known = closes(path, [name for name in targets if name != "USDT"])
        _say(f"\n{title}\n{'':<18}{'dates':>7}" + "".join(f"{head:>11}" for head in HEADS))
        for kind in KINDS:
            model = replace(TargetModel(kind=kind, stance=ModelStance.PROPOSE), **settings)
            _say(measured(model, policy(model, targets), known).row(kind))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
