"""A trip as a calendar file, an entry a flight."""

from datetime import UTC

import icalendar

from .ports import Segment
from .records import Trip

__all__ = ["written"]


def written(trip: Trip, seller: str) -> bytes:
    """RFC 5545, for a calendar to take up."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Bookable//Itineraries//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    for nth, segment in enumerate(trip.flight.offer.segments, 1):
        made.add_component(_entry(trip, segment, nth, seller))
    return bytes(made.to_ical())


def _entry(trip: Trip, segment: Segment, nth: int, seller: str) -> icalendar.Event:
    booking = trip.booking
    event = icalendar.Event()
    event.add("uid", f"{booking.id}-{nth}@bookable")
    event.add("dtstamp", booking.updated_at.astimezone(UTC))
    event.add("dtstart", segment.departs_at.astimezone(UTC))
    event.add("dtend", segment.arrives_at.astimezone(UTC))
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("summary", f"{segment.number} {segment.origin} → {segment.destination}")
    event.add("location", f"{segment.origin} airport")
    event.add("description", "\n".join(_words(trip, segment, seller)))
    return event


def _words(trip: Trip, segment: Segment, seller: str) -> list[str]:
    return [
        f"{segment.airline_name} {segment.number}",
        f"Leaves {segment.origin} at {segment.departs:%H:%M} ({segment.departs_zone})",
        f"Arrives {segment.destination} at {segment.arrives:%H:%M} ({segment.arrives_zone})",
        f"Airline reference {trip.provider_reference or '-'}, booked as {trip.booking.number} with {seller}",
    ]
