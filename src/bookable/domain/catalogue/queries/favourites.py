"""Who likes what."""

import datetime
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from bookable.kernel.db import Query, Record, app_now, command, query

from ..records import Listing
from ..tables import favourites, listings
from .columns import listing, tenant

__all__ = ["Kept", "Mark", "add", "count", "every", "page", "remove"]

_user = sa.bindparam("user_id", type_=sa.Uuid)
_id = sa.bindparam("listing_id", type_=sa.Uuid)
_mine = sa.and_(favourites.c.tenant_id == tenant, favourites.c.user_id == _user)


class Kept(Listing, frozen=True):
    """A listing that someone likes, and since when."""

    liked_at: datetime.datetime


class Mark(Record, frozen=True):
    """That someone likes a listing."""

    listing_id: UUID
    username: str
    created_at: datetime.datetime


_there = (
    sa.select(listings.c.id)
    .where(listings.c.tenant_id == tenant, listings.c.id == _id, listings.c.is_active)
    .cte("there")
)
_added = (
    insert(favourites)
    .from_select(["tenant_id", "user_id", "listing_id", "created_at"], sa.select(tenant, _user, _there.c.id, app_now()))
    .on_conflict_do_nothing()
    .cte("added")
)
add = query(sa.select(_there.c.id).add_cte(_added), UUID)
"""The listing's id, whether or not it was liked before; nothing when it can't be found."""

remove = command(sa.delete(favourites).where(_mine, favourites.c.listing_id == _id))

_both = favourites.join(
    listings, sa.and_(listings.c.tenant_id == favourites.c.tenant_id, listings.c.id == favourites.c.listing_id)
)
_seen = sa.and_(_mine, listings.c.tenant_id == tenant, listings.c.is_active)
count = query(sa.select(sa.func.count()).select_from(_both).where(_seen), int)


@lru_cache(maxsize=4)
def page(*, continued: bool) -> Query[Kept]:
    """What someone likes, newest first. Served by `ix_favourites_newest`."""
    key = sa.tuple_(favourites.c.created_at, favourites.c.listing_id)
    statement = (
        sa.select(*listing(listings), favourites.c.created_at.label("liked_at"))
        .select_from(_both)
        .where(_seen)
        .order_by(favourites.c.created_at.desc(), favourites.c.listing_id.desc())
        .limit(sa.bindparam("limit", type_=sa.BigInteger))
    )
    if continued:
        since = sa.bindparam("liked_at", type_=sa.DateTime(timezone=True))
        statement = statement.where(key < sa.tuple_(since, _id))
    else:
        statement = statement.offset(sa.bindparam("offset", type_=sa.BigInteger))
    return query(statement, Kept)


every = query(
    sa.select(favourites.c.listing_id, listings.c.username, favourites.c.created_at)
    .select_from(_both)
    .where(_mine, listings.c.tenant_id == tenant)
    .order_by(favourites.c.created_at, favourites.c.listing_id),
    Mark,
)
