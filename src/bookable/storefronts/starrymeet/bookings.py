"""Bookings over the wire: quote, place, look up, cancel, reschedule, complete."""

import datetime
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from pydantic import Field

from bookable.domain import bookings, notifications
from bookable.kernel.actors import Actor
from bookable.kernel.ids import new_id
from bookable.storefronts.kit import Access, Body, Call, Params, Reply, Router, Shape

from .guests import AccessToken, admit
from .meetings import (
    BookingData,
    BookingsData,
    BookingShape,
    ListBookings,
    MeetingType,
    TimeSlot,
    booking_shape,
    bookings_data,
    statuses,
)
from .people import Email, Phone
from .policy import policy

__all__ = ["router"]

router = Router("Bookings")

Text = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
Slot = Annotated[TimeSlot, Field(strict=False)]


class QuoteBooking(Body):
    """What is wanted; a quote needs no contact."""

    celebrity_id: UUID
    meeting_type: Annotated[MeetingType, Field(strict=False)]
    date: datetime.date
    time_slot: Slot
    promo_code: Annotated[str | None, Field(max_length=40, pattern=r"^[^\x00]*$")] = None
    expected_total_cents: Annotated[int | None, Field(description="The price that was shown.")] = None


class PlaceBooking(QuoteBooking):
    """What is wanted, and by whom."""

    contact_name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    contact_email: Email
    contact_phone: Phone | None = None
    special_requests: Text | None = None


class WithKey(Params):
    access_token: AccessToken | None = None


class CancelBooking(Body):
    access_token: AccessToken | None = None
    reason: Annotated[str | None, Field(max_length=500, pattern=r"^[^\x00]*$")] = None


class RescheduleBooking(Body):
    access_token: AccessToken | None = None
    date: datetime.date
    time_slot: Slot


class PlacedData(Shape):
    """`accessToken` is there for guests: their key to the booking, shown only now."""

    booking: BookingShape
    access_token: str | UnsetType = UNSET


class QuoteShape(Shape):
    subtotal_cents: int
    platform_fee_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    currency: str


class QuoteData(Shape):
    quote: QuoteShape


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


async def _user_or_new_guest(call: Call, _: Mapping[str, Any]) -> Actor:
    return call.actor if call.actor.id is not None else Actor.guest(call.tenant.id, new_id())


async def _in_it(call: Call, args: Mapping[str, Any]) -> Actor:
    """Whoever holds the key, or has signed in. Which bookings those may see and move, the domain says; they see the
    whole tenant, because a provider's own rows don't include the customer's payment."""
    sent = (getattr(arg, "access_token", None) for arg in args.values())
    actor = await admit(call, args["reference"], next((key for key in sent if key), None))
    return actor if actor.role == "guest" else actor.widened()


@router.post("/bookings", PlacedData, status=201, access=Access.PUBLIC, admits=_user_or_new_guest, errors=(404, 409))
async def place(call: Call, body: PlaceBooking) -> PlacedData:
    """Book a meeting; its time is held for 15 minutes, to be paid in."""
    placed = await bookings.place(call.tx, _request(body), policy(call.tenant))
    return PlacedData(booking=booking_shape(placed.booking), access_token=placed.access_token or UNSET)


@router.post("/bookings/quote", QuoteData, access=Access.PUBLIC, keyed=False, errors=(404, 409))
async def quote(call: Call, body: QuoteBooking) -> QuoteData:
    """What a meeting would cost, line by line; nothing is taken."""
    priced = await bookings.quote(call.tx, _request(body), policy(call.tenant))
    return QuoteData(quote=QuoteShape(**{n: getattr(priced, n) for n in QuoteShape.__struct_fields__}))


@router.get("/bookings", BookingsData)
async def list_own(call: Call, query: ListBookings) -> BookingsData:
    """What the caller has booked, newest first."""
    return bookings_data(await _own(call, query), query)


@router.get("/users/me/bookings", BookingsData)
async def list_mine(call: Call, query: ListBookings) -> BookingsData:
    """What the caller has booked, newest first."""
    return bookings_data(await _own(call, query), query)


@router.get("/bookings/{reference}", BookingData, access=Access.PUBLIC, admits=_in_it, errors=(404,))
async def show(call: Call, reference: str, query: WithKey) -> BookingData:
    """One booking, by id or number."""
    return BookingData(booking=booking_shape(await bookings.get(call.tx, reference)))


@router.get(
    "/bookings/{reference}/calendar.ics",
    access=Access.PUBLIC,
    admits=_in_it,
    media_type="text/calendar",
    errors=(404,),
)
async def calendar_file(call: Call, reference: str, query: WithKey) -> Reply:
    """The meeting as a calendar file (RFC 5545); the same identity and a higher sequence when it moves."""
    booking = await bookings.get(call.tx, reference)
    site = notifications.Site(call.tenant.name, call.tenant.slug, call.ports.frontend_url)
    file = notifications.booking_calendar(booking, site, organizer_email=call.ports.mailer.sender)
    name = f'attachment; filename="{booking.number}.ics"'
    return Reply(200, file, "text/calendar; charset=utf-8", {"Content-Disposition": name})


@router.get(
    "/bookings/{reference}/cancellation", CancellationData, access=Access.PUBLIC, admits=_in_it, errors=(404, 409)
)
async def show_cancellation(call: Call, reference: str, query: WithKey) -> CancellationData:
    """What cancelling now would return, and until when that stays so."""
    terms = await bookings.cancellation(call.tx, reference, policy(call.tenant))
    return CancellationData(
        refund_cents=terms.refund_cents,
        refund_percent=terms.refund_percent,
        reason=terms.reason,
        until=terms.until,
    )


@router.patch(
    "/bookings/{reference}/cancel", CancelledData, access=Access.PUBLIC, admits=_in_it, errors=(403, 404, 409)
)
async def cancel(call: Call, reference: str, query: WithKey, body: CancelBooking) -> CancelledData:
    """Cancel it; what the policy returns of what was paid goes back."""
    done = await bookings.cancel(call.tx, reference, policy(call.tenant), reason=body.reason)
    refund = RefundShape(amount_cents=done.refund_cents) if done.refund_cents else None
    return CancelledData(booking=booking_shape(done.booking), refund=refund)


@router.patch(
    "/bookings/{reference}/reschedule", BookingData, access=Access.PUBLIC, admits=_in_it, errors=(403, 404, 409)
)
async def reschedule(call: Call, reference: str, query: WithKey, body: RescheduleBooking) -> BookingData:
    """Another day and part of the day for the same price; the old time is kept if the new one can't be had."""
    moved = await bookings.reschedule(call.tx, reference, body.date, body.time_slot.value, policy(call.tenant))
    return BookingData(booking=booking_shape(moved))


@router.patch("/bookings/{reference}/complete", BookingData, admits=_in_it, errors=(403, 404, 409))
async def complete(call: Call, reference: str) -> BookingData:
    """The meeting took place."""
    return BookingData(booking=booking_shape(await bookings.complete(call.tx, reference)))


@router.patch("/bookings/{reference}/no-show", BookingData, admits=_in_it, errors=(403, 404, 409))
async def miss(call: Call, reference: str) -> BookingData:
    """The customer did not come."""
    return BookingData(booking=booking_shape(await bookings.miss(call.tx, reference)))


async def _own(call: Call, query: ListBookings) -> bookings.Page:
    return await bookings.list_own(
        call.tx, statuses=statuses(query.status), page=query.page, limit=query.limit, cursor=query.cursor
    )


def _request(body: QuoteBooking) -> bookings.Request:
    wanted = {
        "listing_id": body.celebrity_id,
        "offer": body.meeting_type.value,
        "day": body.date,
        "slot": body.time_slot.value,
    }
    given = {n: getattr(body, n) for n in _ASKED if hasattr(body, n)}
    return bookings.Request(**{"contact_name": "", "contact_email": "", **wanted, **given})


_ASKED = (
    "contact_name",
    "contact_email",
    "contact_phone",
    "special_requests",
    "promo_code",
    "expected_total_cents",
)
