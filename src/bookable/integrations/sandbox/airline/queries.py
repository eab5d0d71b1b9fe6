"""Seats that are taken, and the orders that took them."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from bookable.kernel.db import Record, app_now, command, query

from ..tables import sandbox_orders as orders
from ..tables import sandbox_seats as seats

__all__ = ["Kept", "Taken", "add", "cancel", "give_back", "of_key", "order", "take", "taken"]


class Taken(Record, frozen=True):
    """How many seats are gone on a flight."""

    flight: str
    day: date
    taken: int


class Kept(Record, frozen=True):
    """An order as it was written down; `cancelled` when it was given back."""

    state: dict[str, Any]
    cancelled: bool


def _bind(name: str, kind: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=kind)


taken = query(
    sa.select(seats.c.flight, seats.c.day, seats.c.taken).where(
        seats.c.flight == sa.any_(_bind("flights", ARRAY(sa.Text()))),
        seats.c.day == sa.any_(_bind("days", ARRAY(sa.Date()))),
        seats.c.cabin == _bind("cabin", sa.Text()),
    ),
    Taken,
)

_first = insert(seats).values(
    flight=sa.bindparam("flight"), day=sa.bindparam("day"), cabin=sa.bindparam("cabin"), taken=sa.bindparam("seats")
)

# No row comes of it when too few are left. More than there are at all must be refused before.
take = command(
    _first.on_conflict_do_update(
        index_elements=[seats.c.flight, seats.c.day, seats.c.cabin],
        set_={"taken": seats.c.taken + _first.excluded.taken},
        where=seats.c.taken + _first.excluded.taken <= _bind("capacity", sa.Integer()),
    )
)

give_back = command(
    sa.update(seats)
    .where(
        seats.c.flight == _bind("on_flight", sa.Text()),
        seats.c.day == _bind("on_day", sa.Date()),
        seats.c.cabin == _bind("in_cabin", sa.Text()),
    )
    .values(taken=seats.c.taken - _bind("seats", sa.Integer()))
)

# Whoever comes second with a key waits here for the first to be done.
add = command(
    insert(orders)
    .values(id=sa.bindparam("order_id"), key=sa.bindparam("key"), state=sa.bindparam("state"), created_at=app_now())
    .on_conflict_do_nothing(index_elements=[orders.c.key])
)

_kept = (orders.c.state, orders.c.cancelled_at.is_not(None).label("cancelled"))

of_key = query(sa.select(*_kept).where(orders.c.key == _bind("used", sa.Text())), Kept)

order = query(sa.select(*_kept).where(orders.c.id == _bind("order_id", sa.Text())).with_for_update(), Kept)

cancel = command(
    sa.update(orders).where(orders.c.id == _bind("cancelled_id", sa.Text())).values(cancelled_at=app_now())
)
