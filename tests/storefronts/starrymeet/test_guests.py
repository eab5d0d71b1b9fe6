"""Booking without an account: the guest's key, and whose the booking is once they register."""

from typing import Any

import httpx

from .meetings import in_days, job_run, pay, place
from .people import bearer, error, mailed_token, new_email, register


async def test_a_guests_key_opens_every_call_of_their_booking(
    client: httpx.AsyncClient, root: httpx.AsyncClient, celebrity: dict[str, Any]
) -> None:
    data = await place(client, root, celebrity)
    booking, key = data["booking"], data["accessToken"]
    path = f"/bookings/{booking['id']}"
    assert error(await client.get(path), 401)["code"] == "UNAUTHENTICATED"
    for wrong in ("x" * 43, "short"):
        assert error(await client.get(path, params={"accessToken": wrong}), 404)["code"] == "NOT_FOUND"
    other = await place(client, root, celebrity, timeSlot="evening")
    error(await client.get(f"/bookings/{other['booking']['id']}", params={"accessToken": key}), 404)
    error(await client.get(path, headers=bearer(await register(client))), 404)

    assert (await client.get(path, params={"accessToken": key})).status_code == 200
    by_number = f"/bookings/{booking['bookingNumber']}/cancellation"
    assert (await client.get(by_number, params={"accessToken": key})).status_code == 200
    paid = await pay(client, booking, key=key)
    assert paid["booking"]["status"] == "confirmed"
    body = {"date": await in_days(root, 12), "timeSlot": "afternoon", "accessToken": key}
    moved = await client.patch(f"{path}/reschedule", json=body)
    assert moved.json()["data"]["booking"]["timeSlot"] == "afternoon"
    done = await client.patch(f"{path}/cancel", json={"reason": "ill", "accessToken": key})
    assert done.json()["data"]["refund"] == {"amountCents": 24_840}


async def test_registering_with_the_same_verified_email_adopts_a_guests_booking(
    client: httpx.AsyncClient, root: httpx.AsyncClient, celebrity: dict[str, Any]
) -> None:
    email = new_email()
    guests = await place(client, root, celebrity, contactEmail=email.upper())
    await pay(client, guests["booking"], key=guests["accessToken"])
    person = await register(client, email=email)
    assert (await client.get("/bookings", headers=bearer(person))).json()["data"]["total"] == 0
    token = await mailed_token(root, email)
    assert (await client.post("/auth/verify-email", json={"token": token})).status_code == 200
    await job_run(root)
    (found,) = (await client.get("/bookings", headers=bearer(person))).json()["data"]["items"]
    assert found["id"] == guests["booking"]["id"]
    assert found["payment"]["status"] == "succeeded"
    opened = await client.get(f"/bookings/{found['id']}", params={"accessToken": guests["accessToken"]})
    assert opened.status_code == 200
