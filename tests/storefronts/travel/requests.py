"""For each operation the request that its rightful caller would make, about the traveller's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ..access import Matrix, about, naming, plain
from .scene import Journey
from .trips import PASSWORD, adult, contact

__all__ = ["TRAVEL"]


def _search() -> dict[str, str]:
    day = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    return {"origin": "LHR", "destination": "JFK", "departureDate": day}


def _book(flight: str) -> dict[str, Any]:
    return {"json": {"flightId": flight, "travelers": [adult()], "contact": contact}}


def _confirm(intent: str) -> dict[str, Any]:
    return {"json": {"paymentIntentId": intent, "paymentMethod": "pm_card_visa"}}


def _token(token: str) -> dict[str, Any]:
    return {"json": {"refreshToken": token}}


_NOBODY = {"email": "nobody@example.com"}

_REQUESTS = {
    "POST /auth/signup": plain(json={**_NOBODY, "password": "short", "fullName": "A B"}),
    "POST /auth/signin": plain(json={**_NOBODY, "password": PASSWORD}),
    "POST /auth/refresh": naming(Journey.refresh_token, _token),
    "POST /auth/signout": naming(Journey.refresh_token, _token),
    "GET /auth/me": plain(),
    "POST /auth/reset-password": plain(json=_NOBODY),
    "POST /auth/update-password": plain(json={"token": "nonsense", "password": PASSWORD}),
    "GET /profile": plain(),
    "GET /profile/export": plain(),
    "PATCH /profile": plain(json={"fullName": "Eve"}),
    "GET /airports": plain(params={"search": "london"}),
    "GET /flights/search": plain(params=_search()),
    "GET /flights/{flight_id}": about(Journey.flight),
    "POST /bookings": naming(Journey.flight, _book),
    "GET /bookings": plain(),
    "GET /bookings/{reference}": about(Journey.paid),
    "GET /bookings/{reference}/cancellation": about(Journey.paid),
    "POST /bookings/{reference}/cancel": about(Journey.paid, json={}),
    "GET /bookings/{reference}/itinerary.ics": about(Journey.paid),
    "GET /bookings/{reference}/itinerary.pdf": about(Journey.paid),
    "POST /payments/create-intent": naming(Journey.booking, lambda booking: {"json": {"bookingId": booking}}),
    "POST /payments/confirm": naming(Journey.intent, _confirm),
    "POST /webhooks/stripe": plain(content=b"{}"),
}

_SHOWS = frozenset(
    {
        "GET /auth/me",
        "GET /profile",
        "GET /profile/export",
        "GET /bookings",
        "GET /bookings/{reference}",
    }
)
TRAVEL = Matrix("travel", Journey, _REQUESTS, privy=frozenset({"owner", "admin"}), shows=_SHOWS)
