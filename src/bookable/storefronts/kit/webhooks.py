"""What a payment provider tells a storefront: kept before it is answered, worked off afterwards."""

from bookable.domain import payments

from .calls import Call
from .operations import Access, Router, Tier
from .shapes import Shape

__all__ = ["ReceivedData", "take_webhooks"]


class ReceivedData(Shape):
    received: bool


_EVENT = {
    "requestBody": {
        "required": True,
        "description": "An event in Stripe's shape, signed in the header Stripe-Signature.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
    "parameters": [{"name": "Stripe-Signature", "in": "header", "required": True, "schema": {"type": "string"}}],
}


def take_webhooks(router: Router) -> None:
    """Add the operation that takes the provider's events, the same on every storefront that is paid."""
    router.post(
        "/webhooks/stripe",
        ReceivedData,
        access=Access.PUBLIC,
        tier=Tier.NONE,
        keyed=False,
        phases=True,
        extra=_EVENT,
    )(webhook)


async def webhook(call: Call) -> ReceivedData:
    """What the provider tells us: kept before it is answered, worked off afterwards."""
    await payments.receive(
        call.db,
        call.ports.gateway,
        call.tenant.id,
        await call.request.body(),
        call.request.headers.get("stripe-signature"),
        secret=call.ports.webhook_secret,
    )
    return ReceivedData(received=True)
