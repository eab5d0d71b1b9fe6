"""Where a page of the list begins, and the cursor that says where it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from bookable.kernel import cursors

from .queries.browse import Found

__all__ = ["Place", "begin", "end"]


@dataclass(frozen=True, slots=True)
class Place:
    """A beginning: `continued` behind the row of a cursor, or at an offset; with the statement's parameters."""

    continued: bool
    parameters: Mapping[str, Any]


_KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "relevance": (
        ("after_named", "named"),
        ("after_rating", "exact_rating"),
        ("after_count", "rating_count"),
        ("after_id", "id"),
    ),
    "rating": (("after_rating", "exact_rating"), ("after_count", "rating_count"), ("after_id", "id")),
    "price": (("after_price", "lowest_price_cents"), ("after_id", "id")),
    "-price": (("after_price", "lowest_price_cents"), ("after_id", "id")),
    "popular": (("after_bookings", "bookings_count"), ("after_id", "id")),
    "newest": (("after_created", "created_at"), ("after_id", "id")),
    "name": (("after_name", "folded_name"), ("after_id", "id")),
}
_TYPES: dict[str, Any] = {
    "relevance": tuple[bool, str, int, UUID],
    "rating": tuple[str, int, UUID],
    "price": tuple[int, UUID],
    "-price": tuple[int, UUID],
    "popular": tuple[int, UUID],
    "newest": tuple[datetime, UUID],
    "name": tuple[str, UUID],
}


def begin(order: str, *, cursor: str | None, page: int, limit: int) -> Place:
    """Where to begin. Raises `ValidationFailed` on `cursor` for one that was not made by `end` for this order."""
    if cursor is None:
        return Place(False, {"offset": (page - 1) * limit})
    values = cursors.after(cursor, order, _TYPES[order])
    parameters = dict(zip((name for name, _ in _KEYS[order]), values, strict=True))
    if "after_rating" in parameters:
        parameters["after_rating"] = _rating(parameters["after_rating"])
    return Place(True, parameters)


def end(order: str, last: Found) -> str:
    """The cursor behind this row."""
    return cursors.cursor(order, *(getattr(last, field) for _, field in _KEYS[order]))


def _rating(text: str) -> Decimal:
    try:
        rating = Decimal(text)
    except InvalidOperation:
        raise cursors.broken() from None
    if not (rating.is_finite() and 0 <= rating <= 5):
        raise cursors.broken()
    return rating
