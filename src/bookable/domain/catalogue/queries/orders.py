"""The orders of the public list: each total, so that a cursor can name a place in it."""

from typing import Any, NamedTuple

import sqlalchemy as sa

__all__ = ["KEYS", "LIMIT", "OFFSET", "ORDERS", "Ordering", "behind", "key", "page_of"]

KEYS = ("id", "average_rating", "rating_count", "lowest_price_cents", "bookings_count", "created_at", "display_name")
"""The columns that any order looks at."""


class Ordering(NamedTuple):
    """The columns, most significant first, and whether all of them descend (one index serves both ways)."""

    columns: tuple[str, ...]
    descends: bool


ORDERS = {
    "relevance": Ordering(("named", "average_rating", "rating_count", "id"), descends=True),
    "rating": Ordering(("average_rating", "rating_count", "id"), descends=True),
    "price": Ordering(("lowest_price_cents", "id"), descends=False),
    "-price": Ordering(("lowest_price_cents", "id"), descends=True),
    "popular": Ordering(("bookings_count", "id"), descends=True),
    "newest": Ordering(("created_at", "id"), descends=True),
    "name": Ordering(("folded_name", "id"), descends=False),
}
_AFTER: dict[str, sa.BindParameter[Any]] = {
    "named": sa.bindparam("after_named", type_=sa.Boolean),
    "average_rating": sa.bindparam("after_rating", type_=sa.Numeric(3, 2)),
    "rating_count": sa.bindparam("after_count", type_=sa.Integer),
    "lowest_price_cents": sa.bindparam("after_price", type_=sa.Integer),
    "bookings_count": sa.bindparam("after_bookings", type_=sa.Integer),
    "created_at": sa.bindparam("after_created", type_=sa.DateTime(timezone=True)),
    "folded_name": sa.bindparam("after_name", type_=sa.Text),
    "id": sa.bindparam("after_id", type_=sa.Uuid),
}
LIMIT = sa.bindparam("limit", type_=sa.BigInteger)
OFFSET = sa.bindparam("offset", type_=sa.BigInteger)


def key(rows: Any, order: str, **known: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
    """The sort key of `rows` (a table's or subquery's columns) in this order."""
    folded = {"folded_name": sa.func.lower(rows.display_name), **known}
    return [folded[c] if c in folded else rows[c] for c in ORDERS[order].columns]


def behind(columns: list[sa.ColumnElement[Any]], order: str) -> sa.ColumnElement[bool]:
    """Whether a row lies behind the place that the cursor's parameters name."""
    there = sa.tuple_(*(_AFTER[c] for c in ORDERS[order].columns))
    return sa.tuple_(*columns) < there if ORDERS[order].descends else sa.tuple_(*columns) > there


def page_of(
    statement: sa.Select[Any], columns: list[sa.ColumnElement[Any]], order: str, *, continued: bool
) -> sa.Select[Any]:
    """The statement's rows in this order: a page of them, by offset or behind the cursor's place."""
    directed = [c.desc() for c in columns] if ORDERS[order].descends else columns
    statement = statement.order_by(*directed).limit(LIMIT)
    return statement.where(behind(columns, order)) if continued else statement.offset(OFFSET)
