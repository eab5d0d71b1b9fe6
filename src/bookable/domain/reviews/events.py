"""What is told about reviews."""

from uuid import UUID

from bookable.kernel.events import Event

__all__ = ["ReviewPosted"]


class ReviewPosted(Event, frozen=True):
    """Someone has said how it was; the listing's average says so already."""

    review_id: UUID
    listing_id: UUID
    booking_id: UUID
