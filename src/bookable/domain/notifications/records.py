"""What is told to people, and the facts it is told from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from bookable.kernel.db import Record
from bookable.kernel.money import Money

__all__ = ["AboutAccount", "AboutBooking", "Channel", "Kind", "Notice", "Pending", "Site"]


class Channel(StrEnum):
    """The way it reaches somebody."""

    MAIL = "mail"
    IN_APP = "in_app"


class Kind(StrEnum):
    """What is told; each has its own words in `letters`."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a kind, not a password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind, not a password
    SESSION_STOLEN = "session_stolen"
    BOOKING_RECEIVED = "booking_received"
    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_RESCHEDULED = "booking_rescheduled"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_EXPIRED = "booking_expired"
    BOOKING_UNPLACEABLE = "booking_unplaceable"
    BOOKING_REFUNDED = "booking_refunded"
    BOOKING_REMINDER = "booking_reminder"
    REVIEW_WANTED = "review_wanted"
    PROVIDER_BOOKED = "provider_booked"
    PROVIDER_RESCHEDULED = "provider_rescheduled"
    PROVIDER_CANCELLED = "provider_cancelled"


class AboutAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of a letter about somebody's account."""

    first_name: str


class AboutBooking(msgspec.Struct, frozen=True, kw_only=True):
    """A booking as it was when something was told of it.

    `was_confirmed`: it stood in calendars by then. `refund_cents` is what goes back because of what is told.
    `supplied`: it is no meeting, but something that a supplier holds.
    """

    booking_id: UUID
    number: str
    provider: str
    offer: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    sequence: int
    contact_name: str
    contact_email: str
    special_requests: str | None
    currency: str
    total_cents: int
    is_guest: bool
    was_confirmed: bool = True
    refund_cents: int = 0
    by: str | None = None
    hold_expires_at: datetime | None = None
    supplied: bool = False

    @property
    def total(self) -> Money:
        return Money(self.total_cents, self.currency)

    @property
    def refund(self) -> Money | None:
        return Money(self.refund_cents, self.currency) if self.refund_cents else None


class Pending(Record, frozen=True):
    """A mail that is written down and not yet sent."""

    id: UUID
    user_id: UUID | None
    kind: Kind
    address: str | None
    title: str
    data: dict[str, Any]
    sealed: bytes | None
    created_at: datetime


class Notice(Record, frozen=True):
    """Something that somebody reads inside the product."""

    id: UUID
    kind: Kind
    title: str
    data: dict[str, Any]
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Site:
    """The storefront that a letter comes from, and where its pages are."""

    name: str
    slug: str
    frontend_url: str

    def page(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """The address of a page of the front end."""
        ending = f"?{urlencode(query)}" if query else ""
        return f"{self.frontend_url.rstrip('/')}/{path}{ending}"
