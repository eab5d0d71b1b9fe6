"""What stops a booking, by name."""

from typing import Any

from bookable.kernel.errors import Conflict, NotFound

__all__ = ["MeetingsAhead", "NoSuchBooking", "PriceChanged"]


class NoSuchBooking(NotFound):
    """There is no such booking, or it is not theirs to see."""

    message = "There is no booking by that name."


class PriceChanged(Conflict):
    """The price that was shown is not the price; `details` has the true one, line by line."""

    code = "PRICE_CHANGED"
    message = "The price has changed."

    def __init__(self, lines: dict[str, Any]) -> None:
        super().__init__(details=lines)


class MeetingsAhead(Conflict):
    """Somebody can't leave while meetings of theirs are still to come."""

    message = "There are meetings ahead; cancel them first."
