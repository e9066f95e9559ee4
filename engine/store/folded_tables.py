"""The tables that are folded from the event log: plans, their orders and fills, and the standing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError

from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.decision import Standing
from engine.model.errors import ConcurrentWrite
from engine.model.events import SCHEMA_VERSION, Event
from engine.model.ids import ClientOrderId, PlanId, PortfolioId
from engine.model.ledger import Books
from engine.model.order import Fill
from engine.model.plan import PlanStatus
from engine.ports import PlanSummary
from engine.store import codec
from engine.store.projections import Projection
from engine.store.schema import fill, fill_fee, plan, plan_order, standing
from engine.store.upserts import Row, insert_missing, upsert

REPLACE_STANDING: Final = (
    sa.update(standing)
    .where(standing.c.portfolio == bindparam("of"), standing.c.version == bindparam("seen"))
    .values({name: bindparam(name) for name in ("version", "schema_version", "payload", "books")})
)


def make_standing(connection: sa.Connection, portfolio: PortfolioId) -> None:
    """Give a new portfolio its row: appends lock it, so that they come one after the other on any database."""
    row = _standing_row(Standing(), Books(), 0) | {"portfolio": portfolio}
    insert_missing(connection, standing, [row])


def read_standing(connection: sa.Connection, portfolio: PortfolioId) -> tuple[Standing, Books, int]:
    """The standing and the books of a portfolio, which has a row, and the number of the last fact in them."""
    columns = (standing.c.schema_version, standing.c.payload, standing.c.books, standing.c.version)
    row = connection.execute(sa.select(*columns).where(standing.c.portfolio == portfolio)).one()
    read = (codec.read_standing(row.schema_version, row.payload), codec.read_books(row.schema_version, row.books))
    return *read, row.version


def write_standing(connection: sa.Connection, portfolio: PortfolioId, folded: Projection, instead_of: int) -> None:
    """Replace the standing and the books that were folded up to the fact with this number.

    Raises ConcurrentWrite where others are there: something else has written to this journal.
    """
    row = _standing_row(folded.standing, folded.books, folded.version)
    if connection.execute(REPLACE_STANDING, row | {"of": portfolio, "seen": instead_of}).rowcount != 1:
        raise ConcurrentWrite("the standing has changed since it was read: read it again")


def folded_to(connection: sa.Connection, portfolio: PortfolioId) -> int:
    """The number of the last fact in the standing and the books."""
    version: int = connection.execute(
        sa.select(standing.c.version).where(standing.c.portfolio == portfolio)
    ).scalar_one()
    return version


def is_outdated(connection: sa.Connection, portfolio: PortfolioId) -> bool:
    """Whether the tables were folded by a program with other shapes."""
    query = sa.select(standing.c.schema_version).where(standing.c.portfolio == portfolio)
    return connection.scalar(query) != SCHEMA_VERSION


def open_plans(connection: sa.Connection, portfolio: PortfolioId) -> tuple[PlanId, ...]:
    """The plans that are not at their end: one, or none."""
    query = sa.select(plan.c.plan_id).where(plan.c.portfolio == portfolio, plan.c.is_open)
    return tuple(connection.scalars(query))


def newest_plans(connection: sa.Connection, portfolio: PortfolioId, limit: int) -> tuple[PlanSummary, ...]:
    """The plans that were made last, newest first."""
    query = sa.select(plan.c.plan_id, plan.c.status, plan.c.created_at, plan.c.updated_at)
    newest = query.where(plan.c.portfolio == portfolio).order_by(plan.c.created_at.desc(), plan.c.plan_id.desc())
    rows = connection.execute(newest.limit(limit))
    return tuple(PlanSummary(row.plan_id, PlanStatus(row.status), row.created_at, row.updated_at) for row in rows)


def plan_of_order(connection: sa.Connection, portfolio: PortfolioId, client_order_id: ClientOrderId) -> PlanId | None:
    """The plan that an order belongs to."""
    query = (
        sa.select(plan_order.c.plan_id)
        .join_from(plan_order, plan)
        .where(plan_order.c.client_order_id == client_order_id, plan.c.portfolio == portfolio)
    )
    return connection.scalar(query)


def write_plans(connection: sa.Connection, states: Iterable[PlanState]) -> None:
    """Insert or replace the rows of some plans. Raises ConcurrentWrite where that would leave two open."""
    # Those at their end first: one append may close a plan and open its successor.
    rows = sorted((_plan_row(state) for state in states), key=lambda row: bool(row["is_open"]))
    if not rows:
        return
    try:
        upsert(connection, plan, rows, ("plan_id",), ("status", "is_open", "version", "updated_at"))
    except IntegrityError as error:
        raise ConcurrentWrite("another plan is already open: answer that one first") from error


def write_orders_and_fills(connection: sa.Connection, events: Sequence[Event]) -> None:
    """Remember whose an order is, and book each venue trade once."""
    orders = [_order_row(event) for event in events if isinstance(event.fact, ev.OrderSubmitting)]
    if orders:
        insert_missing(connection, plan_order, orders)
    fills = [(event, event.fact.fill) for event in events if isinstance(event.fact, ev.FillBooked)]
    if not fills:
        return
    rows = [_fill_row(event, traded) for event, traded in fills]
    insert_missing(connection, fill, rows)
    # A trade that was booked before keeps the fees it was booked with.
    booked = set(connection.scalars(sa.select(fill.c.seq).where(fill.c.seq.in_([event.seq for event, _ in fills]))))
    fees = [row for event, traded in fills if event.seq in booked for row in _fee_rows(traded)]
    if fees:
        connection.execute(sa.insert(fill_fee), fees)


def delete_all(connection: sa.Connection, portfolio: PortfolioId) -> None:
    """Empty the folded tables of a portfolio."""
    plans = sa.select(plan.c.plan_id).where(plan.c.portfolio == portfolio)
    fills = sa.select(fill.c.venue, fill.c.id).where(fill.c.plan_id.in_(plans))
    connection.execute(sa.delete(fill_fee).where(sa.tuple_(fill_fee.c.venue, fill_fee.c.fill_id).in_(fills)))
    connection.execute(sa.delete(fill).where(fill.c.plan_id.in_(plans)))
    connection.execute(sa.delete(plan_order).where(plan_order.c.plan_id.in_(plans)))
    connection.execute(sa.delete(plan).where(plan.c.portfolio == portfolio))


def plan_of(event: Event) -> PlanId:
    """The plan whose stream an event is in."""
    return PlanId(event.stream.removeprefix(ev.plan_stream(PlanId(""))))


def _standing_row(value: Standing, books: Books, version: int) -> Row:
    """`version` is the sequence number of the last fact in it."""
    texts = {"payload": codec.write(value), "books": codec.write(books)}
    return {"version": version, "schema_version": SCHEMA_VERSION, **texts}


def _plan_row(state: PlanState) -> Row:
    return {
        "plan_id": state.proposed.plan_id,
        "portfolio": state.proposed.portfolio,
        "status": state.status.value,
        "is_open": not state.is_terminal,
        "version": state.version,
        "created_at": state.created_at,
        "updated_at": state.updated_at,
    }


def _order_row(event: Event) -> Row:
    assert isinstance(event.fact, ev.OrderSubmitting)
    return {"client_order_id": event.fact.order.client_order_id, "plan_id": plan_of(event)}


def _fill_row(event: Event, traded: Fill) -> Row:
    return {
        "venue": traded.venue,
        "id": traded.id,
        "client_order_id": traded.client_order_id,
        "plan_id": plan_of(event),
        "seq": event.seq,
        "base": traded.base,
        "quote": traded.quote,
        "side": traded.side.value,
        "quantity": traded.quantity,
        "price": traded.price,
        "traded_at": traded.traded_at,
    }


def _fee_rows(traded: Fill) -> list[Row]:
    return [
        {
            "venue": traded.venue,
            "fill_id": traded.id,
            "position": position,
            "asset": fee.asset,
            "quantity": fee.quantity,
        }
        for position, fee in enumerate(traded.fees)
    ]
