"""The numbers by which a storefront books; the domain has no others."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bookable.domain.inventory import DayPart

__all__ = ["Policy", "Tier"]


@dataclass(frozen=True, slots=True)
class Tier:
    """Cancelling `notice` or more before the start returns `percent` of what was paid."""

    notice: timedelta
    percent: int
    words: str


_TIERS = (
    Tier(timedelta(hours=48), 100, "Cancelled 48 hours or more before the start."),
    Tier(timedelta(hours=24), 50, "Cancelled between 24 and 48 hours before the start."),
    Tier(timedelta.min, 0, "Cancelled less than 24 hours before the start."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a storefront charges, when it can be booked, and what cancelling costs.

    Fees and taxes in basis points, tax on subtotal + fee − discount. `tiers` from the longest notice to none.
    """

    fee_bps: int
    tax_bps: int
    parts: tuple[DayPart, ...]
    hold: timedelta = timedelta(minutes=15)
    horizon_days: int = 730
    guest_access: timedelta = timedelta(days=90)
    number_prefix: str = "BK"
    tiers: tuple[Tier, ...] = field(default=_TIERS)

    def part(self, name: str) -> DayPart | None:
        """The part of the day by that name."""
        return next((p for p in self.parts if p.name == name), None)

    def last_day(self, today: date) -> date:
        """The last day that can be booked."""
        return today + timedelta(days=self.horizon_days)

    def tier(self, starts_at: datetime, now: datetime) -> Tier:
        """What cancelling now would return."""
        return next(t for t in self.tiers if starts_at - now >= t.notice)

    def changes_at(self, starts_at: datetime, now: datetime) -> datetime | None:
        """When cancelling begins to return something else than it does now; None where it will not."""
        tier = self.tier(starts_at, now)
        return None if tier is self.tiers[-1] else starts_at - tier.notice
