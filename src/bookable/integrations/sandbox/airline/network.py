"""Which airports the sandbox airline flies between, and how far they are apart."""

import hashlib
from functools import cache
from math import asin, cos, radians, sin, sqrt

from bookable.domain.flights import airports
from bookable.domain.flights.ports import Airport

__all__ = ["PRICE_CHANGES", "SOLD_OUT", "airport", "chance", "distance", "hubs", "served"]

PRICE_CHANGES = Airport("ZZP", "Sandbox: the price changes", "Sandbox", "NL", "Europe/Amsterdam", 52.25, 5.95)
SOLD_OUT = Airport("ZZS", "Sandbox: sold out", "Sandbox", "NL", "Europe/Amsterdam", 52.15, 5.35)

_OWN = {a.iata: a for a in (PRICE_CHANGES, SOLD_OUT)}
_EARTH_KM = 6371.0
_NEAREST, _FARTHEST = 80, 15_000
_REGIONAL = 1_500
_NEIGHBOURS = 3


def chance(*of: object) -> int:
    """A large number that is always the same for the same things: all that looks random here comes from it."""
    text = "|".join(str(o) for o in of)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest())


def airport(code: str) -> Airport | None:
    """The world's, and the two that make trouble."""
    return _OWN.get(code.upper()) or airports.find(code)


@cache
def hubs() -> tuple[Airport, ...]:
    """Where one changes planes."""
    return tuple(a for code in airports.BUSIEST if (a := airports.find(code)))


def distance(one: Airport, other: Airport) -> float:
    """Kilometres along the great circle (haversine)."""
    lat_1, lat_2 = radians(one.latitude), radians(other.latitude)
    north, east = lat_2 - lat_1, radians(other.longitude - one.longitude)
    half = sin(north / 2) ** 2 + cos(lat_1) * cos(lat_2) * sin(east / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))


def served(one: Airport, other: Airport) -> bool:
    """Whether there are direct flights: between the busy always, from a small one to a few busy ones near it."""
    if not _NEAREST <= (apart := distance(one, other)) <= _FARTHEST:
        return False
    busy = (_busy(one), _busy(other))
    if all(busy):
        return True
    pair = sorted((one.iata, other.iata))
    if not any(busy):
        return apart < _REGIONAL / 2 and chance("regional", *pair) % 8 == 0
    small, big = (other, one) if busy[0] else (one, other)
    return big.iata in _gateways(small) or (apart < _REGIONAL and chance("line", *pair) % 3 == 0)


def _busy(place: Airport) -> bool:
    return place.iata in airports.BUSIEST or place.iata in _OWN


@cache
def _gateways(place: Airport) -> frozenset[str]:
    """The busy airports next to a small one."""
    near = sorted((distance(place, hub), hub.iata) for hub in hubs())
    return frozenset([code for km, code in near if km >= _NEAREST][:_NEIGHBOURS])
