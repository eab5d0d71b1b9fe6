"""Flights leave and arrive by the clock: what can still be cancelled, and what is over by itself."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import icalendar

from bookable.kernel.clock import Clock
from bookable.wiring import House
from tests import make

from .trips import book, day, ok, pay, see, sign_in, sign_up, work
from .trips import orders as orders_at_the_airline


async def until(root: httpx.AsyncClient, clock: Clock, at: datetime) -> None:
    """The clock stands at that moment."""
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": (at - clock.now()).total_seconds()}))


async def confirmed(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, email: str, **asked: Any
) -> tuple[Any, datetime, datetime]:
    """A flight that will be flown, when it leaves, and when it is over."""
    who = await sign_up(client, email=email) if "who" not in asked else asked.pop("who")
    booking = await book(client, house, who, **asked)
    await pay(client, who, booking)
    await work(root)
    calendar = await client.get(f"/bookings/{booking['id']}/itinerary.ics", headers=who)
    entries = icalendar.Calendar.from_ical(calendar.content).walk("VEVENT")
    return booking, entries[0].decoded("dtstart"), entries[-1].decoded("dtend")


async def test_a_flight_is_completed_when_it_has_arrived_by_itself_and_without_a_letter(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    email = f"{make.word()}@example.com"
    there, _, _ = await confirmed(client, root, house, email, departureDate=day(house, 5))
    both = {"departureDate": day(house, 4), "returnDate": day(house, 9), "who": await sign_in(client, email)}
    and_back, _, arrives = await confirmed(client, root, house, email, **both)

    await until(root, house.clock, arrives - timedelta(minutes=2))
    who = await sign_in(client, email)
    assert (await see(client, who, there))["bookingStatus"] == "completed"
    assert (await see(client, who, and_back))["bookingStatus"] == "confirmed"

    await until(root, house.clock, arrives + timedelta(hours=5))
    who = await sign_in(client, email)
    over = await see(client, who, and_back)
    assert over["bookingStatus"] == "completed"
    last = over["timeline"][-1]
    assert (last["from"], last["to"], last["by"]) == ("confirmed", "completed", "system")
    assert datetime.fromisoformat(last["at"]) == arrives
    assert (await client.get(f"/bookings/{and_back['id']}/itinerary.pdf", headers=who)).status_code == 200

    await until(root, house.clock, arrives + timedelta(days=5))
    assert await see(client, await sign_in(client, email), and_back) == over
    mails = ok(await root.get("/sandbox/mail", params={"to": "ada@example.com", "limit": 100}))["items"]
    about = [m["subject"] for m in mails if and_back["bookingReference"] in m["text"]]
    assert about
    assert not [subject for subject in about if "review" in subject.lower()]


async def test_the_last_day_costs_everything_and_what_has_left_is_not_cancelled(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    email = f"{make.word()}@example.com"
    kept, leaves, _ = await confirmed(client, root, house, email, departureDate=day(house, 6))
    late, _, _ = await confirmed(
        client, root, house, email, who=await sign_in(client, email), departureDate=day(house, 6)
    )

    await until(root, house.clock, leaves - timedelta(hours=3))
    who = await sign_in(client, email)
    terms = ok(await client.get(f"/bookings/{late['id']}/cancellation", headers=who))
    assert (terms["refundCents"], terms["refundPercent"]) == (0, 0)
    done = ok(await client.post(f"/bookings/{late['id']}/cancel", json={}, headers=who))
    assert (done["refund"], done["booking"]["bookingStatus"]) == (None, "cancelled")
    await work(root)
    assert [o["cancelled"] for o in await orders_at_the_airline(house, late)] == [True]

    await until(root, house.clock, leaves + timedelta(minutes=1))
    who = await sign_in(client, email)
    for refused in (
        await client.get(f"/bookings/{kept['id']}/cancellation", headers=who),
        await client.post(f"/bookings/{kept['id']}/cancel", json={}, headers=who),
    ):
        error = ok(refused, 409)["error"]
        assert (error["code"], error["details"]["from"]) == ("INVALID_STATE", "confirmed")
        assert "cancelled" not in error["details"]["allowed"]
    await work(root)
    assert (await see(client, who, kept))["bookingStatus"] == "confirmed"
    assert [o["cancelled"] for o in await orders_at_the_airline(house, kept)] == [False]


async def test_what_is_cancelled_before_the_airline_was_asked_costs_nothing(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    who = await sign_up(client)
    booking = await book(client, house, who, departureDate=day(house, 1))
    paid = await pay(client, who, booking)
    done = ok(await client.post(f"/bookings/{booking['id']}/cancel", json={}, headers=who))
    await work(root)
    await work(root)
    after = await see(client, who, booking)
    assert (after["bookingStatus"], after["paymentStatus"]) == ("cancelled", "refunded")
    assert paid["booking"]["paymentStatus"] == "paid"
    assert done["booking"]["bookingStatus"] == "cancelled"
    assert await orders_at_the_airline(house, booking) == []


async def test_what_the_airline_refuses_after_it_was_cancelled_costs_nothing(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    email = f"{make.word()}@example.com"
    who = await sign_up(client, email=email)
    booking = await book(client, house, who, departureDate=day(house, 1))
    await pay(client, who, booking)
    ok(await root.post("/sandbox/faults", json={"provider": "airline", "mode": "down", "times": 1000}), 201)
    await work(root)
    ok(await client.post(f"/bookings/{booking['id']}/cancel", json={}, headers=who))
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": 3 * 3600}))
    await work(root)
    after = await see(client, await sign_in(client, email), booking)
    assert (after["bookingStatus"], after["paymentStatus"]) == ("cancelled", "refunded")
