"""How a booking reads: by the clock, with the listing's face and the payment behind it."""

from typing import Any

import sqlalchemy as sa

from bookable.domain import catalogue, payments
from bookable.kernel.db import app_now, metadata

__all__ = ["HELD", "TENANT", "booking", "joined", "lapsed", "status_now", "uuid"]

# Read by name, as foreign keys do: one statement with the listing and the payment costs a third of three.
_listings = metadata.tables["listings"]
_payments = metadata.tables["payments"]
_ = (catalogue, payments)

TENANT = sa.bindparam("tenant_id", type_=sa.Uuid)
HELD: list[sa.ColumnElement[Any]] = [sa.literal_column("'pending'"), sa.literal_column("'payment_processing'")]


def uuid(name: str) -> sa.BindParameter[Any]:
    """An id that the caller gives."""
    return sa.bindparam(name, type_=sa.Uuid)


def lapsed(rows: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether the hold is over by the clock while the row still says that it is held."""
    return sa.and_(rows.c.status.in_(HELD), rows.c.hold_expires_at <= app_now())


def status_now(rows: sa.FromClause) -> sa.ColumnElement[Any]:
    """The state as everyone reads it."""
    return sa.case((lapsed(rows), sa.literal_column("'expired'")), else_=rows.c.status)


def joined(rows: sa.FromClause) -> sa.Join:
    """A booking's rows with its listing, if it has one, and its payment, of which at most one stands."""
    listing = sa.and_(_listings.c.tenant_id == rows.c.tenant_id, _listings.c.id == rows.c.listing_id)
    payment = sa.and_(
        _payments.c.tenant_id == rows.c.tenant_id,
        _payments.c.subject_id == rows.c.id,
        _payments.c.purpose == sa.literal_column("'total'"),
        _payments.c.status != sa.literal_column("'cancelled'"),
    )
    return rows.outerjoin(_listings, listing).outerjoin(_payments, payment)


def booking(rows: sa.FromClause) -> tuple[sa.ColumnElement[Any], ...]:
    """The fields of `records.Booking`, from a row of `joined`."""
    c = rows.c
    first = ("id", "number", "owner_id", "user_id", "provider_id")
    middle = (
        *("day", "slot", "time_zone", "starts_at", "ends_at"),
        *("contact_name", "contact_email", "contact_phone", "special_requests", "currency"),
        *("subtotal_cents", "platform_fee_cents", "discount_cents", "tax_cents", "total_cents", "deposit_cents"),
        *("promo_code_id", "sequence", "hold_expires_at"),
    )
    last = ("created_at", "updated_at", "confirmed_at", "completed_at", "cancelled_at")
    of_payment = ("id", "amount_cents", "status", "method_type", "card_brand", "last4", "captured_cents")
    gone = ("refunded_cents", "refunding_cents", "disputed_cents", "paid_at", "refunded_at")
    return (
        *(c[n] for n in first),
        sa.func.coalesce(c.listing_id, c.id).label("listing_id"),
        sa.func.coalesce(_listings.c.username, sa.literal_column("''")).label("listing_username"),
        sa.func.coalesce(_listings.c.display_name, c.supplier).label("listing_name"),
        _listings.c.avatar_url.label("listing_avatar_url"),
        c.supplier,
        c.offer,
        status_now(rows).label("status"),
        c.status.label("stored"),
        *(c[n] for n in middle),
        c.timeline.label("entries"),
        *(c[n] for n in last),
        *(_payments.c[n].label(f"payment_{n}") for n in (*of_payment, *gone)),
    )
