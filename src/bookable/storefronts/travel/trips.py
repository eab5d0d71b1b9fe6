"""A booked flight as Travel shows it."""

import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

from bookable.domain import bookings, payments
from bookable.domain.flights import Passenger, Trip
from bookable.storefronts.kit import Shape

from .offers import Amount, FlightShape, flight_shape

__all__ = ["BookingData", "BookingShape", "BookingsData", "PaymentStatus", "booking_shape"]


class PaymentStatus(StrEnum):
    """Whether it is paid, on this wire."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"


_READS = {
    payments.Status.PENDING: PaymentStatus.PENDING,
    payments.Status.PROCESSING: PaymentStatus.PENDING,
    payments.Status.AUTHORIZED: PaymentStatus.PENDING,
    payments.Status.FAILED: PaymentStatus.FAILED,
    payments.Status.CANCELLED: PaymentStatus.FAILED,
    payments.Status.SUCCEEDED: PaymentStatus.PAID,
    payments.Status.PARTIALLY_REFUNDED: PaymentStatus.PARTIALLY_REFUNDED,
    payments.Status.REFUNDED: PaymentStatus.REFUNDED,
}


class TravelerShape(Shape):
    """A passport's number shows its last three characters."""

    type: str
    first_name: str
    last_name: str
    date_of_birth: datetime.date
    gender: str
    nationality: str | None
    passport_number: str | None
    passport_expiry: datetime.date | None


class ContactShape(Shape):
    email: str
    phone: str | None


class MoveShape(Shape):
    """One move of the booking; `from` is null for the first."""

    from_: bookings.Status | None = msgspec.field(name="from")
    to: bookings.Status
    at: Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
    by: bookings.By
    reason: str | None


class BookingShape(Shape):
    id: UUID
    booking_reference: str
    flight_data: FlightShape
    origin: str
    destination: str
    departure_date: datetime.date
    return_date: datetime.date | None
    travelers: list[TravelerShape]
    num_travelers: int
    contact: ContactShape
    total_price: Amount
    currency: str
    payment_status: PaymentStatus
    payment_intent_id: str | None
    stripe_payment_id: str | None
    booking_status: bookings.Status
    provider_reference: str | None
    hold_expires_at: datetime.datetime | None
    timeline: list[MoveShape]
    created_at: datetime.datetime
    updated_at: datetime.datetime


class BookingData(Shape):
    booking: BookingShape


class BookingsData(Shape):
    bookings: list[BookingShape]
    next_cursor: str | None


def booking_shape(trip: Trip) -> BookingShape:
    """The booking as it reads now."""
    b, query, paid = trip.booking, trip.flight.offer.query, trip.payment
    return BookingShape(
        id=b.id,
        booking_reference=b.number,
        flight_data=flight_shape(trip.flight),
        origin=query.origin,
        destination=query.destination,
        departure_date=query.departure_date,
        return_date=query.return_date,
        travelers=[_traveler(p) for p in trip.passengers],
        num_travelers=len(trip.passengers),
        contact=ContactShape(email=b.contact_email, phone=b.contact_phone),
        total_price=b.total.decimal(),
        currency=b.currency,
        payment_status=_READS[paid.status] if paid else PaymentStatus.PENDING,
        payment_intent_id=paid.intent_id if paid else None,
        stripe_payment_id=paid.intent_id if paid and paid.paid_at else None,
        booking_status=b.status,
        provider_reference=trip.provider_reference,
        hold_expires_at=b.hold_expires_at,
        timeline=[_move(entry) for entry in b.timeline],
        created_at=b.created_at,
        updated_at=b.updated_at,
    )


def _traveler(p: Passenger) -> TravelerShape:
    return TravelerShape(
        type=p.type,
        first_name=p.first_name,
        last_name=p.last_name,
        date_of_birth=p.date_of_birth,
        gender=p.gender,
        nationality=p.nationality,
        passport_number=f"•••••{p.passport_ending}" if p.passport_ending else None,
        passport_expiry=p.passport_expiry,
    )


def _move(entry: dict[str, Any]) -> MoveShape:
    return MoveShape(
        from_=bookings.Status(entry["from"]) if entry["from"] else None,
        to=bookings.Status(entry["to"]),
        at=entry["at"],
        by=bookings.By(entry["by"]),
        reason=entry["reason"],
    )
