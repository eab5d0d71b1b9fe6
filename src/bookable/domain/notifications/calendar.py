"""A booking as a calendar file (RFC 5545), which calendars take up, move and take out again (RFC 5546)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import icalendar

from bookable.domain import bookings

from .ports import Attachment, one_line
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

_PLAIN = str.maketrans({'"': "'", "\\": "/", "^": "'"})


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
    method = Method.CANCEL if entry.cancelled and method is Method.REQUEST else method
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Bookable//Bookings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    calendar.add_component(_event(entry, method))
    return bytes(calendar.to_ical())


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


def _event(entry: Entry, method: Method) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{entry.booking_id}@bookable")
    event.add("dtstamp", entry.stamp.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("sequence", entry.sequence + entry.cancelled)
    event.add("status", entry.status)
    event.add("transp", "OPAQUE" if entry.status == "CONFIRMED" else "TRANSPARENT")
    event.add("summary", one_line(entry.title))
    if entry.description:
        event.add("description", "\n".join(one_line(line, most=500) for line in entry.description.splitlines()))
    if entry.url:
        event.add("url", entry.url)
    event.add("organizer", _person(entry.organizer_name, entry.organizer_email))
    if method is not Method.PUBLISH:  # RFC 5546, 3.2.1: what is published has no attendee
        event.add("attendee", _attendee(entry))
    return event


def _attendee(entry: Entry) -> icalendar.vCalAddress:
    attendee = _person(entry.attendee_name, entry.attendee_email)
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "DECLINED" if entry.cancelled else "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    return attendee


def _person(name: str, email: str) -> icalendar.vCalAddress:
    """RFC 5545, 3.2: a parameter's value can't hold a quotation mark; readers differ on `\\` and `^` (RFC 6868)."""
    person = icalendar.vCalAddress(f"mailto:{one_line(email)}")
    person.params["CN"] = one_line(name, most=100).translate(_PLAIN) or email
    return person
