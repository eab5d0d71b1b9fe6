"""From money to tickets: the order is placed by a job, never twice, and what can't be ordered is refunded in full."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from bookable.domain import bookings, identity, payments
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import DomainError, NotFound, Unavailable
from bookable.kernel.jobs import defer
from bookable.kernel.logs import get_logger

from .desk import Desk
from .errors import OrderRefused
from .placing import sealed_to
from .ports import Contact, FlightProvider, Gender, Offer, Order, Traveller, TravellerType
from .queries import trips as queries
from .records import Booked, OrderState, SealedPassenger, as_offer

__all__ = ["GIVE_BACK", "ORDER", "forget", "give_back", "note_cancelled", "note_refunded", "order", "order_paid"]

ORDER = "flights.order"
"""The job that buys what was paid for."""
GIVE_BACK = "flights.give_back"
"""The job that returns to the airline what was cancelled."""

_GIVES_UP_AFTER = timedelta(hours=2)
"""An airline that has not answered by then will not be waited for: the offer itself is long over."""
_FORGETS_AFTER = timedelta(days=2)
"""Until then it is found out whether an order that was given up had been taken after all."""
_SOONEST, _LATEST = timedelta(seconds=5), timedelta(minutes=5)


async def order_paid(tx: Transaction, event: bookings.BookingPaid) -> None:
    """Within: the money is here, so the order goes out when that is committed."""
    defer(tx, ORDER, lock=f"{ORDER}:{event.booking_id}", booking_id=str(event.booking_id))


async def order(db: Database, system: Actor, *, booking_id: str, desk: Desk) -> None:
    """Buy it, once, however often this runs; then confirm the booking, or refund it in full.

    When the airline does not answer it is asked again with the same key, later and later; after two hours the
    customer has the money back, and an order that turns out to have been taken is returned.
    """
    known = UUID(booking_id)
    begun = await db.run(system, partial(_begin, booking_id=known))
    if begun is None:
        return
    row, booking, people = begun
    contact, key = Contact(booking.contact_email, booking.contact_phone or ""), f"order:{known}"
    try:
        travellers = [_traveller(desk, system, person) for person in people]
        offer = as_offer(row.offer)
        taken = await desk.order(lambda: _provider_of(desk, offer).order(offer, travellers, contact, key=key))
    except Unavailable:
        await db.run(system, partial(_later, booking_id=known, since=row.ordered_at))
    except DomainError as refused:
        await db.run(system, partial(_refused, booking_id=known, why=refused))
    except Exception:  # noqa: BLE001 - whatever it is, it must not keep the customer's money for longer than silence
        get_logger(__name__).exception("an order can't be placed", booking=str(known))
        await db.run(system, partial(_later, booking_id=known, since=row.ordered_at))
    else:
        await db.run(system, partial(_taken, booking_id=known, order=taken))


def _provider_of(desk: Desk, offer: Offer) -> FlightProvider:
    """Raises `OrderRefused` where the house has another provider by now than the one whose offer it is."""
    if offer.provider != desk.provider.name:
        raise OrderRefused(details={"reason": "provider_changed"})
    return desk.provider


async def _begin(tx: Transaction, *, booking_id: UUID) -> tuple[Booked, bookings.Booking, list[SealedPassenger]] | None:
    """None where there is nothing to order, or not any more. One that may have gone out already is found out."""
    booking = await bookings.get(tx, booking_id)
    rows = await tx.all(queries.booked, ids=[booking_id])
    if booking.status is bookings.Status.CANCELLED and await tx.first(queries.unordered, id=booking_id) is not None:
        await bookings.decline_supplied(tx, booking_id, because="It was cancelled before it was ordered.")
        return None
    wanted = booking.status is bookings.Status.AWAITING_CONFIRMATION
    if not rows or not (wanted or rows[0].order_state is OrderState.PLACING):
        return None
    begun = await tx.first(queries.begin_order, id=booking_id)
    return (begun, booking, await tx.all(queries.sealed_passengers, id=booking_id)) if begun else None


def _traveller(desk: Desk, system: Actor, person: SealedPassenger) -> Traveller:
    bound = sealed_to(system.tenant_id, person.id)
    return Traveller(
        type=TravellerType(person.type),
        first_name=person.first_name,
        last_name=person.last_name,
        born_on=person.date_of_birth,
        gender=Gender(person.gender),
        nationality=person.nationality,
        passport_number=desk.sealer.open_text(person.passport, aad=bound) if person.passport else None,
        passport_expiry=person.passport_expiry,
    )


async def _taken(tx: Transaction, *, booking_id: UUID, order: Order) -> None:
    booking = await bookings.confirm_supplied(tx, booking_id)
    await tx.run(queries.ordered, id=booking_id, order_id=order.id, provider_reference=order.reference)
    if booking.status not in (bookings.Status.CONFIRMED, bookings.Status.COMPLETED, bookings.Status.NO_SHOW):
        await _return(tx, booking_id)


async def _refused(tx: Transaction, *, booking_id: UUID, why: DomainError) -> None:
    await bookings.decline_supplied(tx, booking_id, because=f"The airline did not take the order. {why.text}")
    await tx.run(queries.refused, id=booking_id)


async def _later(tx: Transaction, *, booking_id: UUID, since: datetime | None) -> None:
    now = tx.clock.now()
    age = now - (since or now)
    if age >= _FORGETS_AFTER:
        get_logger(__name__).error("nobody knows whether the airline has this order", booking=str(booking_id))
        return
    if age >= _GIVES_UP_AFTER:
        await bookings.decline_supplied(tx, booking_id, because="The airline could not be reached.")
    at = now + max(_SOONEST, min(_LATEST, age / 2))
    defer(tx, ORDER, at=at, lock=f"{ORDER}:{booking_id}", booking_id=str(booking_id))


async def note_cancelled(tx: Transaction, event: bookings.BookingCancelled) -> None:
    """Within: seats that were bought go back to the airline, as long as it has not left."""
    await _return_unflown(tx, event.booking_id)


async def note_refunded(tx: Transaction, event: payments.events.PaymentRefunded) -> None:
    """Within: a trip whose money went back in full is not flown, unless it has been."""
    if event.in_full:
        await _return_unflown(tx, UUID(event.subject_id))


async def _return_unflown(tx: Transaction, booking_id: UUID) -> None:
    rows = await tx.all(queries.booked, ids=[booking_id])
    if rows and as_offer(rows[0].offer).segments[0].departs_at > tx.clock.now():
        await _return(tx, booking_id)


async def _return(tx: Transaction, booking_id: UUID) -> None:
    if await tx.first(queries.give_back, id=booking_id) is not None:
        defer(tx, GIVE_BACK, lock=f"{ORDER}:{booking_id}", booking_id=str(booking_id))


async def give_back(db: Database, system: Actor, *, booking_id: str, desk: Desk) -> None:
    """Return an order to the airline, once. Raises `Unavailable` to be tried again."""
    known = UUID(booking_id)
    async with db.transaction(system) as tx:
        rows = await tx.all(queries.booked, ids=[known])
    if not rows or rows[0].order_state is not OrderState.RETURNING or rows[0].order_id is None:
        return
    order_id, offer, outcome = rows[0].order_id, as_offer(rows[0].offer), queries.given_back
    try:
        await desk.order(lambda: _provider_of(desk, offer).cancel_order(order_id, key=f"cancel:{known}"))
    except (NotFound, OrderRefused) as refused:
        get_logger(__name__).error("the airline keeps an order that was cancelled here", reason=refused.text)
        outcome = queries.kept_after_all
    async with db.transaction(system) as tx:
        await tx.run(outcome, id=known)


async def forget(tx: Transaction, event: identity.UserDeleted) -> None:
    """Within: names, birthdays and papers of those who travelled go with the customer who gave them."""
    await tx.run(queries.anonymise, user_id=event.user_id)
