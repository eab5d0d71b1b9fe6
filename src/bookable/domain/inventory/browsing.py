"""Which listings can still be had on a day, for lists that are narrowed to one."""

import zoneinfo
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from bookable.domain import catalogue

from .days import DayPart, window
from .queries import days as queries

__all__ = ["unavailable_on"]

_QUARTER = timedelta(minutes=15)
_NOBODYS = UUID(int=0)


def unavailable_on(day: date, parts: Sequence[DayPart], now: datetime) -> catalogue.Excluding:
    """What to leave out of a list of what can be had on `day`: every part of it is closed, full or has begun.

    For `catalogue.browse`. Holds that have lapsed count for nothing.
    """
    if day > now.astimezone(UTC).date() + timedelta(days=1):
        return catalogue.Excluding(queries.full_later, (("on_day", day), ("slots", [p.name for p in parts])))
    left, over = _left(day, tuple(parts), _floor(now))
    given = (
        ("on_day", day),
        ("left_zones", [zone for zone, _ in left]),
        ("left_slots", [part for _, part in left]),
        ("over_zones", over),
    )
    return catalogue.Excluding(queries.full_now, given)


def _floor(now: datetime) -> datetime:
    """Wall clocks everywhere are whole quarters of an hour apart, so what has begun changes only with those."""
    return now - timedelta(seconds=now.timestamp() % _QUARTER.total_seconds())


@lru_cache(maxsize=64)
def _left(day: date, parts: tuple[DayPart, ...], now: datetime) -> tuple[list[tuple[str, str]], list[str]]:
    """In each zone, the parts that have not begun; and the zones where none is left."""
    left: list[tuple[str, str]] = []
    over: list[str] = []
    for zone in sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}):
        ahead = [p.name for p in parts if window(_NOBODYS, zone, day, p).opens_at > now]
        left += [(zone, part) for part in ahead]
        if not ahead:
            over.append(zone)
    return left, over
