"""Looking trips up, for whoever may see them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bookable.domain import bookings, payments
from bookable.kernel.db import Transaction

from .queries import trips as queries
from .records import Booked, Flight, Passenger, Trip, TripPage, as_offer

__all__ = ["export", "list_own", "trip"]


async def trip(tx: Transaction, name: UUID | str) -> Trip:
    """By id or reference, for its customer, an admin or the house. Raises `NoSuchBooking`."""
    booking = await bookings.get(tx, name)
    found = await _with_flights(tx, [booking])
    if not found:
        raise bookings.NoSuchBooking
    return found[0]


async def list_own(tx: Transaction, **paging: Any) -> TripPage:
    """What the transaction's actor has booked, newest first; takes what `bookings.list_own` takes."""
    page = await bookings.list_own(tx, **paging)
    return TripPage(await _with_flights(tx, page.items), page.total, page.next_cursor)


async def export(tx: Transaction, user_id: UUID) -> list[Trip]:
    """Everything that somebody has booked, oldest first; of a passport what is shown of it anywhere."""
    return await _with_flights(tx, await bookings.export(tx, user_id))


async def _with_flights(tx: Transaction, found: Sequence[bookings.Booking]) -> list[Trip]:
    ids = [booking.id for booking in found]
    booked = {row.id: row for row in await tx.all(queries.booked, ids=ids)}
    travelling: dict[UUID, list[Passenger]] = defaultdict(list)
    for passenger in await tx.all(queries.passengers, ids=ids):
        travelling[passenger.booking_id].append(passenger)
    paid = await payments.of_subjects(tx, ids)
    return [
        Trip(b, _flight(booked[b.id], b), row.order_state, row.provider_reference, travelling[b.id], paid.get(b.id))
        for b in found
        if (row := booked.get(b.id)) is not None
    ]


def _flight(row: Booked, booking: bookings.Booking) -> Flight:
    return Flight(row.offer_id, as_offer(row.offer), booking.hold_expires_at or booking.created_at)
