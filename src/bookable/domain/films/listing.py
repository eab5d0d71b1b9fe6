"""Pages of somebody's films, filtered, searched and sorted: the same price at any depth and any size."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
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
    asked = _Asked(
        owner_id, rules.words(filters.search), filters.years(), order, _begin(order, cursor, page, limit), limit
    )
    tally = await tx.one(reading.tallied(frozenset(asked.years)), owner_id=owner_id, **asked.years)
    total, found = await _searched(tx, asked, tally) if asked.words and tally.films else (tally.films, None)
    if found is None:
        found = await _page(tx, asked, few=_are_few(total, asked.years, asked.words, order))
    last = found[limit - 1] if len(found) > limit else None
    return FilmPage(list(found[:limit]), total, _end(order, last) if last else None)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A page of a list. `place` is where it begins."""

    owner_id: UUID
    words: tuple[str, ...]
    years: Mapping[str, Any]
    order: Order
    place: Mapping[str, Any]
    limit: int


async def _searched(tx: Transaction, asked: _Asked, tally: reading.Tally) -> tuple[int, list[reading.Found] | None]:
    """How many films a search leaves, and the page where that was found out with it."""
    key = (tx.actor.tenant_id, asked.owner_id, asked.words, *sorted(asked.years.items()), tally.changes)
    if key in _counted:
        return _counted[key], None
    found = await _page(tx, asked, few=True, untold=True) if _indexed(asked.words) else []
    page = found if found and (found[0].gathered or 0) <= reading.FEW else None
    total = found[0].gathered or 0 if page else await _count(tx, asked)
    _counted[key] = total
    while len(_counted) > _KEPT:
        _counted.popitem(last=False)
    return total, page


async def _count(tx: Transaction, asked: _Asked) -> int:
    years, indexed = frozenset(asked.years), _indexed(asked.words)
    named: dict[str, Any] = {"owner_id": asked.owner_id, **asked.years, **_named(asked.words, indexed)}
    return await tx.one(reading.matching(years, len(asked.words), indexed), **named)


async def _page(tx: Transaction, asked: _Asked, *, few: bool, untold: bool = False) -> list[reading.Found]:
    """The page, and the first film of the next."""
    plan = reading.Plan(
        years=frozenset(asked.years),
        words=len(asked.words),
        indexed=_indexed(asked.words),
        order=asked.order.value,
        continued="after" in asked.place,
        few=few,
        untold=untold,
    )
    named = _named(asked.words, plan.indexed if few else 0)
    given = {"owner_id": asked.owner_id, "limit": asked.limit + 1, **asked.years, **named, **asked.place}
    return await tx.all(reading.page(plan), **given)


def _are_few(total: int, years: Mapping[str, Any], words: tuple[str, ...], order: Order) -> bool:
    """Whether it is cheaper to gather all that matches than to walk along the order until a page is full."""
    if _indexed(words) and order in (Order.TITLE, Order.TITLE_DESCENDING):
        return total <= _FEW_BY_TITLE
    return total <= reading.FEW and bool(years or _indexed(words))


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
