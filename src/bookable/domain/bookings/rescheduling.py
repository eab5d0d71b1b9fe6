"""Another time for the same meeting: one is given back and the other taken, or neither."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from bookable.domain import catalogue, inventory
from bookable.kernel.db import Transaction
from bookable.kernel.errors import InvalidState
from bookable.kernel.events import publish

from .events import BookingRescheduled
from .moving import as_who, entry, lock
from .placing import bookable_window
from .policy import Policy
from .queries import writing as queries
from .reading import get
from .records import Booking, stamp
from .states import AHEAD, HELD, By, Status, allowed

__all__ = ["reschedule"]

_ALLOWED = AHEAD - {Status.PAYMENT_PROCESSING}


@dataclass(frozen=True, slots=True)
class _Slot:
    day: date
    slot: str


async def reschedule(tx: Transaction, name: UUID | str, day: date, slot: str, policy: Policy) -> Booking:
    """The booking at another day and slot, for the price that it had. Its customer, its provider or an admin.

    The rules for placing one hold for the new time. Raises `NoSuchBooking`, `InvalidState` (it has begun, or is
    not to take place), `ValidationFailed`, `SlotTaken`; the old time is kept in all of these.
    """
    booking = await lock(tx, (await get(tx, name)).id)
    by = as_who(booking, tx.actor, Status.CANCELLED)
    if booking.status not in _ALLOWED or booking.starts_at <= tx.clock.now():
        raise InvalidState(booking.status.value, allowed(booking.status), "This can't be rescheduled any more.")
    listing = await catalogue.find(tx, booking.listing_id)
    window = bookable_window(tx, listing.id, listing.time_zone, _Slot(day, slot), policy)
    until = booking.hold_expires_at if booking.status in HELD else None
    length = booking.ends_at - booking.starts_at
    taken = await inventory.move_in_slot(tx, window, length, holder_id=booking.id, until=until)
    moved = await tx.one(
        queries.move_time,
        or_raise=lambda: InvalidState(booking.status.value, allowed(booking.status)),
        id=booking.id,
        stored=booking.stored.value,
        day=day,
        slot=slot,
        time_zone=listing.time_zone,
        starts_at=taken.starts_at,
        ends_at=taken.ends_at,
        entries=[_entry(tx, booking, taken, by)],
    )
    await publish(tx, BookingRescheduled(booking_id=moved.id, sequence=moved.sequence))
    return moved


def _entry(tx: Transaction, booking: Booking, taken: inventory.Taken, by: By) -> dict[str, Any]:
    because = f"Rescheduled from {stamp(booking.starts_at)} to {stamp(taken.starts_at)}."
    return entry(tx, booking.status, booking.status, by, because)
