"""A booking and what is said around it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from bookable.kernel.db import Record
from bookable.kernel.money import Money

from .states import HELD, Status

__all__ = [
    "Booking",
    "Cancellation",
    "Cancelled",
    "DayFigures",
    "GuestBooking",
    "Page",
    "Paid",
    "Placed",
    "Promo",
    "Quote",
    "Request",
    "Supplied",
    "stamp",
]


def stamp(at: datetime) -> str:
    """An instant as the timeline keeps it: RFC 3339, UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Paid:
    """The payment behind a booking. Of what was captured, some was refunded, some is going back, some is disputed."""

    id: UUID
    amount_cents: int
    currency: str
    status: str
    method_type: str | None
    card_brand: str | None
    last4: str | None
    captured_cents: int
    refunded_cents: int
    going_back_cents: int
    disputed_cents: int
    paid_at: datetime | None
    refunded_at: datetime | None


class Booking(Record, frozen=True):
    """A booking as it reads now. `status` is by the clock; `stored` is what has been written down so far.

    What a `supplier` holds for us has no listing: it stands for itself under its own id, by the supplier's name.
    """

    id: UUID
    number: str
    owner_id: UUID
    user_id: UUID | None
    provider_id: UUID | None
    listing_id: UUID
    listing_username: str
    listing_name: str
    listing_avatar_url: str | None
    supplier: str | None
    offer: str
    status: Status
    stored: Status
    day: date
    slot: str | None
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    contact_name: str
    contact_email: str
    contact_phone: str | None
    special_requests: str | None
    currency: str
    subtotal_cents: int
    platform_fee_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    deposit_cents: int
    promo_code_id: UUID | None
    sequence: int
    hold_expires_at: datetime | None
    entries: list[dict[str, Any]]
    created_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    payment_id: UUID | None
    payment_amount_cents: int | None
    payment_status: str | None
    payment_method_type: str | None
    payment_card_brand: str | None
    payment_last4: str | None
    payment_captured_cents: int | None
    payment_refunded_cents: int | None
    payment_refunding_cents: int | None
    payment_disputed_cents: int | None
    payment_paid_at: datetime | None
    payment_refunded_at: datetime | None

    @property
    def total(self) -> Money:
        return Money(self.total_cents, self.currency)

    @property
    def is_guests(self) -> bool:
        """Whether nobody with an account has it."""
        return self.user_id is None

    @property
    def lapsed(self) -> bool:
        """Whether the hold is over and nobody has written that down yet."""
        return self.status is Status.EXPIRED and self.stored in HELD

    @property
    def lapse(self) -> list[dict[str, Any]]:
        """The move that the clock has made and nobody has written down."""
        if not self.lapsed or self.hold_expires_at is None:
            return []
        return [
            {
                "from": self.stored.value,
                "to": Status.EXPIRED.value,
                "at": stamp(self.hold_expires_at),
                "by": "system",
                "reason": "It was not paid in time.",
            }
        ]

    @property
    def timeline(self) -> list[dict[str, Any]]:
        """Every move so far: `{from, to, at, by, reason}`."""
        return self.entries + self.lapse

    @property
    def payment(self) -> Paid | None:
        """What was paid or is being paid; None before anyone has begun to."""
        if self.payment_id is None or self.payment_status is None:
            return None
        return Paid(
            id=self.payment_id,
            amount_cents=self.payment_amount_cents or 0,
            currency=self.currency,
            status=self.payment_status,
            method_type=self.payment_method_type,
            card_brand=self.payment_card_brand,
            last4=self.payment_last4,
            captured_cents=self.payment_captured_cents or 0,
            refunded_cents=self.payment_refunded_cents or 0,
            going_back_cents=self.payment_refunding_cents or 0,
            disputed_cents=self.payment_disputed_cents or 0,
            paid_at=self.payment_paid_at,
            refunded_at=self.payment_refunded_at,
        )


class Promo(Record, frozen=True):
    """A code that lowers a price: by a percentage or by an amount, for so long, so often, for one listing or all."""

    id: UUID
    code: str
    percent_off: int | None
    amount_off_cents: int | None
    currency: str
    starts_at: datetime | None
    ends_at: datetime | None
    pool_id: UUID | None
    listing_id: UUID | None
    created_at: datetime
    max_uses: int | None
    uses: int | None


class GuestBooking(Record, frozen=True):
    """A guest's booking, and the id that the guest goes by."""

    id: UUID
    owner_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for. `expected_total_cents` is the price that they were shown."""

    listing_id: UUID
    offer: str
    day: date
    slot: str
    contact_name: str
    contact_email: str
    contact_phone: str | None = None
    special_requests: str | None = None
    promo_code: str | None = None
    expected_total_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Every line of a price, in minor units; they add up to the total."""

    currency: str
    subtotal_cents: int
    platform_fee_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    deposit_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """What somebody books that a supplier holds: no calendar of ours knows its time. `day` is the day there."""

    supplier: str
    what: str
    price: Money
    day: date
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    contact_name: str
    contact_email: str
    contact_phone: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A new booking; `access_token` is a guest's key to it, shown only here."""

    booking: Booking
    access_token: str | None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What cancelling now would return; `until` is when that changes, None where it does not."""

    refund_cents: int
    refund_percent: int
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A cancelled booking, and what goes back."""

    booking: Booking
    refund_cents: int


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list, how long the whole list is, and where to go on (None at the end)."""

    items: list[Booking]
    total: int
    next_cursor: str | None


class DayFigures(Record, frozen=True):
    """One day's bookings by when they were made, and what those that stand are worth, in one currency."""

    day: date
    currency: str
    placed: int
    confirmed: int
    cancelled: int
    revenue_cents: int
