"""An entry written down as RFC 5545 and RFC 5546 have it. Imported late: see `calendar_file`."""

from datetime import UTC

import icalendar

from .calendar import Entry, Method
from .ports import one_line

__all__ = ["written"]

_PLAIN = str.maketrans({'"': "'", "\\": "/", "^": "'"})


def written(entry: Entry, method: Method) -> bytes:
    """The file's bytes."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Bookable//Bookings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    calendar.add_component(_event(entry, method))
    return bytes(calendar.to_ical())


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
