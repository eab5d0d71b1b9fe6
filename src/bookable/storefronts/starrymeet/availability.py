"""A celebrity's own side over the wire: when they can be booked, what was booked, what it earned."""

import datetime
from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from bookable.domain import bookings, inventory, payments
from bookable.kernel.actors import Actor
from bookable.storefronts.kit import Access, Body, Call, Params, Router, Shape

from .celebrities import named
from .meetings import BookingsData, ListBookings, TimeSlot, bookings_data, statuses
from .policy import policy

__all__ = ["router"]

router = Router("Availability")


class ShowAvailability(Params):
    from_: Annotated[datetime.date | None, Field(alias="from")] = None
    to: datetime.date | None = None


class SlotBody(Body):
    date: datetime.date
    time_slot: Annotated[TimeSlot, Field(strict=False)]
    is_available: bool = True
    max_bookings: Annotated[int, Field(ge=0, le=1000)] = 1


class SetAvailability(Body):
    items: Annotated[list[SlotBody], Field(min_length=1, max_length=3 * inventory.LONGEST_SPAN)]


class ListBooked(ListBookings):
    from_: Annotated[datetime.date | None, Field(alias="from")] = None
    to: datetime.date | None = None


class SlotShape(Shape):
    date: datetime.date
    time_slot: str
    is_available: bool
    remaining: int


class AvailabilityData(Shape):
    items: list[SlotShape]


class EarnedShape(Shape):
    gross_cents: int
    fees_cents: int
    refunds_cents: int
    paid_out_cents: int
    balance_cents: int


class MonthShape(EarnedShape):
    """`month` is `YYYY-MM`, in UTC."""

    month: str


class EarningsShape(EarnedShape):
    currency: str
    by_month: list[MonthShape]


class EarningsData(Shape):
    earnings: EarningsShape


async def _widened(call: Call, _: object) -> Actor:
    """A celebrity sees their customers' payments and the ledger; whose listing it is, the domain makes sure."""
    return call.actor.widened()


@router.get("/celebrities/{name}/availability", AvailabilityData, access=Access.PUBLIC, errors=(404,))
async def show(call: Call, name: str, query: ShowAvailability) -> AvailabilityData:
    """Which parts of which days can be had, and how often; at most 92 days."""
    found = await bookings.availability(call.tx, named(name), query.from_, query.to, policy(call.tenant))
    return AvailabilityData(items=[_slot(a) for a in found])


@router.put("/celebrities/{name}/availability", AvailabilityData, errors=(403, 404, 409))
async def change(call: Call, name: str, body: SetAvailability) -> AvailabilityData:
    """Open or close parts of days, and say how many meetings fit; by its owner or an admin."""
    rules = [inventory.SlotRule(i.date, i.time_slot.value, i.is_available, i.max_bookings) for i in body.items]
    seen = await bookings.set_availability(call.tx, named(name), rules, policy(call.tenant))
    return AvailabilityData(items=[_slot(a) for a in seen])


@router.get("/celebrities/{name}/bookings", BookingsData, admits=_widened, errors=(403, 404))
async def booked(call: Call, name: str, query: ListBooked) -> BookingsData:
    """What was booked of the celebrity, newest first; for its owner and admins."""
    found = await bookings.booked(
        call.tx,
        named(name),
        statuses=statuses(query.status),
        first=query.from_,
        last=query.to,
        page=query.page,
        limit=query.limit,
        cursor=query.cursor,
    )
    return bookings_data(found, query)


@router.get("/celebrities/{name}/earnings", EarningsData, admits=_widened, errors=(403, 404))
async def earned(call: Call, name: str) -> EarningsData:
    """What the celebrity has earned, in all and by month; for its owner and admins."""
    currency, found = await bookings.earnings(call.tx, named(name))
    months = [MonthShape(month=f"{m:%Y-%m}", **_figures(e)) for m, e in sorted(found.months.items())]
    return EarningsData(earnings=EarningsShape(currency=currency, by_month=months, **_figures(found.total)))


def _slot(seen: inventory.Availability) -> SlotShape:
    return SlotShape(date=seen.day, time_slot=seen.part, is_available=seen.is_open, remaining=seen.remaining)


def _figures(earned: payments.Earned) -> dict[str, int]:
    return {
        **{f"{name}_cents": cents for name, cents in asdict(earned).items()},
        "balance_cents": earned.balance,
    }
