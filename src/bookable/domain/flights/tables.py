"""Offers as they were found, flights that were booked, and who travels on them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from bookable.kernel.db import metadata, owned_by, public, reference, tenant_key
from bookable.kernel.db.sealed import SEALED

__all__ = ["flight_bookings", "flight_offers", "flight_travellers"]

_instant = sa.DateTime(timezone=True)

flight_offers = sa.Table(
    "flight_offers",
    metadata,
    *tenant_key(),
    sa.Column("offer", JSONB, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("expires_at", _instant, nullable=False),
    sa.Index("ix_flight_offers_expires_at", "tenant_id", "expires_at"),
    info={"policy": public()},
)
"""What a search found, in the words of `ports.Offer`, under an id of our own."""

flight_bookings = sa.Table(
    "flight_bookings",
    metadata,
    *tenant_key(),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("offer_id", sa.Uuid, nullable=False),
    sa.Column("offer", JSONB, nullable=False),
    sa.Column("order_state", sa.Text, nullable=False),
    sa.Column("order_id", sa.Text),
    sa.Column("provider_reference", sa.Text),
    sa.Column("ordered_at", _instant),
    sa.Column("created_at", _instant, nullable=False),
    reference("id", "bookings"),
    sa.CheckConstraint(
        "order_state IN ('none', 'placing', 'placed', 'refused', 'returning', 'returned')", name="order_state"
    ),
    info={"policy": owned_by("owner_id")},
)
"""One for each booking of a flight, under the booking's id. `offer` is as it was when it was booked."""

flight_travellers = sa.Table(
    "flight_travellers",
    metadata,
    *tenant_key(),
    sa.Column("booking_id", sa.Uuid, nullable=False),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("first_name", sa.Text, nullable=False),
    sa.Column("last_name", sa.Text, nullable=False),
    sa.Column("date_of_birth", sa.Date, nullable=False),
    sa.Column("gender", sa.Text, nullable=False),
    sa.Column("nationality", sa.Text),
    sa.Column("passport", sa.LargeBinary, info=SEALED),
    sa.Column("passport_ending", sa.Text),
    sa.Column("passport_expiry", sa.Date),
    reference("booking_id", "flight_bookings"),
    sa.UniqueConstraint("tenant_id", "booking_id", "place", name="uq_flight_travellers_place"),
    info={"policy": owned_by("owner_id")},
)
"""Passport numbers are sealed; `passport_ending`, the last few characters, is what is shown of them."""
