"""Bookings on the wire: what the contract shows of them, to whom, and what may be done with them."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from bookable.kernel.tenants import Tenant
from bookable.wiring import House

from .meetings import advance, in_days, job_run, now, pay, place, wanted
from .people import bearer, error, mailed_token, new_email, register
from .staff import add_celebrity, admin_bearer

SHAPE = {
    *("id", "bookingNumber", "status", "celebrity", "meetingType", "date", "timeSlot", "startsAt", "endsAt"),
    *("contactName", "contactEmail", "contactPhone", "specialRequests", "subtotalCents", "platformFeeCents"),
    *("discountCents", "taxCents", "totalCents", "currency", "payment", "holdExpiresAt", "timeline", "createdAt"),
    *("confirmedAt", "completedAt", "cancelledAt"),
}
LIST = {"items", "page", "limit", "total", "totalPages", "nextCursor"}


Later = Callable[[timedelta], Awaitable[None]]


@pytest.fixture
def signed_in() -> list[tuple[str, dict[str, str]]]:
    """Who has signed in, and the header they call with."""
    return []


@pytest.fixture
async def admin(client: httpx.AsyncClient, house: House, storefront: Tenant) -> dict[str, str]:
    return await admin_bearer(client, house, storefront)


@pytest.fixture
async def star(client: httpx.AsyncClient) -> dict[str, Any]:
    """Whoever the celebrity's profile belongs to."""
    return await register(client)


@pytest.fixture
async def celebrity(client: httpx.AsyncClient, admin: dict[str, str], star: dict[str, Any]) -> dict[str, Any]:
    return await add_celebrity(client, admin, timeZone="UTC", userId=star["user"]["id"])


@pytest.fixture
async def stars(
    client: httpx.AsyncClient,
    celebrity: dict[str, Any],
    star: dict[str, Any],
    signed_in: list[tuple[str, dict[str, str]]],
) -> dict[str, str]:
    """The celebrity's own bearer, from when the profile was theirs."""
    headers = await sign_in(client, star["user"]["email"])
    signed_in.append((star["user"]["email"], headers))
    return headers


@pytest.fixture
async def customer(client: httpx.AsyncClient, signed_in: list[tuple[str, dict[str, str]]]) -> dict[str, str]:
    person = await register(client)
    headers = bearer(person)
    signed_in.append((person["user"]["email"], headers))
    return headers


@pytest.fixture
def later(client: httpx.AsyncClient, root: httpx.AsyncClient, signed_in: list[tuple[str, dict[str, str]]]) -> Later:
    """Time passes, and whoever had signed in does so again: access tokens last fifteen minutes."""

    async def pass_by(time: timedelta) -> None:
        await advance(root, time)
        for email, headers in signed_in:
            headers.update(await sign_in(client, email))

    return pass_by


async def sign_in(client: httpx.AsyncClient, email: str) -> dict[str, str]:
    answer = await client.post("/auth/login", json={"email": email, "password": "Correct-horse-7"})
    assert answer.status_code == 200, answer.text
    return bearer(answer.json()["data"])


async def shown(client: httpx.AsyncClient, booking: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    answer = await client.get(f"/bookings/{booking['id']}", headers=headers)
    assert answer.status_code == 200, answer.text
    seen: dict[str, Any] = answer.json()["data"]["booking"]
    return seen


async def test_a_booking_is_as_the_contract_says(
    client: httpx.AsyncClient, root: httpx.AsyncClient, customer: dict[str, str], celebrity: dict[str, Any]
) -> None:
    data = await place(client, root, celebrity, customer, contactPhone="+49 30 1234567", specialRequests="Tea, please.")
    assert data.keys() == {"booking"}
    booking = data["booking"]
    assert booking.keys() == SHAPE
    day = await in_days(root)
    assert booking | {"id": 0, "bookingNumber": 0, "holdExpiresAt": 0, "timeline": 0, "createdAt": 0} == {
        "id": 0,
        "bookingNumber": 0,
        "status": "pending",
        "celebrity": {n: celebrity[n] for n in ("id", "username", "displayName", "avatarUrl")},
        "meetingType": "standard",
        "date": day,
        "timeSlot": "morning",
        "startsAt": f"{day}T09:00:00Z",
        "endsAt": f"{day}T09:30:00Z",
        "contactName": "Robin Field",
        "contactEmail": "robin@example.com",
        "contactPhone": "+49 30 1234567",
        "specialRequests": "Tea, please.",
        "subtotalCents": 20_000,
        "platformFeeCents": 3_000,
        "discountCents": 0,
        "taxCents": 1_840,
        "totalCents": 24_840,
        "currency": "USD",
        "payment": None,
        "holdExpiresAt": 0,
        "timeline": 0,
        "createdAt": 0,
        "confirmedAt": None,
        "completedAt": None,
        "cancelledAt": None,
    }
    assert re.fullmatch(r"BK-\d{4}-\d{6}", booking["bookingNumber"])
    held = datetime.fromisoformat(booking["holdExpiresAt"]) - datetime.fromisoformat(booking["createdAt"])
    assert abs(held - timedelta(minutes=15)) < timedelta(seconds=1)
    (move,) = booking["timeline"]
    assert move | {"at": 0} == {"from": None, "to": "pending", "at": 0, "by": "customer", "reason": None}
    assert (await client.get(f"/bookings/{booking['bookingNumber']}", headers=customer)).json()["data"] == data


async def test_from_quote_to_confirmed(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    celebrity: dict[str, Any],
    stars: dict[str, str],
) -> None:
    body = await wanted(root, celebrity)
    quote = (await client.post("/bookings/quote", json=body)).json()["data"]["quote"]
    assert quote == {
        "subtotalCents": 20_000,
        "platformFeeCents": 3_000,
        "discountCents": 0,
        "taxCents": 1_840,
        "totalCents": 24_840,
        "currency": "USD",
    }
    booking = (await place(client, root, celebrity, customer, expectedTotalCents=quote["totalCents"]))["booking"]
    paid = await pay(client, booking, customer)
    assert paid["booking"]["status"] == "confirmed"
    for headers in (customer, stars):
        seen = await shown(client, booking, headers)
        assert (seen["status"], seen["holdExpiresAt"]) == ("confirmed", None)
        assert seen["confirmedAt"] is not None
        assert seen["payment"] == paid["payment"]
        assert seen["payment"] | {"id": 0, "paidAt": 0} == {
            "id": 0,
            "bookingId": booking["id"],
            "amountCents": 24_840,
            "currency": "USD",
            "status": "succeeded",
            "paymentMethodType": "card",
            "cardBrand": "visa",
            "last4": "4242",
            "refundAmountCents": 0,
            "paidAt": 0,
            "refundedAt": None,
        }
        assert [m["to"] for m in seen["timeline"]][-1] == "confirmed"
    found = (await client.get(f"/celebrities/{celebrity['id']}")).json()["data"]["celebrity"]
    assert found["totalBookings"] == 1


async def test_a_taken_slot_is_409(
    client: httpx.AsyncClient, root: httpx.AsyncClient, customer: dict[str, str], celebrity: dict[str, Any]
) -> None:
    body = await wanted(root, celebrity)
    answers = await asyncio.gather(*(client.post("/bookings", json=body, headers=customer) for _ in range(10)))
    assert sorted(a.status_code for a in answers) == [201] + [409] * 9
    for answer in answers:
        if answer.status_code == 409:
            assert error(answer, 409)["code"] == "SLOT_UNAVAILABLE"


@pytest.mark.parametrize(
    "given,field",
    [
        ({"date": -1}, "date"),
        ({"date": 732}, "date"),
        ({"date": "tomorrow"}, "date"),
        ({"timeSlot": "night"}, "timeSlot"),
        ({"meetingType": "endless"}, "meetingType"),
        ({"contactEmail": "nobody"}, "contactEmail"),
        ({"contactName": ""}, "contactName"),
        ({"contactPhone": 5}, "contactPhone"),
        ({"specialRequests": "x" * 2001}, "specialRequests"),
        ({"promoCode": "NOPE"}, "promoCode"),
        ({"celebrityId": "x"}, "celebrityId"),
    ],
)
async def test_what_cannot_be_is_422_on_its_field(
    client: httpx.AsyncClient, root: httpx.AsyncClient, celebrity: dict[str, Any], given: dict[str, Any], field: str
) -> None:
    given = {k: await in_days(root, v) if k == "date" and isinstance(v, int) else v for k, v in given.items()}
    refused = error(await client.post("/bookings", json=await wanted(root, celebrity, **given)), 422)
    assert refused["code"] == "VALIDATION_ERROR"
    assert [f["field"] for f in refused["details"]["fields"]] == [field]


async def test_a_celebrity_who_does_not_offer_that_is_422_and_an_inactive_one_404(
    client: httpx.AsyncClient, root: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    quick = await add_celebrity(client, admin, standardMeetPriceCents=None, premiumMeetPriceCents=None)
    refused = error(await client.post("/bookings", json=await wanted(root, quick)), 422)
    assert refused["details"]["fields"][0]["field"] == "meetingType"
    assert (await client.delete(f"/celebrities/{quick['id']}", headers=admin)).status_code in (200, 204)
    body = await wanted(root, quick, meetingType="quick")
    assert error(await client.post("/bookings", json=body), 404)["code"] == "NOT_FOUND"


async def test_a_price_that_was_not_shown_is_409_with_the_true_one(
    client: httpx.AsyncClient, root: httpx.AsyncClient, celebrity: dict[str, Any]
) -> None:
    body = await wanted(root, celebrity, expectedTotalCents=1)
    refused = error(await client.post("/bookings", json=body), 409)
    assert refused["code"] == "PRICE_CHANGED"
    assert refused["details"]["totalCents"] == 24_840


async def test_the_same_key_books_once(
    client: httpx.AsyncClient, root: httpx.AsyncClient, customer: dict[str, str], celebrity: dict[str, Any]
) -> None:
    body, headers = await wanted(root, celebrity), {**customer, "Idempotency-Key": secrets.token_hex(8)}
    first = await client.post("/bookings", json=body, headers=headers)
    again = await client.post("/bookings", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"


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


async def test_lists_are_ones_own_by_status_page_and_cursor(
    client: httpx.AsyncClient, root: httpx.AsyncClient, customer: dict[str, str], celebrity: dict[str, Any]
) -> None:
    slots = ("morning", "afternoon", "evening")
    made = [(await place(client, root, celebrity, customer, timeSlot=slot))["booking"] for slot in slots]
    await place(client, root, celebrity, date=await in_days(root, 20))
    await client.patch(f"/bookings/{made[0]['id']}/cancel", headers=customer)
    for path in ("/bookings", "/users/me/bookings"):
        data = (await client.get(path, headers=customer)).json()["data"]
        assert data.keys() == LIST
        assert [b["id"] for b in data["items"]] == [b["id"] for b in reversed(made)]
        assert (data["page"], data["limit"], data["total"], data["totalPages"]) == (1, 20, 3, 1)
        assert data["nextCursor"] is None
        cancelled = (await client.get(path, params={"status": "cancelled"}, headers=customer)).json()["data"]
        assert [b["id"] for b in cancelled["items"]] == [made[0]["id"]]
        first = (await client.get(path, params={"limit": 2}, headers=customer)).json()["data"]
        rest = await client.get(path, params={"limit": 2, "cursor": first["nextCursor"]}, headers=customer)
        assert [b["id"] for b in rest.json()["data"]["items"]] == [made[0]["id"]]
        for wrong in ({"status": "expired"}, {"limit": 101}, {"cursor": "x"}, {"page": 0}):
            error(await client.get(path, params=wrong, headers=customer), 422)
        error(await client.get(path), 401)


async def test_admins_see_all_of_them(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    admin: dict[str, str],
    celebrity: dict[str, Any],
) -> None:
    await place(client, root, celebrity, customer)
    await place(client, root, celebrity, timeSlot="evening")
    data = (await client.get("/admin/bookings", headers=admin)).json()["data"]
    assert data.keys() == LIST
    assert data["total"] == 2
    error(await client.get("/admin/bookings", headers=customer), 403)
    error(await client.get("/admin/bookings"), 401)


async def test_a_promo_code_is_made_by_admins_and_lowers_the_price(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    admin: dict[str, str],
    celebrity: dict[str, Any],
) -> None:
    body = {"code": "spring10", "percentOff": 10, "maxUses": 1, "celebrityId": celebrity["id"]}
    error(await client.post("/admin/promo-codes", json=body, headers=customer), 403)
    answer = await client.post("/admin/promo-codes", json=body, headers=admin)
    assert answer.status_code == 201, answer.text
    promo = answer.json()["data"]["promoCode"]
    assert (promo["code"], promo["percentOff"], promo["maxUses"], promo["uses"]) == ("SPRING10", 10, 1, 0)
    assert error(await client.post("/admin/promo-codes", json=body, headers=admin), 409)["code"] == "CONFLICT"
    for wrong in ({"code": "X1"}, {"code": "X2", "percentOff": 101}, {"code": "X3", "amountOffCents": 0}):
        error(await client.post("/admin/promo-codes", json=wrong, headers=admin), 422)
    booking = (await place(client, root, celebrity, customer, promoCode="Spring10"))["booking"]
    assert (booking["discountCents"], booking["totalCents"]) == (2_000, 22_680)
    used_up = await wanted(root, celebrity, timeSlot="evening", promoCode="spring10")
    refused = error(await client.post("/bookings", json=used_up, headers=customer), 422)
    assert refused["details"]["fields"][0]["field"] == "promoCode"
    (listed,) = (await client.get("/admin/promo-codes", headers=admin)).json()["data"]["items"]
    assert (listed["id"], listed["uses"]) == (promo["id"], 1)


async def test_a_booking_that_costs_nothing_is_confirmed_at_once(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    admin: dict[str, str],
    celebrity: dict[str, Any],
) -> None:
    await client.post("/admin/promo-codes", json={"code": "ALLFREE", "percentOff": 100}, headers=admin)
    booking = (await place(client, root, celebrity, customer, promoCode="allfree"))["booking"]
    assert (booking["status"], booking["totalCents"], booking["payment"]) == ("confirmed", 0, None)
    refused = await client.post("/payments/create-intent", json={"bookingId": booking["id"]}, headers=customer)
    assert error(refused, 409)["code"] == "INVALID_STATE"


async def test_nobody_leaves_with_meetings_ahead(
    client: httpx.AsyncClient, root: httpx.AsyncClient, customer: dict[str, str], celebrity: dict[str, Any]
) -> None:
    booking = (await place(client, root, celebrity, customer))["booking"]
    body = {"password": "Correct-horse-7"}
    refused = error(await client.request("DELETE", "/users/me", json=body, headers=customer), 409)
    assert refused["details"]["bookings"] == [booking["bookingNumber"]]
    await client.patch(f"/bookings/{booking['id']}/cancel", headers=customer)
    assert (await client.request("DELETE", "/users/me", json=body, headers=customer)).status_code == 204
