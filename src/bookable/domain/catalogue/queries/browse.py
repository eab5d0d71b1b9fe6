"""The public list: one statement a page, built once for each combination of filters, order and continuation."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from bookable.kernel.db import Query, Record, query

from ..records import Listing
from ..tables import listings, tallies
from .columns import listing, tenant

__all__ = ["Found", "Plan", "Tally", "matching", "page", "tallied", "unavailable"]

l = listings.c  # noqa: E741 - the listing's columns, all over this page


@dataclass(frozen=True, slots=True)
class Plan:
    """What a statement depends on: which filters are present (not their values), the order, from where."""

    filters: frozenset[str]
    order: str
    continued: bool
    excluding: sa.Select[Any] | None


class Tally(Record, frozen=True):
    """How many active listings there are (of the category, if one is asked for), and how often that changed."""

    tally: int
    changes: int
    ratings: int


class Found(Listing, frozen=True):
    """A row of the list, with its place in the order and the tallies that were true when it was read."""

    named: bool
    folded_name: str
    exact_rating: str
    tally: int
    changes: int
    ratings: int


def _search(kind: str) -> sa.ColumnElement[Any]:
    """`search`: as people type into search boxes. `corrected`: alternatives for each word, made by us."""
    parse = sa.func.to_tsquery if kind == "corrected" else sa.func.websearch_to_tsquery
    return parse(sa.literal_column("'bookable'::regconfig"), sa.bindparam("search", type_=sa.Text))


def _searched(filters: frozenset[str]) -> str | None:
    return next((k for k in ("search", "corrected") if k in filters), None)


_CONDITIONS: dict[str, sa.ColumnElement[bool]] = {
    "category": l.category == sa.bindparam("category", type_=sa.Text),
    "location": l.location.ilike(sa.bindparam("location", type_=sa.Text)),
    "min_price": l.lowest_price_cents >= sa.bindparam("min_price", type_=sa.Integer),
    "max_price": l.lowest_price_cents <= sa.bindparam("max_price", type_=sa.Integer),
    "min_rating": l.average_rating >= sa.bindparam("min_rating", type_=sa.Numeric(3, 2)),
    "featured": sa.text("listings.is_featured"),  # type: ignore[dict-item]  # literal, for the partial index
    "unfeatured": sa.text("NOT listings.is_featured"),  # type: ignore[dict-item]
    **{k: l.words.bool_op("@@")(_search(k)) for k in ("search", "corrected")},
}


def _where(filters: frozenset[str]) -> list[sa.ColumnElement[bool]]:
    """`is_active` is written out, so that the partial indexes serve prepared statements too."""
    return [l.tenant_id == tenant, sa.text("listings.is_active"), *(_CONDITIONS[f] for f in sorted(filters))]  # type: ignore[list-item]


_ID = sa.bindparam("after_id", type_=sa.Uuid)
_AVERAGE = sa.bindparam("after_rating", type_=sa.Numeric(3, 2))
_COUNT = sa.bindparam("after_count", type_=sa.Integer)


def _keys(rows: Any) -> dict[str, tuple[tuple[Any, ...], bool]]:
    """For each order the columns that make it total, and whether it descends."""
    return {
        "relevance": ((rows.named, rows.average_rating, rows.rating_count, rows.id), True)
        if "named" in rows
        else ((), True),
        "rating": ((rows.average_rating, rows.rating_count, rows.id), True),
        "price": ((rows.lowest_price_cents, rows.id), False),
        "-price": ((rows.lowest_price_cents, rows.id), True),
        "popular": ((rows.bookings_count, rows.id), True),
        "newest": ((rows.created_at, rows.id), True),
        "name": ((sa.func.lower(rows.display_name), rows.id), False),
    }


_AFTER: dict[str, tuple[sa.BindParameter[Any], ...]] = {
    "relevance": (sa.bindparam("after_named", type_=sa.Boolean), _AVERAGE, _COUNT, _ID),
    "rating": (_AVERAGE, _COUNT, _ID),
    "price": (sa.bindparam("after_price", type_=sa.Integer), _ID),
    "-price": (sa.bindparam("after_price", type_=sa.Integer), _ID),
    "popular": (sa.bindparam("after_bookings", type_=sa.Integer), _ID),
    "newest": (sa.bindparam("after_created", type_=sa.DateTime(timezone=True)), _ID),
    "name": (sa.bindparam("after_name", type_=sa.Text), _ID),
}
_LIMIT = sa.bindparam("limit", type_=sa.BigInteger)
_OFFSET = sa.bindparam("offset", type_=sa.BigInteger)


def _ordered(statement: sa.Select[Any], rows: Any, plan: Plan) -> sa.Select[Any]:
    columns, descends = _keys(rows)[plan.order]
    if plan.continued:
        here, there = sa.tuple_(*columns), sa.tuple_(*_AFTER[plan.order])
        statement = statement.where(here < there if descends else here > there)
    return statement.order_by(*(c.desc() if descends else c for c in columns))


def _matching(plan: Plan) -> sa.Select[Any]:
    statement = sa.select(*listings.c).where(*_where(plan.filters))
    return statement if plan.excluding is None else statement.where(l.id.not_in(plan.excluding))


def _plain(plan: Plan) -> sa.Select[Any]:
    """A walk along the index of the order, or what the filters leave, sorted: PostgreSQL weighs which is less."""
    statement = _ordered(_matching(plan).add_columns(sa.false().label("named")), l, plan).limit(_LIMIT)
    return statement if plan.continued else statement.offset(_OFFSET)


def _relevant(plan: Plan) -> sa.Select[Any]:
    """Those named so first, then the best rated: two bounded halves, so that a word that all have costs no more."""
    kind = _searched(plan.filters)
    assert kind is not None
    is_named = l.name_words.bool_op("@@")(_search(kind))
    halves = []
    for named, condition in ((True, is_named), (False, sa.not_(is_named))):
        half = _matching(plan).where(condition).add_columns(sa.literal(named, sa.Boolean).label("named"))
        columns, _ = _keys(l)["rating"]
        if plan.continued:
            key = sa.tuple_(sa.literal(named, sa.Boolean), *columns)
            half = half.where(key < sa.tuple_(*_AFTER["relevance"]))
        top = _LIMIT if plan.continued else _LIMIT + _OFFSET
        halves.append(half.order_by(*(c.desc() for c in columns)).limit(top).subquery().select())
    both = sa.union_all(*halves).subquery("both")
    columns, _ = _keys(both.c)["relevance"]
    statement = sa.select(both).order_by(*(c.desc() for c in columns)).limit(_LIMIT)
    return statement if plan.continued else statement.offset(_OFFSET)


def _tallies(filters: frozenset[str]) -> sa.Select[Any]:
    def total(column: sa.Column[Any], kind: Any) -> sa.ColumnElement[Any]:
        return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), kind)

    statement = sa.select(
        total(tallies.c.active, sa.Integer).label("tally"),
        total(tallies.c.changes, sa.BigInteger).label("changes"),
        total(tallies.c.ratings, sa.BigInteger).label("ratings"),
    ).where(tallies.c.tenant_id == tenant)
    return statement.where(tallies.c.category == sa.bindparam("category")) if "category" in filters else statement


@lru_cache(maxsize=2048)
def page(plan: Plan) -> Query[Found]:
    """The page itself is found first, by bare rows; prices, likes and tallies are looked up for what it holds."""
    rows = (_relevant(plan) if plan.order == "relevance" else _plain(plan)).subquery("page")
    tally = _tallies(plan.filters).subquery("tally")
    columns, descends = _keys(rows.c)[plan.order]
    statement = (
        sa.select(
            *listing(rows),
            rows.c.named,
            sa.func.lower(rows.c.display_name).label("folded_name"),
            sa.cast(rows.c.average_rating, sa.Text).label("exact_rating"),
            *tally.c,
        )
        .select_from(rows.join(tally, sa.true()))
        .order_by(*(c.desc() if descends else c for c in columns))
    )
    return query(statement, Found)


@lru_cache(maxsize=256)
def tallied(*, in_category: bool) -> Query[Tally]:
    """The tallies alone, for a page that turned out empty."""
    return query(_tallies(frozenset(["category"]) if in_category else frozenset()), Tally)


@lru_cache(maxsize=512)
def matching(filters: frozenset[str]) -> Query[int]:
    """How many listings the filters leave."""
    return query(sa.select(sa.func.count()).select_from(listings).where(*_where(filters)), int)


@lru_cache(maxsize=512)
def unavailable(filters: frozenset[str], excluding: sa.Select[Any]) -> Query[int]:
    """How many of those the exclusion takes away: found from the exclusion's side, which is the small one."""
    return query(sa.select(sa.func.count()).select_from(listings).where(*_where(filters), l.id.in_(excluding)), int)
