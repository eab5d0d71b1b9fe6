"""A celebrity's hours, bookings and earnings on the wire."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from .meetings import in_days, pay, place, wanted
from .people import bearer, error, register
from .staff import add_celebrity


async def open_days(client: httpx.AsyncClient, celebrity: dict[str, Any], **span: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/celebrities/{celebrity['id']}/availability", params=span)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["data"]["items"]
    return items


async def test_every_slot_is_open_for_one_until_somebody_says_otherwise(
    client: httpx.AsyncClient, root: httpx.AsyncClient, celebrity: dict[str, Any]
) -> None:
    first, last = await in_days(root, 5), await in_days(root, 6)
    assert await open_days(client, celebrity, **{"from": first, "to": last}) == [
        {"date": day, "timeSlot": slot, "isAvailable": True, "remaining": 1}
        for day in (first, last)
        for slot in ("morning", "afternoon", "evening")
    ]
    await place(client, root, celebrity, date=first)
    assert (await open_days(client, celebrity, **{"from": first, "to": first}))[0] == {
        "date": first,
        "timeSlot": "morning",
        "isAvailable": False,
        "remaining": 0,
    }


async def test_a_look_spans_92_days(
    client: httpx.AsyncClient, root: httpx.AsyncClient, celebrity: dict[str, Any]
) -> None:
    first = await in_days(root, 1)
    last = (date.fromisoformat(first) + timedelta(days=91)).isoformat()
    assert len(await open_days(client, celebrity, **{"from": first, "to": last})) == 92 * 3
    path = f"/celebrities/{celebrity['username']}/availability"
    too_far = (date.fromisoformat(first) + timedelta(days=92)).isoformat()
    for wrong in ({"from": first, "to": too_far}, {"from": last, "to": first}, {"from": "soon"}):
        error(await client.get(path, params=wrong), 422)
    assert (await client.get(path)).status_code == 200
    error(await client.get("/celebrities/nobody-at-all/availability"), 404)


async def test_its_owner_and_admins_set_the_hours(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    celebrity: dict[str, Any],
    stars: dict[str, str],
    admin: dict[str, str],
) -> None:
    day = await in_days(root, 5)
    path = f"/celebrities/{celebrity['id']}/availability"
    body = {
        "items": [
            {"date": day, "timeSlot": "morning", "isAvailable": True, "maxBookings": 3},
            {"date": day, "timeSlot": "evening", "isAvailable": False, "maxBookings": 1},
        ]
    }
    error(await client.put(path, json=body), 401)
    error(await client.put(path, json=body, headers=bearer(await register(client))), 403)
    answer = await client.put(path, json=body, headers=stars)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["items"] == [
        {"date": day, "timeSlot": "morning", "isAvailable": True, "remaining": 3},
        {"date": day, "timeSlot": "evening", "isAvailable": False, "remaining": 0},
    ]
    starts = [(await place(client, root, celebrity, date=day))["booking"]["startsAt"] for _ in range(3)]
    assert starts == [f"{day}T09:00:00Z", f"{day}T09:30:00Z", f"{day}T10:00:00Z"]
    closed = await wanted(root, celebrity, date=day, timeSlot="evening")
    assert error(await client.post("/bookings", json=closed), 409)["code"] == "SLOT_UNAVAILABLE"
    body["items"][0]["maxBookings"] = 2
    refused = error(await client.put(path, json=body, headers=admin), 409)
    assert refused["details"]["items"] == [{"date": day, "timeSlot": "morning", "maxBookings": 2, "booked": 3}]


@pytest.mark.parametrize(
    "items", [[], [{"timeSlot": "morning"}], [{"date": "2030-01-01", "timeSlot": "night"}], "x", None]
)
async def test_hours_that_are_none_are_422(
    client: httpx.AsyncClient, celebrity: dict[str, Any], admin: dict[str, str], items: Any
) -> None:
    path = f"/celebrities/{celebrity['id']}/availability"
    error(await client.put(path, json={"items": items}, headers=admin), 422)


async def test_its_owner_sees_what_was_booked_and_earned(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    celebrity: dict[str, Any],
    stars: dict[str, str],
    admin: dict[str, str],
) -> None:
    first = await place(client, root, celebrity, date=await in_days(root, 5))
    second = await place(client, root, celebrity, date=await in_days(root, 8))
    await pay(client, first["booking"], key=first["accessToken"])
    path = f"/celebrities/{celebrity['id']}"
    for headers in (stars, admin):
        found = (await client.get(f"{path}/bookings", headers=headers)).json()["data"]
        assert [b["id"] for b in found["items"]] == [second["booking"]["id"], first["booking"]["id"]]
        assert found["items"][1]["payment"]["status"] == "succeeded"
        span = {"from": await in_days(root, 4), "to": await in_days(root, 6), "status": "confirmed"}
        narrowed = (await client.get(f"{path}/bookings", params=span, headers=headers)).json()["data"]
        assert [b["id"] for b in narrowed["items"]] == [first["booking"]["id"]]
        earned = (await client.get(f"{path}/earnings", headers=headers)).json()["data"]["earnings"]
        (month,) = earned.pop("byMonth")
        assert earned == {
            "currency": "USD",
            "grossCents": 23_000,
            "feesCents": 3_000,
            "refundsCents": 0,
            "paidOutCents": 0,
            "balanceCents": 20_000,
        }
        assert (month["grossCents"], month["balanceCents"]) == (23_000, 20_000)
    stranger = bearer(await register(client))
    for what in ("bookings", "earnings"):
        error(await client.get(f"{path}/{what}", headers=stranger), 403)
        error(await client.get(f"{path}/{what}"), 401)
        error(await client.get(f"/celebrities/nobody-at-all/{what}", headers=stars), 404)


async def test_a_celebrity_who_has_earned_nothing_has_zeros(
    client: httpx.AsyncClient, celebrity: dict[str, Any], stars: dict[str, str]
) -> None:
    earned = (await client.get(f"/celebrities/{celebrity['id']}/earnings", headers=stars)).json()["data"]["earnings"]
    assert (earned["grossCents"], earned["byMonth"]) == (0, [])


async def test_a_list_narrowed_to_a_day_leaves_out_who_is_full(
    client: httpx.AsyncClient, root: httpx.AsyncClient, celebrity: dict[str, Any], admin: dict[str, str]
) -> None:
    other = await add_celebrity(client, admin, timeZone="UTC")
    day = await in_days(root, 5)
    for slot in ("morning", "afternoon", "evening"):
        await place(client, root, celebrity, date=day, timeSlot=slot)
    found = (await client.get("/celebrities", params={"availableOn": day})).json()["data"]
    assert [c["id"] for c in found["items"]] == [other["id"]]
    assert found["total"] == 1
