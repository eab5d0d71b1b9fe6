"""Who is told of a booking, and the facts that they are told."""

from bookable.domain import bookings, identity
from bookable.kernel.db import Transaction
from bookable.kernel.errors import NotFound

from . import telling
from .records import AboutBooking, Kind

__all__ = ["about", "customer", "tell_customer", "tell_of_cancellation", "tell_provider"]


def about(booking: bookings.Booking, *, refund_cents: int = 0, by: str | None = None) -> AboutBooking:
    """The facts, as they are now."""
    return AboutBooking(
        booking_id=booking.id,
        number=booking.number,
        provider=booking.listing_name,
        offer=booking.offer,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        time_zone=booking.time_zone,
        sequence=booking.sequence,
        contact_name=booking.contact_name,
        contact_email=booking.contact_email,
        special_requests=booking.special_requests,
        currency=booking.currency,
        total_cents=booking.total_cents,
        is_guest=booking.is_guests,
        was_confirmed=booking.confirmed_at is not None,
        refund_cents=refund_cents,
        by=by,
        hold_expires_at=booking.hold_expires_at,
        supplied=booking.supplier is not None,
    )


def customer(booking: bookings.Booking) -> telling.Person:
    """Whoever booked: the address they gave for this booking, and their account if they have one."""
    return telling.Person(booking.contact_email or None, booking.user_id)


async def tell_customer(
    tx: Transaction, booking: bookings.Booking, kind: Kind, facts: AboutBooking, *, once: str
) -> None:
    """By mail, and in the app where there is an account."""
    await telling.mail(tx, customer(booking), kind, facts, once=once)
    await telling.note(tx, customer(booking), kind, facts, once=once)


async def tell_provider(
    tx: Transaction, booking: bookings.Booking, kind: Kind, facts: AboutBooking, *, once: str
) -> None:
    """By mail and in the app, where the listing has an owner."""
    if booking.provider_id is None:
        return
    try:
        owner = await identity.get(tx, booking.provider_id)
    except NotFound:  # left; the listing is nobody's by now
        return
    to = telling.Person(owner.email, owner.id)
    await telling.mail(tx, to, kind, facts, once=once)
    await telling.note(tx, to, kind, facts, once=once)


async def tell_of_cancellation(tx: Transaction, booking: bookings.Booking, *, refund_cents: int, by: str) -> None:
    """That it does not take place, and what goes back."""
    facts = about(booking, refund_cents=refund_cents, by=by)
    await tell_customer(tx, booking, Kind.BOOKING_CANCELLED, facts, once=str(booking.id))
    if facts.was_confirmed:
        await tell_provider(tx, booking, Kind.PROVIDER_CANCELLED, facts, once=str(booking.id))
