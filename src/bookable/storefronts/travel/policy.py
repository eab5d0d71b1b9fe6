"""Travel's numbers: the airline's price is the price, and what cancelling returns is the house's usual share."""

from bookable.domain.bookings import Policy

__all__ = ["POLICY"]

POLICY = Policy(fee_bps=0, tax_bps=0, parts=())
"""48 hours or more before departure 100 %, 24 to 48 hours 50 %, less 0 %."""
