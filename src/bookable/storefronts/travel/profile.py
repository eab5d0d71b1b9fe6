"""A signed-in person's profile over the wire."""

from typing import Any

from bookable.domain import identity
from bookable.domain.identity import User
from bookable.storefronts.kit import Body, Call, Router, Shape

from .people import FullName, Phone, full_name, names

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
