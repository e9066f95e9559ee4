"""What must hold of the ledger of lots after every run, each giving its violations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from engine.account.ledger_view import LedgerView, ledger_view
from engine.model import events as ev
from engine.model.ids import Asset
from engine.model.market import Side
from engine.model.money import ZERO, exact
from engine.model.tax_policy import TaxPolicy
from tests.simulation.evidence import Evidence


@exact
def lots_add_up_to_what_is_held(seen: Evidence) -> Iterator[str]:
    """At every exchange, what is left of its lots is what it held at first with all booked fills, to the last digit."""
    view = _view(seen)
    if view is None:
        return
    left: dict[tuple[str, Asset], Decimal] = defaultdict(lambda: ZERO)
    for lot in view.settlement.remaining:
        left[lot.account, lot.asset] += lot.quantity
    for exchange in seen.world.exchanges.values():
        if exchange.name not in dict(view.opened):
            continue
        held = dict(exchange.start)
        for fill in {fill.id: fill for fill in seen.booked if fill.venue == exchange.name}.values():
            held[fill.base] = held.get(fill.base, ZERO) + fill.side.sign * fill.quantity
            held[fill.quote] = held.get(fill.quote, ZERO) - fill.side.sign * fill.quote_amount
            for fee in fill.fees:
                held[fee.asset] = held.get(fee.asset, ZERO) - fee.quantity
        for asset in held.keys() - {view.ledger.numeraire}:
            if left[exchange.name, asset] != held[asset]:
                yield f"{exchange.name} holds {held[asset]} {asset}, and the lots there {left[exchange.name, asset]}"


@exact
def every_sale_is_matched(seen: Evidence) -> Iterator[str]:
    """No fill sells what no lot is known for, and none is matched with more or less than it gave."""
    view = _view(seen)
    if view is None:
        return
    yield from (f"{each.entry} uses up {each.quantity} of no lot" for each in view.settlement.missing)
    used: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for match in view.settlement.matches:
        used[match.entry] += match.quantity
    for fill in {(f.venue, f.id): f for f in seen.booked if f.side is Side.SELL}.values():
        fees = sum((fee.quantity for fee in fill.fees if fee.asset == fill.base), ZERO)
        if used[f"{fill.venue}:{fill.id}:out"] != fill.quantity + fees and fill.base != view.ledger.numeraire:
            yield f"fill {fill.id} of {fill.venue} is matched with {used[f'{fill.venue}:{fill.id}:out']}"


@exact
def lots_are_named_before_they_are_sold(seen: Evidence) -> Iterator[str]:
    """A lot that a fill used up was named in its plan, which was on disk before; or it went to another exchange."""
    view = _view(seen)
    if view is None:
        return
    order_of = {f"{fill.venue}:{fill.id}:out": fill for fill in seen.booked}
    requests = {fact.order.client_order_id: fact.order for _, fact in seen.facts(ev.OrderSubmitting)}
    for match in view.settlement.matches:
        fill = order_of.get(match.entry)
        leg = seen.leg_of(requests[fill.client_order_id]) if fill and fill.client_order_id in requests else None
        if leg is None or fill is None or fill.venue != leg.venue or leg.tax is None:
            continue
        if any(not lot.lot for lot in leg.tax.lots):
            # It was planned before the exchange had shown what it held: no lot could be named.
            continue
        if match.lot not in {pick.lot for pick in leg.picks}:
            yield f"fill {fill.id} used up {match.lot}, and leg {leg.id} names {[pick.lot for pick in leg.picks]}"


def _view(seen: Evidence) -> LedgerView | None:
    noted = [fact.numeraire for _, fact in seen.facts(ev.PricesNoted)]
    return ledger_view(seen.events, TaxPolicy(), noted[-1]) if noted else None
