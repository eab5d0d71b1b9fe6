"""Listings, the offers they make, and who likes them. Public: filtered by tenant in every query."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from bookable.kernel.db import metadata, owned_by, public, reference, tenant_key

__all__ = ["favourites", "listings", "offers"]

_instant = sa.DateTime(timezone=True)

listings = sa.Table(
    "listings",
    metadata,
    *tenant_key(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("owner_id", sa.Uuid),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("bio", sa.Text, nullable=False, server_default=""),
    sa.Column("location", sa.Text),
    sa.Column("avatar_url", sa.Text),
    sa.Column("cover_url", sa.Text),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("lowest_price_cents", sa.Integer),
    sa.Column("rating_sum", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rating_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column(
        "average_rating",
        sa.Numeric(3, 2),
        sa.Computed(
            "CASE WHEN rating_count = 0 THEN 0 ELSE round(rating_sum::numeric / rating_count, 2) END",
            persisted=True,
        ),
        nullable=False,
    ),
    sa.Column("bookings_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("is_verified", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("is_featured", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default="true"),
    sa.Column(
        "words",
        TSVECTOR,
        sa.Computed(
            "setweight(to_tsvector('english', display_name), 'A') || setweight(to_tsvector('english', category), 'B')"
            " || setweight(to_tsvector('english', coalesce(location, '')), 'C')"
            " || setweight(to_tsvector('english', bio), 'D')",
            persisted=True,
        ),
        nullable=False,
    ),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("updated_at", _instant, nullable=False),
    sa.UniqueConstraint("tenant_id", "username", name="uq_listings_username"),
    sa.CheckConstraint("rating_count >= 0 AND rating_sum BETWEEN rating_count AND 5 * rating_count", name="ratings"),
    info={"policy": public()},
)

offers = sa.Table(
    "offers",
    metadata,
    *tenant_key(),
    sa.Column("listing_id", sa.Uuid, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("duration_minutes", sa.Integer, nullable=False),
    sa.Column("price_cents", sa.Integer, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default="true"),
    reference("listing_id", "listings"),
    sa.UniqueConstraint("tenant_id", "listing_id", "name", name="uq_offers_name"),
    sa.CheckConstraint("price_cents >= 0", name="price"),
    sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration"),
    info={"policy": public()},
)

favourites = sa.Table(
    "favourites",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("listing_id", sa.Uuid, primary_key=True),
    sa.Column("created_at", _instant, nullable=False),
    reference("user_id", "users"),
    reference("listing_id", "listings"),
    info={"policy": owned_by("user_id")},
)
