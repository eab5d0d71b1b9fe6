"""A named part of a day is a wall-clock rule; what it means in UTC depends on the zone and on the day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

__all__ = ["DayPart", "Window", "window"]


@dataclass(frozen=True, slots=True)
class DayPart:
    """`DayPart("morning", time(9), time(12))`: from `opens` until before `closes`, by the clock on the wall."""

    name: str
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Window:
    """One part of one day of one calendar, with the instants it really lasts from and to, in UTC."""

    calendar_id: UUID
    time_zone: str
    day: date
    part: str
    opens_at: datetime
    closes_at: datetime


def window(calendar_id: UUID, time_zone: str, day: date, part: DayPart) -> Window:
    """When `part` of `day` is, in the calendar's zone.

    Wall-clock times that the zone skips are moved to the end of the gap; of those it has twice, opening is the
    first and closing the last. Where nothing is left of the part (a skipped day), it opens and closes at once.
    """
    opens_at, closes_at = _span(time_zone, day, part.opens, part.closes)
    return Window(calendar_id, time_zone, day, part.name, opens_at, closes_at)


@lru_cache(maxsize=32_768)
def _span(time_zone: str, day: date, opens: time, closes: time) -> tuple[datetime, datetime]:
    zone = ZoneInfo(time_zone)
    opens_at = _instant(day, opens, zone, fold=0)
    return opens_at, max(opens_at, _instant(day, closes, zone, fold=1))


def _instant(day: date, at: time, zone: ZoneInfo, *, fold: int) -> datetime:
    wall = datetime.combine(day, at, zone).replace(fold=fold)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _end_of_gap(wall)


def _end_of_gap(wall: datetime) -> datetime:
    """The instant at which the clocks jumped over `wall`: between its readings by the old and by the new offset."""
    before = wall.replace(fold=1).astimezone(UTC)
    after = wall.replace(fold=0).astimezone(UTC)
    old = before.astimezone(wall.tzinfo).utcoffset()
    while (after - before).total_seconds() > 1:
        middle = before + (after - before) // 2
        if middle.astimezone(wall.tzinfo).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
