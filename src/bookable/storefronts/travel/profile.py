"""A signed-in person's profile over the wire."""

from typing import Any

from bookable.domain import flights, identity, notifications, payments
from bookable.domain.identity import User
from bookable.storefronts.kit import Body, Call, Router, Shape, camel

from .people import FullName, Phone, full_name, names
from .trips import BookingShape, booking_shape

__all__ = ["router"]

router = Router("Profile")


class ChangeProfile(Body):
    full_name: FullName = ""
    phone: Phone | None = None


class ProfileShape(Shape):
    full_name: str
    phone: str | None
    email: str


class ProfileData(Shape):
    profile: ProfileShape


class ExportData(Shape):
    """Passports show the end of their numbers, as everywhere."""

    profile: dict[str, Any]
    sessions: list[dict[str, Any]]
    bookings: list[BookingShape]
    payments: list[dict[str, Any]]
    notifications: list[dict[str, Any]]


def _shape(user: User) -> ProfileData:
    return ProfileData(profile=ProfileShape(full_name=full_name(user), phone=user.phone, email=user.email))


@router.get("/profile", ProfileData)
async def show(call: Call) -> ProfileData:
    """One's own profile."""
    return _shape(await identity.get(call.tx, call.user_id))


@router.patch("/profile", ProfileData)
async def change(call: Call, body: ChangeProfile) -> ProfileData:
    """Change one's name or phone."""
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    if "full_name" in changes:
        changes["first_name"], changes["last_name"] = names(changes.pop("full_name"))
    return _shape(await identity.change_profile(call.tx, call.user_id, changes))


@router.get("/profile/export", ExportData)
async def export(call: Call) -> ExportData:
    """Everything held on the caller."""
    own = await identity.export(call.tx, call.user_id)
    return ExportData(
        profile=camel(own["profile"]),
        sessions=camel(own["sessions"]),
        bookings=[booking_shape(trip) for trip in await flights.export(call.tx, call.user_id)],
        payments=camel(await payments.export(call.tx, call.user_id)),
        notifications=camel(await notifications.export(call.tx, call.user_id)),
    )
