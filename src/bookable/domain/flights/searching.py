"""Looking for flights: asked of the provider once, kept five minutes, each offer to be booked for thirty."""

import hashlib
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import ValidationFailed
from bookable.kernel.ids import new_id

from .desk import FRESH, Desk
from .errors import NoSuchFlight, OfferLapsed
from .ports import FlightQuery, Offer
from .queries import offers as queries
from .records import Flight, Found, Sort, as_json, as_offer

__all__ = ["flight", "forget_offers", "keep", "search"]

_STANDS = timedelta(minutes=30)
_REMEMBERED = timedelta(hours=24)
_HORIZON = timedelta(days=361)
_MOST_SEATS = 9


class _Kept(msgspec.Struct):
    """An answer as it is kept: every offer under the id that it can be booked by."""

    search_id: UUID
    flights: list[Flight]


async def search(
    db: Database, actor: Actor, desk: Desk, query: FlightQuery, *, sort: Sort = Sort.PRICE, limit: int = 20
) -> Found:
    """What flies, in the order asked for. Equal searches at once make one call to the provider.

    Raises `ValidationFailed`; `Unavailable` when the provider can't be asked and nothing recent is kept.
    """
    _check(desk, db.clock, query)

    async def ask() -> bytes:
        offers = await desk.ask(lambda: desk.provider.search(query))
        return msgspec.json.encode(_Kept(new_id(), await _keep_all(db, actor, offers)))

    answer = await desk.answers.get(_key(actor, desk, query), ask)
    kept = msgspec.json.decode(answer.body, type=_Kept)
    shown = sorted(kept.flights, key=_ORDERS[sort])[:limit]
    return Found(kept.search_id, shown, answer.made_at + FRESH, answer.cached, answer.stale)


_ORDERS = {
    Sort.PRICE: lambda f: (f.offer.price.amount, f.offer.duration_minutes),
    Sort.DEAREST: lambda f: (-f.offer.price.amount, f.offer.duration_minutes),
    Sort.DURATION: lambda f: (f.offer.duration_minutes, f.offer.price.amount),
    Sort.DEPARTURE: lambda f: (f.offer.segments[0].departs_at, f.offer.price.amount),
}


def _key(actor: Actor, desk: Desk, query: FlightQuery) -> str:
    """Of everything that changes the answer, field by field: a new field of a query is part of it by itself."""
    whole = msgspec.json.encode((desk.provider.name, query), order="deterministic")
    return f"flights:{actor.tenant_id}:{hashlib.sha256(whole).hexdigest()}"


def _check(desk: Desk, clock: Clock, query: FlightQuery) -> None:
    """Raises `ValidationFailed`, which names every field that is wrong."""
    wrong: dict[str, str] = {}
    origin = desk.airport(query.origin)
    for name, code in (("origin", query.origin), ("destination", query.destination)):
        if desk.airport(code) is None:
            wrong[name] = "There is no airport with this code."
    if not wrong and query.origin == query.destination:
        wrong["destination"] = "Must be another airport than the origin."
    wrong |= _dates(clock.now(), query, origin.time_zone if origin else "UTC") | _party(query)
    if wrong:
        raise ValidationFailed(wrong)


def _dates(now: datetime, query: FlightQuery, zone: str) -> dict[str, str]:
    today, wrong = _local_day(now, zone), {}
    if query.departure_date < today:
        wrong["departureDate"] = "This day is past."
    elif query.departure_date > today + _HORIZON:
        wrong["departureDate"] = f"At most {_HORIZON.days} days ahead can be searched."
    if query.return_date is not None and query.return_date < query.departure_date:
        wrong["returnDate"] = "Must not be before the departure."
    elif query.return_date is not None and query.return_date > today + _HORIZON:
        wrong["returnDate"] = f"At most {_HORIZON.days} days ahead can be searched."
    return wrong


def _local_day(now: datetime, zone: str) -> date:
    """Which day it is there."""
    return now.astimezone(ZoneInfo(zone)).date()


def _party(query: FlightQuery) -> dict[str, str]:
    if not 1 <= query.seats <= _MOST_SEATS:
        return {"adults": f"A party takes 1 to {_MOST_SEATS} seats."}
    if query.infants > query.adults:
        return {"infants": "Each infant sits on the lap of an adult of its own."}
    return {}


async def _keep_all(db: Database, actor: Actor, offers: list[Offer]) -> list[Flight]:
    async def work(tx: Transaction) -> list[Flight]:
        return await keep(tx, offers)

    return await db.run(Actor.nobody(actor.tenant_id), work)


async def keep(tx: Transaction, offers: list[Offer]) -> list[Flight]:
    """Write offers down under ids of our own, to be looked at and booked for half an hour."""
    now = tx.clock.now()
    flights = [Flight(new_id(), offer, now + _STANDS) for offer in offers]
    rows = [{"id": f.id, "offer": as_json(f.offer), "created_at": now, "expires_at": f.expires_at} for f in flights]
    if rows:
        await tx.run_many(queries.add, rows)
    return flights


async def flight(tx: Transaction, flight_id: UUID | str) -> Flight:
    """An offer that a search has found. Raises `NoSuchFlight`, and `OfferLapsed` when its half hour is over."""
    try:
        known = flight_id if isinstance(flight_id, UUID) else UUID(flight_id)
    except ValueError:
        raise NoSuchFlight from None
    row = await tx.one(queries.by_id, id=known, or_raise=NoSuchFlight)
    if row.expires_at <= tx.clock.now():
        raise OfferLapsed
    return Flight(row.id, as_offer(row.offer), row.expires_at)


async def forget_offers(db: Database, system: Actor) -> int:
    """Offers that lapsed a day ago are forgotten. Answers how many."""
    async with db.transaction(system) as tx:
        return await tx.run(queries.forget_older, age=_REMEMBERED)
