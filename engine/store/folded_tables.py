"""The tables that are folded from the event log: plans, their orders and fills, and the standing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.decision import Standing
from engine.model.errors import ConcurrentWrite
from engine.model.events import SCHEMA_VERSION, Event
from engine.model.ids import PlanId, PortfolioId
from engine.model.ledger import Books
from engine.model.order import Fill
from engine.store import codec
from engine.store.projections import Projection
from engine.store.schema import fill, fill_fee, plan, plan_order, standing

Row = dict[str, object]


def insert_into(connection: AsyncConnection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what becomes of a row that is already there."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


async def make_standing(connection: AsyncConnection, portfolio: PortfolioId) -> None:
    """Give a new portfolio its row: appends lock it, so that they come one after the other on any database."""
    row = _standing_row(Standing(), Books(), 0) | {"portfolio": portfolio}
    await connection.execute(insert_into(connection, standing).values(row).on_conflict_do_nothing())


async def read_standing(
    connection: AsyncConnection, portfolio: PortfolioId, *, for_update: bool = False
) -> tuple[Standing, Books]:
    """The standing and the books of a portfolio, which has a row."""
    columns = (standing.c.schema_version, standing.c.payload, standing.c.books)
    query = sa.select(*columns).where(standing.c.portfolio == portfolio)
    row = (await connection.execute(query.with_for_update() if for_update else query)).one()
    return codec.read_standing(row.schema_version, row.payload), codec.read_books(row.schema_version, row.books)


async def write_standing(connection: AsyncConnection, portfolio: PortfolioId, folded: Projection) -> None:
    """Replace the standing and the books."""
    change = sa.update(standing).where(standing.c.portfolio == portfolio)
    await connection.execute(change.values(_standing_row(folded.standing, folded.books, folded.version)))


async def is_outdated(connection: AsyncConnection, portfolio: PortfolioId) -> bool:
    """Whether the tables were folded by a program with other shapes."""
    query = sa.select(standing.c.schema_version).where(standing.c.portfolio == portfolio)
    return await connection.scalar(query) != SCHEMA_VERSION


async def write_plans(connection: AsyncConnection, states: Iterable[PlanState]) -> None:
    """Insert or replace the rows of some plans. Raises ConcurrentWrite where that would leave two open."""
    # Those at their end first: one append may close a plan and open its successor.
    rows = sorted((_plan_row(state) for state in states), key=lambda row: bool(row["is_open"]))
    if not rows:
        return
    insert = insert_into(connection, plan)
    changing = {name: insert.excluded[name] for name in ("status", "is_open", "version", "updated_at")}
    try:
        await connection.execute(insert.on_conflict_do_update(index_elements=["plan_id"], set_=changing), rows)
    except IntegrityError as error:
        raise ConcurrentWrite("another plan is already open: answer that one first") from error


async def write_orders_and_fills(connection: AsyncConnection, events: Sequence[Event]) -> None:
    """Remember whose an order is, and book each venue trade once."""
    orders = [_order_row(event) for event in events if isinstance(event.fact, ev.OrderSubmitting)]
    if orders:
        await connection.execute(insert_into(connection, plan_order).on_conflict_do_nothing(), orders)
    fills = [(event, event.fact.fill) for event in events if isinstance(event.fact, ev.FillBooked)]
    if not fills:
        return
    rows = [_fill_row(event, traded) for event, traded in fills]
    await connection.execute(insert_into(connection, fill).on_conflict_do_nothing(), rows)
    # A trade that was booked before keeps the fees it was booked with.
    booked = set(
        await connection.scalars(sa.select(fill.c.seq).where(fill.c.seq.in_([event.seq for event, _ in fills])))
    )
    fees = [row for event, traded in fills if event.seq in booked for row in _fee_rows(traded)]
    if fees:
        await connection.execute(sa.insert(fill_fee), fees)


async def delete_all(connection: AsyncConnection, portfolio: PortfolioId) -> None:
    """Empty the folded tables of a portfolio."""
    plans = sa.select(plan.c.plan_id).where(plan.c.portfolio == portfolio)
    fills = sa.select(fill.c.venue, fill.c.id).where(fill.c.plan_id.in_(plans))
    await connection.execute(sa.delete(fill_fee).where(sa.tuple_(fill_fee.c.venue, fill_fee.c.fill_id).in_(fills)))
    await connection.execute(sa.delete(fill).where(fill.c.plan_id.in_(plans)))
    await connection.execute(sa.delete(plan_order).where(plan_order.c.plan_id.in_(plans)))
    await connection.execute(sa.delete(plan).where(plan.c.portfolio == portfolio))


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
