"""The flight provider that needs no account: offers from its timetable, seats and orders in the database."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

import msgspec

from bookable.domain.flights.ports import (
    Cancellation,
    Contact,
    Demands,
    FlightProvider,
    FlightQuery,
    Offer,
    OfferChanged,
    OfferGone,
    Order,
    OrderRefused,
    Segment,
    Traveller,
)
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.money import Money

from ..faults import strike
from . import fares, queries
from .network import PRICE_CHANGES, SOLD_OUT
from .offers import NAME, as_it_is, offers_for

__all__ = ["SandboxAirline"]

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_REFUSED = "REFUSED"
_outside = Actor.nobody(UUID(int=0))


class SandboxAirline(FlightProvider):
    """Shared by every process. Three ways to trouble: a search from ZZP finds prices that change when they are
    checked, one from ZZS flights that are sold out by then, and a traveller whose last name is Refused is not
    taken along."""

    name = NAME
    demands = Demands()
    own_airports = (PRICE_CHANGES, SOLD_OUT)

    def __init__(self, db: Database) -> None:
        self._db = db

    async def search(self, query: FlightQuery) -> list[Offer]:
        async with strike(self._db, "airline"), self._db.transaction(_outside) as tx:
            found = await _with_seats(tx, offers_for(query, tx.clock.now()))
        return [offer for offer in found if (offer.seats_left or 0) >= query.seats]

    async def offer(self, known: Offer) -> Offer:
        async with strike(self._db, "airline"), self._db.transaction(_outside) as tx:
            return await _check(tx, known)

    async def order(self, offer: Offer, travellers: list[Traveller], contact: Contact, *, key: str) -> Order:
        async def buy(tx: Transaction) -> Order:
            order = _made(offer, travellers)
            state = {"order": msgspec.to_builtins(order), "offer": msgspec.to_builtins(offer)}
            if not await tx.run(queries.add, order_id=order.id, key=key, state=state):
                return msgspec.convert((await tx.one(queries.of_key, used=key)).state["order"], Order)
            if any(t.last_name.upper() == _REFUSED for t in travellers):
                raise OrderRefused(details={"reason": "traveller_refused"})
            await _check(tx, offer)
            await _take(tx, offer)
            return order

        async with strike(self._db, "airline"):
            return await self._db.run(_outside, buy)

    async def cancel_order(self, order_id: str, *, key: str) -> Cancellation:
        async def give_back(tx: Transaction) -> Cancellation:
            kept = await tx.one(queries.order, order_id=order_id)
            offer = msgspec.convert(kept.state["offer"], Offer)
            if not kept.cancelled:
                await tx.run(queries.cancel, cancelled_id=order_id)
                await _return(tx, offer)
            return Cancellation(order_id, _refund(offer))

        async with strike(self._db, "airline"):
            return await self._db.run(_outside, give_back)

    async def aclose(self) -> None:
        """The pool is the application's; there is nothing to let go of."""


async def _check(tx: Transaction, known: Offer) -> Offer:
    """The offer as it stands; raises `OfferChanged` and `OfferGone`."""
    found = as_it_is(known, tx.clock.now())
    if found is None or known.query.origin == SOLD_OUT.iata:
        raise OfferGone
    (stands,) = await _with_seats(tx, [found])
    if (stands.seats_left or 0) < known.query.seats:
        raise OfferGone
    if stands.price != known.price:
        raise OfferChanged(stands)
    return stands


async def _with_seats(tx: Transaction, offers: list[Offer]) -> list[Offer]:
    """The offers, each with the seats that are left on the fullest of its flights."""
    flights = {_place(s) for offer in offers for s in offer.segments}
    if not flights:
        return []
    names, days = zip(*((flight, day) for flight, day, _ in flights), strict=True)
    cabin = offers[0].cabin
    rows = await tx.all(queries.taken, flights=list(set(names)), days=list(set(days)), cabin=cabin)
    gone = {(row.flight, row.day, cabin): row.taken for row in rows}
    left = {place: fares.capacity(*place) - gone.get(place, 0) for place in flights}
    return [replace(offer, seats_left=min(left[_place(s)] for s in offer.segments)) for offer in offers]


async def _take(tx: Transaction, offer: Offer) -> None:
    """A seat for everyone on every flight, or `OfferGone`. All go in the same order: nobody waits in a ring."""
    seats = offer.query.seats
    for flight, day, cabin in _places(offer.segments):
        most = fares.capacity(flight, day, cabin)
        if seats > most or not await tx.run(
            queries.take, flight=flight, day=day, cabin=cabin, seats=seats, capacity=most
        ):
            raise OfferGone


async def _return(tx: Transaction, offer: Offer) -> None:
    for flight, day, cabin in _places(offer.segments):
        await tx.run(queries.give_back, on_flight=flight, on_day=day, in_cabin=cabin, seats=offer.query.seats)


def _places(segments: Iterable[Segment]) -> list[fares.Place]:
    return sorted(_place(s) for s in segments)


def _place(segment: Segment) -> fares.Place:
    flight = f"{segment.flight_number} {segment.origin}-{segment.destination}"
    return flight, segment.departs.date(), segment.cabin


def _made(offer: Offer, travellers: list[Traveller]) -> Order:
    return Order(
        id=f"ord_{secrets.token_hex(10)}",
        reference="".join(secrets.choice(_LETTERS) for _ in range(6)),
        provider=NAME,
        price=offer.price,
        tickets=tuple(f"999-{secrets.randbelow(10**10):010}" for _ in travellers),
    )


def _refund(offer: Offer) -> Money:
    """The price less the fare's fee, nothing where it can't be given back."""
    fee = offer.fare_rules.refund_fee
    if not offer.fare_rules.refundable or fee is None:
        return Money(0, offer.price.currency)
    return Money(max(0, offer.price.amount - fee.amount), offer.price.currency)
