"""Paying over the wire: an intent, its confirmation, and what the provider tells us."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bookable.domain import bookings, flights, payments
from bookable.storefronts.kit import Body, Call, Router, Shape, take_webhooks

from .trips import BookingShape, booking_shape

__all__ = ["router"]

router = Router("Payments")
take_webhooks(router)

_READS = {"authorized": "processing", "cancelled": "failed"}


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


class ConfirmedData(Shape):
    payment: PaymentShape
    booking: BookingShape


@router.post("/payments/create-intent", IntentData, status=201, phases=True, errors=(404, 409))
async def create_intent(call: Call, body: CreateIntent) -> IntentData:
    """Have an intent to pay a booking with; the same one, however often this is asked."""
    shown = await bookings.begin_payment(call.db, call.actor, call.ports.gateway, body.booking_id)
    payment = shown.payment
    return IntentData(
        payment_intent_id=payment.intent_id or "",
        client_secret=shown.client_secret,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        status=_READS.get(payment.status, payment.status),
        publishable_key=call.ports.gateway.publishable_key,
    )


@router.post("/payments/confirm", ConfirmedData, phases=True, errors=(402, 404, 409))
async def confirm(call: Call, body: ConfirmPayment) -> ConfirmedData:
    """Pay; a declined card is 402, and another one may be tried. The airline's order follows by itself."""
    gateway, method = call.ports.gateway, body.payment_method
    payment = await payments.confirm(call.db, call.actor, gateway, body.payment_intent_id, method)
    async with call.db.transaction(call.actor) as tx:
        trip = await flights.trip(tx, payment.subject_id)
    return ConfirmedData(payment=_shape(payment), booking=booking_shape(trip))


def _shape(paid: payments.Payment) -> PaymentShape:
    return PaymentShape(
        id=paid.id,
        booking_id=paid.subject_id,
        amount_cents=paid.amount_cents,
        currency=paid.currency,
        status=_READS.get(paid.status, paid.status),
        payment_method_type=paid.method_type,
        card_brand=paid.card_brand,
        last4=paid.last4,
        refund_amount_cents=paid.refunded_cents,
        paid_at=paid.paid_at,
        refunded_at=paid.refunded_at,
    )
