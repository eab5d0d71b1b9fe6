"""Stripe, near enough to be cheated on: an HTTP server of our own that keeps Stripe's promises and its quirks.

Start one with `StripeDouble()`; point the adapter's `api_base` to its `url` and use its `secret_key`.
"""

from tests.doubles.stripe.double import StripeDouble
from tests.doubles.stripe.faults import Mode
from tests.doubles.stripe.server import Call
from tests.doubles.stripe.webhooks import Delivery, Plan, Webhooks

__all__ = ["Call", "Delivery", "Mode", "Plan", "StripeDouble", "Webhooks"]
