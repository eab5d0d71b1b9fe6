"""Tequila's itineraries as ours: its local times end in `Z` without meaning it, its durations are seconds."""

import json
from datetime import datetime, timedelta
from typing import Any

from bookable.domain.flights import airports
from bookable.domain.flights.ports import Baggage, Cabin, Direction, FlightQuery, Offer, Segment
from bookable.kernel.ids import new_id

from .calling import money, wall_time

__all__ = ["CABINS", "NAME", "Json", "offer"]

NAME = "kiwi"
Json = dict[str, Any]
CABINS = {Cabin.ECONOMY: "M", Cabin.PREMIUM_ECONOMY: "W", Cabin.BUSINESS: "C", Cabin.FIRST: "F"}

_CABIN_OF = {letter: cabin for cabin, letter in CABINS.items()}
_STANDS = timedelta(minutes=30)


def offer(found: Json, query: FlightQuery, currency: str, now: datetime) -> Offer:
    """An itinerary of a search, whose currency stands once for all of them. None of them says when it lapses."""
    route = sorted(found["route"], key=lambda leg: (leg["return"], leg["utc_departure"]))
    segments = tuple(_segment(leg, query.cabin) for leg in route)
    bags = found.get("baglimit") or {}
    return Offer(
        id=f"kiwi_{new_id().hex}",
        ref=json.dumps({"token": found["booking_token"]}),
        provider=NAME,
        query=query,
        price=money(found["price"], currency),
        segments=segments,
        cabin=segments[0].cabin,
        expires_at=now + _STANDS,
        outbound_minutes=_minutes(found["duration"]["departure"]),
        return_minutes=_minutes(found["duration"].get("return") or 0),
        seats_left=(found.get("availability") or {}).get("seats"),
        baggage=Baggage(carry_on=int(bool(bags.get("hand_weight"))), checked=None) if bags else Baggage(),
        deep_link=found.get("deep_link"),
    )


def _segment(leg: Json, cabin: Cabin) -> Segment:
    departs, arrives = wall_time(leg["local_departure"]), wall_time(leg["local_arrival"])
    return Segment(
        direction=Direction.RETURN if leg["return"] else Direction.OUTBOUND,
        origin=leg["flyFrom"],
        destination=leg["flyTo"],
        departs=departs,
        departs_zone=_zone(leg["flyFrom"]),
        arrives=arrives,
        arrives_zone=_zone(leg["flyTo"]),
        airline=leg["airline"],
        airline_name=leg["airline"],
        flight_number=f"{leg['airline']}{leg['flight_no']}",
        duration_minutes=_between(leg["utc_departure"], leg["utc_arrival"]),
        cabin=_CABIN_OF.get(leg.get("fare_category") or "", cabin),
        aircraft=leg.get("equipment"),
    )


def _zone(code: str) -> str:
    """Stations that no airport table knows (trains, buses) keep the time that is written."""
    airport = airports.find(code)
    return airport.time_zone if airport else "UTC"


def _between(start: str, end: str) -> int:
    return _minutes((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def _minutes(seconds: float) -> int:
    return int(seconds) // 60
