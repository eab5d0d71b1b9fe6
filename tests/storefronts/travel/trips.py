"""Travel's tests in few words: somebody signed up, a search, a booking, money."""

import secrets
from datetime import timedelta
from typing import Any

import httpx

from bookable.wiring import House

__all__ = [
    "PASSWORD",
    "adult",
    "book",
    "contact",
    "day",
    "find",
    "ok",
    "orders",
    "pay",
    "see",
    "sign_in",
    "sign_up",
    "try_to_book",
    "with_token",
    "work",
]

PASSWORD = "correct horse battery staple 9"


def ok(response: httpx.Response, status: int = 200) -> Any:
    """The answer's JSON; what it said instead where it was refused."""
    assert response.status_code == status, response.text
    return response.json()


def with_token(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def sign_up(client: httpx.AsyncClient, **given: Any) -> dict[str, str]:
    """The headers of somebody new."""
    email = given.pop("email", f"{secrets.token_hex(6)}@example.com")
    body = {"email": email, "password": PASSWORD, "fullName": "Ada King Byron", **given}
    made = ok(await client.post("/auth/signup", json=body), 201)
    return with_token(made["session"]["accessToken"])


async def sign_in(client: httpx.AsyncClient, email: str) -> dict[str, str]:
    """Their headers, as of now by the clock."""
    made = ok(await client.post("/auth/signin", json={"email": email, "password": PASSWORD}))
    return with_token(made["session"]["accessToken"])


def day(house: House, ahead: int = 30) -> str:
    """A day that can be flown on."""
    return (house.clock.now() + timedelta(days=ahead)).date().isoformat()


async def find(client: httpx.AsyncClient, house: House, **given: Any) -> Any:
    """What a search answers."""
    asked = {"origin": "LHR", "destination": "JFK", "departureDate": day(house), **given}
    return ok(await client.get("/flights/search", params=asked))


def adult(**given: Any) -> dict[str, Any]:
    return {
        "type": "adult",
        "firstName": "Ada",
        "lastName": "Byron",
        "dateOfBirth": "1985-12-10",
        "gender": "female",
        "nationality": "GB",
        "passportNumber": "X1234567",
        "passportExpiry": "2040-01-01",
        **given,
    }


contact = {"email": "ada@example.com", "phone": "+44 20 7946 0123"}


async def try_to_book(
    client: httpx.AsyncClient, who: dict[str, str], flight: Any, *travelers: Any, **given: Any
) -> httpx.Response:
    """An attempt to book a flight."""
    body = {"flightId": flight["id"], "travelers": list(travelers) or [adult()], "contact": contact, **given}
    return await client.post("/bookings", json=body, headers=who)


async def book(client: httpx.AsyncClient, house: House, who: dict[str, str], *travelers: Any, **asked: Any) -> Any:
    """A booking of the cheapest flight."""
    flight = (await find(client, house, **asked))["flights"][0]
    return ok(await try_to_book(client, who, flight, *travelers), 201)["booking"]


async def pay(client: httpx.AsyncClient, who: dict[str, str], booking: Any, method: str = "pm_card_visa") -> Any:
    """What confirming the payment answers."""
    intent = ok(await client.post("/payments/create-intent", json={"bookingId": booking["id"]}, headers=who), 201)
    body = {"paymentIntentId": intent["paymentIntentId"], "paymentMethod": method}
    return ok(await client.post("/payments/confirm", json=body, headers=who))


async def see(client: httpx.AsyncClient, who: dict[str, str], booking: Any) -> Any:
    """The booking as it reads now."""
    return ok(await client.get(f"/bookings/{booking['bookingReference']}", headers=who))["booking"]


async def work(root: httpx.AsyncClient) -> None:
    """Everything that is due is done."""
    ok(await root.post("/sandbox/jobs/run"))


async def orders(house: House, booking: Any) -> list[Any]:
    """What the sandbox airline has taken for this booking: for how much, and whether it was given back."""
    async with house.db.pool.acquire() as conn:
        return [
            dict(row)
            for row in await conn.fetch(
                "SELECT id, cancelled_at IS NOT NULL AS cancelled, (state->'order'->'price'->>'amount')::int AS cents"
                " FROM sandbox_orders WHERE key = $1",
                f"order:{booking['id']}",
            )
        ]
