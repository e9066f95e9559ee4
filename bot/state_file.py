"""The state file of `equipoise plan`: a portfolio of one instant as JSON, read into what a decision depends on.

Every mistake is found at once, each with its path in the file. The order of what the file lists does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from pydantic import ValidationError

from bot.config.fields import number
from bot.config.mistakes import ConfigMistakes, Mistake, mistakes_of, path_text, shown
from bot.json_text import Loc, parsed
from bot.state_schema import LotEntry, MarketEntry, StateFile, VenueEntry
from bot.state_signals import signal_mistakes, signals_of, usual_of
from bot.state_standing import standing_of
from engine.model.decision import DecisionInputs, PriceSeries, RequestKind
from engine.model.ids import Asset, VenueName
from engine.model.lots import Lot
from engine.model.market import Instrument, Level, OrderBook
from engine.model.money import ZERO, Price, Quantity, exact
from engine.model.policy import Policy
from engine.model.portfolio import Balance, Snapshot, VenueHealth, VenueSnapshot
from engine.model.target_changes import SignalReading


@exact
def load_state(text: str, policy: Policy, request: RequestKind = RequestKind.SCHEDULED) -> DecisionInputs:
    """Read a state file. `as_of` is the instant of the decision too. Raises ConfigMistakes."""
    state = _state(*parsed(text))
    return DecisionInputs(
        snapshot=_snapshot(state),
        policy=policy,
        standing=standing_of(state.standing, state.as_of, state.numeraire),
        now=state.as_of,
        request=request,
        lots=tuple(_lot(entry) for entry in sorted(state.lots, key=lambda lot: (lot.acquired_at, lot.id))),
        history=tuple(
            PriceSeries(asset, tuple((at, Price(price)) for at, price in closes))
            for asset, closes in sorted(state.history.items())
        ),
        signal=SignalReading(state.as_of, state.signal) if state.signal is not None else None,
    )


def _state(raw: object, repeated: list[Mistake]) -> StateFile:
    found = list(repeated)
    known = {mistake.key for mistake in found}
    try:
        state = StateFile.model_validate(raw)
    except ValidationError as error:
        found += [mistake for mistake in mistakes_of(error, StateFile) if mistake.key not in known]
        raise ConfigMistakes([*found, *_contradictions(raw)]) from None
    found += _contradictions(raw)
    if found:
        raise ConfigMistakes(found)
    return state


def _contradictions(raw: object) -> list[Mistake]:
    """What is wrong between entries. It reads the file's own content, so that no other mistake can hide it."""
    found = _repeated_entries(raw, "lots", ("id",), ())
    found += _repeated_entries(raw, "venues", ("name",), ())
    for loc, venue in _entries(raw, "venues", ()):
        found += _repeated_entries(venue, "markets", ("base", "quote"), loc)
        found += _overlocked(venue, loc)
        if isinstance(signals := venue.get("signals"), dict):
            found += _repeated_entries(signals, "coins", ("asset",), (*loc, "signals"))
            found += signal_mistakes(signals, (*loc, "signals"))
        for inner, market in _entries(venue, "markets", loc):
            if market.get("base") == market.get("quote") is not None:
                found.append(Mistake(path_text((*inner, "quote")), "must differ from base"))
    return found + _judged_wrongly(raw) + _uneven(raw)


def _judged_wrongly(raw: object) -> list[Mistake]:
    """What the standing says of venues: each once, each of its signs once, and none that the file does not have."""
    standing = raw.get("standing") if isinstance(raw, dict) else None
    names = {venue.get("name") for _, venue in _entries(raw, "venues", ()) if isinstance(venue.get("name"), str)}
    found = _repeated_entries(standing, "venues", ("venue",), ("standing",))
    for key in ("venues", "questions"):
        for loc, entry in _entries(standing, key, ("standing",)):
            if isinstance(name := entry.get("venue"), str) and name not in names:
                known = ", ".join(sorted(map(str, names)))
                problem = f"{shown(name)} is no venue of this file; known here are {known}"
                found.append(Mistake(path_text((*loc, "venue")), problem))
            found += [m for kind in ("signs", "accepted") for m in _repeated_entries(entry, kind, ("kind",), loc)]
    return found


def _uneven(raw: object) -> list[Mistake]:
    """Conditions whose shares are not one for each of their assets."""
    found = []
    for loc, condition in _entries(raw.get("standing") if isinstance(raw, dict) else None, "conditions", ("standing",)):
        assets, shares = condition.get("assets", []), condition.get("shares", [])
        if isinstance(assets, list) and isinstance(shares, list) and shares and len(shares) != len(assets):
            problem = f"expected one for each of the assets, {len(assets)} in all"
            found.append(Mistake(path_text((*loc, "shares")), problem))
    return found


def _entries(holder: object, key: str, loc: Loc) -> Iterator[tuple[Loc, Mapping[str, object]]]:
    entries = holder.get(key) if isinstance(holder, dict) else None
    for place, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield (*loc, key, place), entry


def _repeated_entries(holder: object, key: str, named_by: Iterable[str], loc: Loc) -> list[Mistake]:
    seen: dict[tuple[str, ...], Loc] = {}
    found = []
    for place, entry in _entries(holder, key, loc):
        name = tuple(value for part in named_by if isinstance(value := entry.get(part), str))
        first = seen.setdefault(name, place)
        if name and first != place:
            called = f"{'/'.join(name)} is there already at {path_text(first)}; keep one or rename one"
            found.append(Mistake(path_text(place), called))
    return found


def _overlocked(venue: Mapping[str, object], loc: Loc) -> list[Mistake]:
    locked, balances = venue.get("locked"), venue.get("balances")
    if not isinstance(locked, dict) or not isinstance(balances, dict):
        return []
    found = []
    for asset, amount in locked.items():
        try:
            over = number(amount) > number(balances.get(asset, ZERO))
        except ValueError:
            continue
        if over:
            problem = f"is more than the balance of {asset}, which it is part of; raise the balance or lower it"
            found.append(Mistake(path_text((*loc, "locked", asset)), problem))
    return found


def _snapshot(state: StateFile) -> Snapshot:
    return Snapshot(
        as_of=state.as_of,
        numeraire=state.numeraire,
        venues=tuple(_venue(venue, state) for venue in state.venues),
        given_marks=tuple((asset, Price(price)) for asset, price in state.marks.items()),
    )


def _venue(venue: VenueEntry, state: StateFile) -> VenueSnapshot:
    name, as_of = VenueName(venue.name), state.as_of
    return VenueSnapshot(
        name=name,
        health=venue.health,
        # An unreachable venue's balances are the last known ones, and the file does not say since when.
        observed_at=None if venue.health is VenueHealth.UNREACHABLE else as_of,
        balances=tuple(_balance(venue, asset) for asset in venue.balances),
        instruments=tuple(_instrument(name, market) for market in venue.markets),
        books=tuple(_book(market, as_of) for market in venue.markets),
        in_question=any(question.venue == venue.name for question in state.standing.questions),
        signals=signals_of(venue.signals) if venue.signals is not None else None,
        usual=usual_of(venue),
    )


def _balance(venue: VenueEntry, asset: Asset) -> Balance:
    locked = venue.locked.get(asset, ZERO)
    return Balance(asset, Quantity(venue.balances[asset] - locked), Quantity(locked))


def _instrument(venue: VenueName, market: MarketEntry) -> Instrument:
    return Instrument(
        venue=venue,
        base=market.base,
        quote=market.quote,
        taker_fee=market.taker_fee,
        maker_fee=market.maker_fee,
        price_tick=Price(market.price_tick),
        amount_step=Quantity(market.amount_step),
        min_amount=Quantity(market.min_amount),
        min_notional=market.min_notional,
    )


def _book(market: MarketEntry, as_of: datetime) -> OrderBook:
    bids, asks = (tuple(Level(Price(p), Quantity(q)) for p, q in side) for side in (market.bids, market.asks))
    return OrderBook(market.base, market.quote, bids, asks, market.as_of or as_of)


def _lot(entry: LotEntry) -> Lot:
    return Lot(
        id=entry.id,
        asset=entry.asset,
        account=entry.account,
        acquired_at=entry.acquired_at,
        quantity=Quantity(entry.quantity),
        basis=entry.basis,
    )
