"""What 'morning' means in UTC, in every zone, on the days when the clocks change too."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookable.domain.inventory import DayPart, window
from bookable.kernel.ids import new_id

CALENDAR = new_id()
ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})


def span(zone: str, day: date, opens: time, closes: time) -> tuple[datetime, datetime]:
    found = window(CALENDAR, zone, day, DayPart("part", opens, closes))
    return found.opens_at, found.closes_at


@pytest.mark.parametrize(
    "zone,day,opens_utc",
    [
        ("America/Los_Angeles", date(2026, 3, 7), 17),
        ("America/Los_Angeles", date(2026, 3, 8), 16),
        ("America/Los_Angeles", date(2026, 10, 31), 16),
        ("America/Los_Angeles", date(2026, 11, 1), 17),
        ("Europe/Berlin", date(2026, 3, 28), 8),
        ("Europe/Berlin", date(2026, 3, 29), 7),
        ("UTC", date(2026, 3, 29), 9),
    ],
)
def test_nine_in_the_morning_follows_the_clocks(zone: str, day: date, opens_utc: int) -> None:
    opens, closes = span(zone, day, time(9), time(12))
    assert opens == datetime(day.year, day.month, day.day, opens_utc, tzinfo=UTC)
    assert closes - opens == timedelta(hours=3)


def test_a_part_that_opens_in_the_gap_opens_when_the_gap_ends() -> None:
    opens, closes = span("Europe/Berlin", date(2026, 3, 29), time(2, 30), time(5))
    assert opens == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert closes - opens == timedelta(hours=2)


def test_a_part_that_lies_in_the_gap_is_not_there() -> None:
    opens, closes = span("Europe/Berlin", date(2026, 3, 29), time(2), time(3))
    assert opens == closes


def test_the_hour_that_comes_twice_is_twice_as_long() -> None:
    opens, closes = span("Europe/Berlin", date(2026, 10, 25), time(2), time(3))
    assert closes - opens == timedelta(hours=2)
    opens, closes = span("Europe/Berlin", date(2026, 10, 25), time(2), time(2, 30))
    assert opens == datetime(2026, 10, 25, 0, tzinfo=UTC)


def test_a_day_that_a_zone_skipped_has_no_parts() -> None:
    opens, closes = span("Pacific/Apia", date(2011, 12, 30), time(9), time(12))
    assert opens == closes


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    hours=st.tuples(st.integers(0, 22), st.integers(1, 8)),
)
@settings(max_examples=600, deadline=None)
def test_every_part_of_every_day_shows_its_hours_on_the_wall(zone: str, day: date, hours: tuple[int, int]) -> None:
    first, last = hours[0], min(23, hours[0] + hours[1])
    opens, closes = span(zone, day, time(first), time(last))
    assert opens <= closes
    wall = opens.astimezone(zoneinfo.ZoneInfo(zone))
    assert wall.date() == day
    assert wall.hour >= first
    if wall.hour == first:
        assert wall.minute in (0, 30)
    assert abs((closes - opens) - timedelta(hours=last - first)) <= timedelta(hours=1)
