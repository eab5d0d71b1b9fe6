"""What suppliers hold is over by the clock: completed once, in the order in which it ended, whoever sweeps."""

import asyncio
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest

from bookable.domain import bookings
from bookable.domain.bookings import Status
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database, Transaction
from bookable.kernel.events import Subscriptions
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money
from tests import make_bookings
from tests.make_bookings import pay, see

HOLD = timedelta(minutes=15)


@pytest.fixture
def completed(subscriptions: Subscriptions) -> list[UUID]:
    """The bookings of which it was told that they are over, in that order."""
    told: list[UUID] = []

    async def note(_: Transaction, event: bookings.BookingCompleted) -> None:
        told.append(event.booking_id)

    subscriptions.within(bookings.BookingCompleted, note)
    return told


async def supplied(db: Database, customer: Actor, *, starts_in: timedelta, lasts: timedelta) -> bookings.Booking:
    numbers = count()
    starts_at = db.clock.now() + starts_in
    wanted = bookings.Supplied(
        supplier="Aurora Air",
        what="LHR → VIE",
        price=Money(12_000, "USD"),
        day=starts_at.date(),
        time_zone="UTC",
        starts_at=starts_at,
        ends_at=starts_at + lasts,
        contact_name="Ada Byron",
        contact_email="ada@example.com",
    )
    async with db.transaction(customer) as tx:
        draw = lambda: f"{new_id().hex[-10:]}{next(numbers)}"  # noqa: E731
        return await bookings.place_supplied(tx, wanted, hold=HOLD, draw=draw)


async def confirmed(db: Database, customer: Actor, system: Actor, **given: timedelta) -> bookings.Booking:
    booking = await supplied(db, customer, **given)
    await pay(db, system, booking)
    async with db.transaction(system) as tx:
        return await bookings.confirm_supplied(tx, booking.id)


async def test_a_crowd_of_sweepers_completes_each_once_in_the_order_of_their_ends(
    db: Database, clock: Clock, customer: Actor, system: Actor, completed: list[UUID]
) -> None:
    hours = [timedelta(hours=1 + n * 7 % 120) for n in range(120)]
    made = [await confirmed(db, customer, system, starts_in=h, lasts=timedelta(hours=1)) for h in hours]
    still = await confirmed(db, customer, system, starts_in=timedelta(days=6), lasts=timedelta(hours=1))
    clock.offset += timedelta(days=5, hours=3)

    counts = await asyncio.gather(*(bookings.complete_past(db, system) for _ in range(4)))

    assert sum(counts) == len(completed) == len(made)
    assert await bookings.complete_past(db, system) == 0
    for booking in made:
        over = await see(db, customer, booking)
        assert (over.status, over.completed_at) == (Status.COMPLETED, booking.ends_at)
        assert [e["to"] for e in over.timeline][-2:] == ["confirmed", "completed"]
    assert (await see(db, customer, still)).status is Status.CONFIRMED


async def test_one_sweeper_goes_by_their_ends(
    db: Database, clock: Clock, customer: Actor, system: Actor, completed: list[UUID]
) -> None:
    hours = [timedelta(hours=h) for h in (5, 2, 9, 1, 7)]
    made = [await confirmed(db, customer, system, starts_in=h, lasts=timedelta(hours=1)) for h in hours]
    clock.offset += timedelta(hours=12)
    assert await bookings.complete_past(db, system) == len(made)
    assert completed == [b.id for b in sorted(made, key=lambda b: b.ends_at)]


async def test_what_nobody_confirmed_is_not_completed(
    db: Database, clock: Clock, customer: Actor, system: Actor, listing: UUID
) -> None:
    unpaid = await supplied(db, customer, starts_in=timedelta(hours=1), lasts=timedelta(hours=1))
    waiting = await supplied(db, customer, starts_in=timedelta(hours=1), lasts=timedelta(hours=1))
    await pay(db, system, waiting)
    meeting = await make_bookings.place(db, customer, listing)
    await pay(db, system, meeting)
    clock.offset += timedelta(days=30)

    assert await bookings.complete_past(db, system) == 0
    found = [(await see(db, customer, b)).status for b in (unpaid, waiting, meeting)]
    assert found == [Status.EXPIRED, Status.AWAITING_CONFIRMATION, Status.CONFIRMED]
