"""Booking a flight: the airline is asked whether it still stands, and the price that was shown is the one frozen."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from bookable.domain import bookings
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import FieldError
from bookable.kernel.ids import new_id
from bookable.kernel.security import Bound

from .desk import Desk
from .errors import OfferChanged, OfferLapsed, PriceMoved
from .ports import Contact, Offer
from .queries import trips as queries
from .reading import trip
from .records import Flight, Person, Trip, as_json
from .searching import flight, keep
from .travellers import check

__all__ = ["HOLD", "place", "sealed_to"]

HOLD = timedelta(minutes=15)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


async def place(
    db: Database,
    actor: Actor,
    desk: Desk,
    flight_id: UUID | str,
    people: Sequence[Person],
    contact: Contact,
    *,
    total_price: Decimal | None = None,
    also: Callable[[Transaction, Trip], Awaitable[None]] | None = None,
) -> Trip:
    """A booking of the flight, to be paid within 15 minutes at exactly the offer's price.

    `also` is done in the transaction that writes it, and stands or falls with it.
    Raises `NoSuchFlight`, `OfferLapsed`, `ValidationFailed` (travellers, or what the provider insists on),
    `PriceMoved` with the offer that can be booked instead (dearer, cheaper, or not what `total_price` says),
    `OfferGone`, `Unavailable`.
    """
    async with db.transaction(actor) as tx:
        known = await flight(tx, flight_id)
    if known.offer.provider != desk.provider.name:
        raise OfferLapsed  # found before the house changed its provider
    demands, today = desk.provider.demands, db.clock.now().date()
    check(people, contact, known.offer, demands, today=today)
    if total_price is not None and total_price != known.offer.price.decimal():
        raise PriceMoved(known)
    if known.offer.segments[0].departs_at <= db.clock.now():
        raise FieldError("flightId", "This flight has left.")
    standing = await _recheck(db, actor, desk, known)
    check(people, contact, standing, demands, today=today)
    booking_id = new_id()

    async def work(tx: Transaction) -> Trip:
        await bookings.place_supplied(tx, _wanted(known, people, contact), hold=HOLD, draw=_draw, booking_id=booking_id)
        await _write(tx, desk, booking_id, known, people)
        placed = await trip(tx, booking_id)
        if also is not None:
            await also(tx, placed)
        return placed

    return await db.run(actor, work)


async def _recheck(db: Database, actor: Actor, desk: Desk, known: Flight) -> Offer:
    """The offer as it stands: only now do some providers say that they want to see passports."""
    try:
        return await desk.ask(lambda: desk.provider.offer(known.offer))
    except OfferChanged as changed:
        now_sold = changed.offer

        async def work(tx: Transaction) -> Flight:
            return (await keep(tx, [now_sold]))[0]

        raise PriceMoved(await db.run(Actor.nobody(actor.tenant_id), work)) from changed


def _draw() -> str:
    """Six characters to be read out: none that looks like another."""
    return "".join(secrets.choice(_LETTERS) for _ in range(6))


def _wanted(known: Flight, people: Sequence[Person], contact: Contact) -> bookings.Supplied:
    offer = known.offer
    first, last = offer.segments[0], offer.segments[-1]
    way = "⇄" if offer.homebound else "→"
    return bookings.Supplied(
        supplier=offer.airline,
        what=f"{offer.query.origin} {way} {offer.query.destination}",
        price=offer.price,
        day=first.departs.date(),
        time_zone=first.departs_zone,
        starts_at=first.departs_at,
        ends_at=last.arrives_at,
        contact_name=f"{people[0].first_name} {people[0].last_name}",
        contact_email=contact.email,
        contact_phone=contact.phone,
    )


def sealed_to(tenant_id: UUID, traveller_id: UUID) -> Bound:
    """The place that a passport's number is sealed to."""
    return Bound("flight_travellers", traveller_id, "passport", tenant_id)


async def _write(tx: Transaction, desk: Desk, booking_id: UUID, known: Flight, people: Sequence[Person]) -> None:
    owner, now = tx.actor.id, tx.clock.now()
    await tx.run(
        queries.add, id=booking_id, owner_id=owner, offer_id=known.id, offer=as_json(known.offer), created_at=now
    )
    rows = []
    for at, person in enumerate(people):
        traveller_id, number = new_id(), person.passport_number
        sealed = desk.sealer.seal(number, aad=sealed_to(tx.actor.tenant_id, traveller_id)) if number else None
        rows.append(
            {
                "id": traveller_id,
                "booking_id": booking_id,
                "owner_id": owner,
                "place": at,
                "type": person.type,
                "first_name": person.first_name,
                "last_name": person.last_name,
                "date_of_birth": person.date_of_birth,
                "gender": person.gender,
                "nationality": person.nationality,
                "passport": sealed,
                "passport_ending": number[-3:] if number else None,
                "passport_expiry": person.passport_expiry,
            }
        )
    await tx.run_many(queries.add_traveller, rows)
