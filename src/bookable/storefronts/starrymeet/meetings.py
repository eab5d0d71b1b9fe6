"""A booking as StarryMeet shows it, and what somebody may ask of one."""

import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

from bookable.domain import bookings
from bookable.domain.bookings import Booking, Status
from bookable.storefronts.kit import Paging, PaymentShape, Shape, payment_shape

__all__ = [
    "BookingData",
    "BookingShape",
    "BookingStatus",
    "BookingsData",
    "ListBookings",
    "MeetingType",
    "TimeSlot",
    "booking_shape",
    "bookings_data",
    "statuses",
]


class MeetingType(StrEnum):
    """15, 30 or 60 minutes."""

    QUICK = "quick"
    STANDARD = "standard"
    PREMIUM = "premium"


class TimeSlot(StrEnum):
    """A part of the celebrity's day: 09–12, 12–17, 17–21."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class BookingStatus(StrEnum):
    """Where a booking stands, on this wire."""

    PENDING = "pending"
    PAYMENT_PROCESSING = "payment_processing"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    NO_SHOW = "no_show"


_READS = {s: BookingStatus.CANCELLED if s in (Status.EXPIRED, Status.DECLINED) else BookingStatus(s) for s in Status}
"""`expired` and `declined` read `cancelled` here."""


class ListBookings(Paging):
    status: BookingStatus | None = None


class CelebrityFace(Shape):
    id: UUID
    username: str
    display_name: str
    avatar_url: str | None


class MoveShape(Shape):
    """One move of the booking; `from` is null for the first."""

    from_: BookingStatus | None = msgspec.field(name="from")
    to: BookingStatus
    at: Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
    by: bookings.By
    reason: str | None


class BookingShape(Shape):
    id: UUID
    booking_number: str
    status: BookingStatus
    celebrity: CelebrityFace
    meeting_type: str
    date: datetime.date
    time_slot: str | None
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    contact_name: str
    contact_email: str
    contact_phone: str | None
    special_requests: str | None
    subtotal_cents: int
    platform_fee_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    currency: str
    payment: PaymentShape | None
    hold_expires_at: datetime.datetime | None
    timeline: list[MoveShape]
    created_at: datetime.datetime
    confirmed_at: datetime.datetime | None
    completed_at: datetime.datetime | None
    cancelled_at: datetime.datetime | None


class BookingData(Shape):
    booking: BookingShape


class BookingsData(Shape):
    items: list[BookingShape]
    page: int
    limit: int
    total: int
    total_pages: int
    next_cursor: str | None


def booking_shape(b: Booking) -> BookingShape:
    """The booking as it reads now. One that was not paid in time was cancelled when its hold ended."""
    return BookingShape(
        id=b.id,
        booking_number=b.number,
        status=_READS[b.status],
        celebrity=CelebrityFace(
            id=b.listing_id, username=b.listing_username, display_name=b.listing_name, avatar_url=b.listing_avatar_url
        ),
        meeting_type=b.offer,
        date=b.day,
        time_slot=b.slot,
        starts_at=b.starts_at,
        ends_at=b.ends_at,
        contact_name=b.contact_name,
        contact_email=b.contact_email,
        contact_phone=b.contact_phone,
        special_requests=b.special_requests,
        subtotal_cents=b.subtotal_cents,
        platform_fee_cents=b.platform_fee_cents,
        discount_cents=b.discount_cents,
        tax_cents=b.tax_cents,
        total_cents=b.total_cents,
        currency=b.currency,
        payment=payment_shape(paid, b.id) if (paid := b.payment) else None,
        hold_expires_at=b.hold_expires_at,
        timeline=[_move(entry) for entry in b.timeline],
        created_at=b.created_at,
        confirmed_at=b.confirmed_at,
        completed_at=b.completed_at,
        cancelled_at=b.hold_expires_at if b.status is Status.EXPIRED else b.cancelled_at,
    )


def _move(entry: dict[str, Any]) -> MoveShape:
    return MoveShape(
        from_=_READS[Status(entry["from"])] if entry["from"] else None,
        to=_READS[Status(entry["to"])],
        at=entry["at"],
        by=bookings.By(entry["by"]),
        reason=entry["reason"],
    )


def bookings_data(found: bookings.Page, query: Paging) -> BookingsData:
    """A page of them."""
    return BookingsData(
        items=[booking_shape(b) for b in found.items],
        page=query.page,
        limit=query.limit,
        total=found.total,
        total_pages=-(-found.total // query.limit),
        next_cursor=found.next_cursor,
    )


def statuses(wanted: BookingStatus | None) -> list[Status]:
    """The domain's states that read so."""
    return [] if wanted is None else [s for s, reads in _READS.items() if reads is wanted]
