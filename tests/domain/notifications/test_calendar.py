"""A booking as a calendar file: whatever its words, a calendar reads back what was meant."""

import re
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookable.domain.notifications import Entry, Method, calendar_file
from bookable.domain.notifications.ports import one_line
from bookable.kernel.ids import new_id

NOON = datetime(2026, 5, 8, 12, tzinfo=UTC)
words = st.text(max_size=120)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()).filter(  # noqa: DTZ001 - bounds are naive
    lambda d: d.fold == 0
)


def entry(**given_: object) -> Entry:
    usual: dict[str, object] = {
        "booking_id": new_id(),
        "sequence": 0,
        "title": "Grace (StarryMeet)",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(minutes=30),
        "stamp": NOON - timedelta(days=1),
        "organizer_name": "StarryMeet",
        "organizer_email": "no-reply@bookable.example",
        "attendee_name": "Ada",
        "attendee_email": "ada@customer.example",
        "description": "Booking BK-2026-123456",
        "url": "https://starrymeet.example/bookings/BK-2026-123456",
    }
    return Entry(**{**usual, **given_})  # type: ignore[arg-type]  # what a test changes, it changes on purpose


def event_in(raw: bytes) -> icalendar.Event:
    (event,) = icalendar.Calendar.from_ical(raw.decode()).walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    return event


def seconds(at: datetime) -> datetime:
    """RFC 5545 knows no fractions of a second."""
    return at.astimezone(UTC).replace(microsecond=0)


@settings(max_examples=300)
@given(title=words, name=words, description=words, start=instants, minutes=st.integers(1, 1440))
def test_what_goes_in_comes_out(title: str, name: str, description: str, start: datetime, minutes: int) -> None:
    made = entry(
        title=title,
        attendee_name=name,
        organizer_name=name,
        description=description,
        starts_at=start,
        ends_at=start + timedelta(minutes=minutes),
    )
    raw = calendar_file(made, method=Method.REQUEST)
    event = event_in(raw)
    assert event["SUMMARY"] == one_line(title)
    assert event.get("DESCRIPTION", "") == "\n".join(one_line(x, most=500) for x in description.splitlines())
    assert (event.start, event.end) == (seconds(made.starts_at), seconds(made.ends_at))
    assert event["UID"] == f"{made.booking_id}@bookable"
    plain = re.sub(r'["^]', "'", one_line(name, most=100)).replace("\\", "/")
    assert event["ATTENDEE"].params["CN"] == (plain or made.attendee_email)
    assert str(event["ATTENDEE"]) == "mailto:ada@customer.example"


@given(title=words, name=words, description=words)
def test_a_file_keeps_to_its_form(title: str, name: str, description: str) -> None:
    raw = calendar_file(entry(title=title, attendee_name=name, description=description), method=Method.REQUEST)
    lines = raw.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    unfolded = raw.replace(b"\r\n ", b"").split(b"\r\n")
    names = [line.split(b":")[0].split(b";")[0] for line in unfolded if line]
    assert names.count(b"BEGIN") == names.count(b"END") == 2
    assert names.count(b"ATTENDEE") == names.count(b"ORGANIZER") == names.count(b"UID") == 1


@pytest.mark.parametrize(
    "evil",
    [
        "x\r\nATTENDEE:mailto:evil@attacker.example",
        "x\nEND:VEVENT\nBEGIN:VALARM\nACTION:AUDIO",
        'x";CN="y":mailto:evil@attacker.example',
        "x\\n\\,\\;",
        "x^n^'y",
        "x\u2028BEGIN:VEVENT",
        "x\x00\x07",
    ],
)
def test_no_word_becomes_a_property(evil: str) -> None:
    made = entry(title=evil, attendee_name=evil, organizer_name=evil, description=evil)
    raw = calendar_file(made, method=Method.REQUEST)
    calendar = icalendar.Calendar.from_ical(raw.decode())
    assert [c.name for c in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    event = event_in(raw)
    assert str(event["ATTENDEE"]) == "mailto:ada@customer.example"
    assert set(event["ATTENDEE"].params) == {"CN", "PARTSTAT", "ROLE", "RSVP"}
    assert str(event["ORGANIZER"]) == "mailto:no-reply@bookable.example"


def test_a_move_is_the_same_event_with_a_later_word() -> None:
    booking = new_id()
    first = event_in(calendar_file(entry(booking_id=booking), method=Method.REQUEST))
    moved = event_in(calendar_file(entry(booking_id=booking, sequence=1), method=Method.REQUEST))
    gone = event_in(calendar_file(entry(booking_id=booking, sequence=1, status="CANCELLED"), method=Method.REQUEST))
    assert first["UID"] == moved["UID"] == gone["UID"]
    assert [int(str(e["SEQUENCE"])) for e in (first, moved, gone)] == [0, 1, 2]
    assert (moved["STATUS"], gone["STATUS"]) == ("CONFIRMED", "CANCELLED")


def test_an_invitation_that_is_withdrawn_says_so() -> None:
    calendar = icalendar.Calendar.from_ical(calendar_file(entry(status="CANCELLED"), method=Method.REQUEST).decode())
    assert calendar["METHOD"] == "CANCEL"


def test_what_is_published_names_nobody_but_the_organizer() -> None:
    raw = calendar_file(entry())
    assert icalendar.Calendar.from_ical(raw.decode())["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in event_in(raw)
    assert "ORGANIZER" in event_in(raw)


def test_times_are_in_utc_and_need_no_zone_of_their_own() -> None:
    raw = calendar_file(entry(starts_at=NOON.astimezone(tz=None)))
    assert b"DTSTART:20260508T120000Z\r\n" in raw
    assert b"VTIMEZONE" not in raw


def test_the_same_booking_gives_the_same_bytes() -> None:
    made = entry()
    assert calendar_file(made) == calendar_file(made)
