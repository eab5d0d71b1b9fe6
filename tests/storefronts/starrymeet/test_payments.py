"""Paying over the wire, with the sandbox at the other end: from the intent to the money, and back again."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from stripe import WebhookSignature

from bookable.domain import bookings
from bookable.kernel.actors import Actor
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from bookable.wiring import House
from tests import make_bookings, make_catalogue
from tests.make_payments import as_owner

from .people import bearer, error, new_email, register

Run = Callable[[], Awaitable[None]]


@pytest.fixture
def run(root: httpx.AsyncClient) -> Run:
    """The queue is worked off."""

    async def worked_off() -> None:
        assert (await root.post("/sandbox/jobs/run")).status_code == 200

    return worked_off


@pytest.fixture
async def someone(client: httpx.AsyncClient) -> dict[str, Any]:
    """A customer who has signed in."""
    return await register(client)


@pytest.fixture
async def booking(house: House, storefront: Tenant, someone: dict[str, Any]) -> bookings.Booking:
    """Held for the customer, not paid yet: 20,000 + 3,000 fee + 1,840 tax."""
    listing = await make_catalogue.listing(house.db, storefront.id)
    who = Actor(storefront.id, UUID(someone["user"]["id"]), "user")
    return await make_bookings.place(house.db, who, listing)


@pytest.fixture
async def intent(client: httpx.AsyncClient, someone: dict[str, Any], booking: bookings.Booking) -> dict[str, Any]:
    """The booking's intent."""
    body = {"bookingId": str(booking.id)}
    answer = await client.post("/payments/create-intent", json=body, headers=bearer(someone))
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def confirm(
    client: httpx.AsyncClient, intent: dict[str, Any], headers: dict[str, str], method: str | None = "pm_card_visa"
) -> httpx.Response:
    body = {"paymentIntentId": intent["paymentIntentId"], "paymentMethod": method}
    return await client.post("/payments/confirm", json=body, headers=headers)


async def test_an_intent_says_all_that_a_browser_needs(
    client: httpx.AsyncClient, someone: dict[str, Any], booking: bookings.Booking, intent: dict[str, Any]
) -> None:
    assert set(intent) == {
        "paymentIntentId",
        "clientSecret",
        "amountCents",
        "currency",
        "status",
        "publishableKey",
    }
    assert (intent["amountCents"], intent["currency"], intent["status"]) == (24_840, "USD", "pending")
    again = await client.post("/payments/create-intent", json={"bookingId": str(booking.id)}, headers=bearer(someone))
    assert again.json()["data"] == intent


async def test_a_good_card_confirms_the_booking(
    client: httpx.AsyncClient, someone: dict[str, Any], booking: bookings.Booking, intent: dict[str, Any]
) -> None:
    answer = await confirm(client, intent, bearer(someone))
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    payment = data["payment"]
    assert (payment["status"], payment["bookingId"], payment["amountCents"]) == ("succeeded", str(booking.id), 24_840)
    assert (payment["paymentMethodType"], payment["cardBrand"], payment["last4"]) == ("card", "visa", "4242")
    assert (payment["refundAmountCents"], payment["refundedAt"]) == (0, None)
    assert payment["paidAt"].endswith("Z")
    assert data["booking"]["status"] == "confirmed"
    assert (await confirm(client, intent, bearer(someone), "pm_card_chargeDeclined")).json()["data"] == data


async def test_a_declined_card_is_402_and_the_booking_can_be_paid_again(
    client: httpx.AsyncClient, someone: dict[str, Any], intent: dict[str, Any]
) -> None:
    for card in ("pm_card_chargeDeclined", "pm_card_visa_captureFails", "pm_card_nobodys"):
        refused = error(await confirm(client, intent, bearer(someone), card), 402)
        assert refused["code"] == "PAYMENT_DECLINED"
    assert (await confirm(client, intent, bearer(someone))).json()["data"]["booking"]["status"] == "confirmed"


@pytest.mark.parametrize("card", ["pm_card_authenticationRequired", "pm_card_visa_delayed"])
async def test_waiting_is_processing_and_a_webhook_ends_it(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    run: Run,
    house: House,
    storefront: Tenant,
    someone: dict[str, Any],
    booking: bookings.Booking,
    intent: dict[str, Any],
    card: str,
) -> None:
    waiting = (await confirm(client, intent, bearer(someone), card)).json()["data"]
    assert (waiting["payment"]["status"], waiting["booking"]["status"]) == ("processing", "payment_processing")
    if card == "pm_card_authenticationRequired":
        door = f"/sandbox/payments/{intent['paymentIntentId']}/authenticate"
        acted = await root.post(door, json={"duplicate": 2})
        assert acted.json() == {"paymentIntentId": intent["paymentIntentId"], "status": "succeeded"}
    await root.post("/sandbox/clock", json={"advanceSeconds": 5})
    await run()
    now = await make_bookings.see(house.db, Actor.system(storefront.id), booking)
    assert (now.status, now.payment and now.payment.status) == ("confirmed", "succeeded")


async def test_nobody_else_can_pay_or_see_it(
    client: httpx.AsyncClient, booking: bookings.Booking, intent: dict[str, Any]
) -> None:
    mallory = bearer(await register(client))
    body = {"bookingId": str(booking.id)}
    error(await client.post("/payments/create-intent", json=body, headers=mallory), 404)
    error(await confirm(client, intent, mallory), 404)
    error(await client.post("/payments/create-intent", json=body), 401)
    error(await confirm(client, intent, {}), 401)
    error(await client.post("/payments/create-intent", json={**body, "accessToken": "guess"}), 404)


async def test_the_same_key_pays_once(
    client: httpx.AsyncClient, someone: dict[str, Any], intent: dict[str, Any]
) -> None:
    headers = {**bearer(someone), "Idempotency-Key": str(new_id())}
    first, second = await confirm(client, intent, headers), await confirm(client, intent, headers)
    assert first.content == second.content
    assert second.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("mode", ["down", "error-after-effect"])
async def test_when_the_provider_does_not_answer_the_same_key_carries_on(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    someone: dict[str, Any],
    intent: dict[str, Any],
    mode: str,
) -> None:
    headers = {**bearer(someone), "Idempotency-Key": str(new_id())}
    await root.post("/sandbox/faults", json={"provider": "stripe", "mode": mode, "times": 1})
    assert error(await confirm(client, intent, headers), 503)["code"] == "PROVIDER_UNAVAILABLE"
    answer = await confirm(client, intent, headers)
    assert answer.json()["data"]["payment"]["status"] == "succeeded"


async def test_admins_refund_in_parts_up_to_what_was_paid(
    client: httpx.AsyncClient, someone: dict[str, Any], admin: dict[str, str], intent: dict[str, Any]
) -> None:
    paid = (await confirm(client, intent, bearer(someone))).json()["data"]["payment"]
    door = f"/payments/{paid['id']}/refund"
    error(await client.post(door, json={"amountCents": 100}, headers=bearer(someone)), 403)
    for wrong in (-1, 0, 10**12, 1.5, "1e3"):
        error(await client.post(door, json={"amountCents": wrong}, headers=admin), 422)
    error(await client.post(door, json={"amountCents": 24_841}, headers=admin), 409)
    part = await client.post(door, json={"amountCents": 10_000, "reason": "Rain."}, headers=admin)
    payment = part.json()["data"]["payment"]
    assert (payment["status"], payment["refundAmountCents"]) == ("partially_refunded", 10_000)
    error(await client.post(door, json={"amountCents": 14_841}, headers=admin), 409)
    rest = (await client.post(door, json={}, headers=admin)).json()["data"]["payment"]
    assert (rest["status"], rest["refundAmountCents"]) == ("refunded", 24_840)
    assert rest["refundedAt"].endswith("Z")
    error(await client.post(f"/payments/{new_id()}/refund", json={}, headers=admin), 404)


async def test_two_refunds_at_once_never_exceed_the_payment(
    client: httpx.AsyncClient, someone: dict[str, Any], admin: dict[str, str], intent: dict[str, Any]
) -> None:
    paid = (await confirm(client, intent, bearer(someone))).json()["data"]["payment"]
    door = f"/payments/{paid['id']}/refund"
    tries = [client.post(door, json={"amountCents": 15_000}, headers=admin) for _ in range(6)]
    codes = sorted(answer.status_code for answer in await asyncio.gather(*tries))
    assert codes == [200, 409, 409, 409, 409, 409]


async def test_webhooks_are_kept_when_signed_and_refused_when_not(
    client: httpx.AsyncClient, house: House, storefront: Tenant
) -> None:
    intent = {"id": "pi_nobodys", "object": "payment_intent"}
    event = {"id": f"evt_{new_id().hex}", "type": "payment_intent.succeeded", "created": 1_700_000_000}
    body = json.dumps({**event, "object": "event", "data": {"object": intent}})
    secret = house.ports.webhook_secret

    def signed(at: float, key: str = secret) -> dict[str, str]:
        return {"Stripe-Signature": WebhookSignature.generate_signature_header(body, key, int(at))}

    now = time.time()
    for headers in ({}, signed(now, "whsec_other"), signed(now - 305), signed(now + 305), {"Stripe-Signature": "x"}):
        refused = await client.post("/webhooks/stripe", content=body, headers=headers)
        assert error(refused, 400)["code"] == "INVALID_SIGNATURE"
    assert await kept(house, storefront) == 0
    for _ in range(2):
        answer = await client.post("/webhooks/stripe", content=body, headers=signed(now))
        assert (answer.status_code, answer.json()) == (200, {"success": True, "data": {"received": True}})
    assert await kept(house, storefront) == 1


async def kept(house: House, storefront: Tenant) -> int:
    """How many events are in the inbox."""
    async with as_owner(house.db) as owner:
        return int(await owner.fetchval("SELECT count(*) FROM gateway_inbox WHERE tenant_id = $1", storefront.id))


async def test_a_guest_pays_with_the_key_to_the_booking(
    client: httpx.AsyncClient, house: House, storefront: Tenant
) -> None:
    listing = await make_catalogue.listing(house.db, storefront.id)
    asked = {
        "celebrityId": str(listing),
        "meetingType": "quick",
        "date": make_bookings.soon(house.db).isoformat(),
        "timeSlot": "morning",
        "contactName": "Robin Field",
        "contactEmail": new_email(),
    }
    placed = (await client.post("/bookings", json=asked)).json()["data"]
    key = {"accessToken": placed["accessToken"]}
    body = {"bookingId": placed["booking"]["id"], **key}
    intent = (await client.post("/payments/create-intent", json=body)).json()["data"]
    paying = {"paymentIntentId": intent["paymentIntentId"], "paymentMethod": "pm_card_visa"}
    error(await client.post("/payments/confirm", json={**paying, "accessToken": "guess"}), 404)
    done = await client.post("/payments/confirm", json={**paying, **key})
    assert done.json()["data"]["booking"]["status"] == "confirmed"
    assert done.json()["data"]["booking"]["payment"]["status"] == "succeeded"


async def test_the_payer_may_pay_at_the_provider_and_be_heard_often(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    run: Run,
    someone: dict[str, Any],
    booking: bookings.Booking,
    intent: dict[str, Any],
) -> None:
    door = f"/sandbox/payments/{intent['paymentIntentId']}/succeed"
    assert (await root.post(door, json={"duplicate": 5})).status_code == 200
    await run()
    shown = (await client.get(f"/bookings/{booking.id}", headers=bearer(someone))).json()["data"]["booking"]
    assert (shown["status"], shown["payment"]["status"]) == ("confirmed", "succeeded")
    assert sum(move["to"] == "confirmed" for move in shown["timeline"]) == 1


async def test_a_dispute_marks_the_payment_and_leaves_the_booking(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    run: Run,
    someone: dict[str, Any],
    admin: dict[str, str],
    intent: dict[str, Any],
) -> None:
    paid = (await confirm(client, intent, bearer(someone))).json()["data"]
    await root.post(f"/sandbox/payments/{intent['paymentIntentId']}/dispute")
    await run()
    shown = (await client.get(f"/bookings/{paid['booking']['id']}", headers=bearer(someone))).json()["data"]["booking"]
    assert shown["status"] == "confirmed"
    error(await client.post(f"/payments/{paid['payment']['id']}/refund", json={}, headers=admin), 409)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/sandbox/payments/pi_nobodys/succeed", {}, 404),
        ("/sandbox/payments/pi_nobodys/explode", {}, 404),
        ("/sandbox/payments/pi_nobodys/succeed", {"duplicate": -1}, 422),
        ("/sandbox/faults", {"provider": "nobody", "mode": "down"}, 422),
        ("/sandbox/faults", {"provider": "stripe", "mode": "sideways"}, 422),
        ("/sandbox/faults", {"provider": "stripe", "mode": "down", "times": 0}, 422),
    ],
)
async def test_the_doors_refuse_what_can_not_be(
    root: httpx.AsyncClient, path: str, body: dict[str, Any], status: int
) -> None:
    assert (await root.post(path, json=body)).status_code == status
