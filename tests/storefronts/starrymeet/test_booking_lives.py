"""What becomes of bookings on the wire: lapsed, paid late, cancelled, moved, completed."""

from datetime import datetime, timedelta
from typing import Any

import httpx

from bookable.kernel.tenants import Tenant
from bookable.wiring import House

from .meetings import Later, in_days, job_run, now, pay, place, shown
from .people import bearer, error, register
from .staff import admin_bearer


async def test_an_unpaid_booking_reads_cancelled_when_its_hold_is_over(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    celebrity: dict[str, Any],
    later: Later,
) -> None:
    booking = (await place(client, root, celebrity, customer))["booking"]
    await later(timedelta(minutes=15, seconds=1))
    seen = await shown(client, booking, customer)
    assert (seen["status"], seen["cancelledAt"]) == ("cancelled", booking["holdExpiresAt"])
    assert (seen["timeline"][-1]["to"], seen["timeline"][-1]["by"]) == ("cancelled", "system")
    assert (await place(client, root, celebrity, customer, date=booking["date"]))["booking"]["status"] == "pending"


async def test_money_that_comes_late_confirms_while_the_slot_is_free_and_goes_back_when_not(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    celebrity: dict[str, Any],
    later: Later,
) -> None:
    intents = {}
    for slot in ("morning", "evening"):
        booking = (await place(client, root, celebrity, customer, timeSlot=slot))["booking"]
        body = {"bookingId": booking["id"]}
        intent = await client.post("/payments/create-intent", json=body, headers=customer)
        intents[slot] = (booking, intent.json()["data"]["paymentIntentId"])
    await later(timedelta(minutes=16))
    await place(client, root, celebrity, customer, timeSlot="evening", date=intents["evening"][0]["date"])
    for _, intent_id in intents.values():
        body = {"paymentIntentId": intent_id, "paymentMethod": "pm_card_visa"}
        answer = await client.post("/payments/confirm", json=body, headers=customer)
        assert answer.status_code == 200, answer.text
    await job_run(root)
    free, gone = [await shown(client, booking, customer) for booking, _ in intents.values()]
    assert free["status"] == "confirmed"
    assert [m["to"] for m in free["timeline"]] == ["pending", "cancelled", "confirmed"]
    assert gone["status"] == "refunded"
    assert (gone["payment"]["status"], gone["payment"]["refundAmountCents"]) == ("refunded", 24_840)


async def test_cancelling_says_before_and_after_what_goes_back(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    celebrity: dict[str, Any],
    later: Later,
) -> None:
    booking = (await place(client, root, celebrity, customer, date=await in_days(root, 3)))["booking"]
    await pay(client, booking, customer)
    starts = datetime.fromisoformat(booking["startsAt"])
    path = f"/bookings/{booking['id']}"
    told = (await client.get(f"{path}/cancellation", headers=customer)).json()["data"]
    assert told.keys() == {"refundCents", "refundPercent", "reason", "until"}
    assert (told["refundCents"], told["refundPercent"]) == (24_840, 100)
    assert datetime.fromisoformat(told["until"]) == starts - timedelta(hours=48)
    await later(starts - await now(root) - timedelta(hours=30))
    told = (await client.get(f"{path}/cancellation", headers=customer)).json()["data"]
    assert (told["refundCents"], told["refundPercent"]) == (12_420, 50)
    done = (await client.patch(f"{path}/cancel", json={"reason": "ill"}, headers=customer)).json()["data"]
    assert done.keys() == {"booking", "refund"}
    assert done["refund"] == {"amountCents": 12_420}
    assert done["booking"]["status"] == "cancelled"
    assert done["booking"]["timeline"][-1]["reason"] == "ill"
    await job_run(root)
    seen = await shown(client, booking, customer)
    assert (seen["status"], seen["payment"]["status"]) == ("cancelled", "partially_refunded")
    assert seen["payment"]["refundAmountCents"] == 12_420
    refused = error(await client.patch(f"{path}/cancel", headers=customer), 409)
    assert (refused["code"], refused["details"]) == ("INVALID_STATE", {"from": "cancelled", "allowed": []})


async def test_when_the_celebrity_cancels_all_of_it_goes_back(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    celebrity: dict[str, Any],
    later: Later,
    stars: dict[str, str],
) -> None:
    booking = (await place(client, root, celebrity, customer))["booking"]
    await pay(client, booking, customer)
    await later(datetime.fromisoformat(booking["startsAt"]) - await now(root) - timedelta(hours=1))
    done = (await client.patch(f"/bookings/{booking['id']}/cancel", headers=stars)).json()["data"]
    assert done["refund"] == {"amountCents": 24_840}
    assert done["booking"]["timeline"][-1]["by"] == "provider"


async def test_an_unpaid_booking_is_cancelled_without_a_refund(
    client: httpx.AsyncClient, root: httpx.AsyncClient, customer: dict[str, str], celebrity: dict[str, Any]
) -> None:
    booking = (await place(client, root, celebrity, customer))["booking"]
    done = (await client.patch(f"/bookings/{booking['id']}/cancel", headers=customer)).json()["data"]
    assert done["refund"] is None


async def test_rescheduling_keeps_the_old_time_when_the_new_one_is_taken(
    client: httpx.AsyncClient, root: httpx.AsyncClient, customer: dict[str, str], celebrity: dict[str, Any]
) -> None:
    booking = (await place(client, root, celebrity, customer))["booking"]
    await place(client, root, celebrity, customer, timeSlot="evening")
    path = f"/bookings/{booking['id']}/reschedule"
    body = {"date": booking["date"], "timeSlot": "evening"}
    assert error(await client.patch(path, json=body, headers=customer), 409)["code"] == "SLOT_UNAVAILABLE"
    assert (await shown(client, booking, customer))["startsAt"] == booking["startsAt"]
    body["timeSlot"] = "afternoon"
    moved = (await client.patch(path, json=body, headers=customer)).json()["data"]["booking"]
    assert (moved["timeSlot"], moved["totalCents"]) == ("afternoon", booking["totalCents"])
    assert moved["startsAt"] == f"{booking['date']}T12:00:00Z"
    error(await client.patch(path, json={**body, "date": await in_days(root, -1)}, headers=customer), 422)
    assert (await place(client, root, celebrity, customer))["booking"]["startsAt"] == booking["startsAt"]


async def test_completing_is_the_celebritys_and_the_houses_after_the_start(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    celebrity: dict[str, Any],
    later: Later,
    stars: dict[str, str],
    house: House,
    storefront: Tenant,
) -> None:
    morning = (await place(client, root, celebrity, customer))["booking"]
    evening = (await place(client, root, celebrity, customer, timeSlot="evening"))["booking"]
    for booking in (morning, evening):
        await pay(client, booking, customer)
    path = f"/bookings/{morning['id']}/complete"
    assert error(await client.patch(path, headers=stars), 409)["code"] == "INVALID_STATE"
    await later(datetime.fromisoformat(evening["endsAt"]) - await now(root))
    assert error(await client.patch(path), 401)["code"] == "UNAUTHENTICATED"
    assert error(await client.patch(path, headers=customer), 403)["code"] == "FORBIDDEN"
    assert error(await client.patch(path, headers=bearer(await register(client))), 404)["code"] == "NOT_FOUND"
    done = (await client.patch(path, headers=stars)).json()["data"]["booking"]
    assert (done["status"], done["timeline"][-1]["by"]) == ("completed", "provider")
    assert done["completedAt"] is not None
    admin = await admin_bearer(client, house, storefront)
    missed = await client.patch(f"/bookings/{evening['id']}/no-show", headers=admin)
    assert missed.json()["data"]["booking"]["status"] == "no_show"
    refused = error(await client.patch(path, headers=admin), 409)
    assert refused["details"] == {"from": "completed", "allowed": ["refunded"]}


async def test_nobody_leaves_with_meetings_ahead(
    client: httpx.AsyncClient, root: httpx.AsyncClient, customer: dict[str, str], celebrity: dict[str, Any]
) -> None:
    booking = (await place(client, root, celebrity, customer))["booking"]
    body = {"password": "Correct-horse-7"}
    refused = error(await client.request("DELETE", "/users/me", json=body, headers=customer), 409)
    assert refused["details"]["bookings"] == [booking["bookingNumber"]]
    await client.patch(f"/bookings/{booking['id']}/cancel", headers=customer)
    assert (await client.request("DELETE", "/users/me", json=body, headers=customer)).status_code == 204
