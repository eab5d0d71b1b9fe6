"""What inventory answers with."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bookable.kernel.db import Record

__all__ = ["Availability", "Claim", "Mismatch", "PlaceClaim", "Places", "SlotRule", "SlotState", "Taken", "Try"]


class Try(Record, frozen=True):
    """What one attempt came to: whether there was room by count, and the time that was placed, if any."""

    counted: bool
    id: UUID | None
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """Time that is somebody's now."""

    allocation_id: UUID
    starts_at: datetime
    ends_at: datetime


class Claim(Record, frozen=True):
    """Time that a holder has, or had until their hold lapsed."""

    id: UUID
    calendar_id: UUID
    time_zone: str
    slot_day: date | None
    slot: str | None
    starts_at: datetime
    ends_at: datetime


class PlaceClaim(Record, frozen=True):
    """Places in a pool that a holder had until their hold lapsed."""

    id: UUID
    pool_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class SlotRule:
    """What an owner says of one part of one day."""

    day: date
    part: str
    is_open: bool = True
    capacity: int = 1


class SlotState(Record, frozen=True):
    """One part of a day that has a row of its own; `taken` without the holds that have lapsed."""

    day: date
    slot: str
    is_open: bool
    capacity: int
    taken: int


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a part of a day can still be taken, and how often."""

    day: date
    part: str
    is_open: bool
    remaining: int


class Places(Record, frozen=True):
    """A pool's figures; `taken` without the holds that have lapsed."""

    capacity: int
    taken: int


class Mismatch(Record, frozen=True):
    """A counter that differs from a recount of the rows behind it. There is never one."""

    of: str
    counted: int
    recounted: int
