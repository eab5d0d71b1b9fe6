"""How many there are: exact, and counted again only when something has changed."""

from collections import OrderedDict
from typing import TYPE_CHECKING

from bookable.kernel.db import Transaction

from .queries import browse as queries
from .queries.browse import Excluding

if TYPE_CHECKING:
    from .browse import Filters

__all__ = ["count", "expected"]

_KEPT = 4096
_counted: OrderedDict[tuple[object, ...], int] = OrderedDict()
"""Counts under the tallies they were made with: where those still hold, so does the count."""
_last: OrderedDict[tuple[object, ...], int] = OrderedDict()
"""The last count of each search, true or not any more: good enough to choose how to look."""


async def count(
    tx: Transaction,
    filters: "Filters",
    excluding: Excluding | None,
    *,
    seen: queries.Found | queries.Tally | None = None,
) -> int:
    """How many active listings the filters leave. `seen`: a row of this transaction that carries the tallies."""
    if isinstance(seen, queries.Found) and seen.matches is not None:
        return _remembered(tx, filters, seen.matches)
    tally = seen or await _tallies(tx, filters)
    total = await _matching(tx, filters, tally)
    if excluding is None or not total:
        return total
    taken = await tx.one(
        queries.unavailable(filters.present(), excluding.ids), **filters.parameters(), **dict(excluding.parameters)
    )
    return total - taken


async def expected(tx: Transaction, filters: "Filters") -> int:
    """About how many: what it was when it was last counted, however long ago; it is counted now if it never was."""
    known = _last.get((tx.actor.tenant_id, filters))
    return await count(tx, filters, None) if known is None else known


async def _tallies(tx: Transaction, filters: "Filters") -> queries.Tally:
    if filters.category is None:
        return await tx.one(queries.tallied(in_category=False))
    return await tx.one(queries.tallied(in_category=True), category=filters.category)


async def _matching(tx: Transaction, filters: "Filters", tally: queries.Found | queries.Tally) -> int:
    if filters.present() <= {"category"}:
        return tally.tally
    ratings = tally.ratings if filters.min_rating is not None else None
    key = (tx.actor.tenant_id, filters, tally.changes, ratings)
    known = _counted.get(key)
    if known is None:
        known = await tx.one(queries.matching(filters.present()), **filters.parameters())
        _keep(_counted, key, known)
    return _remembered(tx, filters, known)


def _remembered(tx: Transaction, filters: "Filters", total: int) -> int:
    _keep(_last, (tx.actor.tenant_id, filters), total)
    return total


def _keep(memory: "OrderedDict[tuple[object, ...], int]", key: tuple[object, ...], total: int) -> None:
    memory[key] = total
    memory.move_to_end(key)
    while len(memory) > _KEPT:
        memory.popitem(last=False)
