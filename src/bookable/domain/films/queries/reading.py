"""Lists of somebody's films: one statement a page, built once for each combination of filters, order and continuation.

It reads `own_films`, which shows what the policy would, and by an index.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from bookable.kernel.db import Query, Record, query

from ..records import Film
from ..tables import film_ids, films, own_films, tallies
from .columns import film_id, of, owner, tenant

__all__ = [
    "FEW",
    "ORDERS",
    "Found",
    "Plan",
    "Tally",
    "anyones",
    "by_token",
    "exists",
    "matching",
    "one",
    "page",
    "several",
    "tallied",
]

FEW = 2_000
"""What is gathered rather than walked to, whatever the order."""

f = own_films.c
_LIMIT = sa.bindparam("limit", type_=sa.BigInteger)
_OFFSET = sa.bindparam("offset", type_=sa.BigInteger)


class Ordering(NamedTuple):
    """The column that a list is sorted by, before the number, and whether both descend."""

    column: str
    descends: bool


ORDERS = {
    "-createdAt": Ordering("created_at", descends=True),
    "createdAt": Ordering("created_at", descends=False),
    "title": Ordering("title_key", descends=False),
    "-title": Ordering("title_key", descends=True),
    "year": Ordering("sorted_year", descends=False),
    "-year": Ordering("sorted_year", descends=True),
    "rating": Ordering("sorted_rating", descends=False),
    "-rating": Ordering("sorted_rating", descends=True),
}
_KEYS: dict[str, sa.ColumnElement[Any]] = {
    "created_at": f.created_at,
    "title_key": f.title_key,
    "sorted_year": sa.func.coalesce(sa.cast(f.year, sa.Integer), sa.literal_column("0"), type_=sa.Integer),
    "sorted_rating": sa.func.coalesce(f.rating, sa.literal_column("'-1'::double precision"), type_=sa.Double),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a statement depends on: which filters are set (not their values), how many words are searched, the order.

    `indexed`: how many of the words, the first ones, are long enough to be looked up.
    `few` says that little matches: it is then gathered and sorted, instead of walking the order until the page is full.
    `untold`: how much matches is not known yet, so no more than `FEW` is gathered, and one for more.
    """

    years: frozenset[str]
    words: int
    indexed: int
    order: str
    continued: bool
    few: bool
    untold: bool = False


class Found(Film, frozen=True):
    """A row of a list, with its place in every order, and how much was gathered to find it."""

    title_key: str
    sorted_year: int
    sorted_rating: float
    gathered: int | None


class Tally(Record, frozen=True):
    """How many films the years leave, and how often the collection changed."""

    films: int
    changes: int
    sorting: str
    workers: str


def _years(column: Any) -> dict[str, sa.ColumnElement[bool]]:
    return {
        "year": column == sa.bindparam("year", type_=sa.Integer),
        "year_from": column >= sa.bindparam("year_from", type_=sa.Integer),
        "year_to": sa.and_(column > sa.literal_column("0"), column <= sa.bindparam("year_to", type_=sa.Integer)),
    }


def _where(years: frozenset[str], words: int, indexed: int) -> list[sa.ColumnElement[bool]]:
    found = [_years(_KEYS["sorted_year"])[name] for name in sorted(years)]
    found += [f.title_key.like(sa.bindparam(f"pattern_{n}", type_=sa.Text)) for n in range(words)]
    found += [_grams(f.title_key).contains(_grams(sa.bindparam(f"word_{n}", type_=sa.Text))) for n in range(indexed)]
    return [f.tenant_id == tenant, f.owner_id == owner, *found]


def _grams(text: sa.ColumnElement[str]) -> Any:
    """The pieces of a text in the owner's titles; as the index has them, so they are not made for every row."""
    return sa.func.film_grams(f.owner_id if text is f.title_key else owner, text, type_=ARRAY(sa.BigInteger))


def _rows(plan: Plan) -> sa.Subquery:
    """Whoever walks along an order reads the words in each title: making its pieces would be far dearer."""
    columns = [*of(f), *(_KEYS[name].label(name) for name in ("title_key", "sorted_year", "sorted_rating"))]
    statement = sa.select(*columns).where(*_where(plan.years, plan.words, plan.indexed if plan.few else 0))
    if plan.few:
        hits = statement.limit(FEW + 1 if plan.untold else None).cte("hits").prefix_with("MATERIALIZED")
        number = sa.select(sa.func.count()).select_from(hits).scalar_subquery()
        return sa.select(hits, number.label("gathered")).subquery("found")
    return statement.add_columns(sa.null().label("gathered")).subquery("found")


@lru_cache(maxsize=1024)
def page(plan: Plan) -> Query[Found]:
    """A page in this order, by offset or behind the place `after`, `after_id`."""
    rows, order = _rows(plan), ORDERS[plan.order]
    key = rows.c[order.column]
    directed = [c.desc() if order.descends else c.asc() for c in (key, rows.c.id)]
    statement = sa.select(rows).order_by(*directed).limit(_LIMIT)
    if not plan.continued:
        return query(statement.offset(_OFFSET), Found)
    there = sa.tuple_(sa.bindparam("after", type_=key.type), sa.bindparam("after_id", type_=sa.BigInteger))
    here = sa.tuple_(key, rows.c.id)
    return query(statement.where(here < there if order.descends else here > there), Found)


@lru_cache(maxsize=64)
def tallied(years: frozenset[str]) -> Query[Tally]:
    """How many films these years have; `changes` is of the whole collection.

    It is asked before every page, and tells PostgreSQL to walk along an index rather than to sort: right after a large
    import its statistics know nothing of the owner, and it would take a hundred thousand films for one. And to walk
    alone: to call others to help takes many times as long as a page does.
    """
    inside = sa.and_(sa.true(), *(_years(tallies.c.year)[name] for name in sorted(years)))
    counted = sa.func.sum(tallies.c.films).filter(inside)
    statement = sa.select(
        sa.cast(sa.func.coalesce(counted, 0), sa.BigInteger).label("films"),
        sa.cast(sa.func.coalesce(sa.func.sum(tallies.c.changes), 0), sa.BigInteger).label("changes"),
        sa.func.set_config("enable_sort", "off", sa.true(), type_=sa.Text).label("sorting"),
        sa.func.set_config("max_parallel_workers_per_gather", "0", sa.true(), type_=sa.Text).label("workers"),
    ).where(tallies.c.tenant_id == tenant, tallies.c.owner_id == owner)
    return query(statement, Tally)


@lru_cache(maxsize=256)
def matching(years: frozenset[str], words: int, indexed: int) -> Query[int]:
    """How many films a search leaves."""
    return query(sa.select(sa.func.count()).select_from(own_films).where(*_where(years, words, indexed)), int)


_one = sa.select(*of(films.c)).where(films.c.tenant_id == tenant)
one = query(_one.where(films.c.id == film_id, films.c.owner_id == owner), Film)
anyones = query(_one.where(films.c.id == film_id), Film)
several = query(
    _one.where(films.c.owner_id == owner, films.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.BigInteger)))), Film
)
following = query(
    _one.where(films.c.owner_id == owner, films.c.id > sa.bindparam("after", type_=sa.BigInteger))
    .order_by(films.c.id)
    .limit(_LIMIT),
    Film,
)
by_token = query(_one.where(films.c.share_token == sa.bindparam("token", type_=sa.Text)), Film)
exists = query(sa.select(film_ids.c.id).where(film_ids.c.tenant_id == tenant, film_ids.c.id == film_id), int)
