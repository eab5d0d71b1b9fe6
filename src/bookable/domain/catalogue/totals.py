"""How many there are: exact, and counted again only when something has changed."""

from collections import OrderedDict
from typing import TYPE_CHECKING

from bookable.kernel.db import Transaction

from .queries import browse as queries

if TYPE_CHECKING:
    from .browse import Excluding, Filters

__all__ = ["count"]

_KEPT = 4096
_counted: OrderedDict[tuple[object, ...], int] = OrderedDict()
"""Counts under the tallies they were made with: where those still hold, so does the count."""


async def count(
    tx: Transaction,
    filters: "Filters",
    excluding: "Excluding | None",
    *,
    seen: "queries.Found | queries.Tally | None" = None,
) -> int:
    """How many active listings the filters leave. `seen`: a row of this transaction that carries the tallies."""
    tally = seen or await _tallies(tx, filters)
    total = await _matching(tx, filters, tally)
    if excluding is None or not total:
        return total
    taken = await tx.one(
        queries.unavailable(filters.present(), excluding.ids), **filters.parameters(), **dict(excluding.parameters)
    )
    return total - taken


async def _tallies(tx: Transaction, filters: "Filters") -> queries.Tally:
    if filters.category is None:
        return await tx.one(queries.tallied(in_category=False))
    return await tx.one(queries.tallied(in_category=True), category=filters.category)


async def _matching(tx: Transaction, filters: "Filters", tally: "queries.Found | queries.Tally") -> int:
    if filters.present() <= {"category"}:
        return tally.tally
    ratings = tally.ratings if filters.min_rating is not None else None
    key = (tx.actor.tenant_id, filters, tally.changes, ratings)
    known = _counted.get(key)
    if known is None:
        known = _counted[key] = await tx.one(queries.matching(filters.present()), **filters.parameters())
        while len(_counted) > _KEPT:
            _counted.popitem(last=False)
    else:
        _counted.move_to_end(key)
    return known
