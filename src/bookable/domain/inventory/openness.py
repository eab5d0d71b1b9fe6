"""Which listings have nothing left on a day: for lists that show only what can still be taken."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import available_timezones

from bookable.domain.catalogue import Excluding

from .days import DayPart, window
from .queries import openness as queries

__all__ = ["full_on"]

_NOBODY = UUID(int=0)
_EARLIEST_ZONE = timedelta(hours=14)
_LONG_PAST = timedelta(days=3)
"""Over everywhere, as every day before it; the first days of the calendar can't be told in UTC."""


def full_on(day: date, parts: Sequence[DayPart], now: datetime) -> Excluding:
    """The listings (their calendars go by the same ids) of which no part of that day can be taken any more.

    A part that has begun, by the clock on the listing's own wall, or is closed or full, counts for nothing.
    """
    over = _zones_done(max(day, now.date() - _LONG_PAST), tuple(parts), now.replace(second=0, microsecond=0))
    given = (
        ("full_day", day),
        ("full_parts", tuple(p.name for p in parts)),
        ("full_opens", tuple(p.opens for p in parts)),
    )
    if not over:
        return Excluding(queries.full, given)
    return Excluding(queries.full_or_over, (*given, ("full_zones", over)))


@lru_cache(maxsize=64)
def _zones_done(day: date, parts: tuple[DayPart, ...], now: datetime) -> tuple[str, ...]:
    """The zones where every part of the day has begun. On days well ahead there are none, and none is looked at."""
    last = max(part.opens for part in parts)
    if now < datetime.combine(day, last, UTC) - _EARLIEST_ZONE:
        return ()
    return tuple(
        sorted(
            zone
            for zone in available_timezones()
            if all(window(_NOBODY, zone, day, part).opens_at <= now for part in parts)
        )
    )
