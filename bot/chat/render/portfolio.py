"""Where the portfolio stands: value, weights against targets, holdings by venue, and drift against its bands. Pure."""

from __future__ import annotations

from typing import Final

from bot.chat.message import Button, Keyboard, Message, Style
from bot.chat.payloads import ViewVerb, view_payload
from bot.chat.render import figures
from bot.chat.render.drifts import DRIFT_REASONS, WEIGHTS_UNKNOWN, band_use, limit_cell, weights_are_known, widest_first
from bot.chat.render.frame import Frame
from bot.chat.render.layout import columns, ends, fitting, lines, listed, paragraphs, table
from bot.chat.render.names import cell, name
from bot.chat.render.reasons import sentence
from bot.chat.render.standing import standing_line
from engine.model.decision import Decision, Drift
from engine.model.money import ONE, ZERO, exact, total
from engine.model.portfolio import Holding, HoldingKind, VenueHealth, VenueSnapshot

NAME_COLUMNS: Final = 8
FIGURE_COLUMNS: Final = 6
ASSET_COLUMNS: Final = 10
NO_RELATIVE: Final = "–"
NOTHING_TO_WEIGH: Final = "Nothing is held that counts."


@exact
def portfolio(decision: Decision, frame: Frame) -> Message:
    """Value, weights and holdings, as the venues showed them at the decision's instant."""
    keyboard = (
        (
            Button("🔄 Refresh", view_payload(ViewVerb.PORTFOLIO)),
            Button("Drift", view_payload(ViewVerb.DRIFT)),
        ),
    )
    return Message(fitting(lambda room: _portfolio(decision, frame, room)), keyboard)


def _portfolio(decision: Decision, frame: Frame, room: int) -> str:
    valuation, snapshot = decision.outcome.valuation, decision.inputs.snapshot
    unit = valuation.numeraire
    head = f"💼 <b>Portfolio</b> · {figures.moment(snapshot.as_of, frame)}"
    known = "" if weights_are_known(decision) else ", as far as there are prices"
    worth = f"In all <b>{figures.money(valuation.total_value, unit)}</b>{known}"
    managed = f"managed {figures.money(valuation.managed_value, unit)}"
    places = [venue for venue in snapshot.venues if venue.health is not VenueHealth.REFERENCE]
    venues = [_venue(venue, decision, frame, room) for venue in places[:room]]
    rest = len(places) - room
    return paragraphs(
        lines(
            head,
            standing_line(decision.inputs.standing, frame),
            worth + (f", {managed}" if valuation.managed_value != valuation.total_value else ""),
        ),
        lines("<b>Weights</b>", _weights(decision, room)),
        *venues,
        f"and {figures.count(rest, 'more venue')}" if rest > 0 else "",
        lines(*_warnings(decision, frame, room)),
    )


def _weights(decision: Decision, room: int) -> str:
    if not weights_are_known(decision):
        return WEIGHTS_UNKNOWN
    drifts = decision.outcome.drifts
    if not drifts:
        return NOTHING_TO_WEIGH
    kept = widest_first(drifts)[:room]
    rows = columns("%", ("now", "target", "points", "rel."), FIGURE_COLUMNS)
    for d in sorted(kept, key=lambda d: d.name):
        relative = NO_RELATIVE if d.relative is None else figures.relative_digits(d.relative)
        weights = (figures.percent_digits(d.weight), figures.percent_digits(d.target))
        shown = (*weights, figures.points_digits(d.absolute), relative)
        rows += columns(cell(d.name, NAME_COLUMNS), shown, FIGURE_COLUMNS)
    rest = len(drifts) - len(kept)
    return lines(table(rows), f"and {figures.count(rest)} more, nearer to their targets" if rest > 0 else "")


def _venue(venue: VenueSnapshot, decision: Decision, frame: Frame, room: int) -> str:
    held = [h for h in decision.outcome.valuation.holdings if h.venue == venue.name]
    managed = [h for h in held if h.kind is HoldingKind.MANAGED]
    worth = total(h.value or ZERO for h in held)
    return lines(
        f"🏦 <b>{name(venue.name)}</b> · {figures.money(worth, decision.outcome.valuation.numeraire)}",
        _seen(venue, decision, frame),
        _holdings(managed, room),
        _dust([h for h in held if h.kind is HoldingKind.DUST], decision),
        _unmanaged([h for h in held if h.kind is HoldingKind.UNMANAGED and h.value is not None], room),
        _unpriced([h for h in held if h.kind is not HoldingKind.MANAGED and h.value is None], room),
        "" if held else "Nothing is held here.",
    )


def _seen(venue: VenueSnapshot, decision: Decision, frame: Frame) -> str:
    if venue.in_question:
        return "❓ A change here waits for your word; no plan uses it until then: /questions."
    if venue.health is VenueHealth.HEALTHY:
        return ""
    if venue.health is VenueHealth.IN_TRANSIT:
        since = f" since {figures.moment(venue.observed_at, frame)}" if venue.observed_at else ""
        return f"🚚 On its way between venues{since}: counted, not traded. /questions shows each."
    if venue.health is VenueHealth.WATCHED:
        typed = f"typed in for {figures.moment(venue.observed_at, frame)}" if venue.observed_at else "typed in"
        return f"👁 Counted, never traded: {typed}."
    if venue.health is not VenueHealth.UNREACHABLE:
        return f"⚠️ It is {venue.health} and takes no part in plans."
    if venue.observed_at is None:
        return "⚠️ It is out of reach, and has not been seen before."
    age = figures.span(decision.inputs.snapshot.as_of - venue.observed_at)
    return f"⚠️ It is out of reach: balances of {figures.moment(venue.observed_at, frame)}, {age} old."


def _holdings(holdings: list[Holding], room: int) -> str:
    kept = sorted(holdings, key=lambda h: (-(h.value or ZERO), h.asset))
    rows = []
    for h in kept[:room]:
        worth = "no price" if h.value is None else figures.amount(h.value)
        rows += ends(f"{cell(h.asset, ASSET_COLUMNS)} {figures.quantity(h.quantity)}", worth)
    rest = len(kept) - room
    return lines(table(rows), f"and {figures.count(rest, 'smaller one')}" if rest > 0 else "")


def _dust(holdings: list[Holding], decision: Decision) -> str:
    if not holdings:
        return ""
    worth = figures.money(total(h.value or ZERO for h in holdings), decision.outcome.valuation.numeraire)
    return f"Dust, too little to trade: {figures.count(len(holdings), 'asset')}, {worth}."


def _unmanaged(holdings: list[Holding], room: int) -> str:
    kept = sorted(holdings, key=lambda h: (-(h.value or ZERO), h.asset))
    said = [f"{figures.units(h.quantity, h.asset)} ({figures.amount(h.value or ZERO)})" for h in kept[:room]]
    rest = len(kept) - room
    more = f" and {figures.count(rest)} more" if rest > 0 else ""
    return f"Not in the targets, left alone: {', '.join(said)}{more}." if said else ""


def _unpriced(holdings: list[Holding], room: int) -> str:
    said = [figures.units(h.quantity, h.asset) for h in holdings[:room]]
    rest = len(holdings) - room
    more = f" and {figures.count(rest)} more" if rest > 0 else ""
    return f"Without a price, not counted: {', '.join(said)}{more}." if said else ""


def _warnings(decision: Decision, frame: Frame, room: int) -> list[str]:
    vetoes = [sentence(reason, frame) for reason in decision.outcome.vetoes]
    return ["⚠️ <b>No new plan is made while</b>", *listed(vetoes, room)] if vetoes else []


@exact
def drift(decision: Decision, frame: Frame) -> Message:
    """Each drift against its band, widest first, and which of them call for a plan."""
    return Message(fitting(lambda room: _drift(decision, frame, room)), _drift_keyboard(decision))


def _drift(decision: Decision, frame: Frame, room: int) -> str:
    drifts = widest_first(decision.outcome.drifts) if weights_are_known(decision) else []
    rows = [row for d in drifts[:room] for row in _drift_rows(d)]
    rest = len(drifts) - room
    firing = [name(d.name) for d in drifts if d.fires]
    said = _what_follows(decision, frame)
    return paragraphs(
        lines(
            f"📏 <b>Drift</b> · {figures.moment(decision.inputs.now, frame)}",
            standing_line(decision.inputs.standing, frame),
        ),
        lines(table(rows), f"and {figures.count(rest)} more, nearer to their targets" if rest > 0 else "")
        or (NOTHING_TO_WEIGH if weights_are_known(decision) else WEIGHTS_UNKNOWN),
        _beyond(firing, room) if drifts else "",
        lines("<b>What follows</b>", *listed(said, room)) if said else "",
        lines(*_warnings(decision, frame, room)),
    )


def _beyond(firing: list[str], room: int) -> str:
    if not firing:
        return "No drift is beyond its band."
    more = f" and {figures.count(len(firing) - room)} more" if len(firing) > room else ""
    return f"Beyond the band: <b>{', '.join(firing[:room])}</b>{more}."


def _what_follows(decision: Decision, frame: Frame) -> list[str]:
    """What the table does not say: why no plan is made, or that one is."""
    verdict = decision.outcome.verdict
    said = [sentence(reason, frame) for reason in verdict.reasons if reason.code not in DRIFT_REASONS]
    if verdict.fired and not said and not decision.outcome.vetoes:
        return ["A plan is made at the next look."]
    return said


def _drift_rows(d: Drift) -> list[str]:
    use = ONE if d.band_use is None else d.band_use
    fires = " fires" if d.fires else ""
    label = f"{cell(d.name, ASSET_COLUMNS)} {band_use(d)}{fires}"
    relative = "" if d.relative is None else f", {figures.relative_digits(d.relative)} %"
    figures_ = f"   {figures.points_digits(d.absolute)} pts{relative}"
    return [*ends(label, figures.bar(use)), *ends(figures_, f"of {limit_cell(d)}")]


def _drift_keyboard(decision: Decision) -> Keyboard:
    refresh = Button("🔄 Refresh", view_payload(ViewVerb.DRIFT))
    back = Button("Portfolio", view_payload(ViewVerb.PORTFOLIO))
    if not (weights_are_known(decision) and any(d.fires for d in decision.outcome.drifts)):
        return ((refresh, back),)
    return (refresh, back), (Button("⚖ Rebalance", view_payload(ViewVerb.REBALANCE), Style.PRIMARY),)
