"""A settled history and the rules it was settled by, as what a year came to. Pure.

Where the rules make no difference between short and long, gains are taxed as short ones are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from bot.exports.tax_year import TaxYear, tax_year
from bot.exports.views import AssetGains, Gains, MethodResult, TaxEstimate, TaxYearView, UnknownUnits, WashFlag
from engine.api import InvalidValue, LotRules, settle, tax_due
from engine.model.ids import Asset
from engine.model.lots import Entry, LotMethod, Match, Settlement, Term
from engine.model.money import ZERO, exact, total
from engine.model.tax import WashSale

NO_PROFILE: Final = "the configuration names no tax profile"
COMPARED: Final = (LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO, LotMethod.MIN_TAX)
"""Without a profile, which names the methods that its law lets one choose from."""


@exact
def tax_year_view(
    settlement: Settlement, rules: LotRules, year: int, now: datetime, others: tuple[MethodResult, ...] = ()
) -> TaxYearView:
    """What a year came to so far; `others` come from `method_results`."""
    days = tax_year(rules, year)
    sold = [match for match in settlement.matches if match.gain is not None and days.holds(match.at)]
    each_gain = [match.gain or ZERO for match in sold]
    gains = _gains(sold)
    profile = rules.profile
    return TaxYearView(
        year=days,
        is_over=days.local(now).date() > days.last,
        method=rules.method_in(year),
        profile=profile.name if profile else "",
        currency=profile.currency if profile else "",
        gains=gains,
        won=total(gain for gain in each_gain if gain > 0),
        lost=total(gain for gain in each_gain if gain < 0),
        disallowed=total(match.disallowed for match in sold),
        income=total(income.value for income in settlement.income if days.holds(income.at)),
        disposals=len({match.entry for match in sold}),
        assets=_by_asset(sold),
        unknown=_unknown(sold),
        wash_sale=profile.wash_sale if profile else WashSale.OFF,
        wash_days=profile.wash_days if profile else 0,
        washes=_washes(settlement, sold, rules, days),
        estimate=estimate(rules, year, gains),
        others=others,
    )


@exact
def method_results(entries: Sequence[Entry], rules: LotRules, year: int) -> tuple[MethodResult, ...]:
    """What the year comes to by each other method that may be chosen; the years before stay as they are.

    A method by which the history cannot be settled is left out.
    """
    choice = rules.profile.methods if rules.profile else COMPARED
    free = [e._replace(picks=()) if e.picks and rules.year_of(e.at) >= year else e for e in entries]
    results = []
    for method in choice:
        if method in (rules.method_in(year), LotMethod.SPECIFIC):
            continue
        changed = replace(rules, by_year=_with_method(rules, year, method))
        if changed.method_in(year) is not method:
            continue
        try:
            settled = settle(free, changed)
        except InvalidValue:
            continue
        days = tax_year(rules, year)
        gains = _gains(match for match in settled.matches if match.gain is not None and days.holds(match.at))
        results.append(MethodResult(method, gains, estimate(rules, year, gains).tax))
    return tuple(results)


def _with_method(rules: LotRules, year: int, method: LotMethod) -> tuple[tuple[int, LotMethod], ...]:
    return tuple(sorted((dict(rules.by_year) | {year: method}).items()))


@exact
def estimate(rules: LotRules, year: int, gains: Gains) -> TaxEstimate:
    """The tax by the profile; none, with the reason, where no profile or no rules of that year are known."""
    if rules.profile is None:
        return TaxEstimate(None, NO_PROFILE)
    try:
        law = rules.profile.rules(year)
    except InvalidValue as error:
        return TaxEstimate(None, error.problem)
    short, long = gains.short + gains.none + law.short_to_date, gains.long + law.long_to_date
    return TaxEstimate(tax_due(law, short, long), "", law.short_to_date, law.long_to_date)


def _gains(matches: Iterable[Match]) -> Gains:
    sums = dict.fromkeys(Term, ZERO)
    for match in matches:
        sums[match.term] += match.gain or ZERO
    return Gains(sums[Term.SHORT], sums[Term.LONG], sums[Term.NONE])


def _by_asset(sold: Sequence[Match]) -> tuple[AssetGains, ...]:
    """The largest first, be it a gain or a loss."""
    groups: dict[Asset, list[Match]] = {}
    for match in sold:
        groups.setdefault(match.asset, []).append(match)
    results = [AssetGains(asset, _gains(matches)) for asset, matches in groups.items()]
    return tuple(sorted(results, key=lambda each: (-abs(each.gains.total), each.asset)))


def _unknown(sold: Sequence[Match]) -> tuple[UnknownUnits, ...]:
    sums: dict[Asset, tuple[Decimal, Decimal]] = {}
    for match in sold:
        if not match.is_known:
            quantity, proceeds = sums.get(match.asset, (ZERO, ZERO))
            sums[match.asset] = quantity + match.quantity, proceeds + (match.proceeds or ZERO)
    return tuple(UnknownUnits(asset, *both) for asset, both in sorted(sums.items()))


# --- losses near a purchase ------------------------------------------------------------------------------------------


def _washes(settlement: Settlement, sold: Sequence[Match], rules: LotRules, days: TaxYear) -> tuple[WashFlag, ...]:
    """The losses of the year's sales, one flag for a sale, where the profile looks at them at all."""
    if rules.profile is None or rules.profile.wash_sale is WashSale.OFF:
        return ()
    bought = _Purchases(settlement, days, timedelta(days=rules.profile.wash_days))
    flags: dict[str, WashFlag] = {}
    for match in sold:
        loss = match.cost - (match.proceeds or ZERO)
        if loss > 0 and (match.disallowed or bought.near(match)):
            day = days.local(match.at).date()
            before = flags.get(match.entry, WashFlag(match.asset, day, ZERO, ZERO))
            flags[match.entry] = WashFlag(match.asset, day, before.loss + loss, before.disallowed + match.disallowed)
    return tuple(flags.values())


class _Purchases:
    """Every lot that the history knows of, by day: those that are left, and those that were used up."""

    def __init__(self, settlement: Settlement, days: TaxYear, window: timedelta) -> None:
        self._days, self._window = days, window
        self._held = {lot.id for lot in settlement.remaining}
        lots = {(lot.asset, lot.acquired_at, lot.id) for lot in settlement.remaining}
        lots |= {(m.asset, m.acquired_at, m.lot) for m in settlement.matches if m.acquired_at and m.lot}
        self._by_asset: dict[Asset, list[tuple[date, str]]] = {}
        for asset, acquired_at, lot in lots:
            self._by_asset.setdefault(asset, []).append((days.local(acquired_at).date(), lot))
        for purchases in self._by_asset.values():
            purchases.sort()

    def near(self, match: Match) -> bool:
        """The asset was bought within the window; what was sold itself replaces nothing, the rest of its lot does."""
        day = self._days.local(match.at).date()
        purchases = self._by_asset.get(match.asset, [])
        for bought, lot in purchases[bisect_left(purchases, (day - self._window, "")) :]:
            if bought > day + self._window:
                return False
            if lot != match.lot or lot in self._held:
                return True
        return False
