"""Reading one listing, and writing them."""

from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from bookable.kernel.db import Query, Record, app_now, command, query

from ..records import Bookable, Category, Listing
from ..tables import favourites, listings, offers, search_words, tallies
from .columns import listing, tenant

__all__ = [
    "GIVEN",
    "Present",
    "add",
    "add_offers",
    "add_words",
    "bookable",
    "by_id",
    "by_owner",
    "by_username",
    "categories",
    "change",
    "count_booking",
    "end_offers",
    "featured",
    "forget_favourites",
    "put_offers",
    "rate",
    "reprice",
    "tally",
    "to_change",
]

_id = sa.bindparam("listing_id", type_=sa.Uuid)
_user = sa.bindparam("user_id", type_=sa.Uuid)
_mine = listings.c.tenant_id == tenant
_this = sa.and_(_mine, listings.c.id == _id)


class Present(Record, frozen=True):
    """What a listing is before it is changed."""

    id: UUID
    owner_id: UUID | None
    category: str
    is_active: bool


by_id = query(sa.select(*listing(listings)).where(_this), Listing)
by_username = query(
    sa.select(*listing(listings)).where(_mine, listings.c.username == sa.bindparam("username", type_=sa.Text)),
    Listing,
)
featured = query(
    sa.select(*listing(listings))
    .where(_mine, sa.text("listings.is_active AND listings.is_featured"))
    .order_by(listings.c.average_rating.desc(), listings.c.rating_count.desc(), listings.c.id.desc())
    .limit(12),
    Listing,
)
by_owner = query(
    sa.select(*listing(listings))
    .where(_mine, listings.c.owner_id == sa.bindparam("owner_id", type_=sa.Uuid))
    .order_by(listings.c.id),
    Listing,
)
to_change = query(
    sa.select(listings.c.id, listings.c.owner_id, listings.c.category, listings.c.is_active)
    .where(_this)
    .with_for_update(),
    Present,
)
categories = query(
    sa.select(tallies.c.category, tallies.c.active.label("count"))
    .where(tallies.c.tenant_id == tenant, tallies.c.active > 0)
    .order_by(tallies.c.category),
    Category,
)
bookable = query(
    sa.select(
        listings.c.id.label("listing_id"),
        listings.c.owner_id,
        listings.c.username,
        listings.c.display_name,
        listings.c.avatar_url,
        listings.c.time_zone,
        listings.c.currency,
        offers.c.name.label("offer"),
        offers.c.duration_minutes,
        offers.c.price_cents,
    )
    .select_from(
        listings.join(offers, sa.and_(offers.c.tenant_id == listings.c.tenant_id, offers.c.listing_id == listings.c.id))
    )
    .where(_this, listings.c.is_active, offers.c.is_active, offers.c.name == sa.bindparam("offer", type_=sa.Text)),
    Bookable,
)

GIVEN = (
    "kind",
    "owner_id",
    "username",
    "display_name",
    "category",
    "bio",
    "location",
    "avatar_url",
    "cover_url",
    "time_zone",
    "currency",
    "is_verified",
    "is_featured",
    "is_active",
)
"""What a new listing says of itself: columns here, fields of a draft there."""


def _rows(table: sa.Table, columns: list[str]) -> sa.TableValuedAlias:
    """Parameters that are arrays, one for each column, read as rows."""
    arrays = [sa.bindparam(c, type_=ARRAY(table.c[c].type)) for c in columns]
    named = (sa.column(c, table.c[c].type) for c in columns)
    return sa.func.unnest(*arrays).table_valued(*named, name="given").render_derived()


def _insert_rows(table: sa.Table, columns: list[str], *, stamps: tuple[str, ...] = ()) -> sa.Insert:
    given = _rows(table, columns)
    return sa.insert(table).from_select(
        ["tenant_id", *columns, *stamps],
        sa.select(tenant, *(given.c[c] for c in columns), *(app_now() for _ in stamps)),
    )


add = command(_insert_rows(listings, ["id", *GIVEN, "lowest_price_cents"], stamps=("created_at", "updated_at")))
add_offers = command(_insert_rows(offers, ["id", "listing_id", "name", "duration_minutes", "price_cents"]))

_words = sa.func.unnest(sa.bindparam("words", type_=ARRAY(sa.Text))).table_valued("word", name="given").render_derived()
add_words = command(
    insert(search_words)
    .from_select(["tenant_id", "word"], sa.select(tenant, _words.c.word).order_by(_words.c.word))
    .on_conflict_do_nothing()
)

_offer = insert(offers).values(
    tenant_id=tenant,
    id=sa.bindparam("id", type_=sa.Uuid),
    listing_id=_id,
    name=sa.bindparam("name", type_=sa.Text),
    duration_minutes=sa.bindparam("duration_minutes", type_=sa.Integer),
    price_cents=sa.bindparam("price_cents", type_=sa.Integer),
)
put_offers = command(
    _offer.on_conflict_do_update(
        constraint="uq_offers_name",
        set_={
            "duration_minutes": _offer.excluded.duration_minutes,
            "price_cents": _offer.excluded.price_cents,
            "is_active": sa.true(),
        },
    )
)
end_offers = command(
    sa.update(offers)
    .where(
        offers.c.tenant_id == tenant,
        offers.c.listing_id == _id,
        offers.c.name == sa.any_(sa.bindparam("names", type_=ARRAY(sa.Text))),
    )
    .values(is_active=sa.false())
)
_cheapest = (
    sa.select(sa.func.min(offers.c.price_cents))
    .where(offers.c.tenant_id == tenant, offers.c.listing_id == _id, offers.c.is_active)
    .scalar_subquery()
)
reprice = command(
    sa.update(listings).where(_this, _cheapest.is_not(None)).values(lowest_price_cents=_cheapest, updated_at=app_now())
)


@lru_cache(maxsize=256)
def change(columns: frozenset[str]) -> Query[int]:
    """Sets these columns of a listing to parameters of the same names."""
    values = {c: sa.bindparam(c, type_=listings.c[c].type) for c in sorted(columns)}
    return command(sa.update(listings).where(_this).values(**values, updated_at=app_now()))


_later = 1 + sa.cast(sa.func.floor(sa.func.random() * 1e9), sa.BigInteger)
"""A leap of its own for each change, so that one rolled back and the one made instead leave different numbers."""

_tally = insert(tallies).values(
    tenant_id=tenant,
    category=sa.bindparam("category", type_=sa.Text),
    active=sa.func.greatest(sa.bindparam("by", type_=sa.Integer), 0),
    changes=_later,
)
tally = command(
    _tally.on_conflict_do_update(
        index_elements=["tenant_id", "category"],
        set_={"active": tallies.c.active + sa.bindparam("by", type_=sa.Integer), "changes": tallies.c.changes + _later},
    )
)
"""The listing is written first, its category's tally last: so two writers always meet in the same order."""

_stars = sa.bindparam("stars", type_=sa.Integer)
_rated = (
    sa.update(listings)
    .where(_this)
    .values(rating_sum=listings.c.rating_sum + _stars, rating_count=listings.c.rating_count + 1)
    .returning(listings.c.category)
    .cte("rated")
)
rate = command(
    sa.update(tallies)
    .where(tallies.c.tenant_id == tenant, tallies.c.category == sa.select(_rated.c.category).scalar_subquery())
    .values(ratings=tallies.c.ratings + _later)
    .add_cte(_rated)
)
count_booking = command(
    sa.update(listings)
    .where(_this)
    .values(bookings_count=sa.func.greatest(listings.c.bookings_count + sa.bindparam("by", type_=sa.Integer), 0))
)
forget_favourites = command(
    sa.delete(favourites).where(favourites.c.tenant_id == tenant, favourites.c.user_id == _user)
)
