"""Reminders a day and an hour before a meeting, which judge when they are due whether they still hold."""

from datetime import datetime, timedelta
from uuid import UUID

from bookable.domain import bookings
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.jobs import defer

from .parties import about, tell_customer
from .records import Kind

__all__ = ["REMIND", "remind", "schedule"]

REMIND = "notifications.remind"
"""The job that reminds, at its time."""

_HOURS_BEFORE = (24, 1)


def schedule(tx: Transaction, booking: bookings.Booking) -> None:
    """Set those reminders whose time is still to come."""
    for hours in _HOURS_BEFORE:
        at = booking.starts_at - timedelta(hours=hours)
        if at > tx.clock.now():
            starts = booking.starts_at.isoformat()
            defer(tx, REMIND, at=at, booking_id=str(booking.id), starts_at=starts, hours=hours)


async def remind(db: Database, system: Actor, *, booking_id: str, starts_at: str, hours: int) -> None:
    """The job: remind, if the meeting is still to take place, and at the time that this was set for."""

    async def work(tx: Transaction) -> None:
        booking = await bookings.get(tx, UUID(booking_id))
        stands = booking.status is bookings.Status.CONFIRMED and booking.starts_at == datetime.fromisoformat(starts_at)
        if stands and booking.starts_at > tx.clock.now():
            once = f"{booking.id}:{starts_at}:{hours}"
            await tell_customer(tx, booking, Kind.BOOKING_REMINDER, about(booking), once=once)

    await db.run(system, work)
