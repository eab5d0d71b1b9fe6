"""Browsing: filtered, searched, ordered pages of active listings, the same price at any depth and any size."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bookable.kernel.db import Transaction
from bookable.kernel.errors import FieldError

from . import places, totals
from .queries import browse as queries
from .queries import words
from .queries.browse import Excluding
from .spelling import meant, words_in

__all__ = ["Excluding", "Filters", "Order", "Page", "browse"]

_LONGEST_SEARCH = 200
_MOST_WORDS = 8
_FEW = 2_000


class Order(StrEnum):
    """How the list is sorted. `relevance`: those named so first, then the best rated; for searches only."""

    RELEVANCE = "relevance"
    RATING = "rating"
    PRICE = "price"
    PRICE_DESCENDING = "-price"
    POPULAR = "popular"
    NEWEST = "newest"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the list is narrowed to. Prices in minor units, against the lowest offer."""

    category: str | None = None
    location: str | None = None
    search: str | None = None
    min_price: int | None = None
    max_price: int | None = None
    min_rating: Decimal | None = None
    featured: bool | None = None
    corrected: str | None = None
    """Set by the catalogue itself, in place of `search`, when nothing is written the way it was typed."""

    def present(self) -> frozenset[str]:
        """The names of the statements' filters that these values ask for."""
        plain = ("category", "location", "search", "min_price", "max_price", "min_rating", "corrected")
        found = {name for name in plain if getattr(self, name) is not None}
        if self.featured is not None:
            found.add("featured" if self.featured else "unfeatured")
        return frozenset(found)

    def parameters(self) -> dict[str, Any]:
        """The values, as the statements take them."""
        values = {n: getattr(self, n) for n in ("category", "min_price", "max_price", "min_rating")}
        values["search"] = self.corrected or self.search
        if self.location is not None:
            values["location"] = f"%{_literal(self.location)}%"
        return {n: v for n, v in values.items() if v is not None}


@dataclass(frozen=True, slots=True)
class Page:
    """Some listings, how many there are in all, and where the next page begins (None at the end)."""

    items: list[queries.Found]
    total: int
    next_cursor: str | None


async def browse(
    tx: Transaction,
    filters: Filters = Filters(),
    *,
    order: Order | None = None,
    excluding: Excluding | None = None,
    page: int = 1,
    limit: int = 20,
    cursor: str | None = None,
) -> Page:
    """A page of active listings; by relevance if something is searched, else by rating, unless `order` says otherwise.

    `total` is exact. A search that finds nothing as typed is tried again with the words that were likely meant.
    Raises `ValidationFailed` on `cursor` and on `search`.
    """
    wanted = _tidy(filters)
    order = order or (Order.RELEVANCE if wanted.search else Order.RATING)
    if order is Order.RELEVANCE and not wanted.search:
        order = Order.RATING
    where = places.begin(order, cursor=cursor, page=page, limit=limit)
    rows = await _read(tx, wanted, order, excluding, where, limit)
    if not rows and wanted.search and not await totals.count(tx, wanted, None):
        wanted = await _corrected(tx, wanted)
        rows = await _read(tx, wanted, order, excluding, where, limit) if wanted.corrected else rows
    total = await totals.count(tx, wanted, excluding, seen=rows[0] if rows else None)
    more = len(rows) > limit
    return Page(rows[:limit], total, places.end(order, rows[limit - 1]) if more else None)


async def _read(
    tx: Transaction,
    filters: Filters,
    order: Order,
    excluding: Excluding | None,
    where: places.Place,
    limit: int,
) -> list[queries.Found]:
    searched = bool(filters.search or filters.corrected)
    plan = queries.Plan(
        filters=filters.present(),
        order=order.value,
        continued=where.continued,
        few=searched and await totals.expected(tx, filters) <= _FEW,
        excluding=excluding.ids if excluding else None,
    )
    more = dict(excluding.parameters) if excluding else {}
    return await tx.all(
        queries.page(plan),
        limit=limit + 1,
        user_id=tx.actor.id,
        **filters.parameters(),
        **where.parameters,
        **more,
    )


def _tidy(filters: Filters) -> Filters:
    search = (filters.search or "").strip()
    if len(search) > _LONGEST_SEARCH:
        raise FieldError("search", f"At most {_LONGEST_SEARCH} characters.")
    return replace(filters, search=search or None, location=filters.location or None)


async def _corrected(tx: Transaction, filters: Filters) -> Filters:
    """The filters with alternatives for the words that are not known as typed; as they are where there are none."""
    typed = words_in(filters.search)[:_MOST_WORDS]
    known: dict[str, list[str]] = {word: [] for word in typed}
    for row in await tx.all(words.near, words=typed):
        known[row.typed].append(row.word)
    groups = [meant(word, known[word]) for word in typed]
    if not all(groups) or groups == [[word] for word in typed]:
        return filters
    corrected = " & ".join("(" + " | ".join(f"'{word}'" for word in group) + ")" for group in groups)
    return replace(filters, search=None, corrected=corrected)


def _literal(text: str) -> str:
    """The text itself, for LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
