"""A booking as a calendar file (RFC 5545), which calendars take up, move and take out again (RFC 5546)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bookable.domain import bookings

from .ports import Attachment
from .records import Site

__all__ = ["Entry", "Method", "booking_calendar", "calendar_attachment", "calendar_file"]


_STATUSES = {
    bookings.Status.PENDING: "TENTATIVE",
    bookings.Status.PAYMENT_PROCESSING: "TENTATIVE",
    bookings.Status.AWAITING_CONFIRMATION: "TENTATIVE",
    bookings.Status.CONFIRMED: "CONFIRMED",
    bookings.Status.COMPLETED: "CONFIRMED",
    bookings.Status.NO_SHOW: "CONFIRMED",
}
"""RFC 5545, 3.8.1.11; all others are cancelled, as far as a calendar is concerned."""


class Method(StrEnum):
    """What the reader's calendar shall do with the file."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar needs to know of a booking. `sequence` counts how often it was moved.

    `stamp` is when the file was made; the same stamp gives the same bytes. The organizer is the storefront.
    `status` is CONFIRMED, TENTATIVE or CANCELLED.
    """

    booking_id: UUID
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    stamp: datetime
    organizer_name: str
    organizer_email: str
    attendee_name: str
    attendee_email: str
    description: str = ""
    url: str | None = None
    status: str = "CONFIRMED"

    @property
    def cancelled(self) -> bool:
        return self.status == "CANCELLED"


def calendar_file(entry: Entry, *, method: Method = Method.PUBLISH) -> bytes:
    """The file. Its UID stays with the booking for life; a cancelled booking has the last word in SEQUENCE."""
    from .icalendars import written  # late: 80 modules of icalendar, for those who ask for such a file

    return written(entry, Method.CANCEL if entry.cancelled and method is Method.REQUEST else method)


def booking_calendar(booking: bookings.Booking, site: Site, *, organizer_email: str) -> bytes:
    """The file of one booking for whoever asks for it, for their calendar to take up: the same until it changes."""
    return calendar_file(
        Entry(
            booking_id=booking.id,
            sequence=booking.sequence,
            title=f"{booking.listing_name} ({site.name})",
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            stamp=booking.updated_at,
            organizer_name=site.name,
            organizer_email=organizer_email,
            attendee_name=booking.contact_name,
            attendee_email=booking.contact_email,
            description=f"Booking {booking.number}",
            url=site.page(f"bookings/{booking.number}"),
            status=_STATUSES.get(booking.status, "CANCELLED"),
        )
    )


def calendar_attachment(entry: Entry) -> Attachment:
    """The file as it goes with a mail: an invitation that needs no answer, or its withdrawal."""
    method = Method.CANCEL if entry.cancelled else Method.REQUEST
    return Attachment(
        filename="cancelled.ics" if entry.cancelled else "meeting.ics",
        content_type="text/calendar",
        content=calendar_file(entry, method=method),
        parameters={"method": method.value},
    )
