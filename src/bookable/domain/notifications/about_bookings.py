"""What people are told about their bookings: those who booked, and those who are booked."""

from bookable.domain import bookings
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction

from . import reminders
from .parties import about, tell_customer, tell_of_cancellation, tell_provider
from .records import Kind

__all__ = ["cancelled", "completed", "confirmed", "expired", "rescheduled", "unplaceable"]


async def confirmed(db: Database, system: Actor, event: bookings.BookingConfirmed) -> None:
    """After: the customer has it in writing and in the calendar, the provider too; reminders are set."""

    async def work(tx: Transaction) -> None:
        booking = await bookings.get(tx, event.booking_id)
        await tell_customer(tx, booking, Kind.BOOKING_CONFIRMED, about(booking), once=str(booking.id))
        await tell_provider(tx, booking, Kind.PROVIDER_BOOKED, about(booking), once=str(booking.id))
        reminders.schedule(tx, booking)

    await db.run(system, work)


async def rescheduled(db: Database, system: Actor, event: bookings.BookingRescheduled) -> None:
    """After: both have the new time, and new reminders are set. What is not yet paid is in nobody's calendar."""

    async def work(tx: Transaction) -> None:
        booking = await bookings.get(tx, event.booking_id)
        if booking.status is not bookings.Status.CONFIRMED:
            return
        once = f"{booking.id}:{booking.sequence}"
        await tell_customer(tx, booking, Kind.BOOKING_RESCHEDULED, about(booking), once=once)
        await tell_provider(tx, booking, Kind.PROVIDER_RESCHEDULED, about(booking), once=once)
        reminders.schedule(tx, booking)

    await db.run(system, work)


async def cancelled(db: Database, system: Actor, event: bookings.BookingCancelled) -> None:
    """After: both know, and what goes back is told. A provider who never heard of it hears nothing now."""

    async def work(tx: Transaction) -> None:
        booking = await bookings.get(tx, event.booking_id)
        await tell_of_cancellation(tx, booking, refund_cents=event.refund_cents, by=event.by)

    await db.run(system, work)


async def expired(db: Database, system: Actor, event: bookings.BookingExpired) -> None:
    """After: the customer knows that it lapsed unpaid, unless it was paid after all in the meantime."""

    async def work(tx: Transaction) -> None:
        booking = await bookings.get(tx, event.booking_id)
        paid = booking.payment is not None and booking.payment.paid_at is not None
        if booking.status is bookings.Status.EXPIRED and not paid:
            await tell_customer(tx, booking, Kind.BOOKING_EXPIRED, about(booking), once=str(booking.id))

    await db.run(system, work)


async def unplaceable(db: Database, system: Actor, event: bookings.BookingUnplaceable) -> None:
    """After: the truth, and that everything goes back."""

    async def work(tx: Transaction) -> None:
        booking = await bookings.get(tx, event.booking_id)
        back = booking.payment.amount_cents if booking.payment else booking.total_cents
        facts = about(booking, refund_cents=back)
        await tell_customer(tx, booking, Kind.BOOKING_UNPLACEABLE, facts, once=str(booking.id))

    await db.run(system, work)


async def completed(db: Database, system: Actor, event: bookings.BookingCompleted) -> None:
    """After: the customer is asked for a review of whom they met."""

    async def work(tx: Transaction) -> None:
        booking = await bookings.get(tx, event.booking_id)
        if booking.supplier is not None:
            return
        await tell_customer(tx, booking, Kind.REVIEW_WANTED, about(booking), once=str(booking.id))

    await db.run(system, work)
