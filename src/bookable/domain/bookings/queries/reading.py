"""Statements that read bookings, for whoever may see them."""

from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.kernel.db import Query, app_now, query

from ..records import Booking, DayFigures
from ..tables import bookings
from .columns import TENANT, booking, joined, status_now, uuid

__all__ = ["ahead_of", "by_day", "by_id", "by_number", "count", "guest", "guest_by_number", "of_user", "page"]

_b = bookings.c
_mine = sa.or_(_b.owner_id == uuid("me"), _b.provider_id == uuid("me"), sa.bindparam("everyone", type_=sa.Boolean))
_number = sa.bindparam("number", type_=sa.Text)
_one = sa.select(*booking(bookings)).select_from(joined(bookings)).where(_b.tenant_id == TENANT)

by_id = query(_one.where(_b.id == uuid("id"), _mine), Booking)
by_number = query(_one.where(_b.number == _number, _mine), Booking)

_guest = sa.select(_b.owner_id).where(
    _b.tenant_id == TENANT,
    _b.guest_token_hash == sa.bindparam("digest", type_=sa.LargeBinary),
    _b.ends_at + sa.bindparam("access", type_=sa.Interval) > app_now(),
)
guest = query(_guest.where(_b.id == uuid("id")), UUID)
guest_by_number = query(_guest.where(_b.number == _number), UUID)

of_user = query(
    _one.where(sa.or_(_b.owner_id == uuid("user_id"), _b.user_id == uuid("user_id"))).order_by(_b.created_at, _b.id),
    Booking,
)

_AHEAD: list[sa.ColumnElement[Any]] = [
    sa.literal_column(f"'{s}'") for s in ("pending", "payment_processing", "awaiting_confirmation", "confirmed")
]
ahead_of = query(
    sa.select(_b.number)
    .where(_b.tenant_id == TENANT, sa.or_(_b.owner_id == uuid("user_id"), _b.provider_id == uuid("user_id")))
    .where(status_now(bookings).in_(_AHEAD), _b.ends_at > app_now())
    .order_by(_b.starts_at)
    .limit(20),
    str,
)


def _filtered(names: frozenset[str]) -> list[sa.ColumnElement[bool]]:
    found = {
        "owner": _b.owner_id == uuid("owner_id"),
        "listing": _b.listing_id == uuid("listing_id"),
        "statuses": status_now(bookings) == sa.any_(sa.bindparam("statuses", type_=pg.ARRAY(sa.Text))),
        "first": _b.day >= sa.bindparam("first", type_=sa.Date),
        "last": _b.day <= sa.bindparam("last", type_=sa.Date),
    }
    return [_b.tenant_id == TENANT, *(found[n] for n in sorted(names))]


@cache
def page(names: frozenset[str], *, continued: bool) -> Query[Booking]:
    """Newest first, by one of `ix_bookings_owner_id`, `_listing_id`, `_created_at`."""
    start = sa.tuple_(_b.created_at, _b.id) < sa.tuple_(
        sa.bindparam("after_created_at", type_=sa.DateTime(timezone=True)), uuid("after_id")
    )
    statement = (
        sa.select(*booking(bookings))
        .select_from(joined(bookings))
        .where(*_filtered(names), *([start] if continued else []))
        .order_by(_b.created_at.desc(), _b.id.desc())
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )
    return query(statement if continued else statement.offset(sa.bindparam("offset", type_=sa.Integer)), Booking)


@cache
def count(names: frozenset[str]) -> Query[int]:
    """How many the filters leave."""
    return query(sa.select(sa.func.count()).select_from(bookings).where(*_filtered(names)), int)


_day = sa.cast(sa.func.timezone("UTC", _b.created_at), sa.Date)
_now = status_now(bookings)
_stands = _now.in_([sa.literal_column("'confirmed'"), sa.literal_column("'completed'"), sa.literal_column("'no_show'")])
_ended = _now.in_([sa.literal_column(f"'{s}'") for s in ("cancelled", "expired", "declined", "refunded")])
by_day = query(
    sa.select(
        _day.label("day"),
        _b.currency,
        sa.func.count().label("placed"),
        sa.func.count().filter(_stands).label("confirmed"),
        sa.func.count().filter(_ended).label("cancelled"),
        sa.func.coalesce(sa.func.sum(_b.total_cents).filter(_stands), 0).label("revenue_cents"),
    )
    .where(_b.tenant_id == TENANT, _b.created_at >= sa.bindparam("since", type_=sa.DateTime(timezone=True)))
    .group_by(_day, _b.currency)
    .order_by(_day),
    DayFigures,
)
