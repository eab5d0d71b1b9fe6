"""How people look on StarryMeet's wire, and what may be written in the fields about them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from bookable.domain import identity
from bookable.domain.identity import Device, User
from bookable.storefronts.kit import Call, Shape

__all__ = ["Email", "Name", "Password", "Phone", "Token", "UserData", "UserShape", "device", "shape"]

_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"

Email = Annotated[str, Field(min_length=1, max_length=254, examples=["ada@example.com"])]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=_PRINTABLE)]
Phone = Annotated[str, Field(min_length=3, max_length=40, pattern=_PRINTABLE)]
Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1024)]
"""Taken as it comes, spaces and all; the policy says what a new one must be like."""
Token = Annotated[str, Field(max_length=500)]


class UserShape(Shape):
    id: UUID
    email: str
    first_name: str
    last_name: str
    phone: str | None
    avatar_url: str | None
    role: str
    email_verified: bool
    created_at: datetime
    last_login: datetime | None


class UserData(Shape):
    user: UserShape


def shape(user: User) -> UserShape:
    return UserShape(
        id=user.id,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        phone=user.phone,
        avatar_url=user.avatar_url,
        role=user.role,
        email_verified=user.email_verified_at is not None,
        created_at=user.created_at,
        last_login=user.last_login_at,
    )


def device(call: Call) -> Device:
    """Where a session is opened from."""
    agent = call.request.headers.get("user-agent")
    return identity.Device(agent[:400] if agent else None, call.address)
