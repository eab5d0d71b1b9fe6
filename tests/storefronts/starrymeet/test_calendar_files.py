"""A meeting's calendar file: RFC 5545, the same event as it moves, for whoever may see the booking."""

from typing import Any

import httpx
import pytest
from icalendar import Calendar

from bookable.kernel.tenants import Tenant
from bookable.wiring import House

from .meetings import in_days, pay, place
from .people import bearer, error, register
from .staff import add_celebrity, admin_bearer


@pytest.fixture
async def celebrity(client: httpx.AsyncClient, house: House, storefront: Tenant) -> dict[str, Any]:
    return await add_celebrity(client, await admin_bearer(client, house, storefront), timeZone="Europe/Lisbon")


def event(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (found,) = Calendar.from_ical(answer.content).walk("VEVENT")
    return found


async def test_the_file_says_when_and_stays_the_same_event_as_it_moves(
    client: httpx.AsyncClient, root: httpx.AsyncClient, celebrity: dict[str, Any]
) -> None:
    me = bearer(await register(client))
    booking = (await place(client, root, celebrity, me))["booking"]
    await pay(client, booking, me)
    path = f"/bookings/{booking['id']}/calendar.ics"
    first = event(await client.get(path, headers=me))
    assert first["DTSTART"].dt.isoformat().replace("+00:00", "Z") == booking["startsAt"]
    assert first["DTEND"].dt.isoformat().replace("+00:00", "Z") == booking["endsAt"]
    assert first["STATUS"] == "CONFIRMED"
    moved = await client.patch(
        f"/bookings/{booking['id']}/reschedule",
        json={"date": await in_days(root, 20), "timeSlot": "evening"},
        headers=me,
    )
    assert moved.status_code == 200, moved.text
    second = event(await client.get(path, headers=me))
    assert second["UID"] == first["UID"]
    assert int(second["SEQUENCE"]) > int(first["SEQUENCE"])
    assert second["DTSTART"].dt > first["DTSTART"].dt


async def test_a_cancelled_meeting_is_cancelled_in_the_file(
    client: httpx.AsyncClient, root: httpx.AsyncClient, celebrity: dict[str, Any]
) -> None:
    me = bearer(await register(client))
    booking = (await place(client, root, celebrity, me))["booking"]
    assert (await client.patch(f"/bookings/{booking['id']}/cancel", json={}, headers=me)).status_code == 200
    assert event(await client.get(f"/bookings/{booking['id']}/calendar.ics", headers=me))["STATUS"] == "CANCELLED"


async def test_strangers_get_nothing_and_a_guest_needs_the_key(
    client: httpx.AsyncClient, root: httpx.AsyncClient, celebrity: dict[str, Any]
) -> None:
    guests = await place(client, root, celebrity)
    path = f"/bookings/{guests['booking']['bookingNumber']}/calendar.ics"
    error(await client.get(path), 401)
    error(await client.get(path, headers=bearer(await register(client))), 404)
    assert event(await client.get(path, params={"accessToken": guests["accessToken"]}))["SUMMARY"]
