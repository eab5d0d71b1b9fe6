"""Looking for flights over the wire: airports, searches, and one offer."""

import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, UnsetType
from pydantic import Field

from bookable.domain import flights
from bookable.domain.flights import Airport, Cabin, FlightQuery, Sort
from bookable.storefronts.kit import Access, Call, Params, Router, Shape

from .offers import DetailShape, FlightShape, detail_shape, flight_shape

__all__ = ["router"]

router = Router("Flights")

_Code = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$", examples=["LHR"])]
_Count = Annotated[int, Field(ge=0, le=9)]


class FindAirports(Params):
    search: Annotated[str, Field(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 10


class SearchFlights(Params):
    origin: _Code
    destination: _Code
    departure_date: datetime.date
    return_date: datetime.date | None = None
    adults: _Count = 1
    children: _Count = 0
    infants: _Count = 0
    cabin: Cabin = Cabin.ECONOMY
    currency: Annotated[str | None, Field(pattern=r"^[A-Za-z]{3}$")] = None
    max_stops: Annotated[int | None, Field(ge=0, le=9)] = None
    sort: Sort = Sort.PRICE
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class AirportShape(Shape):
    iata: str
    name: str
    city: str
    country: str
    time_zone: str


class AirportsData(Shape):
    airports: list[AirportShape]


class FoundData(Shape):
    """`stale`: the airlines can't be asked at the moment, and this is what was found some minutes ago."""

    search_id: UUID
    cached: bool
    stale: bool
    expires_at: datetime.datetime
    flights: list[FlightShape]
    notice: str | UnsetType = UNSET


class FlightData(Shape):
    flight: DetailShape


_STALE = "The airlines do not answer at the moment. These flights were found some minutes ago."


@router.get("/airports", AirportsData, access=Access.PUBLIC, phases=True)
async def airports(call: Call, query: FindAirports) -> AirportsData:
    """Airports as people type them, best first."""
    return AirportsData(airports=[_airport(a) for a in call.ports.flights.airports(query.search, limit=query.limit)])


@router.get("/flights/search", FoundData, access=Access.PUBLIC, phases=True)
async def search(call: Call, query: SearchFlights) -> FoundData:
    """Flights for a party, there or there and back."""
    desk, asked = call.ports.flights, _query(call, query)
    found = await flights.search(call.db, call.actor, desk, asked, sort=query.sort, limit=query.limit)
    return FoundData(
        search_id=found.search_id,
        cached=found.cached,
        stale=found.stale,
        expires_at=found.ends_at,
        flights=[flight_shape(f) for f in found.flights],
        notice=_STALE if found.stale else UNSET,
    )


@router.get("/flights/{flight_id}", FlightData, access=Access.PUBLIC, errors=(404, 410))
async def show(call: Call, flight_id: str) -> FlightData:
    """One offer again, with its fare rules and baggage."""
    return FlightData(flight=detail_shape(await flights.flight(call.tx, flight_id)))


def _query(call: Call, query: SearchFlights) -> FlightQuery:
    return FlightQuery(
        origin=query.origin.upper(),
        destination=query.destination.upper(),
        departure_date=query.departure_date,
        return_date=query.return_date,
        adults=query.adults,
        children=query.children,
        infants=query.infants,
        cabin=query.cabin,
        currency=(query.currency or call.tenant.currency).upper(),
        max_stops=query.max_stops,
    )


def _airport(a: Airport) -> AirportShape:
    return AirportShape(iata=a.iata, name=a.name, city=a.city, country=a.country, time_zone=a.time_zone)
