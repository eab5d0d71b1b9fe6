"""The kit that storefronts are made of: calls, operations, shapes, envelopes; see CONTRIBUTING for a recipe."""

from .binding import Body, Params, checked
from .calls import Call, Ports, Tiers
from .envelopes import Envelope, status_of
from .operations import Access, Operation, Reply, Router, Tier
from .paging import Paging
from .paying import ConfirmPayment, CreateIntent, IntentData, PaymentShape, intent_for, payment_shape
from .routes import failure
from .shapes import Shape, camel, encode
from .storefront import Storefront
from .webhooks import ReceivedData, take_webhooks

__all__ = [
    "Access",
    "Body",
    "Call",
    "ConfirmPayment",
    "CreateIntent",
    "Envelope",
    "IntentData",
    "Operation",
    "Paging",
    "Params",
    "PaymentShape",
    "Ports",
    "ReceivedData",
    "Reply",
    "Router",
    "Shape",
    "Storefront",
    "Tier",
    "Tiers",
    "camel",
    "checked",
    "encode",
    "failure",
    "intent_for",
    "payment_shape",
    "status_of",
    "take_webhooks",
]
