"""Pages of somebody's films, filtered, searched and sorted: the same price at any depth and any size."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bookable.kernel import cursors
from bookable.kernel.db import Transaction
from bookable.kernel.errors import FieldError

from . import rules
from .queries import reading
from .records import FilmPage, Filters, Order

__all__ = ["list_own"]

_LONGEST_SEARCH = 200
_SHORTEST_INDEXED = 3
_FEW = 2_000
_FEW_BY_TITLE = 20_000
"""Titles that begin with the word that is searched stand together: a walk would pass all that stand before them."""
_KEPT = 4_096
_TYPES: dict[str, Any] = {
    "created_at": tuple[datetime, int],
    "title_key": tuple[str, int],
    "sorted_year": tuple[int, int],
    "sorted_rating": tuple[float, int],
}
_counted: OrderedDict[tuple[object, ...], int] = OrderedDict()
"""How many a search left, under the number of changes it was counted with: while that holds, so does the count."""


async def list_own(
    tx: Transaction,
    owner_id: UUID,
    filters: Filters = Filters(),
    *,
    order: Order = Order.NEWEST,
    page: int = 1,
    limit: int = 20,
    cursor: str | None = None,
) -> FilmPage:
    """A page of the owner's films; `cursor` continues another page instead of `page`. `total` is exact.

    Raises `ValidationFailed` on `cursor` and on `search`.
    """
    if len(filters.search or "") > _LONGEST_SEARCH:
        raise FieldError("search", f"At most {_LONGEST_SEARCH} characters.")
    words = rules.words(filters.search)
    place = _begin(order, cursor, page, limit)
    total = await _total(tx, owner_id, filters, words)
    years = filters.years()
    plan = reading.Plan(
        years=frozenset(years),
        words=len(words),
        indexed=_indexed(words),
        order=order.value,
        continued=cursor is not None,
        few=_are_few(total, years, words, order),
    )
    asked = _named(words, plan.indexed if plan.few else 0)
    found = await tx.all(reading.page(plan), owner_id=owner_id, limit=limit + 1, **years, **asked, **place)
    last = found[limit - 1] if len(found) > limit else None
    return FilmPage(list(found[:limit]), total, _end(order, last) if last else None)


async def _total(tx: Transaction, owner_id: UUID, filters: Filters, words: tuple[str, ...]) -> int:
    years = filters.years()
    tally = await tx.one(reading.tallied(frozenset(years)), owner_id=owner_id, **years)
    if not words or not tally.films:
        return tally.films
    key = (tx.actor.tenant_id, owner_id, words, *sorted(years.items()), tally.changes)
    if key not in _counted:
        asked = {"owner_id": owner_id, **years, **_named(words, _indexed(words))}
        _counted[key] = await tx.one(reading.matching(frozenset(years), len(words), _indexed(words)), **asked)
        while len(_counted) > _KEPT:
            _counted.popitem(last=False)
    return _counted[key]


def _are_few(total: int, years: Mapping[str, Any], words: tuple[str, ...], order: Order) -> bool:
    """Whether it is cheaper to gather all that matches than to walk along the order until a page is full."""
    if _indexed(words) and order in (Order.TITLE, Order.TITLE_DESCENDING):
        return total <= _FEW_BY_TITLE
    return total <= _FEW and bool(years or _indexed(words))


def _indexed(words: tuple[str, ...]) -> int:
    return sum(len(word) >= _SHORTEST_INDEXED for word in words)


def _named(words: tuple[str, ...], indexed: int) -> dict[str, str]:
    patterns = {f"pattern_{n}": f"%{_literal(word)}%" for n, word in enumerate(words)}
    return patterns | {f"word_{n}": word for n, word in enumerate(words[:indexed])}


def _literal(text: str) -> str:
    """The text itself, for LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _begin(order: Order, cursor: str | None, page: int, limit: int) -> dict[str, Any]:
    if cursor is None:
        return {"offset": (page - 1) * limit}
    column = reading.ORDERS[order.value].column
    after, after_id = cursors.after(cursor, order.value, _TYPES[column])
    if column == "sorted_year" and not -(2**31) <= after < 2**31:
        raise cursors.broken()
    return {"after": after, "after_id": after_id}


def _end(order: Order, last: reading.Found) -> str:
    return cursors.cursor(order.value, getattr(last, reading.ORDERS[order.value].column), last.id)
