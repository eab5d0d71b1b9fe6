"""Booking flights over the wire: place, look up, cancel, and take the itinerary along."""

import asyncio
import datetime
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from bookable.domain import bookings, flights
from bookable.domain.flights import Contact, Gender, Person, TravellerType
from bookable.kernel.actors import Actor
from bookable.storefronts.kit import Body, Call, Paging, Reply, Router, Shape

from .offers import detail_shape
from .people import Email
from .policy import POLICY
from .trips import BookingData, BookingsData, BookingShape, booking_shape

__all__ = ["router"]

router = Router("Bookings")


def _papers(text: Any) -> Any:
    """As it is printed, without the spaces that people put in."""
    return "".join(text.split()).upper() if isinstance(text, str) else text


def _dialled(text: str) -> str:
    """Digits, after a `+` where the country's code was given (`00` before it says so, too)."""
    digits = "".join(c for c in text if c.isdigit())
    if digits.startswith("00"):
        text, digits = "+", digits[2:]
    if not 7 <= len(digits) <= 15:
        raise ValueError("Must be a phone number with its country's code, such as +44 20 7946 0123.")
    return f"+{digits}" if text.lstrip().startswith("+") else digits


Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Phone = Annotated[str, Field(max_length=40, pattern=r"^[+0-9\s().-]+$"), AfterValidator(_dialled)]
Papers = BeforeValidator(_papers)


class Traveler(Body):
    """Somebody who travels, as their passport has them."""

    type: Annotated[TravellerType, Field(strict=False)]
    first_name: Name
    last_name: Name
    date_of_birth: datetime.date
    gender: Annotated[Gender, Field(strict=False)]
    nationality: Annotated[str, Field(max_length=2), Papers] | None = None
    passport_number: Annotated[str, Field(max_length=40), Papers] | None = None
    passport_expiry: datetime.date | None = None


class ContactDetails(Body):
    """Whom the airline and we reach about the trip."""

    email: Email
    phone: Phone


_SHOWN = WithJsonSchema(
    {
        "anyOf": [{"type": "number", "minimum": 0, "maximum": 10**9}, {"type": "null"}],
        "description": "The price that was shown.",
    }
)


class BookFlight(Body):
    flight_id: Annotated[str, Field(max_length=64)]
    travelers: Annotated[list[Traveler], Field(min_length=1, max_length=18)]
    contact: ContactDetails
    total_price: Annotated[Decimal | None, Field(strict=False, ge=0, le=10**9), _SHOWN] = None


class CancelBooking(Body):
    reason: Annotated[str | None, Field(max_length=500, pattern=r"^[^\x00]*$")] = None


class CancellationData(Shape):
    refund_cents: int
    refund_percent: int
    reason: str
    until: datetime.datetime | None


class RefundShape(Shape):
    amount_cents: int


class CancelledData(Shape):
    booking: BookingShape
    refund: RefundShape | None


async def _widened(call: Call, _: Mapping[str, Any]) -> Actor:
    """Cancelling moves rows that only the house sees; whose booking it is, the domain asks."""
    return call.actor.widened()


@asynccontextmanager
async def _shown() -> AsyncIterator[None]:
    """A price that is not the one shown is answered with the flight as it can be booked now."""
    try:
        yield
    except flights.PriceMoved as moved:
        now = detail_shape(moved.flight)
        moved.details = {"flight": now, "totalPrice": now.price, "currency": now.currency}
        raise


@router.post("/bookings", BookingData, status=201, phases=True, errors=(404, 409, 410))
async def place(call: Call, body: BookFlight) -> BookingData:
    """Book a flight that a search has found; it is held for 15 minutes, to be paid in."""
    people = [Person(**traveler.model_dump()) for traveler in body.travelers]
    contact = Contact(body.contact.email, body.contact.phone)
    ask = (call.db, call.actor, call.ports.flights, body.flight_id, people, contact)
    async with _shown():
        return _booking(await flights.place(*ask, total_price=body.total_price, also=call.kept_as(_booking)))


def _booking(trip: flights.Trip) -> BookingData:
    return BookingData(booking=booking_shape(trip))


@router.get("/bookings", BookingsData)
async def list_own(call: Call, query: Paging) -> BookingsData:
    """What the caller has booked, newest first."""
    found = await flights.list_own(call.tx, page=query.page, limit=query.limit, cursor=query.cursor)
    return BookingsData(bookings=[booking_shape(trip) for trip in found.items], next_cursor=found.next_cursor)


@router.get("/bookings/{reference}", BookingData, errors=(404,))
async def show(call: Call, reference: str) -> BookingData:
    """One booking, by id or reference."""
    return BookingData(booking=booking_shape(await flights.trip(call.tx, reference)))


@router.get("/bookings/{reference}/cancellation", CancellationData, errors=(404, 409))
async def show_cancellation(call: Call, reference: str) -> CancellationData:
    """What cancelling now would return, and until when that stays so."""
    terms = await bookings.cancellation(call.tx, reference, POLICY)
    return CancellationData(
        refund_cents=terms.refund_cents, refund_percent=terms.refund_percent, reason=terms.reason, until=terms.until
    )


@router.post("/bookings/{reference}/cancel", CancelledData, admits=_widened, errors=(404, 409))
async def cancel(call: Call, reference: str, body: CancelBooking) -> CancelledData:
    """Cancel it; what the policy returns of what was paid goes back."""
    done = await bookings.cancel(call.tx, reference, POLICY, reason=body.reason)
    trip = await flights.trip(call.tx, done.booking.id)
    refund = RefundShape(amount_cents=done.refund_cents) if done.refund_cents else None
    return CancelledData(booking=booking_shape(trip), refund=refund)


@router.get("/bookings/{reference}/itinerary.ics", media_type="text/calendar", errors=(404, 409))
async def calendar(call: Call, reference: str) -> Reply:
    """The trip for a calendar, once it is confirmed."""
    trip = await flights.trip(call.tx, reference)
    return _file(flights.calendar(trip, seller=call.tenant.name), "text/calendar", f"{trip.booking.number}.ics")


@router.get("/bookings/{reference}/itinerary.pdf", media_type="application/pdf", errors=(404, 409))
async def page(call: Call, reference: str) -> Reply:
    """The trip to print, once it is confirmed."""
    trip = await flights.trip(call.tx, reference)
    printed = await asyncio.to_thread(flights.page, trip, seller=call.tenant.name)
    return _file(printed, "application/pdf", f"{trip.booking.number}.pdf")


def _file(body: bytes, kind: str, name: str) -> Reply:
    return Reply(200, body, kind, {"Content-Disposition": f'attachment; filename="{name}"'})
