"""Paying over the wire: an intent, its confirmation, refunds by an admin, and what the provider tells us."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from bookable.domain import bookings, payments
from bookable.kernel.actors import Actor
from bookable.storefronts.kit import Access, Body, Call, Router, Shape, take_webhooks

from .guests import AccessToken, admit
from .meetings import BookingShape, booking_shape
from .money import PaymentShape, payment_shape, status_on_wire

__all__ = ["router"]

router = Router("Payments")


class CreateIntent(Body):
    booking_id: Annotated[UUID, Field(strict=False)]
    access_token: AccessToken | None = None


class ConfirmPayment(Body):
    payment_intent_id: Annotated[str, Field(min_length=1, max_length=255)]
    payment_method: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    access_token: AccessToken | None = None


class RefundPayment(Body):
    amount_cents: Annotated[int | None, Field(ge=1, le=2_147_483_647)] = None
    reason: Annotated[str | None, Field(max_length=500)] = None


class IntentData(Shape):
    payment_intent_id: str
    client_secret: str
    amount_cents: int
    currency: str
    status: str
    publishable_key: str


class ConfirmedData(Shape):
    payment: PaymentShape
    booking: BookingShape


class PaymentData(Shape):
    payment: PaymentShape


async def _payer_of_booking(call: Call, args: Mapping[str, Any]) -> Actor:
    body: CreateIntent = args["body"]
    return await admit(call, body.booking_id, body.access_token)


async def _payer_of_intent(call: Call, args: Mapping[str, Any]) -> Actor:
    body: ConfirmPayment = args["body"]
    if body.access_token is None:
        return await admit(call, None, None)
    async with call.db.transaction(call.system) as tx:
        payment = await payments.by_intent(tx, body.payment_intent_id)
    return await admit(call, payment.subject_id, body.access_token)


@router.post(
    "/payments/create-intent",
    IntentData,
    status=201,
    access=Access.PUBLIC,
    phases=True,
    admits=_payer_of_booking,
    errors=(404, 409),
)
async def create_intent(call: Call, body: CreateIntent) -> IntentData:
    """Have an intent to pay a booking with; the same one, however often this is asked."""
    shown = await bookings.begin_payment(call.db, call.actor, call.ports.gateway, body.booking_id)
    payment = shown.payment
    return IntentData(
        payment_intent_id=payment.intent_id or "",
        client_secret=shown.client_secret,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        status=status_on_wire(payment.status),
        publishable_key=call.ports.gateway.publishable_key,
    )


@router.post(
    "/payments/confirm",
    ConfirmedData,
    access=Access.PUBLIC,
    phases=True,
    admits=_payer_of_intent,
    errors=(402, 404, 409),
)
async def confirm(call: Call, body: ConfirmPayment) -> ConfirmedData:
    """Pay; a declined card is 402, and another one may be tried."""
    gateway, method = call.ports.gateway, body.payment_method
    payment = await payments.confirm(call.db, call.actor, gateway, body.payment_intent_id, method)
    async with call.db.transaction(call.actor) as tx:
        booking = await bookings.get(tx, payment.subject_id)
    return ConfirmedData(payment=payment_shape(payment, booking.id), booking=booking_shape(booking))


@router.post("/payments/{payment_id}/refund", PaymentData, roles=("admin",), phases=True, errors=(404, 409))
async def refund(call: Call, payment_id: UUID, body: RefundPayment) -> PaymentData:
    """Give money back, all that is left or a part of it."""
    done = await payments.refund(
        call.db, call.actor, call.ports.gateway, payment_id, body.amount_cents, reason=body.reason
    )
    return PaymentData(payment=payment_shape(done.payment, done.payment.subject_id))


take_webhooks(router)
