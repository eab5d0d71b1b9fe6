"""What a traveller takes along: the trip as a calendar file and as a page to print."""

import unicodedata
from datetime import UTC
from io import BytesIO
from xml.sax.saxutils import escape

import icalendar
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from bookable.domain import bookings

from .errors import NotConfirmed
from .ports import Segment
from .records import Trip

__all__ = ["calendar", "page"]

_SHOWN = {bookings.Status.CONFIRMED, bookings.Status.COMPLETED, bookings.Status.NO_SHOW}


def calendar(trip: Trip, *, seller: str) -> bytes:
    """An entry a flight (RFC 5545); the same bytes until the booking changes. Raises `NotConfirmed`."""
    _confirmed(trip)
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
    event.add("summary", f"{_number(segment)} {segment.origin} → {segment.destination}")
    event.add("location", f"{segment.origin} airport")
    event.add("description", "\n".join(_words(trip, segment, seller)))
    return event


def _words(trip: Trip, segment: Segment, seller: str) -> list[str]:
    return [
        f"{segment.airline_name} {_number(segment)}",
        f"Leaves {segment.origin} at {segment.departs:%H:%M} ({segment.departs_zone})",
        f"Arrives {segment.destination} at {segment.arrives:%H:%M} ({segment.arrives_zone})",
        f"Airline reference {trip.provider_reference or '-'}, booked as {trip.booking.number} with {seller}",
    ]


def page(trip: Trip, *, seller: str) -> bytes:
    """A PDF: who flies when and where, under which references. Raises `NotConfirmed`."""
    _confirmed(trip)
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=f"Itinerary {trip.booking.number}",
        author=seller,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        invariant=1,
    )
    document.build([*_head(trip, seller), *_flights(trip), *_people(trip)])
    return out.getvalue()


def _head(trip: Trip, seller: str) -> list[Flowable]:
    styles, booking = getSampleStyleSheet(), trip.booking
    paid = f"{booking.currency} {booking.total.decimal()}"
    lines = (
        f"Booking reference: <b>{booking.number}</b>",
        f"Airline reference: <b>{escape(trip.provider_reference or '-')}</b>",
        f"Paid: {paid}",
    )
    title = f"Itinerary: {trip.flight.offer.query.origin} - {trip.flight.offer.query.destination}"
    return [
        Paragraph(escape(seller), styles["Heading3"]),
        Paragraph(title, styles["Title"]),
        *(Paragraph(line, styles["Normal"]) for line in lines),
        Spacer(1, 8 * mm),
    ]


def _flights(trip: Trip) -> list[Flowable]:
    rows = [["Flight", "Airline", "From", "Leaves", "To", "Arrives"]]
    for s in trip.flight.offer.segments:
        leaves, arrives = f"{s.departs:%a %d %b %Y %H:%M}", f"{s.arrives:%a %d %b %Y %H:%M}"
        rows.append([_number(s), _plain(s.airline_name), s.origin, leaves, s.destination, arrives])
    note = "Times are local to each airport."
    return [_table(rows), Paragraph(note, getSampleStyleSheet()["Italic"]), Spacer(1, 8 * mm)]


def _people(trip: Trip) -> list[Flowable]:
    rows = [["Traveller", "Type", "Date of birth"]]
    for person in trip.passengers:
        name = _plain(f"{person.first_name} {person.last_name}")
        rows.append([name, person.type, person.date_of_birth.isoformat()])
    return [_table(rows)]


def _table(rows: list[list[str]]) -> Table:
    cell = getSampleStyleSheet()["BodyText"]
    made = Table([[Paragraph(escape(text), cell) for text in row] for row in rows], hAlign="LEFT", repeatRows=1)
    made.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, 0), 0.8, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return made


def _number(segment: Segment) -> str:
    """`BA 117`, however the provider writes it."""
    return f"{segment.airline} {segment.flight_number.removeprefix(segment.airline).strip()}"


def _plain(text: str) -> str:
    """The page's own fonts know Latin-1; other letters are shown by their nearest."""
    decomposed = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text if text.encode("latin-1", "ignore").decode("latin-1") == text else decomposed


def _confirmed(trip: Trip) -> None:
    if trip.booking.status not in _SHOWN:
        raise NotConfirmed(details={"from": trip.booking.status.value, "allowed": sorted(s.value for s in _SHOWN)})
