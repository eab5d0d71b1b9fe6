"""A flight as Travel shows it: wall times where they are read, minutes, and one price for the whole party."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bookable.domain.flights import Flight, Offer, Segment
from bookable.kernel.money import Money
from bookable.storefronts.kit import Shape

__all__ = ["Amount", "DetailShape", "FlightShape", "detail_shape", "flight_shape"]

Amount = Decimal
"""With the currency's own number of digits; a number on the wire."""


class PlaceShape(Shape):
    """`time` is what the clock at that airport shows: `2026-12-24T18:05:00`, without a zone."""

    time: str
    airport: str


class SegmentShape(Shape):
    direction: str
    origin: str
    destination: str
    departure: PlaceShape
    arrival: PlaceShape
    airline: str
    airline_name: str
    flight_number: str
    duration: int
    cabin: str
    aircraft: str | None


class FlightShape(Shape):
    """`arrival` is the outbound journey's; `price` is for the whole party, `duration` in minutes, both ways."""

    id: UUID
    origin: str
    destination: str
    departure: PlaceShape
    arrival: PlaceShape
    duration: int
    stops: int
    price: Amount
    currency: str
    airline: str
    airline_name: str
    deep_link: str | None
    segments: list[SegmentShape]
    cabin: str
    seats_left: int | None


class FareRulesShape(Shape):
    """Null is what the airline does not say; fees are for the party, in the flight's currency."""

    refundable: bool | None
    changeable: bool | None
    refund_fee: Amount | None
    change_fee: Amount | None


class BaggageShape(Shape):
    """Pieces for each traveller who has a seat; null is not said."""

    carry_on: int | None
    checked: int | None


class DetailShape(FlightShape):
    """`passports_required`: it can't be booked without everyone's number, nationality and expiry."""

    passports_required: bool
    fare_rules: FareRulesShape
    baggage: BaggageShape
    expires_at: datetime


def _facts(flight: Flight) -> dict[str, Any]:
    offer = flight.offer
    first, last = offer.segments[0], offer.outbound[-1]
    return {
        "id": flight.id,
        "origin": first.origin,
        "destination": last.destination,
        "departure": PlaceShape(time=first.departs.isoformat(), airport=first.origin),
        "arrival": PlaceShape(time=last.arrives.isoformat(), airport=last.destination),
        "duration": offer.duration_minutes,
        "stops": offer.stops,
        "price": offer.price.decimal(),
        "currency": offer.price.currency,
        "airline": first.airline,
        "airline_name": offer.airline,
        "deep_link": offer.deep_link,
        "segments": [_segment(s) for s in offer.segments],
        "cabin": offer.cabin.value,
        "seats_left": offer.seats_left,
    }


def flight_shape(flight: Flight) -> FlightShape:
    """The offer, as lists show it."""
    return FlightShape(**_facts(flight))


def detail_shape(flight: Flight) -> DetailShape:
    """The offer with all there is to know of it."""
    offer: Offer = flight.offer
    rules, baggage = offer.fare_rules, offer.baggage
    return DetailShape(
        **_facts(flight),
        passports_required=offer.passports_required,
        fare_rules=FareRulesShape(
            refundable=rules.refundable,
            changeable=rules.changeable,
            refund_fee=_fee(rules.refund_fee),
            change_fee=_fee(rules.change_fee),
        ),
        baggage=BaggageShape(carry_on=baggage.carry_on, checked=baggage.checked),
        expires_at=flight.expires_at,
    )


def _segment(s: Segment) -> SegmentShape:
    return SegmentShape(
        direction=s.direction.value,
        origin=s.origin,
        destination=s.destination,
        departure=PlaceShape(time=s.departs.isoformat(), airport=s.origin),
        arrival=PlaceShape(time=s.arrives.isoformat(), airport=s.destination),
        airline=s.airline,
        airline_name=s.airline_name,
        flight_number=s.flight_number,
        duration=s.duration_minutes,
        cabin=s.cabin.value,
        aircraft=s.aircraft,
    )


def _fee(fee: Money | None) -> Decimal | None:
    return fee.decimal() if fee is not None else None
