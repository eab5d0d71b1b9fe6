"""How people look on Travel's wire: one name, as they write it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from bookable.domain import identity
from bookable.domain.identity import Device, SignedIn, User
from bookable.storefronts.kit import Call, Shape

__all__ = [
    "DoneData",
    "Email",
    "FullName",
    "Password",
    "Phone",
    "SessionData",
    "SessionShape",
    "Token",
    "UserData",
    "UserShape",
    "device",
    "full_name",
    "names",
    "session_shape",
    "user_shape",
]

PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"

Email = Annotated[str, Field(min_length=1, max_length=254, examples=["ada@example.com"])]
FullName = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE, examples=["Ada Byron"])]
Phone = Annotated[str, Field(min_length=3, max_length=40, pattern=PRINTABLE)]
Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1024)]
"""Taken as it comes, spaces and all; the policy says what a new one must be like."""
Token = Annotated[str, Field(max_length=500)]


class UserShape(Shape):
    id: UUID
    email: str
    full_name: str
    phone: str | None
    role: str
    email_verified: bool
    created_at: datetime


class UserData(Shape):
    user: UserShape


class SessionShape(Shape):
    """`expiresIn` counts seconds; both are about the access token."""

    access_token: str
    refresh_token: str
    expires_in: int
    expires_at: datetime
    token_type: str = "bearer"  # noqa: S105 - a kind of token, not one


class SessionData(Shape):
    session: SessionShape


class DoneData(Shape):
    success: bool = True


def names(full: str) -> tuple[str, str]:
    """The last word is the last name; somebody may have only one."""
    first, _, last = " ".join(full.split()).rpartition(" ")
    return (first, last) if first else (last, "")


def full_name(user: User) -> str:
    return f"{user.first_name} {user.last_name}".strip()


def user_shape(user: User) -> UserShape:
    return UserShape(
        id=user.id,
        email=user.email,
        full_name=full_name(user),
        phone=user.phone,
        role=user.role,
        email_verified=user.email_verified_at is not None,
        created_at=user.created_at,
    )


def session_shape(call: Call, signed_in: SignedIn) -> SessionShape:
    left = signed_in.expires_at - call.ports.clock.now()
    return SessionShape(
        access_token=signed_in.token,
        refresh_token=signed_in.refresh_token,
        expires_in=max(0, round(left.total_seconds())),
        expires_at=signed_in.expires_at,
    )


def device(call: Call) -> Device:
    """Where a session is opened from."""
    agent = call.request.headers.get("user-agent")
    return identity.Device(agent[:400] if agent else None, call.address)
