"""The sandbox airline's timetable: the same flights at the same wall times on every day, whatever the clocks do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from bookable.domain.flights.ports import Airport

from .network import airport, chance, distance, hubs, served

__all__ = ["AIRLINES", "Leg", "trips"]

AIRLINES = {"Z1": "Bookable Air", "Z4": "Meridian Sandlines", "Z7": "Northern Loop", "Z8": "Pelican Airways"}
"""No airline has these codes."""

_AIRCRAFT = ((1_000, "ATR 72-600"), (3_000, "Embraer E195-E2"), (6_500, "Airbus A321neo"), (99_999, "Airbus A350-900"))
_KM_PER_MINUTE = 13.9
_TAXIING = 30
_FIRST, _LAST = 5 * 60 + 30, 22 * 60
_LAYOVER = timedelta(minutes=55), timedelta(hours=9)
_DETOUR, _SOME_KM = 1.45, 400
_VIA, _EACH = 5, 3


@dataclass(frozen=True, slots=True)
class Leg:
    """One flight on one day."""

    origin: Airport
    destination: Airport
    airline: str
    number: str
    departs_at: datetime
    minutes: int
    km: int

    @property
    def arrives_at(self) -> datetime:
        return self.departs_at + timedelta(minutes=self.minutes)

    @property
    def departs(self) -> datetime:
        """Wall time where it takes off."""
        return _wall(self.departs_at, self.origin)

    @property
    def arrives(self) -> datetime:
        """Wall time where it lands."""
        return _wall(self.arrives_at, self.destination)

    @property
    def flight(self) -> str:
        return f"{self.airline}{self.number}"

    @property
    def day(self) -> date:
        return self.departs.date()

    @property
    def aircraft(self) -> str:
        return next(name for reach, name in _AIRCRAFT if self.km < reach)


Trip = tuple[Leg, ...]


@lru_cache(maxsize=512)
def trips(origin: str, destination: str, day: date) -> tuple[Trip, ...]:
    """Every way from one to the other that leaves on that day, with at most two stops; the fastest first."""
    start, end = airport(origin), airport(destination)
    if start is None or end is None or start == end:
        return ()
    found: list[Trip] = [(leg,) for leg in _legs(start, end, day)]
    for via in _single(start, end):
        found += _connected([start, via, end], day)
    if len(found) < _EACH:
        for pair in _double(start, end):
            found += _connected([start, *pair, end], day)
    return tuple(sorted(found, key=lambda trip: (trip[-1].arrives_at - trip[0].departs_at, trip[0].departs_at)))


def _single(start: Airport, end: Airport) -> list[Airport]:
    """Hubs that are not too far out of the way, the nearest to it first."""
    longest = distance(start, end) * _DETOUR + _SOME_KM
    ways = [
        (km, hub)
        for hub in hubs()
        if (km := distance(start, hub) + distance(hub, end)) <= longest and served(start, hub) and served(hub, end)
    ]
    return [hub for _, hub in sorted(ways, key=lambda way: way[0])[:_VIA]]


def _double(start: Airport, end: Airport) -> list[tuple[Airport, Airport]]:
    first = [hub for hub in hubs() if served(start, hub)]
    last = [hub for hub in hubs() if served(hub, end)]
    pairs = [
        (distance(start, a) + distance(a, b) + distance(b, end), a, b)
        for a in first
        for b in last
        if a != b and served(a, b)
    ]
    return [(a, b) for _, a, b in sorted(pairs, key=lambda pair: pair[0])[:_EACH]]


def _connected(stops: list[Airport], day: date) -> Iterator[Trip]:
    """From each departure of the day, the next plane on at every stop."""
    for first in _legs(stops[0], stops[1], day)[:_EACH]:
        trip = [first]
        for here, there in pairwise(stops[1:]):
            onward = _onward(here, there, trip[-1].arrives_at)
            if onward is None:
                break
            trip.append(onward)
        else:
            yield tuple(trip)


def _onward(here: Airport, there: Airport, arrival: datetime) -> Leg | None:
    landed = _wall(arrival, here).date()
    flights = [*_legs(here, there, landed), *_legs(here, there, landed + timedelta(days=1))]
    shortest, longest = _LAYOVER
    return next((f for f in flights if arrival + shortest <= f.departs_at <= arrival + longest), None)


@lru_cache(maxsize=4096)
def _legs(start: Airport, end: Airport, day: date) -> tuple[Leg, ...]:
    """The direct flights of a day, in order of departure."""
    if not served(start, end):
        return ()
    km = distance(start, end)
    minutes = 5 * round((_TAXIING + km / _KM_PER_MINUTE) / 5)
    often = 5 if km < 2_500 else 3
    legs = [_leg(start, end, day, n, often, minutes, int(km)) for n in range(often)]
    return tuple(sorted(legs, key=lambda leg: leg.departs_at))


def _leg(start: Airport, end: Airport, day: date, nth: int, often: int, minutes: int, km: int) -> Leg:
    """The day is cut into as many parts as there are flights; each leaves somewhere in its own."""
    dice = chance("leg", start.iata, end.iata, nth)
    part = (_LAST - _FIRST) // often // 5 * 5
    at = _FIRST + nth * part + 5 * (dice % (part // 5))
    departs_at = _instant(datetime.combine(day, time(at // 60, at % 60)), start)
    airline = list(AIRLINES)[dice // 1_000 % len(AIRLINES)]
    number = str(100 + chance(start.iata, end.iata) % 960 * 10 + nth)
    return Leg(start, end, airline, number, departs_at, minutes, km)


def _instant(wall: datetime, place: Airport) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(place.time_zone)).astimezone(UTC)


def _wall(instant: datetime, place: Airport) -> datetime:
    return instant.astimezone(ZoneInfo(place.time_zone)).replace(tzinfo=None, fold=0)
