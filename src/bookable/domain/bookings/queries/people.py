"""Statements about the people in a booking."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.kernel.db import app_now, command

from ..tables import bookings
from .columns import TENANT, uuid

__all__ = ["anonymise"]

_b = bookings.c
_entry = (
    sa.func.jsonb_array_elements(_b.timeline)
    .table_valued(sa.column("value", pg.JSONB), with_ordinality="place", name="entry")
    .render_derived()
)
_said = sa.case(
    (
        _entry.c.value.op("->>")("by") == "customer",
        _entry.c.value.op("||")(sa.text("'{\"reason\": null}'::jsonb")),
    ),
    else_=_entry.c.value,
)
_without_words = (
    sa.select(sa.func.coalesce(sa.func.jsonb_agg(pg.aggregate_order_by(_said, _entry.c.place)), sa.text("'[]'::jsonb")))
    .select_from(_entry)
    .correlate(bookings)
    .scalar_subquery()
)
anonymise = command(
    sa.update(bookings)
    .values(
        contact_name="",
        contact_email="",
        contact_key="",
        contact_phone=None,
        special_requests=None,
        guest_token_hash=None,
        timeline=_without_words,
        updated_at=app_now(),
    )
    .where(_b.tenant_id == TENANT, sa.or_(_b.user_id == uuid("user_id"), _b.owner_id == uuid("user_id")))
)
"""What a customer left of themselves in their bookings; figures, times and moves stay."""
