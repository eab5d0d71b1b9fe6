"""Placing bookings on the wire: what the contract shows of them, and why one is refused."""

import asyncio
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from .meetings import in_days, pay, place, shown, wanted
from .people import error
from .staff import add_celebrity

SHAPE = {
    *("id", "bookingNumber", "status", "celebrity", "meetingType", "date", "timeSlot", "startsAt", "endsAt"),
    *("contactName", "contactEmail", "contactPhone", "specialRequests", "subtotalCents", "platformFeeCents"),
    *("discountCents", "taxCents", "totalCents", "currency", "payment", "holdExpiresAt", "timeline", "createdAt"),
    *("confirmedAt", "completedAt", "cancelledAt"),
}


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
