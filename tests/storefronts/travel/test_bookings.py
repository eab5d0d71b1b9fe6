"""A flight from search to itinerary, over the wire: at the price that was shown, ordered once, or refunded."""

import asyncio
from io import BytesIO
from typing import Any

import httpx
import icalendar
import pytest

from bookable.wiring import House

from .trips import adult, book, find, ok, orders, pay, see, sign_in, sign_up, try_to_book, work


async def test_a_flight_is_found_booked_paid_ordered_and_taken_along(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    who = await sign_up(client)
    flight = (await find(client, house))["flights"][0]
    booking = ok(await try_to_book(client, who, flight, totalPrice=flight["price"]), 201)["booking"]
    assert (booking["bookingStatus"], booking["paymentStatus"]) == ("pending", "pending")
    assert booking["totalPrice"] == flight["price"]
    assert booking["flightData"]["id"] == flight["id"]
    assert len(booking["bookingReference"]) == 6
    assert booking["travelers"][0]["passportNumber"] == "•••••567"
    itinerary = f"/bookings/{booking['id']}/itinerary"
    for ending in ("ics", "pdf"):
        assert (await client.get(f"{itinerary}.{ending}", headers=who)).status_code == 409

    paid = await pay(client, who, booking)
    assert paid["payment"]["amountCents"] == round(flight["price"] * 100)
    assert paid["booking"]["bookingStatus"] == "awaiting_confirmation"
    assert paid["booking"]["paymentStatus"] == "paid"
    await work(root)

    booked = await see(client, who, booking)
    assert booked["bookingStatus"] == "confirmed"
    assert booked["providerReference"]
    assert booked["stripePaymentId"] == booked["paymentIntentId"]
    calendar = await client.get(f"{itinerary}.ics", headers=who)
    entries = icalendar.Calendar.from_ical(calendar.content).walk("VEVENT")
    assert len(entries) == len(flight["segments"])
    page = await client.get(f"{itinerary}.pdf", headers=who)
    assert page.headers["content-type"] == "application/pdf"
    assert page.content.startswith(b"%PDF-")
    mails = ok(await root.get("/sandbox/mail", params={"to": "ada@example.com"}))["items"]
    assert any(booking["bookingReference"] in mail["text"] and "confirmed" in mail["text"] for mail in mails)


async def test_a_price_that_has_changed_is_told_with_the_flight_that_can_be_booked(
    client: httpx.AsyncClient, house: House
) -> None:
    who = await sign_up(client)
    shown = (await find(client, house, origin="ZZP"))["flights"][0]
    told = ok(await try_to_book(client, who, shown), 409)["error"]
    assert told["code"] == "PRICE_CHANGED"
    now = told["details"]["flight"]
    assert now["price"] != shown["price"]
    booking = ok(await try_to_book(client, who, now, totalPrice=now["price"]), 201)["booking"]
    assert booking["totalPrice"] == now["price"]


async def test_a_price_that_was_not_shown_is_not_believed(client: httpx.AsyncClient, house: House) -> None:
    who = await sign_up(client)
    flight = (await find(client, house))["flights"][0]
    told = ok(await try_to_book(client, who, flight, totalPrice=1.00), 409)["error"]
    assert (told["code"], told["details"]["totalPrice"]) == ("PRICE_CHANGED", flight["price"])


async def test_a_flight_that_is_gone_is_sold_out(client: httpx.AsyncClient, house: House) -> None:
    who = await sign_up(client)
    flight = (await find(client, house, origin="ZZS"))["flights"][0]
    assert ok(await try_to_book(client, who, flight), 409)["error"]["code"] == "SOLD_OUT"
    assert ok(await client.get("/bookings", headers=who))["bookings"] == []


async def test_what_the_airline_refuses_after_payment_is_refunded_in_full_and_said_by_mail(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    who = await sign_up(client)
    booking = await book(client, house, who, adult(lastName="Refused"))
    await pay(client, who, booking)
    await work(root)
    await work(root)
    after = await see(client, who, booking)
    assert (after["bookingStatus"], after["paymentStatus"]) == ("declined", "refunded")
    assert after["providerReference"] is None
    assert (await client.get(f"/bookings/{booking['id']}/itinerary.pdf", headers=who)).status_code == 409
    mails = ok(await root.get("/sandbox/mail", params={"to": "ada@example.com"}))["items"]
    said = [m for m in mails if booking["bookingReference"] in m["text"] and "did not take the order" in m["text"]]
    assert len(said) == 1


async def test_an_airline_that_does_not_answer_is_asked_again_under_the_same_key(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    who = await sign_up(client)
    booking = await book(client, house, who)
    await pay(client, who, booking)
    ok(await root.post("/sandbox/faults", json={"provider": "airline", "mode": "down", "times": 1}), 201)
    await work(root)
    assert (await see(client, who, booking))["bookingStatus"] == "awaiting_confirmation"
    ok(await root.post("/sandbox/faults", json={"provider": "airline", "mode": "error-after-effect", "times": 1}), 201)
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": 60}))
    assert (await see(client, who, booking))["bookingStatus"] == "confirmed"
    assert len(await orders(house, booking)) == 1, "the second call had its effect, the third found it out"


async def test_an_airline_that_never_answers_costs_nobody_money(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    email = "waiting@example.com"
    who = await sign_up(client, email=email)
    booking = await book(client, house, who)
    await pay(client, who, booking)
    ok(await root.post("/sandbox/faults", json={"provider": "airline", "mode": "down", "times": 1000}), 201)
    await work(root)
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": 3 * 3600}))
    await work(root)
    after = await see(client, await sign_in(client, email), booking)
    assert (after["bookingStatus"], after["paymentStatus"]) == ("declined", "refunded")
    mails = ok(await root.get("/sandbox/mail", params={"to": "ada@example.com"}))["items"]
    assert any(booking["bookingReference"] in m["text"] and "did not take the order" in m["text"] for m in mails)


async def test_a_cancelled_flight_goes_back_to_the_airline_and_its_money_to_the_traveller(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    who = await sign_up(client)
    booking = await book(client, house, who)
    await pay(client, who, booking)
    await work(root)
    quote = ok(await client.get(f"/bookings/{booking['id']}/cancellation", headers=who))
    assert quote["refundPercent"] == 100
    done = ok(await client.post(f"/bookings/{booking['id']}/cancel", json={"reason": "Ill"}, headers=who))
    assert done["refund"] == {"amountCents": quote["refundCents"]}
    assert done["booking"]["bookingStatus"] == "cancelled"
    await work(root)
    await work(root)
    assert (await see(client, who, booking))["paymentStatus"] == "refunded"
    again = await client.post(f"/bookings/{booking['id']}/cancel", json={}, headers=who)
    assert ok(again, 409)["error"]["code"] == "INVALID_STATE"


async def test_a_booking_that_is_not_paid_lapses(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    email = "lapsing@example.com"
    booking = await book(client, house, await sign_up(client, email=email))
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": 901}))
    who = await sign_in(client, email)
    after = await see(client, who, booking)
    assert after["bookingStatus"] == "expired"
    asked = {"bookingId": booking["id"]}
    refused = ok(await client.post("/payments/create-intent", json=asked, headers=who), 409)["error"]
    assert refused["code"] == "INVALID_STATE"


@pytest.mark.parametrize(
    ("traveler", "field"),
    [
        (adult(dateOfBirth="2020-01-01"), "travelers.0.dateOfBirth"),
        (adult(type="child"), "travelers"),
        (adult(gender="other"), "travelers.0.gender"),
        (adult(passportNumber="?!"), "travelers.0.passportNumber"),
        (adult(passportExpiry="2020-01-01"), "travelers.0.passportExpiry"),
        (adult(nationality="1x"), "travelers.0.nationality"),
        (adult(firstName=""), "travelers.0.firstName"),
    ],
)
async def test_travellers_must_be_who_was_searched_for(
    client: httpx.AsyncClient, house: House, traveler: Any, field: str
) -> None:
    who = await sign_up(client)
    flight = (await find(client, house))["flights"][0]
    refused = ok(await try_to_book(client, who, flight, traveler), 422)["error"]
    assert field in [wrong["field"] for wrong in refused["details"]["fields"]]


async def test_a_whole_family_flies(client: httpx.AsyncClient, house: House) -> None:
    who = await sign_up(client)
    born = {"adult": "1985-01-01", "child": f"{house.clock.now().year - 6}-01-01"}
    party = [adult(), adult(firstName="Will"), adult(type="child", dateOfBirth=born["child"])]
    booking = await book(client, house, who, *party, adults=2, children=1)
    assert booking["numTravelers"] == 3


async def test_whoever_pays_pays_what_was_shown_while_prices_flip(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    """QT-1: thirty people book at once from a place whose prices change when they are checked."""
    people = [await sign_up(client) for _ in range(30)]
    shown = (await find(client, house, origin="ZZP"))["flights"]

    async def buy(nth: int) -> tuple[Any, int] | None:
        flight = shown[nth % len(shown)]
        for _ in range(4):
            answer = await try_to_book(client, people[nth], flight, totalPrice=flight["price"])
            if answer.status_code == 201:
                booking = answer.json()["booking"]
                assert booking["totalPrice"] == flight["price"]
                await pay(client, people[nth], booking)
                return booking, round(flight["price"] * 100)
            told = ok(answer, 409)["error"]
            if told["code"] == "SOLD_OUT":
                return None
            flight = told["details"]["flight"]
        return None

    bought = await asyncio.gather(*(buy(n) for n in range(30)))
    await work(root)
    assert sum(one is not None for one in bought) >= 20
    for who, one in zip(people, bought, strict=True):
        if one is None:
            assert ok(await client.get("/bookings", headers=who))["bookings"] == []
            continue
        booking, cents = one
        after = await see(client, who, booking)
        charged = await house.ports.gateway.intent(after["paymentIntentId"])
        (order,) = await orders(house, booking)
        assert (after["bookingStatus"], round(after["totalPrice"] * 100)) == ("confirmed", cents)
        assert (charged.captured, charged.refunded, order["cents"]) == (cents, 0, cents)


async def test_a_reference_opens_a_booking_to_nobody_but_its_traveller(client: httpx.AsyncClient, house: House) -> None:
    owner, stranger = await sign_up(client), await sign_up(client)
    at = f"/bookings/{(await book(client, house, owner))['bookingReference']}"
    for path in (at, f"{at}/cancellation", f"{at}/itinerary.ics", f"{at}/itinerary.pdf"):
        assert (await client.get(path, headers=stranger)).status_code == 404
    assert (await client.post(f"{at}/cancel", json={}, headers=stranger)).status_code == 404
    assert ok(await client.get(at, headers=owner))["booking"]["bookingStatus"] == "pending"


async def test_papers_that_are_not_given_may_be_null(client: httpx.AsyncClient, house: House) -> None:
    flight = (await find(client, house))["flights"][0]
    bare = adult(nationality=None, passportNumber=None, passportExpiry=None)
    booking = ok(await try_to_book(client, await sign_up(client), flight, bare), 201)["booking"]
    assert booking["travelers"][0]["passportNumber"] is None


async def test_the_page_to_print_is_the_same_until_the_booking_changes(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    who = await sign_up(client)
    booking = await book(client, house, who, adult(lastName="Łuczak-Ørsted"))
    await pay(client, who, booking)
    await work(root)
    one, two = [await client.get(f"/bookings/{booking['id']}/itinerary.pdf", headers=who) for _ in range(2)]
    assert one.content == two.content
    assert BytesIO(one.content).read(5) == b"%PDF-"
