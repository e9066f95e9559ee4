"""A tax year on a card: gains by term, income, the estimated tax, and what is not known or could be otherwise. Pure."""

from __future__ import annotations

from typing import Final

from bot.chat.message import Button, Keyboard, Message
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import columns, ends, fitting, lines, listed, paragraphs, table
from bot.chat.render.method_names import DESCRIBED, SHORT
from bot.chat.render.names import cell, name
from bot.chat.tax_payloads import ExportFormat, export_payload, tax_payload
from bot.exports.views import Gains, MethodResult, TaxYearView, WashFlag
from engine.model.money import exact
from engine.model.tax import WashSale

NAME_COLUMNS: Final = 8
FIGURE_COLUMNS: Final = 12
NOTHING: Final = "–"
NO_ADVICE: Final = "<i>An estimate to decide by, not tax advice.</i>"


@exact
def tax_card(view: TaxYearView, frame: Frame) -> Message:
    """To /tax: what a year came to so far."""
    return Message(fitting(lambda room: _card(view, frame, room)), _keyboard(view))


def _card(view: TaxYearView, frame: Frame, room: int) -> str:
    ended = "" if view.is_over else ", so far"
    return paragraphs(
        lines(
            f"🧾 <b>Tax year {view.year.year}</b>{ended}",
            f"{figures.full_day(view.year.first)} to {figures.full_day(view.year.last)}. "
            f"Lots: {DESCRIBED[view.method]}.",
            NO_ADVICE,
        ),
        _results(view, frame),
        _by_asset(view, room),
        _tax(view, frame),
        _unknown(view, frame, room),
        _washes(view, frame, room),
        _others(view, room),
    )


def _results(view: TaxYearView, frame: Frame) -> str:
    if not view.disposals and not view.income:
        return "Nothing was sold in this year, and nothing came as income."
    gains = view.gains
    rows = [
        *_by_term(gains),
        *ends("Gain in all", figures.gain(gains.total)),
        *ends(" sum of gains", figures.gain(view.won)),
        *ends(" sum of losses", figures.gain(view.lost)),
        *(ends(" losses not counted", figures.amount(view.disallowed)) if view.disallowed else []),
        *ends("Income", figures.amount(view.income)),
        *ends("Disposals", figures.count(view.disposals)),
    ]
    return lines(f"<b>In {name(frame.numeraire)}</b>" if frame.numeraire else "", table(rows))


def _by_term(gains: Gains) -> list[str]:
    """Nothing where the rules make no difference."""
    if gains.none and not (gains.short or gains.long):
        return []
    return [
        *ends("Short-term gain", figures.gain(gains.short)),
        *ends("Long-term gain", figures.gain(gains.long)),
        *(ends("Gain without term", figures.gain(gains.none)) if gains.none else []),
    ]


def _by_asset(view: TaxYearView, room: int) -> str:
    if not view.assets:
        return ""
    has_terms = any(each.gains.short or each.gains.long for each in view.assets)
    rows = columns("Gain", ("short", "long"), FIGURE_COLUMNS) if has_terms else columns("Gain", ("",), FIGURE_COLUMNS)
    for asset, gains in view.assets[:room]:
        shown = (gains.short + gains.none, gains.long) if has_terms else (gains.total,)
        rows += columns(cell(asset, NAME_COLUMNS), [figures.gain(value) for value in shown], FIGURE_COLUMNS)
    rest = len(view.assets) - room
    return lines(table(rows), f"and {figures.count(rest, 'more asset')}" if rest > 0 else "")


def _tax(view: TaxYearView, frame: Frame) -> str:
    estimate = view.estimate
    if not (view.disposals or estimate.short_elsewhere or estimate.long_elsewhere):
        return ""
    if estimate.tax is None:
        return f"No tax is estimated: {name(estimate.why_none, 160)}."
    owed = figures.money(abs(estimate.tax), frame.numeraire)
    saved = (
        f"Losses save about <b>{owed}</b> of tax" if estimate.tax < 0 else f"Tax on these gains: about <b>{owed}</b>"
    )
    elsewhere = ""
    if estimate.short_elsewhere or estimate.long_elsewhere:
        short, long = figures.gain(estimate.short_elsewhere), figures.gain(estimate.long_elsewhere)
        elsewhere = f"With {short} short and {long} long from elsewhere, as your profile says."
    apart = _counted_apart(view, frame)
    income = "Tax on the income above is not in it." if view.income else ""
    return lines(f"{saved}, by the profile {name(view.profile)}.", elsewhere, apart, income)


def _counted_apart(view: TaxYearView, frame: Frame) -> str:
    """Limits and brackets in one currency, gains in another: what comes of it is near at best."""
    unit = str(frame.numeraire)
    if not view.currency or not unit or unit.startswith(view.currency):
        return ""
    return (
        f"⚠️ Its limits and brackets are in {name(view.currency)}, and I count in {name(unit)}: take it as a rough "
        "guide, or set portfolio.numeraire."
    )


def _unknown(view: TaxYearView, frame: Frame, room: int) -> str:
    if not view.unknown:
        return ""
    said = [
        f"{figures.units(each.quantity, each.asset)}, sold for {figures.money(each.proceeds, frame.numeraire)}"
        for each in view.unknown
    ]
    return lines(
        "⚠️ <b>Sold, and what it cost is not known</b>",
        *listed(said, room),
        "All of that counts as gain until you bring in what came before with /import, or say what it cost with /basis.",
    )


def _washes(view: TaxYearView, frame: Frame, room: int) -> str:
    if not view.washes:
        return ""
    if view.wash_sale is WashSale.ENFORCE:
        what = "What does not count is added to the cost of what was bought."
    else:
        what = "They count in these figures; your profile only flags them."
    return lines(
        f"🔁 <b>Losses with a purchase within {figures.count(view.wash_days, 'day')}</b>",
        *listed([_wash(flag, frame) for flag in view.washes], room),
        what,
    )


def _wash(flag: WashFlag, frame: Frame) -> str:
    less = f", of which {figures.amount(flag.disallowed)} do not count" if flag.disallowed else ""
    return f"{name(flag.asset)}, {figures.day(flag.day, frame)}: {figures.money(flag.loss, frame.numeraire)}{less}"


def _others(view: TaxYearView, room: int) -> str:
    """The year by the other methods: so much more or less tax, or gain where no tax is estimated."""
    if not view.others or not view.disposals:
        return ""
    if all((other.gains.total, other.tax) == (view.gains.total, view.estimate.tax) for other in view.others):
        return "By every other method the year comes to the same."
    shown = view.others[:room]
    with_tax = any(other.tax is not None for other in shown)
    rows = columns("By", ("gain", "tax") if with_tax else ("gain",), FIGURE_COLUMNS)
    for other in shown:
        rows += columns(_method(other), _figures(other, with_tax), FIGURE_COLUMNS)
    return lines("<b>Under other methods</b>", table(rows), "For this year's sales; the years before stay as they are.")


def _method(other: MethodResult) -> str:
    return SHORT[other.method]


def _figures(other: MethodResult, with_tax: bool) -> list[str]:
    gain = figures.gain(other.gains.total)
    return [gain, NOTHING if other.tax is None else figures.amount(other.tax)] if with_tax else [gain]


def _keyboard(view: TaxYearView) -> Keyboard:
    year = view.year.year
    before = Button(f"◀ {year - 1}", tax_payload(year - 1))
    files = (
        Button("📄 CSV", export_payload(ExportFormat.CSV, year)),
        Button("📊 Spreadsheet", export_payload(ExportFormat.SPREADSHEET, year)),
    )
    return files, (before, Button(f"{year + 1} ▶", tax_payload(year + 1)) if view.is_over else _refresh(year))


def _refresh(year: int) -> Button:
    return Button("🔄 Refresh", tax_payload(year))
