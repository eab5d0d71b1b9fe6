"""StarryMeet's numbers: when in the day one can meet, and what its bookings cost and give back."""

from datetime import time

from bookable.domain import bookings
from bookable.domain.inventory import DayPart
from bookable.kernel.tenants import Tenant

__all__ = ["PARTS", "policy"]

PARTS = (
    DayPart("morning", time(9), time(12)),
    DayPart("afternoon", time(12), time(17)),
    DayPart("evening", time(17), time(21)),
)
"""In the celebrity's own time zone."""


def policy(tenant: Tenant) -> bookings.Policy:
    """The policy of this tenant; what it does not set is as the domain has it."""
    return bookings.Policy(fee_bps=tenant.fee_bps, tax_bps=tenant.tax_bps, parts=PARTS)
