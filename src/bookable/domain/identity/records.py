"""People and their sessions, as the rest of the house sees them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from bookable.kernel.db import Record

__all__ = ["DayCount", "Device", "NewUser", "Purpose", "Session", "SessionPage", "SignedIn", "User", "UserPage"]


class Purpose(StrEnum):
    """What a single-use token from a mail is good for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password


class User(Record, frozen=True):
    """Somebody with an account in this tenant."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    phone: str | None
    avatar_url: str | None
    role: str
    token_version: int
    email_verified_at: datetime | None
    suspended_at: datetime | None
    created_at: datetime
    last_login_at: datetime | None


class Session(Record, frozen=True):
    """One sign-in that still lasts: a family of refresh tokens, each the successor of the one before."""

    id: UUID
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Some sessions, how many there are in all, and where the next page begins (None at the end)."""

    items: list[Session]
    total: int
    next_cursor: str | None


class DayCount(Record, frozen=True):
    """How many, on one day (UTC)."""

    day: date
    count: int


@dataclass(frozen=True, slots=True)
class UserPage:
    """Some people, how many there are in all, and where the next page begins (None at the end)."""

    items: list[User]
    total: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """What somebody says of themselves when they register."""

    email: str
    first_name: str
    last_name: str
    phone: str | None = None
    role: str = "user"


@dataclass(frozen=True, slots=True)
class Device:
    """Where a session was opened from, for its owner to recognise."""

    user_agent: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session's present tokens. `expires_at` is the access token's; the refresh token is shown only here."""

    user: User
    session_id: UUID
    token: str
    refresh_token: str
    expires_at: datetime
