"""A review, and what a listing's reviews say together."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bookable.kernel.db import Record

__all__ = ["Drift", "Order", "Page", "Review", "Summary"]


class Order(StrEnum):
    """`rating` begins with the best, `-rating` with the worst."""

    NEWEST = "newest"
    RATING = "rating"
    RATING_ASCENDING = "-rating"
    HELPFUL = "helpful"


class Review(Record, frozen=True):
    """What the customer of a completed booking said, under the name they had then."""

    id: UUID
    booking_id: UUID
    listing_id: UUID
    author_first_name: str
    author_initial: str
    rating: int
    title: str | None
    comment: str | None
    helpful_count: int
    created_at: datetime


class Summary(Record, frozen=True):
    """How many gave how many stars."""

    ones: int
    twos: int
    threes: int
    fours: int
    fives: int

    @property
    def histogram(self) -> dict[int, int]:
        """How many, by stars."""
        return dict(enumerate((self.ones, self.twos, self.threes, self.fours, self.fives), 1))

    @property
    def count(self) -> int:
        return sum(self.histogram.values())

    @property
    def average(self) -> float:
        """To two digits, 0 where there are none: as the listing shows it."""
        total = sum(stars * n for stars, n in self.histogram.items())
        return (200 * total + self.count) // (2 * self.count) / 100 if self.count else 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a listing's reviews, what all of them say, and where the next page begins."""

    items: list[Review]
    summary: Summary
    next_cursor: str | None


class Drift(Record, frozen=True):
    """A listing whose sums are not those of its reviews. There should be none."""

    listing_id: UUID
    rating_sum: int
    rating_count: int
    recounted_sum: int
    recounted_count: int
