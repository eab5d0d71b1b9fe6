"""Payments through Stripe, by its official SDK: the live side of the port `PaymentGateway`."""

from bookable.integrations.stripe.gateway import StripeGateway

__all__ = ["StripeGateway"]
