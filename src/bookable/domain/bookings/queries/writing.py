"""Statements that make a booking and move it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.kernel.db import app_now, command, query

from ..records import Booking, GuestBooking
from ..tables import bookings
from .columns import TENANT, booking, joined, lapsed, status_now, uuid

__all__ = [
    "add",
    "complete",
    "due",
    "expire",
    "guests_of",
    "hand_over",
    "lock",
    "move",
    "move_time",
    "past",
    "present",
    "set_provider",
]

_b = bookings.c
_instant = sa.DateTime(timezone=True)
_GIVEN = (
    *("id", "number", "owner_id", "user_id", "provider_id", "listing_id", "offer", "status", "day", "slot"),
    "supplier",
    *("time_zone", "starts_at", "ends_at", "contact_name", "contact_email", "contact_key", "contact_phone"),
    *("special_requests", "currency", "subtotal_cents", "platform_fee_cents", "discount_cents", "tax_cents"),
    *("total_cents", "deposit_cents", "promo_code_id", "guest_token_hash", "hold_expires_at", "timeline"),
    *("created_at", "confirmed_at"),
)

_added = (
    pg.insert(bookings)
    .values(
        tenant_id=TENANT,
        updated_at=sa.bindparam("created_at", type_=_instant),
        **{n: sa.bindparam(n, type_=_b[n].type) for n in _GIVEN},
    )
    .on_conflict_do_nothing(index_elements=["tenant_id", "number"])
    .returning(bookings)
    .cte("added")
)
add = query(sa.select(*booking(_added)).select_from(joined(_added)), Booking)
"""The new booking; no row where its number is somebody else's already."""

lock = query(
    sa.select(*booking(bookings))
    .select_from(joined(bookings))
    .where(_b.tenant_id == TENANT, _b.id == uuid("id"))
    .with_for_update(of=bookings, key_share=True),
    Booking,
)
"""The booking, ours alone until the transaction ends: everything that changes one begins with this."""

_to = sa.bindparam("to", type_=sa.Text)


def _when(target: str, column: sa.ColumnElement[datetime | None]) -> sa.ColumnElement[datetime | None]:
    return sa.case((_to == sa.literal_column(f"'{target}'"), app_now()), else_=column)


_keeps_hold = _to.in_([sa.literal_column(f"'{s}'") for s in ("pending", "payment_processing", "expired")])
_moved = (
    sa.update(bookings)
    .values(
        status=_to,
        timeline=_b.timeline.op("||")(sa.bindparam("entries", type_=pg.JSONB)),
        hold_expires_at=sa.case((_keeps_hold, _b.hold_expires_at), else_=sa.null()),
        confirmed_at=_when("confirmed", _b.confirmed_at),
        completed_at=_when("completed", _b.completed_at),
        cancelled_at=_when("cancelled", _b.cancelled_at),
        updated_at=app_now(),
    )
    .where(
        _b.tenant_id == TENANT,
        _b.id == uuid("id"),
        _b.status == sa.bindparam("stored", type_=sa.Text),
    )
    .returning(bookings)
    .cte("moved")
)
move = query(sa.select(*booking(_moved)).select_from(joined(_moved)), Booking)
"""The one way in which a state changes: only out of the state that it was judged by. By the clock it was judged when
the row was read and locked, and not again: a hold that ends between the two statements ends after the move."""

present = query(sa.select(status_now(bookings)).where(_b.tenant_id == TENANT, _b.id == uuid("id")), str)

_retimed = (
    sa.update(bookings)
    .values(
        day=sa.bindparam("day", type_=sa.Date),
        slot=sa.bindparam("slot", type_=sa.Text),
        time_zone=sa.bindparam("time_zone", type_=sa.Text),
        starts_at=sa.bindparam("starts_at", type_=_instant),
        ends_at=sa.bindparam("ends_at", type_=_instant),
        sequence=_b.sequence + 1,
        timeline=_b.timeline.op("||")(sa.bindparam("entries", type_=pg.JSONB)),
        updated_at=app_now(),
    )
    .where(_b.tenant_id == TENANT, _b.id == uuid("id"), _b.status == sa.bindparam("stored", type_=sa.Text))
    .returning(bookings)
    .cte("retimed")
)
move_time = query(sa.select(*booking(_retimed)).select_from(joined(_retimed)), Booking)

_due = (
    sa.select(_b.id)
    .where(_b.tenant_id == TENANT, lapsed(bookings))
    .order_by(_b.hold_expires_at)
    .limit(sa.bindparam("limit", type_=sa.Integer))
    .with_for_update(skip_locked=True, key_share=True)
)
due = query(
    sa.select(*booking(bookings))
    .select_from(joined(bookings))
    .where(_b.tenant_id == TENANT, _b.id.in_(_due))
    .order_by(_b.id),
    Booking,
)
"""Bookings whose hold is over, locked; those that somebody has in hand are left to them."""

expire = query(
    sa.update(bookings)
    .values(
        status=sa.literal_column("'expired'"),
        timeline=_b.timeline.op("||")(sa.bindparam("entries", type_=pg.JSONB)),
        updated_at=app_now(),
    )
    .where(_b.tenant_id == TENANT, _b.id == uuid("id"), lapsed(bookings))
    .returning(_b.id),
    UUID,
)

_supplied = sa.and_(_b.status == sa.literal_column("'confirmed'"), _b.supplier.is_not(None))
_past = (
    sa.select(_b.id)
    .where(_b.tenant_id == TENANT, _supplied, _b.ends_at <= app_now())
    .order_by(_b.ends_at)
    .limit(sa.bindparam("limit", type_=sa.Integer))
    .with_for_update(skip_locked=True, key_share=True)
)
past = query(
    sa.select(*booking(bookings))
    .select_from(joined(bookings))
    .where(_b.tenant_id == TENANT, _b.id.in_(_past))
    .order_by(_b.ends_at, _b.id),
    Booking,
)
"""What suppliers held and is over, locked, in the order in which it ended (`ix_bookings_ends_at`)."""

complete = command(
    sa.update(bookings)
    .values(
        status=sa.literal_column("'completed'"),
        timeline=_b.timeline.op("||")(sa.bindparam("entries", type_=pg.JSONB)),
        completed_at=sa.bindparam("at", type_=_instant),
        updated_at=app_now(),
    )
    .where(_b.tenant_id == TENANT, _b.id == uuid("id"), _supplied)
)

_guests = sa.and_(
    _b.tenant_id == TENANT, _b.user_id.is_(None), _b.contact_key == sa.bindparam("contact_key", type_=sa.Text)
)
guests_of = query(
    sa.select(_b.id, _b.owner_id).where(_guests).order_by(_b.id).with_for_update(key_share=True), GuestBooking
)
hand_over = command(
    sa.update(bookings)
    .values(user_id=uuid("user_id"), owner_id=uuid("user_id"), updated_at=app_now())
    .where(_b.tenant_id == TENANT, _b.id == uuid("id"))
)

set_provider = command(
    sa.update(bookings)
    .values(provider_id=uuid("provider_id"), updated_at=app_now())
    .where(
        _b.tenant_id == TENANT,
        _b.listing_id == uuid("listing_id"),
        _b.provider_id.is_distinct_from(uuid("provider_id")),
    )
)
