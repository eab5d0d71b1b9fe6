"""Films and what belongs to them, as the rest of the house sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bookable.kernel.db import Record

__all__ = [
    "Comment",
    "CommentPage",
    "Draft",
    "Film",
    "FilmPage",
    "Filters",
    "Import",
    "ImportPage",
    "ImportState",
    "Order",
    "Preferences",
]


class Order(StrEnum):
    """How a list is sorted; a film without a year or rating counts as less than any with one."""

    NEWEST = "-createdAt"
    OLDEST = "createdAt"
    TITLE = "title"
    TITLE_DESCENDING = "-title"
    YEAR = "year"
    YEAR_DESCENDING = "-year"
    RATING = "rating"
    RATING_DESCENDING = "-rating"


class Film(Record, frozen=True):
    """A film in somebody's collection. `share_token` is there while a link to it holds."""

    id: int
    owner_id: UUID
    title: str
    year: int | None
    image_url: str | None
    notes: str | None
    watched: bool
    rating: float | None
    share_token: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody says of a film that they add."""

    title: str
    year: int | None = None
    image_url: str | None = None
    notes: str | None = None
    watched: bool = False
    rating: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to. `search`: every word of it occurs in the title, whatever its case and accents."""

    search: str | None = None
    year: int | None = None
    year_from: int | None = None
    year_to: int | None = None

    def years(self) -> Mapping[str, Any]:
        """The conditions on years that are set, by name."""
        set_ = {"year": self.year, "year_from": self.year_from, "year_to": self.year_to}
        return {name: value for name, value in set_.items() if value is not None}


@dataclass(frozen=True, slots=True)
class FilmPage:
    """Some films, how many there are in all, and where the next page begins (None at the end)."""

    items: list[Film]
    total: int
    next_cursor: str | None


class Comment(Record, frozen=True):
    """What somebody said of a film."""

    id: UUID
    film_id: int
    author_id: UUID
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CommentPage:
    """Some comments, how many there are in all, and where the next page begins (None at the end)."""

    items: list[Comment]
    total: int
    next_cursor: str | None


class Preferences(Record, frozen=True):
    """How somebody likes their films shown."""

    theme: str
    language: str
    page_size: int


class ImportState(StrEnum):
    """Where an import stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Import(Record, frozen=True):
    """A file on its way into a collection, or one that has come.

    First its bytes are received, then read; `bytes_total` is None while nobody has said how many will come. What is
    imported is in the collection when it is done, all at once. `error`: the code of what made it fail.
    """

    id: UUID
    state: ImportState
    bytes_total: int | None
    bytes_received: int
    bytes_read: int
    imported: int
    failed: int
    error: str | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """Some imports, how many there are in all, and where the next page begins (None at the end)."""

    items: list[Import]
    total: int
    next_cursor: str | None
