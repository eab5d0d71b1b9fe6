"""From flights in the timetable to what is offered for a search."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product

from bookable.domain.flights.ports import Direction, FlightQuery, Offer, Segment
from bookable.kernel.ids import new_id

from . import fares
from .timetable import AIRLINES, Leg, Trip, trips

__all__ = ["NAME", "as_it_is", "offers_for"]

NAME = "sandbox"

_CLOSES = timedelta(hours=1)
_STANDS = timedelta(minutes=30)
_EACH_WAY = 8
_MOST = 50


def offers_for(query: FlightQuery, now: datetime, *, shown: bool = True) -> list[Offer]:
    """Everything that flies, sold out or not, the cheapest first; `shown` as a search does, else as it really is."""
    out = _ways(query, now)
    pairs: list[tuple[Trip, Trip]] = [(trip, ()) for trip in out]
    if query.return_date is not None:
        both = product(out[:_EACH_WAY], _ways(query, now, homebound=True)[:_EACH_WAY])
        pairs = [(there, home) for there, home in both if there[-1].arrives_at + _CLOSES <= home[0].departs_at]
    found = [_offer(query, there, home, now, shown=shown) for there, home in pairs]
    return sorted(found, key=lambda o: (o.price.amount, o.duration_minutes, o.ref))[:_MOST]


def as_it_is(known: Offer, now: datetime) -> Offer | None:
    """The same flights at what they really cost, under a new id if that is not what is known; None if not sold."""
    fresh = next((o for o in offers_for(known.query, now, shown=False) if o.ref == known.ref), None)
    return known if fresh and fresh.price == known.price else fresh


def _ways(query: FlightQuery, now: datetime, *, homebound: bool = False) -> list[Trip]:
    """One direction's trips that still can be bought and have no more stops than wanted, the fastest first."""
    ends, day = (query.origin, query.destination), query.departure_date
    if homebound and query.return_date is not None:
        ends, day = (query.destination, query.origin), query.return_date
    return [
        trip
        for trip in trips(*ends, day)
        if trip[0].departs_at >= now + _CLOSES and (query.max_stops is None or len(trip) - 1 <= query.max_stops)
    ]


def _offer(query: FlightQuery, there: Trip, home: Trip, now: datetime, *, shown: bool) -> Offer:
    legs = (*there, *home)
    ref = " ".join(f"{leg.flight}:{leg.origin.iata}-{leg.destination.iata}@{leg.day}" for leg in legs)
    segments = [_segment(leg, Direction.OUTBOUND, query) for leg in there]
    segments += [_segment(leg, Direction.RETURN, query) for leg in home]
    return Offer(
        id=f"sbx_{new_id().hex}",
        ref=ref,
        provider=NAME,
        query=query,
        price=fares.price(query, [(leg.flight, leg.day, leg.km) for leg in legs], shown=shown),
        segments=tuple(segments),
        cabin=query.cabin,
        expires_at=now + _STANDS,
        outbound_minutes=_minutes(there),
        return_minutes=_minutes(home),
        baggage=fares.baggage(ref, query),
        fare_rules=fares.rules(ref, query),
    )


def _segment(leg: Leg, direction: Direction, query: FlightQuery) -> Segment:
    return Segment(
        direction=direction,
        origin=leg.origin.iata,
        destination=leg.destination.iata,
        departs=leg.departs,
        departs_zone=leg.origin.time_zone,
        arrives=leg.arrives,
        arrives_zone=leg.destination.time_zone,
        airline=leg.airline,
        airline_name=AIRLINES[leg.airline],
        flight_number=leg.flight,
        duration_minutes=leg.minutes,
        cabin=query.cabin,
        aircraft=leg.aircraft,
    )


def _minutes(trip: Sequence[Leg]) -> int:
    return int((trip[-1].arrives_at - trip[0].departs_at).total_seconds()) // 60 if trip else 0
