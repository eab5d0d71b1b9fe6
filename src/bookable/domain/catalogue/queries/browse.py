"""The public list: one statement a page, built once for each combination of filters, order and continuation.

It reads `open_listings`, past the policy, so every statement here names the tenant itself.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from bookable.kernel.db import Query, Record, query

from ..records import Listing
from ..tables import open_listings, tallies
from .columns import listing, tenant
from .orders import KEYS, LIMIT, OFFSET, ORDERS, behind, key, page_of

__all__ = ["Excluding", "Found", "Plan", "Tally", "matching", "page", "tallied", "unavailable"]

l = open_listings.c  # noqa: E741 - the listing's columns, all over this page


@dataclass(frozen=True, slots=True)
class Excluding:
    """Listings that somebody above the catalogue takes out: a statement, made once, of their ids, and its parameters.

    This is how inventory says which are taken on a day, without the catalogue's knowing what a day is.
    """

    ids: sa.Select[Any]
    parameters: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a statement depends on: which filters are present (not their values), the order, a cursor or an offset.

    `few` says that little is expected to match.
    """

    filters: frozenset[str]
    order: str
    continued: bool
    few: bool
    excluding: sa.Select[Any] | None


class Tally(Record, frozen=True):
    """How many active listings there are (of the category, if one is asked for), and how often that changed."""

    tally: int
    changes: int
    ratings: int


class Found(Listing, frozen=True):
    """A row of the list, with its place in the order, how many matched if that was counted, and the tallies then."""

    named: bool
    folded_name: str
    exact_rating: str
    matches: int | None
    tally: int
    changes: int
    ratings: int


_UNCOUNTED = sa.cast(sa.null(), sa.Integer).label("matches")


def _search(kind: str) -> sa.ColumnElement[Any]:
    """`search`: as people type into search boxes. `corrected`: alternatives for each word, made by us."""
    parse = sa.func.to_tsquery if kind == "corrected" else sa.func.websearch_to_tsquery
    return parse(sa.literal_column("'bookable'::regconfig"), sa.bindparam("search", type_=sa.Text))


_CONDITIONS: dict[str, sa.ColumnElement[bool]] = {
    "category": l.category == sa.bindparam("category", type_=sa.Text),
    "location": l.location.ilike(sa.bindparam("location", type_=sa.Text)),
    "min_price": l.lowest_price_cents >= sa.bindparam("min_price", type_=sa.Integer),
    "max_price": l.lowest_price_cents <= sa.bindparam("max_price", type_=sa.Integer),
    "min_rating": l.average_rating >= sa.bindparam("min_rating", type_=sa.Numeric(3, 2)),
    "featured": sa.text("open_listings.is_featured"),  # type: ignore[dict-item]  # literal, for the partial index
    "unfeatured": sa.text("NOT open_listings.is_featured"),  # type: ignore[dict-item]
    **{k: l.words.bool_op("@@")(_search(k)) for k in ("search", "corrected")},
}


def _where(filters: frozenset[str]) -> list[sa.ColumnElement[bool]]:
    """`is_active` is written out, so that the partial indexes serve prepared statements too."""
    return [l.tenant_id == tenant, sa.text("open_listings.is_active"), *(_CONDITIONS[f] for f in sorted(filters))]  # type: ignore[list-item]


def _matching(plan: Plan, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    statement = sa.select(*columns).where(*_where(plan.filters))
    return statement if plan.excluding is None else statement.where(l.id.not_in(plan.excluding))


def _named(plan: Plan) -> sa.ColumnElement[bool]:
    """Whether what is searched is in the name itself."""
    kind = next((k for k in ("search", "corrected") if k in plan.filters), None)
    return sa.false() if kind is None else l.name_words.bool_op("@@")(_search(kind))


def _walk(plan: Plan) -> sa.Select[Any]:
    """A walk along the index of the order, or what the filters leave, sorted: PostgreSQL weighs which is less."""
    rows = _matching(plan, *open_listings.c, sa.false().label("named"), _UNCOUNTED)
    return page_of(rows, key(l, plan.order), plan.order, continued=plan.continued)


def _halves(plan: Plan) -> sa.Select[Any]:
    """By relevance when much matches: those named so, then, if they don't fill the page, the others; best rated first.

    Both halves are walks that end with the page, so that a word which a million have costs no more than a rare one.
    """
    top = LIMIT if plan.continued else LIMIT + OFFSET

    def half(*, named: bool) -> sa.Select[Any]:
        which = _named(plan) if named else sa.not_(_named(plan))
        place = key(l, "relevance", named=sa.literal(named, sa.Boolean))
        rows = _matching(plan, *open_listings.c, sa.literal(named, sa.Boolean).label("named")).where(which)
        rows = rows.order_by(*(c.desc() for c in key(l, "rating"))).limit(top)
        return rows.where(behind(place, "relevance")) if plan.continued else rows

    first = half(named=True).cte("first")
    others = half(named=False).where(sa.select(sa.func.count()).select_from(first).scalar_subquery() < top)
    both = sa.union_all(sa.select(first), others.subquery("others").select()).subquery("both")
    rows = sa.select(both, _UNCOUNTED).order_by(*(c.desc() for c in key(both.c, "relevance"))).limit(LIMIT)
    return rows if plan.continued else rows.offset(OFFSET)


def _few(plan: Plan) -> sa.Select[Any]:
    """When little matches: all of it is found by the text index, counted and sorted, whatever PostgreSQL expects."""
    hits = _matching(plan, *(l[c] for c in KEYS), _named(plan).label("named")).cte("hits").prefix_with("MATERIALIZED")
    found = page_of(sa.select(hits.c.id, hits.c.named), key(hits.c, plan.order), plan.order, continued=plan.continued)
    found_rows = found.subquery("found")
    counted = sa.cast(sa.select(sa.func.count()).select_from(hits).scalar_subquery(), sa.Integer).label("matches")
    return sa.select(*open_listings.c, found_rows.c.named, counted).select_from(
        open_listings.join(found_rows, sa.and_(l.tenant_id == tenant, l.id == found_rows.c.id))
    )


def _rows(plan: Plan) -> sa.Select[Any]:
    if plan.few:
        return _few(plan)
    return _halves(plan) if plan.order == "relevance" else _walk(plan)


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
    rows = _rows(plan).subquery("page")
    tally = _tallies(plan.filters).subquery("tally")
    place = key(rows.c, plan.order)
    statement = (
        sa.select(
            *listing(rows),
            rows.c.named,
            sa.func.lower(rows.c.display_name).label("folded_name"),
            sa.cast(rows.c.average_rating, sa.Text).label("exact_rating"),
            rows.c.matches,
            *tally.c,
        )
        .select_from(rows.join(tally, sa.true()))
        .order_by(*([c.desc() for c in place] if ORDERS[plan.order].descends else place))
    )
    return query(statement, Found)


@lru_cache(maxsize=256)
def tallied(*, in_category: bool) -> Query[Tally]:
    """The tallies alone, for a page that turned out empty."""
    return query(_tallies(frozenset(["category"]) if in_category else frozenset()), Tally)


@lru_cache(maxsize=512)
def matching(filters: frozenset[str]) -> Query[int]:
    """How many listings the filters leave."""
    return query(sa.select(sa.func.count()).select_from(open_listings).where(*_where(filters)), int)


@lru_cache(maxsize=512)
def unavailable(filters: frozenset[str], excluding: sa.Select[Any]) -> Query[int]:
    """How many of those the exclusion takes away: found from the exclusion's side, which is the small one."""
    taken = sa.select(sa.func.count()).select_from(open_listings).where(*_where(filters), l.id.in_(excluding))
    return query(taken, int)
