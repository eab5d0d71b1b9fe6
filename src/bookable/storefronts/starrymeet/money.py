"""A payment as StarryMeet shows it."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from bookable.storefronts.kit import Shape

__all__ = ["Paid", "PaymentShape", "payment_shape", "status_on_wire"]

_READS = {"authorized": "processing", "cancelled": "failed"}
"""On this wire there are six statuses; the rest read as the nearest of them."""


def status_on_wire(status: str) -> str:
    """A payment's status in this storefront's words."""
    return _READS.get(status, str(status))


class PaymentShape(Shape):
    """What was paid, how, and what of it went back."""

    id: UUID
    booking_id: UUID
    amount_cents: int
    currency: str
    status: str
    payment_method_type: str | None
    card_brand: str | None
    last4: str | None
    refund_amount_cents: int
    paid_at: datetime | None
    refunded_at: datetime | None


class Paid(Protocol):
    """What is shown of a payment, whoever tells of it."""

    @property
    def id(self) -> UUID: ...

    @property
    def amount_cents(self) -> int: ...

    @property
    def currency(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def method_type(self) -> str | None: ...

    @property
    def card_brand(self) -> str | None: ...

    @property
    def last4(self) -> str | None: ...

    @property
    def refunded_cents(self) -> int: ...

    @property
    def paid_at(self) -> datetime | None: ...

    @property
    def refunded_at(self) -> datetime | None: ...


def payment_shape(paid: Paid, booking_id: UUID) -> PaymentShape:
    """The payment of this booking."""
    return PaymentShape(
        id=paid.id,
        booking_id=booking_id,
        amount_cents=paid.amount_cents,
        currency=paid.currency,
        status=status_on_wire(paid.status),
        payment_method_type=paid.method_type,
        card_brand=paid.card_brand,
        last4=paid.last4,
        refund_amount_cents=paid.refunded_cents,
        paid_at=paid.paid_at,
        refunded_at=paid.refunded_at,
    )
