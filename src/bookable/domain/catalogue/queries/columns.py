"""The columns a listing is read with, and the two that depend on more than its own row."""

from typing import Any

import sqlalchemy as sa

from ..tables import favourites, offers

__all__ = ["favourite", "listing", "prices", "tenant"]

tenant = sa.bindparam("tenant_id", type_=sa.Uuid)


def prices(rows: sa.FromClause) -> sa.ColumnElement[Any]:
    """What the listing's active offers cost, by their names. Served by `uq_offers_name`."""
    return (
        sa.select(sa.func.coalesce(sa.func.jsonb_object_agg(offers.c.name, offers.c.price_cents), sa.text("'{}'")))
        .where(offers.c.tenant_id == tenant, offers.c.listing_id == rows.c.id, offers.c.is_active)
        .correlate(rows)
        .scalar_subquery()
        .label("prices")
    )


_asker = sa.bindparam("user_id", type_=sa.Uuid)


def favourite(rows: sa.FromClause) -> sa.ColumnElement[Any]:
    """Whether `user_id` likes it; null when nobody asks."""
    likes = sa.exists(
        sa.select(1)
        .where(
            favourites.c.tenant_id == tenant,
            favourites.c.user_id == _asker,
            favourites.c.listing_id == rows.c.id,
        )
        .correlate(rows)
    )
    return sa.case((_asker.is_not(None), likes)).label("is_favourite")


def listing(rows: sa.FromClause) -> tuple[sa.ColumnElement[Any], ...]:
    """The fields of `records.Listing`, from a listing's row."""
    c = rows.c
    plain = ("id", "owner_id", "kind", "username", "display_name", "category", "bio", "location", "avatar_url")
    rest = ("rating_count", "bookings_count", "is_verified", "is_featured", "is_active", "created_at")
    return (
        *(c[name] for name in (*plain, "cover_url", "time_zone", "currency", "lowest_price_cents")),
        sa.cast(c.average_rating, sa.Double).label("average_rating"),
        *(c[name] for name in rest),
        prices(rows),
        favourite(rows),
    )
