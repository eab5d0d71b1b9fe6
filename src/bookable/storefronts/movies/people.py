"""How people look on Movies' wire: by one name, which identity keeps as the first."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from bookable.domain import identity
from bookable.domain.identity import Device, User
from bookable.storefronts.kit import Call, Shape

__all__ = ["AuthorShape", "Email", "Name", "Password", "UserData", "UserShape", "author", "device", "name_of", "shape"]

Email = Annotated[str, Field(min_length=1, max_length=254, examples=["ada@example.com"])]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1024)]
"""Taken as it comes, spaces and all; the policy says what a new one must be like."""


class UserShape(Shape):
    id: UUID
    name: str
    email: str
    role: str
    created_at: datetime


class UserData(Shape):
    user: UserShape


class AuthorShape(Shape):
    id: UUID
    name: str


def name_of(user: User) -> str:
    """The whole name, however many parts it is kept in."""
    return f"{user.first_name} {user.last_name}".strip()


def shape(user: User) -> UserShape:
    return UserShape(id=user.id, name=name_of(user), email=user.email, role=user.role, created_at=user.created_at)


def author(user: User) -> AuthorShape:
    """As others see them."""
    return AuthorShape(id=user.id, name=name_of(user))


def device(call: Call) -> Device:
    """Where a session is opened from."""
    agent = call.request.headers.get("user-agent")
    return identity.Device(agent[:400] if agent else None, call.address)
