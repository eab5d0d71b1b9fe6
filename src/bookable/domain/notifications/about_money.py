"""What people are told about money that goes back, where nothing else tells them."""

from datetime import timedelta
from uuid import UUID

from bookable.domain import bookings, payments
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction

from .parties import about, tell_customer, tell_of_cancellation
from .records import Kind

__all__ = ["refunded"]

_ONE_TRANSACTION = timedelta(seconds=30)


async def refunded(db: Database, system: Actor, event: payments.events.PaymentRefunded) -> None:
    """After: the customer knows what went back, unless a cancellation or a refusal has told it already.

    A meeting still to come that was refunded in full is off: both sides are told that.
    """

    async def work(tx: Transaction) -> None:
        booking = await _booking(tx, UUID(event.subject_id))
        if booking is None or await _told_already(tx, booking, event):
            return
        if booking.status is bookings.Status.REFUNDED and booking.starts_at > tx.clock.now():
            await tell_of_cancellation(tx, booking, refund_cents=event.amount_cents, by="admin")
            return
        facts = about(booking, refund_cents=event.amount_cents)
        await tell_customer(tx, booking, Kind.BOOKING_REFUNDED, facts, once=event.refund_id)

    await db.run(system, work)


async def _booking(tx: Transaction, subject_id: UUID) -> bookings.Booking | None:
    """Payments never say what they are for; what is no booking is not ours to tell of."""
    try:
        return await bookings.get(tx, subject_id)
    except bookings.NoSuchBooking:
        return None


async def _told_already(tx: Transaction, booking: bookings.Booking, event: payments.events.PaymentRefunded) -> bool:
    if booking.cancelled_at is None:  # never confirmed: the mail that it could not be placed has said so
        return booking.confirmed_at is None
    later = [
        refund
        for refund in await payments.refunds_of(tx, UUID(event.payment_id))
        if abs(refund.created_at - booking.cancelled_at) < _ONE_TRANSACTION
    ]
    its_own = min(later, key=lambda refund: refund.created_at, default=None)
    return its_own is not None and its_own.id == UUID(event.refund_id)
