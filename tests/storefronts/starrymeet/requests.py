"""For each operation the request that its rightful caller would make, about the customer's or the celebrity's own."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from ..access import Matrix, Request, about, naming, plain
from .scene import Meeting

__all__ = ["STARRYMEET"]

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_PASSWORD = "Correct-horse-7"


def _day(ahead: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()


def celebrity(**request: Any) -> Request:
    return about(Meeting.listing, **request)


def _meeting(listing: str) -> dict[str, Any]:
    return {"celebrityId": listing, "meetingType": "quick", "date": _day(30), "timeSlot": "evening"}


def _place(listing: str) -> dict[str, Any]:
    return {"json": _meeting(listing) | {"contactName": "Robin", "contactEmail": "robin@example.com"}}


def _token(token: str) -> dict[str, Any]:
    return {"json": {"refreshToken": token}}


def _confirm(intent: str) -> dict[str, Any]:
    return {"json": {"paymentIntentId": intent, "paymentMethod": "pm_card_visa"}}


_PERSON = {"email": "a@example.com", "password": _PASSWORD, "firstName": "A", "lastName": "B"}
_SLOTS = {"items": [{"date": _day(50), "timeSlot": "morning", "isAvailable": False, "maxBookings": 1}]}
_LISTED = {"displayName": "New", "category": "Athletes", "quickMeetPriceCents": 100}

_REQUESTS = {
    "POST /auth/register": plain(json=_PERSON | {"password": "short"}),
    "POST /auth/login": plain(json={"email": "nobody@example.com", "password": _PASSWORD}),
    "POST /auth/refresh": naming(Meeting.refresh_token, _token),
    "POST /auth/logout": naming(Meeting.refresh_token, _token),
    "POST /auth/verify-email": plain(json={"token": "nonsense"}),
    "POST /auth/resend-verification": plain(),
    "POST /auth/forgot-password": plain(json={"email": "nobody@example.com"}),
    "POST /auth/reset-password": plain(json={"token": "nonsense", "password": _PASSWORD}),
    "GET /auth/me": plain(),
    "GET /users/me": plain(),
    "PATCH /users/me": plain(json={"firstName": "Eve"}),
    "POST /users/me/password": plain(json={"currentPassword": "wrong-password-1", "newPassword": _PASSWORD}),
    "GET /users/me/sessions": plain(),
    "DELETE /users/me/sessions/{session_id}": about(Meeting.second_session),
    "GET /users/me/export": plain(),
    "DELETE /users/me": plain(json={"password": "wrong-password-1"}),
    "POST /users/me/avatar": plain(files={"file": ("a.png", _PNG, "image/png")}),
    "GET /users/me/favorites": plain(),
    "PUT /users/me/favorites/{celebrity_id}": celebrity(),
    "DELETE /users/me/favorites/{celebrity_id}": celebrity(),
    "GET /users/me/bookings": plain(),
    "GET /celebrities": plain(),
    "GET /celebrities/featured": plain(),
    "GET /celebrities/categories": plain(),
    "GET /celebrities/{name}": celebrity(),
    "GET /celebrities/{name}/reviews": about(Meeting.reviewed),
    "GET /celebrities/{name}/availability": celebrity(params={"from": _day(1), "to": _day(5)}),
    "POST /celebrities": plain(json=_LISTED | {"username": "same-for-all"}),
    "PATCH /celebrities/{name}": celebrity(json={"bio": "Changed."}),
    "DELETE /celebrities/{name}": celebrity(),
    "PUT /celebrities/{name}/availability": celebrity(json=_SLOTS),
    "GET /celebrities/{name}/bookings": celebrity(),
    "GET /celebrities/{name}/earnings": celebrity(),
    "POST /bookings": naming(Meeting.listing, _place),
    "POST /bookings/quote": naming(Meeting.listing, lambda listing: {"json": _meeting(listing)}),
    "GET /bookings": plain(),
    "GET /bookings/{reference}": about(Meeting.paid),
    "GET /bookings/{reference}/cancellation": about(Meeting.paid),
    "GET /bookings/{reference}/calendar.ics": about(Meeting.paid),
    "PATCH /bookings/{reference}/cancel": about(Meeting.paid, json={}),
    "PATCH /bookings/{reference}/reschedule": about(Meeting.paid, json={"date": _day(40), "timeSlot": "evening"}),
    "PATCH /bookings/{reference}/complete": about(Meeting.past),
    "PATCH /bookings/{reference}/no-show": about(Meeting.past),
    "POST /bookings/{reference}/review": about(Meeting.completed, json={"rating": 5}),
    "POST /payments/create-intent": naming(Meeting.booking, lambda booking: {"json": {"bookingId": booking}}),
    "POST /payments/confirm": naming(Meeting.intent, _confirm),
    "POST /payments/{payment_id}/refund": about(Meeting.payment, json={"reason": "Sorry."}),
    "POST /webhooks/stripe": plain(content=b"{}"),
    "GET /admin/stats": plain(),
    "GET /admin/users": plain(),
    "PATCH /admin/users/{user_id}": about(Meeting.somebody, json={"role": "user"}),
    "GET /admin/bookings": plain(),
    "POST /admin/promo-codes": plain(json={"code": "SAVE10", "percentOff": 10}),
    "GET /admin/promo-codes": plain(),
}

_SHOWS = frozenset(
    {
        "GET /auth/me",
        "GET /users/me",
        "GET /users/me/export",
        "GET /users/me/bookings",
        "GET /bookings",
        "GET /bookings/{reference}",
    }
)
STARRYMEET = Matrix("starrymeet", Meeting, _REQUESTS, privy=frozenset({"owner", "celebrity", "admin"}), shows=_SHOWS)
