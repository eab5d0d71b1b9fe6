"""For each operation the request that its rightful caller would make, about the customer's or the celebrity's own."""

import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bookable.domain.bookings import Booking

from .scene import Scene

__all__ = ["REQUESTS", "Asked", "Request"]

Asked = tuple[str, dict[str, Any]]
"""The path's last parameter or the empty text, and what httpx is given besides."""
Request = Callable[[Scene], Awaitable[Asked]]

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_PASSWORD = "Correct-horse-7"


def _day(ahead: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()


def plain(**request: Any) -> Request:
    """The same for everybody."""

    async def ask(_: Scene) -> Asked:
        return "", request

    return ask


def body(**fields: Any) -> Request:
    return plain(json=fields)


def celebrity(**request: Any) -> Request:
    async def ask(scene: Scene) -> Asked:
        return str(await scene.listing()), request

    return ask


def booking(make: Callable[[Scene], Awaitable[Booking]], **request: Any) -> Request:
    async def ask(scene: Scene) -> Asked:
        return str((await make(scene)).id), request

    return ask


async def _meeting(scene: Scene) -> dict[str, Any]:
    listing = str(await scene.listing())
    return {"celebrityId": listing, "meetingType": "quick", "date": _day(30), "timeSlot": "evening"}


async def _place(scene: Scene) -> Asked:
    contact = {"contactName": "Robin", "contactEmail": "robin@example.com"}
    return "", {"json": await _meeting(scene) | contact}


async def _quote(scene: Scene) -> Asked:
    return "", {"json": await _meeting(scene)}


async def _create_intent(scene: Scene) -> Asked:
    return "", {"json": {"bookingId": str((await scene.booking()).id)}}


async def _confirm(scene: Scene) -> Asked:
    return "", {"json": {"paymentIntentId": await scene.intent(), "paymentMethod": "pm_card_visa"}}


async def _refund(scene: Scene) -> Asked:
    return str(await scene.payment()), {"json": {"reason": "Sorry."}}


async def _session(scene: Scene) -> Asked:
    return str(await scene.second_session()), {}


async def _person(scene: Scene) -> Asked:
    return str((await scene.person("stranger")).user.id), {"json": {"role": "user"}}


async def _favourite(scene: Scene) -> Asked:
    return str(await scene.listing()), {}


_PERSON = {"email": "a@example.com", "password": _PASSWORD, "firstName": "A", "lastName": "B"}
_SLOTS = {"items": [{"date": _day(50), "timeSlot": "morning", "isAvailable": False, "maxBookings": 1}]}
_LISTED = {"displayName": "New", "category": "Athletes", "quickMeetPriceCents": 100}

REQUESTS: dict[str, Request] = {
    "POST /auth/register": plain(json=_PERSON | {"password": "short"}),
    "POST /auth/login": body(email="nobody@example.com", password=_PASSWORD),
    "POST /auth/refresh": body(refreshToken="nonsense"),
    "POST /auth/logout": body(),
    "POST /auth/verify-email": body(token="nonsense"),
    "POST /auth/resend-verification": plain(),
    "POST /auth/forgot-password": body(email="nobody@example.com"),
    "POST /auth/reset-password": body(token="nonsense", password=_PASSWORD),
    "GET /auth/me": plain(),
    "GET /users/me": plain(),
    "PATCH /users/me": body(firstName="Eve"),
    "POST /users/me/password": body(currentPassword="wrong-password-1", newPassword=_PASSWORD),
    "GET /users/me/sessions": plain(),
    "DELETE /users/me/sessions/{session_id}": _session,
    "GET /users/me/export": plain(),
    "DELETE /users/me": body(password="wrong-password-1"),
    "POST /users/me/avatar": plain(files={"file": ("a.png", _PNG, "image/png")}),
    "GET /users/me/favorites": plain(),
    "PUT /users/me/favorites/{celebrity_id}": _favourite,
    "DELETE /users/me/favorites/{celebrity_id}": _favourite,
    "GET /users/me/bookings": plain(),
    "GET /celebrities": plain(),
    "GET /celebrities/featured": plain(),
    "GET /celebrities/categories": plain(),
    "GET /celebrities/{name}": celebrity(),
    "GET /celebrities/{name}/reviews": celebrity(),
    "GET /celebrities/{name}/availability": celebrity(params={"from": _day(1), "to": _day(5)}),
    "POST /celebrities": plain(json=_LISTED | {"username": "same-for-all"}),
    "PATCH /celebrities/{name}": celebrity(json={"bio": "Changed."}),
    "DELETE /celebrities/{name}": celebrity(),
    "PUT /celebrities/{name}/availability": celebrity(json=_SLOTS),
    "GET /celebrities/{name}/bookings": celebrity(),
    "GET /celebrities/{name}/earnings": celebrity(),
    "POST /bookings": _place,
    "POST /bookings/quote": _quote,
    "GET /bookings": plain(),
    "GET /bookings/{reference}": booking(Scene.paid),
    "GET /bookings/{reference}/cancellation": booking(Scene.paid),
    "GET /bookings/{reference}/calendar.ics": booking(Scene.paid),
    "PATCH /bookings/{reference}/cancel": booking(Scene.paid, json={}),
    "PATCH /bookings/{reference}/reschedule": booking(Scene.paid, json={"date": _day(40), "timeSlot": "evening"}),
    "PATCH /bookings/{reference}/complete": booking(Scene.over),
    "PATCH /bookings/{reference}/no-show": booking(Scene.over),
    "POST /bookings/{reference}/review": booking(lambda s: s.over("completed"), json={"rating": 5}),
    "POST /payments/create-intent": _create_intent,
    "POST /payments/confirm": _confirm,
    "POST /payments/{payment_id}/refund": _refund,
    "POST /webhooks/stripe": plain(content=b"{}"),
    "GET /admin/stats": plain(),
    "GET /admin/users": plain(),
    "PATCH /admin/users/{user_id}": _person,
    "GET /admin/bookings": plain(),
    "POST /admin/promo-codes": body(code="SAVE10", percentOff=10),
    "GET /admin/promo-codes": plain(),
}
