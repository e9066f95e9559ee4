"""The `[tax]` table as the engine's policy: what is left out is as the profile's law says."""

from __future__ import annotations

from typing import Final

from bot.config.holding import holding_rule
from bot.config.mistakes import ConfigMistakes, Mistake
from bot.config.tables import PolicyTables, TaxTable
from bot.config.tax_tables import load_profile
from engine.api import InvalidValue, ledger_view
from engine.model.ids import Asset
from engine.model.lots import LotMethod, Scope
from engine.model.tax import TaxProfile
from engine.model.tax_policy import Harvesting, TaxPolicy

ANY_MONEY: Final = Asset("USD")
"""What an empty ledger is counted in makes no difference."""


def tax_policy_of(tables: PolicyTables) -> TaxPolicy:
    """What the table describes. A profile that cannot be read is left out: `mistakes_in_tax` tells of it."""
    table = tables.tax
    profile = _profile(table, [])
    return TaxPolicy(
        method=table.method or _first_choice(profile),
        by_year=tuple(sorted(table.by_year.items())),
        scope=table.scope or (profile.scope if profile else Scope.ACCOUNT),
        order_key=table.order_key,
        holding=holding_rule(table.holding),
        timezone=table.timezone or tables.trigger.timezone,
        fees=table.fees,
        opening_basis=table.opening_basis,
        profile=profile,
        weight_in_plan=table.weight_in_plan and profile is not None,
        harvesting=table.harvest,
    )


def mistakes_in_tax(tables: PolicyTables) -> list[Mistake]:
    """What is wrong with the table as a whole."""
    table, found = tables.tax, list[Mistake]()
    profile = _profile(table, found)
    asked = {"weight_in_plan": (table.weight_in_plan, "false"), "harvest": (table.harvest is not Harvesting.OFF, "off")}
    for key, (is_on, off) in asked.items():
        if is_on and table.profile is None:
            problem = f"needs to know how gains are taxed; name a country in tax.profile, such as us, or write {off}"
            found.append(Mistake(f"tax.{key}", problem))
    if table.harvest is not Harvesting.OFF and profile is not None and not profile.is_told:
        remedy = f'write a file with base = "{profile.name}" and your income or short_rate, and name it in tax.profile'
        problem = "needs your own rate, as at the highest one losses seem to save more than they do"
        found.append(Mistake("tax.harvest", f"{problem}; {remedy}"))
    chosen = {"tax.method": table.method} | {f"tax.by_year.{year}": m for year, m in table.by_year.items()}
    for key, method in chosen.items():
        if method is not None and (problem := _objection(method, table, profile)):
            found.append(Mistake(key, problem))
    return found or _unfit_together(tables)


def _unfit_together(tables: PolicyTables) -> list[Mistake]:
    """Methods that fit one by one and not with each other: what no history could be settled by must not be run."""
    try:
        ledger_view((), tax_policy_of(tables), ANY_MONEY)
    except InvalidValue as error:
        return [Mistake("tax.by_year", error.problem)]
    return []


def _objection(method: LotMethod, table: TaxTable, profile: TaxProfile | None) -> str:
    if method is LotMethod.SPECIFIC:
        return "specific names the lots of every sale, which only a history file can; write another, such as hifo"
    if method is LotMethod.MIN_TAX and table.profile is None:
        return "needs to know how gains are taxed; name a country in tax.profile, such as us"
    if profile is not None and method not in profile.methods:
        return f"the law of {profile.name} allows {', '.join(profile.methods)}; write one of them"
    return ""


def _first_choice(profile: TaxProfile | None) -> LotMethod:
    if profile is None or LotMethod.HIFO in profile.methods:
        return LotMethod.HIFO
    return profile.methods[0]


def _profile(table: TaxTable, found: list[Mistake]) -> TaxProfile | None:
    if table.profile is None:
        return None
    try:
        return load_profile(table.profile)
    except ConfigMistakes as error:
        for mistake in error.mistakes:
            key = "tax.profile" if mistake.key == "profile" else f"{table.profile}: {mistake.key}"
            found.append(Mistake(key, mistake.problem))
        return None
