"""How amounts, times and names are written in a letter."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bookable.kernel.money import Money

from .ports import one_line

__all__ = ["amount", "called", "clock_time", "day_and_time", "long_day", "safe_name", "utc_time"]

_LINKISH = re.compile(r"https?:|www\.|[/\\@<>{}]|\.[a-z]{2,}(?:\W|$)", re.IGNORECASE)


def amount(money: Money) -> str:
    """`USD 120.00`."""
    return f"{money.currency} {money.decimal()}"


def long_day(day: date) -> str:
    """`Friday 8 May 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def clock_time(at: datetime, zone: str) -> str:
    """`14:00 PDT (America/Los_Angeles)`."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%H:%M} {_zone(there, zone)}"


def day_and_time(start: datetime, end: datetime, zone: str) -> str:
    """`Friday 8 May 2026, 14:00–14:30 PDT (America/Los_Angeles)`: as the clock at that place shows it."""
    there, until = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    turned = there.utcoffset() != until.utcoffset()  # the clock was changed meanwhile
    begins = f"{there:%H:%M} {there:%Z}" if turned else f"{there:%H:%M}"
    return f"{long_day(there)}, {begins}–{until:%H:%M} {_zone(until, zone)}"


def utc_time(start: datetime, end: datetime) -> str:
    """`8 May 2026, 21:00–21:30 UTC`."""
    there, until = start.astimezone(UTC), end.astimezone(UTC)
    return f"{there.day} {there:%B %Y}, {there:%H:%M}–{until:%H:%M} UTC"


def safe_name(name: str, *, otherwise: str) -> str:
    """The name on one line; `otherwise` where it is none or reads like a link.

    Anyone can book or register with somebody else's address: their name must not be a message to that person.
    """
    line = one_line(name, most=60)
    return otherwise if not line or _LINKISH.search(line) else line


def called(name: str) -> str:
    """`Hello Ada,`; `Hello,` where the name can't be used."""
    known = safe_name(name, otherwise="")
    return f"Hello {known}," if known else "Hello,"


def _zone(there: datetime, zone: str) -> str:
    """Zones without letters of their own (`+04`) go by their place alone."""
    short = there.strftime("%Z")
    return zone if not short.isalpha() or short == zone else f"{short} ({zone})"
