"""Statements over reviews."""

from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from bookable.kernel.db import Query, app_now, command, metadata, query

from .records import Drift, Order, Review, Summary
from .tables import reviews

__all__ = ["add", "anonymise", "by_author", "drift", "page", "summary"]

listings = metadata.tables["listings"]
_tenant = sa.bindparam("tenant_id", type_=sa.Uuid)
_listing = sa.bindparam("listing_id", type_=sa.Uuid)
_author = sa.bindparam("author_id", type_=sa.Uuid)
_hidden = {"tenant_id", "author_id"}
_columns = tuple(c for c in reviews.c if c.name not in _hidden)
_of_listing = sa.and_(reviews.c.tenant_id == _tenant, reviews.c.listing_id == _listing)
_by_author = sa.and_(reviews.c.tenant_id == _tenant, reviews.c.author_id == _author)

_given = (
    "id",
    "booking_id",
    "listing_id",
    "author_id",
    "author_first_name",
    "author_initial",
    "rating",
    "title",
    "comment",
)
add = query(
    insert(reviews)
    .values(tenant_id=_tenant, created_at=app_now(), **{c: sa.bindparam(c, type_=reviews.c[c].type) for c in _given})
    .on_conflict_do_nothing(constraint="uq_reviews_booking_id")
    .returning(*_columns),
    Review,
)
"""Nothing when the booking has its review already, or gets it from somebody who is faster."""

_ORDERS: dict[Order, tuple[tuple[str, str], bool]] = {
    Order.NEWEST: (("created_at", "id"), True),
    Order.RATING: (("rating", "id"), True),
    Order.RATING_ASCENDING: (("rating", "id"), False),
    Order.HELPFUL: (("helpful_count", "id"), True),
}


@lru_cache(maxsize=8)
def page(order: Order, *, continued: bool) -> Query[Review]:
    """A listing's reviews in this order, from an offset or behind `after`, `after_id`; each order has its index."""
    names, descends = _ORDERS[order]
    columns = [reviews.c[n] for n in names]
    statement = (
        sa.select(*_columns)
        .where(_of_listing)
        .order_by(*(c.desc() if descends else c for c in columns))
        .limit(sa.bindparam("limit", type_=sa.BigInteger))
    )
    if not continued:
        return query(statement.offset(sa.bindparam("offset", type_=sa.BigInteger)), Review)
    there = sa.tuple_(sa.bindparam("after", type_=columns[0].type), sa.bindparam("after_id", type_=sa.Uuid))
    here = sa.tuple_(*columns)
    return query(statement.where(here < there if descends else here > there), Review)


summary = query(
    sa.select(
        *(
            sa.func.count().filter(reviews.c.rating == stars).label(name)
            for stars, name in enumerate(("ones", "twos", "threes", "fours", "fives"), 1)
        )
    ).where(_of_listing),
    Summary,
)

by_author = query(sa.select(*_columns).where(_by_author).order_by(reviews.c.id), Review)
anonymise = command(
    sa.update(reviews)
    .where(_by_author)
    .values(author_first_name=sa.bindparam("name", type_=sa.Text), author_initial="")
)

_counted = (
    sa.select(
        reviews.c.listing_id,
        sa.cast(sa.func.sum(reviews.c.rating), sa.BigInteger).label("total"),
        sa.cast(sa.func.count(), sa.Integer).label("n"),
    )
    .where(reviews.c.tenant_id == _tenant)
    .group_by(reviews.c.listing_id)
    .subquery("counted")
)
_sum, _n = sa.func.coalesce(_counted.c.total, 0), sa.func.coalesce(_counted.c.n, 0)
drift = query(
    sa.select(
        listings.c.id.label("listing_id"),
        listings.c.rating_sum,
        listings.c.rating_count,
        _sum.label("recounted_sum"),
        _n.label("recounted_count"),
    )
    .select_from(listings.outerjoin(_counted, _counted.c.listing_id == listings.c.id))
    .where(listings.c.tenant_id == _tenant, sa.or_(listings.c.rating_sum != _sum, listings.c.rating_count != _n)),
    Drift,
)
