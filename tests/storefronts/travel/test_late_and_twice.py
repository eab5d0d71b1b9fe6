"""Money that comes late, keys that are sent twice, and lists that go on."""

import httpx
import pytest

from bookable.wiring import House
from tests import make

from .trips import adult, book, contact, day, find, ok, sign_in, sign_up


async def test_money_that_comes_when_the_hold_is_over_still_buys_the_seat(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    """HOLD-1: the seat is ordered if the airline still sells it at that price."""
    email = "late@example.com"
    who = await sign_up(client, email=email)
    booking = await book(client, house, who)
    asked = {"bookingId": booking["id"]}
    intent = ok(await client.post("/payments/create-intent", json=asked, headers=who), 201)["paymentIntentId"]
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": 1000}))
    who = await sign_in(client, email)
    assert ok(await client.get(f"/bookings/{booking['id']}", headers=who))["booking"]["bookingStatus"] == "expired"
    paid = await root.post(f"/sandbox/payments/{intent}/succeed", json={})
    assert paid.is_success, paid.text
    ok(await root.post("/sandbox/jobs/run"))
    after = ok(await client.get(f"/bookings/{booking['id']}", headers=who))["booking"]
    assert (after["bookingStatus"], after["paymentStatus"]) == ("confirmed", "paid")


async def test_a_booking_sent_twice_under_one_key_is_one_booking(client: httpx.AsyncClient, house: House) -> None:
    who = {**await sign_up(client), "Idempotency-Key": make.word()}
    flight = (await find(client, house))["flights"][0]
    body = {"flightId": flight["id"], "travelers": [adult()], "contact": contact}
    first, second = [await client.post("/bookings", json=body, headers=who) for _ in range(2)]
    assert ok(first, 201)["booking"]["id"] == ok(second, 201)["booking"]["id"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(ok(await client.get("/bookings", headers=who))["bookings"]) == 1


async def test_lists_go_on_by_cursor(client: httpx.AsyncClient, house: House) -> None:
    who = await sign_up(client)
    made = [(await book(client, house, who))["id"] for _ in range(3)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ok(await client.get("/bookings", params={"limit": 2, "cursor": cursor}, headers=who))
        seen += [b["id"] for b in page["bookings"]]
        cursor = page["nextCursor"]
    assert seen == made[::-1]
    assert (await client.get("/bookings", params={"cursor": "broken"}, headers=who)).status_code == 422


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD", "XTS", "ZZZ"])
async def test_a_currency_is_priced_or_said_to_be_unknown(
    client: httpx.AsyncClient, house: House, currency: str
) -> None:
    asked = {"origin": "LHR", "destination": "JFK", "departureDate": day(house), "currency": currency}
    answer = await client.get("/flights/search", params=asked)
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 200:
        assert {f["currency"] for f in answer.json()["flights"]} <= {currency}
