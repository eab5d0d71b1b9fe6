"""Offers under ids of our own, trips that were booked, and who goes on them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from bookable.domain import bookings, payments
from bookable.kernel.db import Record

from .ports import Offer

__all__ = [
    "Booked",
    "Flight",
    "Found",
    "OfferRow",
    "OrderState",
    "Passenger",
    "Person",
    "SealedPassenger",
    "Sort",
    "Trip",
    "TripPage",
    "as_json",
    "as_offer",
]


class OrderState(StrEnum):
    """How far the order at the airline is."""

    NONE = "none"
    PLACING = "placing"
    PLACED = "placed"
    REFUSED = "refused"
    RETURNING = "returning"
    RETURNED = "returned"


class Sort(StrEnum):
    """In which order flights are shown."""

    PRICE = "price"
    DEAREST = "-price"
    DURATION = "duration"
    DEPARTURE = "departure"


@dataclass(frozen=True, slots=True)
class Flight:
    """An offer that can be booked until `expires_at`."""

    id: UUID
    offer: Offer
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `ends_at` is when it would be asked anew.

    `cached`: somebody had asked before; `stale`: nobody could be asked now, and this is what was found some time ago.
    """

    search_id: UUID
    flights: list[Flight]
    ends_at: datetime
    cached: bool
    stale: bool


class OfferRow(Record, frozen=True):
    """An offer as it is kept."""

    id: UUID
    offer: dict[str, Any]
    expires_at: datetime


class Booked(Record, frozen=True):
    """What was booked of an offer, and how far its order is."""

    id: UUID
    offer_id: UUID
    offer: dict[str, Any]
    order_state: OrderState
    order_id: str | None
    provider_reference: str | None
    ordered_at: datetime | None


class Passenger(Record, frozen=True):
    """Who travels. Of a passport only the last characters of its number are shown."""

    booking_id: UUID
    type: str
    first_name: str
    last_name: str
    date_of_birth: date
    gender: str
    nationality: str | None
    passport_ending: str | None
    passport_expiry: date | None


class SealedPassenger(Record, frozen=True):
    """Who travels, with the passport's number as it is kept."""

    id: UUID
    type: str
    first_name: str
    last_name: str
    date_of_birth: date
    gender: str
    nationality: str | None
    passport: bytes | None
    passport_expiry: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A traveller as the customer names them."""

    type: str
    first_name: str
    last_name: str
    date_of_birth: date
    gender: str
    nationality: str | None = None
    passport_number: str | None = None
    passport_expiry: date | None = None


@dataclass(frozen=True, slots=True)
class Trip:
    """A booking of a flight with all there is to say of it."""

    booking: bookings.Booking
    flight: Flight
    order_state: OrderState
    provider_reference: str | None
    passengers: list[Passenger]
    payment: payments.Payment | None


@dataclass(frozen=True, slots=True)
class TripPage:
    """Part of a list of trips, and where to go on (None at the end)."""

    items: list[Trip]
    total: int
    next_cursor: str | None


def as_json(offer: Offer) -> Any:
    """The offer in JSON's own terms."""
    return msgspec.to_builtins(offer)


def as_offer(held: Any) -> Offer:
    """The offer that was written down."""
    return msgspec.convert(held, Offer)
