"""What admins see and make of bookings: all of them, and the codes that lower their prices."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from bookable.domain import bookings
from bookable.storefronts.kit import Body, Call, Router, Shape

from .meetings import BookingsData, ListBookings, bookings_data, statuses

__all__ = ["router"]

router = Router("Admin")
_ADMIN = ("admin",)


class AddPromoCode(Body):
    """Either a percentage or an amount off."""

    code: Annotated[str, Field(min_length=2, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    percent_off: Annotated[int | None, Field(ge=1, le=100)] = None
    amount_off_cents: Annotated[int | None, Field(ge=1, le=1_000_000_000)] = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    max_uses: Annotated[int | None, Field(ge=1, le=1_000_000_000)] = None
    celebrity_id: UUID | None = None


class PromoCodeShape(Shape):
    id: UUID
    code: str
    percent_off: int | None
    amount_off_cents: int | None
    currency: str
    starts_at: datetime | None
    ends_at: datetime | None
    max_uses: int | None
    uses: int | None
    celebrity_id: UUID | None
    created_at: datetime


class PromoCodeData(Shape):
    promo_code: PromoCodeShape


class PromoCodesData(Shape):
    items: list[PromoCodeShape]


@router.get("/admin/bookings", BookingsData, roles=_ADMIN)
async def list_bookings(call: Call, query: ListBookings) -> BookingsData:
    """Every booking, newest first."""
    found = await bookings.list_all(
        call.tx, statuses=statuses(query.status), page=query.page, limit=query.limit, cursor=query.cursor
    )
    return bookings_data(found, query)


@router.post("/admin/promo-codes", PromoCodeData, status=201, roles=_ADMIN, errors=(404, 409))
async def add_promo_code(call: Call, body: AddPromoCode) -> PromoCodeData:
    """A new code; it is compared without regard to case."""
    promo = await bookings.add_promo(
        call.tx,
        body.code,
        currency=call.tenant.currency,
        percent_off=body.percent_off,
        amount_off_cents=body.amount_off_cents,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        max_uses=body.max_uses,
        listing_id=body.celebrity_id,
    )
    return PromoCodeData(promo_code=_shape(promo))


@router.get("/admin/promo-codes", PromoCodesData, roles=_ADMIN)
async def list_promo_codes(call: Call) -> PromoCodesData:
    """The newest hundred codes."""
    return PromoCodesData(items=[_shape(p) for p in await bookings.list_promos(call.tx)])


def _shape(promo: bookings.Promo) -> PromoCodeShape:
    return PromoCodeShape(
        id=promo.id,
        code=promo.code,
        percent_off=promo.percent_off,
        amount_off_cents=promo.amount_off_cents,
        currency=promo.currency,
        starts_at=promo.starts_at,
        ends_at=promo.ends_at,
        max_uses=promo.max_uses,
        uses=promo.uses,
        celebrity_id=promo.listing_id,
        created_at=promo.created_at,
    )
