"""Paying over the wire: an intent, its confirmation, refunds by an admin, and what the provider tells us."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from bookable.domain import bookings, payments
from bookable.kernel.actors import Actor
from bookable.storefronts import kit
from bookable.storefronts.kit import (
    Access,
    Body,
    Call,
    IntentData,
    PaymentShape,
    Router,
    Shape,
    intent_for,
    payment_shape,
    take_webhooks,
)

from .guests import AccessToken, admit
from .meetings import BookingShape, booking_shape

__all__ = ["router"]

router = Router("Payments")


class CreateIntent(kit.CreateIntent):
    access_token: AccessToken | None = None


class ConfirmPayment(kit.ConfirmPayment):
    access_token: AccessToken | None = None


class RefundPayment(Body):
    amount_cents: Annotated[int | None, Field(ge=1, le=2_147_483_647)] = None
    reason: Annotated[str | None, Field(max_length=500)] = None


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
    return await intent_for(call, body.booking_id)


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
        call.db,
        call.actor,
        call.ports.gateway,
        payment_id,
        body.amount_cents,
        reason=body.reason,
        refund_id=call.work_id,
    )
    return PaymentData(payment=payment_shape(done.payment, done.payment.subject_id))


take_webhooks(router)
