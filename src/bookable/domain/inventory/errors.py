"""What stops a taking, by name."""

from typing import Any

from bookable.kernel.db import constraint
from bookable.kernel.errors import Conflict

__all__ = ["BelowTaken", "SlotTaken", "SoldOut"]


class SlotTaken(Conflict):
    """Somebody else has this time, or it is not open."""

    code = "SLOT_UNAVAILABLE"
    message = "This time is no longer available."


class SoldOut(Conflict):
    """Fewer places are left than were asked for."""

    code = "SOLD_OUT"
    message = "There are not enough places left."


class BelowTaken(Conflict):
    """A maximum may not be set below what is taken already; `details.items` has the figures."""

    message = "More than this is booked already."

    def __init__(self, items: list[dict[str, Any]]) -> None:
        super().__init__(details={"items": items})


constraint("ex_allocations_no_overlap", SlotTaken)
