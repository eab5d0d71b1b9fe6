"""What money does to a booking: it confirms it, or it goes back."""

from uuid import UUID

from bookable.domain import inventory, payments
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import InvalidState
from bookable.kernel.events import publish
from bookable.kernel.money import Money

from .calendar import payee_of
from .errors import NoSuchBooking
from .events import BookingConfirmed, BookingPaid, BookingUnplaceable
from .moving import lock, move
from .queries import writing as queries
from .records import Booking
from .states import HELD, By, Status, allowed

__all__ = ["begin_payment", "confirm_paid", "note_failed", "note_processing", "note_refunded"]

_WAITING = {*HELD, Status.EXPIRED}
_GIVES_WAY = {Status.AWAITING_CONFIRMATION, Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW, *_WAITING}


async def begin_payment(
    db: Database, actor: Actor, gateway: payments.PaymentGateway, booking_id: UUID
) -> payments.Presented:
    """The intent to pay a booking with, the same one however often this is asked.

    Raises `NoSuchBooking` to anyone but its customer or an admin, `InvalidState` when it is not to be paid (any
    more), `Unavailable` when the provider does not answer.
    """

    async def work(tx: Transaction) -> UUID:
        booking = await _theirs(tx, booking_id)
        if booking.status not in HELD:
            raise InvalidState(booking.status.value, allowed(booking.status))
        return (await _owed(tx, booking)).id

    payment_id = await db.run(actor, work)
    return await payments.present(db, actor, gateway, payment_id)


async def _theirs(tx: Transaction, booking_id: UUID) -> Booking:
    await payments.lock(tx, booking_id)
    booking = await lock(tx, booking_id)
    if booking.owner_id != tx.actor.id and not tx.actor.is_admin:
        raise NoSuchBooking
    return booking


async def _owed(tx: Transaction, booking: Booking) -> payments.Payment:
    # A discount is the payee's to bear first; only what it leaves of the fee is ours.
    fee = min(booking.platform_fee_cents, booking.total_cents - booking.tax_cents)
    return await payments.open(
        tx,
        subject_id=booking.id,
        owner_id=booking.owner_id,
        payee=payee_of(booking),
        amount=booking.total,
        fee=Money(fee, booking.currency),
        tax=Money(booking.tax_cents, booking.currency),
    )


async def confirm_paid(tx: Transaction, event: payments.events.PaymentSucceeded) -> None:
    """Confirm the booking if its time is still its own or can be taken again; send everything back otherwise.

    What a supplier holds waits for the supplier's word (`supplying`).
    Within the payment's own transaction: money that came is either for a confirmed booking or on its way back.
    """
    booking = await tx.first(queries.lock, id=UUID(event.subject_id))
    if booking is None:
        return
    if booking.status in _WAITING and booking.supplier and booking.starts_at > tx.clock.now():
        moved = await move(tx, booking, Status.AWAITING_CONFIRMATION, by=By.GATEWAY, because="Paid.")
        await publish(tx, BookingPaid(booking_id=moved.id))
    elif booking.status in _WAITING and await _secured(tx, booking):
        moved = await move(tx, booking, Status.CONFIRMED, by=By.GATEWAY, because=_why(booking))
        await publish(tx, BookingConfirmed(booking_id=moved.id))
    elif booking.status in _WAITING:
        await payments.request_refund(tx, UUID(event.payment_id), None, reason="The time was no longer free.")
        await _give_up(tx, booking)
    elif booking.status in (Status.CANCELLED, Status.DECLINED, Status.REFUNDED):
        await payments.request_refund(tx, UUID(event.payment_id), None, reason="The booking had been cancelled.")


def _why(booking: Booking) -> str:
    if booking.status is Status.EXPIRED:
        return "Paid after the hold was over; the time was still free."
    return "Paid."


async def _secured(tx: Transaction, booking: Booking) -> bool:
    if booking.starts_at <= tx.clock.now():
        return False
    if await inventory.firm_up(tx, booking.id):
        return True
    try:
        await inventory.retake(tx, booking.id)
    except (inventory.SlotTaken, inventory.SoldOut):
        return False
    return True


async def _give_up(tx: Transaction, booking: Booking) -> None:
    """The booking keeps nothing, and says that it expired; it will read `refunded` when the money is back."""
    await inventory.release(tx, booking.id)
    if booking.status is not Status.EXPIRED:
        booking = await move(tx, booking, Status.EXPIRED, by=By.SYSTEM, because="The time was no longer free.")
    elif booking.lapsed:
        await tx.run(queries.expire, id=booking.id, entries=booking.lapse)
    await publish(tx, BookingUnplaceable(booking_id=booking.id))


async def note_processing(tx: Transaction, event: payments.events.PaymentProcessing) -> None:
    """The payer has done their part."""
    booking = await tx.first(queries.lock, id=UUID(event.subject_id))
    if booking is not None and booking.status is Status.PENDING:
        await move(tx, booking, Status.PAYMENT_PROCESSING, by=By.GATEWAY)


async def note_failed(tx: Transaction, event: payments.events.PaymentFailed) -> None:
    """It can be paid again, as long as it is held."""
    booking = await tx.first(queries.lock, id=UUID(event.subject_id))
    if booking is not None and booking.status is Status.PAYMENT_PROCESSING:
        await move(tx, booking, Status.PENDING, by=By.GATEWAY, because="The payment did not succeed.")


async def note_refunded(tx: Transaction, event: payments.events.PaymentRefunded) -> None:
    """A booking whose money went back in full without its being cancelled is off, and its time is free."""
    if not event.in_full:
        return
    booking = await tx.first(queries.lock, id=UUID(event.subject_id))
    if booking is None or booking.status not in _GIVES_WAY:
        return
    await move(tx, booking, Status.REFUNDED, by=By.GATEWAY, because="Refunded in full.")
    await inventory.release(tx, booking.id)
