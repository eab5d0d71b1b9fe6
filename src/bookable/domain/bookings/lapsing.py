"""Holds end by the clock; here that is written down, and told."""

from bookable.domain import inventory
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.events import publish

from .events import BookingExpired
from .queries import writing as queries

__all__ = ["expire_lapsed"]

_AT_ONCE = 100


async def expire_lapsed(db: Database, system: Actor) -> int:
    """Write down what everyone reads already: bookings not paid in time are expired. Answers how many were.

    Safe to run anywhere, at any time, by several at once: each takes what nobody has in hand.
    """
    total = 0
    while found := await db.run(system, _some):
        total += found
        if found < _AT_ONCE:
            break
    return total


async def _some(tx: Transaction) -> int:
    due = await tx.all(queries.due, limit=_AT_ONCE)
    for booking in due:
        await tx.run(queries.expire, id=booking.id, entries=booking.lapse)
    if due:
        await inventory.release(tx, *(b.id for b in due))
    for booking in due:
        await publish(tx, BookingExpired(booking_id=booking.id))
    return len(due)
