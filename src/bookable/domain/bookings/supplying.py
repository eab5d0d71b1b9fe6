"""Bookings of what somebody else holds: placed and paid like any other, then confirmed or declined by the supplier.

Once it is over it is completed by itself: nobody stands there to say so.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from bookable.domain import identity, payments
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Unauthenticated
from bookable.kernel.events import publish
from bookable.kernel.ids import new_id

from .ending import left
from .events import BookingCompleted, BookingConfirmed, BookingPlaced, BookingUnplaceable
from .moving import entry, lock, move
from .placing import write
from .queries import writing as queries
from .records import Booking, Supplied, stamp
from .states import By, Status

__all__ = ["complete_past", "confirm_supplied", "decline_supplied", "place_supplied"]

_AT_ONCE = 100


async def place_supplied(
    tx: Transaction, wanted: Supplied, *, hold: timedelta, draw: Callable[[], str], booking_id: UUID | None = None
) -> Booking:
    """A booking of the transaction's actor, to be paid within `hold`, at exactly `wanted.price`.

    `draw` makes numbers; one that is taken is drawn again. That the supplier still has it, the caller has made sure.
    """
    if tx.actor.id is None:
        raise Unauthenticated
    booking = await write(tx, {**_row(tx, wanted, hold), "id": booking_id or new_id()}, draw)
    await publish(tx, BookingPlaced(booking_id=booking.id))
    return booking


def _row(tx: Transaction, wanted: Supplied, hold: timedelta) -> dict[str, Any]:
    now, cents = tx.clock.now(), wanted.price.amount
    lines = {"platform_fee_cents": 0, "discount_cents": 0, "tax_cents": 0, "deposit_cents": 0}
    nothing = dict.fromkeys(
        ("provider_id", "listing_id", "slot", "special_requests", "promo_code_id", "guest_token_hash", "confirmed_at")
    )
    return {
        **lines,
        **nothing,
        "owner_id": tx.actor.id,
        "user_id": tx.actor.id,
        "supplier": wanted.supplier,
        "offer": wanted.what,
        "status": Status.PENDING.value,
        "day": wanted.day,
        "time_zone": wanted.time_zone,
        "starts_at": wanted.starts_at,
        "ends_at": wanted.ends_at,
        "contact_name": wanted.contact_name,
        "contact_email": identity.given_email(wanted.contact_email, field="contact.email"),
        "contact_key": identity.comparable_email(wanted.contact_email),
        "contact_phone": wanted.contact_phone,
        "currency": wanted.price.currency,
        "subtotal_cents": cents,
        "total_cents": cents,
        "hold_expires_at": now + hold,
        "timeline": [entry(tx, None, Status.PENDING, By.CUSTOMER, None)],
        "created_at": now,
    }


async def confirm_supplied(tx: Transaction, booking_id: UUID) -> Booking:
    """The supplier has taken the order. Told again, it changes nothing. Answers the booking as it stands now.

    One that was cancelled meanwhile stays so: the caller gives the order back.
    """
    booking = await lock(tx, booking_id)
    if booking.status is not Status.AWAITING_CONFIRMATION:
        return booking
    moved = await move(tx, booking, Status.CONFIRMED, by=By.PROVIDER, because="The order was taken.")
    await publish(tx, BookingConfirmed(booking_id=moved.id))
    return moved


async def decline_supplied(tx: Transaction, booking_id: UUID, *, because: str) -> Booking:
    """The supplier will not take the order: everything paid goes back, and the customer is told. Once is enough.

    To one that was cancelled meanwhile, what the policy had kept goes back as well: nothing was bought for it.
    """
    await payments.lock(tx, booking_id)
    booking = await lock(tx, booking_id)
    if booking.status is Status.CANCELLED and booking.payment is not None and left(booking, 100):
        await payments.request_refund(tx, booking.payment.id, left(booking, 100), reason=because)
    if booking.status is not Status.AWAITING_CONFIRMATION:
        return booking
    moved = await move(tx, booking, Status.DECLINED, by=By.PROVIDER, because=because)
    if booking.payment is not None:
        await payments.request_refund(tx, booking.payment.id, None, reason=because)
    await publish(tx, BookingUnplaceable(booking_id=booking.id))
    return moved


async def complete_past(db: Database, system: Actor) -> int:
    """Complete what suppliers held and is over, as of the moment it was. Answers how many.

    Safe to run anywhere, at any time, by several at once: each takes what nobody has in hand.
    """
    total = 0
    while found := await db.run(system, _some_past):
        total += found
        if found < _AT_ONCE:
            break
    return total


async def _some_past(tx: Transaction) -> int:
    past = await tx.all(queries.past, limit=_AT_ONCE)
    for booking in past:
        at = max(booking.ends_at, booking.confirmed_at or booking.ends_at)
        over = {**entry(tx, booking.status, Status.COMPLETED, By.SYSTEM, "It is over."), "at": stamp(at)}
        await tx.run(queries.complete, id=booking.id, entries=[over], at=at)
        await publish(tx, BookingCompleted(booking_id=booking.id))
    return len(past)
