"""What stands against a review."""

from bookable.kernel.errors import Conflict

__all__ = ["AlreadyReviewed"]


class AlreadyReviewed(Conflict):
    """A booking has one review, and this one has it."""

    message = "This booking has been reviewed already."
