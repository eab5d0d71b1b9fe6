"""Paying as every storefront that is paid has it on its wire: an intent, its confirmation, and the payment itself."""

from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from pydantic import Field

from bookable.domain import bookings

from .binding import Body
from .calls import Call
from .shapes import Shape

__all__ = ["ConfirmPayment", "CreateIntent", "IntentData", "Paid", "PaymentShape", "intent_for", "payment_shape"]

_READS = {"authorized": "processing", "cancelled": "failed"}
"""On the wire there are six statuses; the rest read as the nearest of them."""


class CreateIntent(Body):
    booking_id: Annotated[UUID, Field(strict=False)]


class ConfirmPayment(Body):
    payment_intent_id: Annotated[str, Field(min_length=1, max_length=255)]
    payment_method: Annotated[str | None, Field(min_length=1, max_length=255)] = None


class IntentData(Shape):
    payment_intent_id: str
    client_secret: str
    amount_cents: int
    currency: str
    status: str
    publishable_key: str


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


async def intent_for(call: Call, booking_id: UUID) -> IntentData:
    """An intent to pay the booking with; the same one, however often this is asked.

    Raises `NoSuchBooking`, and `InvalidState` for one that is not to be paid.
    """
    shown = await bookings.begin_payment(call.db, call.actor, call.ports.gateway, booking_id)
    payment = shown.payment
    return IntentData(
        payment_intent_id=payment.intent_id or "",
        client_secret=shown.client_secret,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        status=_on_wire(payment.status),
        publishable_key=call.ports.gateway.publishable_key,
    )


def payment_shape(paid: Paid, booking_id: UUID) -> PaymentShape:
    """The payment of this booking."""
    return PaymentShape(
        id=paid.id,
        booking_id=booking_id,
        amount_cents=paid.amount_cents,
        currency=paid.currency,
        status=_on_wire(paid.status),
        payment_method_type=paid.method_type,
        card_brand=paid.card_brand,
        last4=paid.last4,
        refund_amount_cents=paid.refunded_cents,
        paid_at=paid.paid_at,
        refunded_at=paid.refunded_at,
    )


def _on_wire(status: str) -> str:
    return _READS.get(status, str(status))
