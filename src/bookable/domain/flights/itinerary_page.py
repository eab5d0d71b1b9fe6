"""A trip as a page to print."""

import unicodedata
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from .records import Trip

__all__ = ["printed"]


def printed(trip: Trip, seller: str) -> bytes:
    """PDF; the same bytes until the booking changes."""
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
        rows.append([s.number, _plain(s.airline_name), s.origin, leaves, s.destination, arrives])
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


def _plain(text: str) -> str:
    """The page's own fonts know Latin-1; other letters are shown by their nearest."""
    decomposed = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text if text.encode("latin-1", "ignore").decode("latin-1") == text else decomposed
