"""Paying over the wire: an intent, its confirmation, and what the provider tells us."""

from bookable.domain import flights, payments
from bookable.storefronts.kit import (
    Call,
    ConfirmPayment,
    CreateIntent,
    IntentData,
    PaymentShape,
    Router,
    Shape,
    intent_for,
    payment_shape,
    take_webhooks,
)

from .trips import BookingShape, booking_shape

__all__ = ["router"]

router = Router("Payments")
take_webhooks(router)


class ConfirmedData(Shape):
    payment: PaymentShape
    booking: BookingShape


@router.post("/payments/create-intent", IntentData, status=201, phases=True, errors=(404, 409))
async def create_intent(call: Call, body: CreateIntent) -> IntentData:
    """Have an intent to pay a booking with; the same one, however often this is asked."""
    return await intent_for(call, body.booking_id)


@router.post("/payments/confirm", ConfirmedData, phases=True, errors=(402, 404, 409))
async def confirm(call: Call, body: ConfirmPayment) -> ConfirmedData:
    """Pay; a declined card is 402, and another one may be tried. The airline's order follows by itself."""
    gateway, method = call.ports.gateway, body.payment_method
    payment = await payments.confirm(call.db, call.actor, gateway, body.payment_intent_id, method)
    async with call.db.transaction(call.actor) as tx:
        trip = await flights.trip(tx, payment.subject_id)
    return ConfirmedData(payment=payment_shape(payment, payment.subject_id), booking=booking_shape(trip))
