"""One verified review a booking, public, under its author's first name."""

import sqlalchemy as sa

from bookable.kernel.db import metadata, public, reference, tenant_key

__all__ = ["reviews"]

reviews = sa.Table(
    "reviews",
    metadata,
    *tenant_key(),
    sa.Column("booking_id", sa.Uuid, nullable=False),
    sa.Column("listing_id", sa.Uuid, nullable=False),
    sa.Column("author_id", sa.Uuid, nullable=False),
    sa.Column("author_first_name", sa.Text, nullable=False),
    sa.Column("author_initial", sa.Text, nullable=False),
    sa.Column("rating", sa.Integer, nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("comment", sa.Text),
    sa.Column("helpful_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    reference("booking_id", "bookings"),
    reference("listing_id", "listings"),
    sa.UniqueConstraint("tenant_id", "booking_id", name="uq_reviews_booking_id"),
    sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
    sa.Index("ix_reviews_listing_id", "tenant_id", "listing_id", "created_at", "id"),
    sa.Index("ix_reviews_rating", "tenant_id", "listing_id", "rating", "id"),
    sa.Index("ix_reviews_helpful", "tenant_id", "listing_id", "helpful_count", "id"),
    sa.Index("ix_reviews_author_id", "tenant_id", "author_id"),
    info={"policy": public()},
)
