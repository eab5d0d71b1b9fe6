"""Listings, the offers they make, the words people find them by, and who likes them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from bookable.kernel.db import metadata, owned_by, public, reference, tenant_key

__all__ = ["favourites", "listings", "offers", "open_listings", "search_words", "tallies"]

_instant = sa.DateTime(timezone=True)
_active = sa.text("is_active")

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
    sa.Column("lowest_price_cents", sa.Integer, nullable=False),
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
    sa.Column("name_words", TSVECTOR, sa.Computed("to_tsvector('bookable', display_name)", persisted=True)),
    sa.Column(
        "words",
        TSVECTOR,
        sa.Computed(
            "to_tsvector('bookable', display_name || ' ' || category || ' ' || coalesce(location, '') || ' ' || bio)",
            persisted=True,
        ),
    ),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("updated_at", _instant, nullable=False),
    sa.UniqueConstraint("tenant_id", "username", name="uq_listings_username"),
    sa.CheckConstraint("rating_count >= 0 AND rating_sum BETWEEN rating_count AND 5 * rating_count", name="ratings"),
    # One index for each order of the public list: a page is a walk along it, however many listings there are.
    sa.Index("ix_listings_rating", "tenant_id", "average_rating", "rating_count", "id", postgresql_where=_active),
    sa.Index(
        "ix_listings_category",
        "tenant_id",
        "category",
        "average_rating",
        "rating_count",
        "id",
        postgresql_where=_active,
    ),
    sa.Index("ix_listings_price", "tenant_id", "lowest_price_cents", "id", postgresql_where=_active),
    sa.Index("ix_listings_popular", "tenant_id", "bookings_count", "id", postgresql_where=_active),
    sa.Index("ix_listings_newest", "tenant_id", "created_at", "id", postgresql_where=_active),
    sa.Index("ix_listings_name", "tenant_id", sa.text("lower(display_name)"), "id", postgresql_where=_active),
    sa.Index(
        "ix_listings_featured",
        "tenant_id",
        "average_rating",
        "rating_count",
        "id",
        postgresql_where=sa.text("is_active AND is_featured"),
    ),
    sa.Index("ix_listings_owner_id", "tenant_id", "owner_id", postgresql_where=sa.text("owner_id IS NOT NULL")),
    sa.Index("ix_listings_words", "tenant_id", "words", postgresql_using="gin", postgresql_where=_active),
    sa.Index("ix_listings_name_words", "tenant_id", "name_words", postgresql_using="gin", postgresql_where=_active),
    sa.Index(
        "ix_listings_location",
        "tenant_id",
        "location",
        postgresql_using="gin",
        postgresql_ops={"location": "gin_trgm_ops"},
        postgresql_where=_active,
    ),
    info={"policy": public(), "forced": False},
)

open_listings = listings.to_metadata(sa.MetaData(), name="open_listings")
"""The same rows, read as the table's owner, whom the policy does not bind: for the public list alone. Behind a policy
PostgreSQL neither uses text indexes nor looks at statistics (their operators might leak what it hides); so what reads
from here names the tenant itself."""

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

tallies = sa.Table(
    "listing_tallies",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("category", sa.Text, primary_key=True),
    sa.Column("active", sa.Integer, nullable=False),
    sa.Column("changes", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("ratings", sa.BigInteger, nullable=False, server_default="0"),
    sa.CheckConstraint("active >= 0", name="active"),
    info={"policy": public()},
)
"""How many active listings a category has, kept in the transaction that changes it: a million are counted by reading
a row. `changes` and `ratings` grow with every change, so a count taken under the same numbers still holds."""

search_words = sa.Table(
    "search_words",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("word", sa.Text, primary_key=True),
    sa.Index(
        "ix_search_words_near",
        "tenant_id",
        "word",
        postgresql_using="gist",
        postgresql_ops={"word": "gist_trgm_ops"},
    ),
    info={"policy": public()},
)
"""Every word that a listing has ever been found by, unaccented and unstemmed: where a misspelt one is looked up."""

favourites = sa.Table(
    "favourites",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("listing_id", sa.Uuid, primary_key=True),
    sa.Column("created_at", _instant, nullable=False),
    reference("user_id", "users"),
    reference("listing_id", "listings"),
    sa.Index("ix_favourites_newest", "tenant_id", "user_id", "created_at", "listing_id"),
    info={"policy": owned_by("user_id")},
)
