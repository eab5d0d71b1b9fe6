"""Stripe's errors as our facts. Nothing Stripe wrote but its own codes goes further: no message, no key."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from bookable.domain.payments.ports import KeyReused, PaymentRefused, RefundTooLarge
from bookable.kernel.errors import DomainError, NotFound, Unavailable

__all__ = ["UNEXPECTED_STATE", "translated"]

UNEXPECTED_STATE = "payment_intent_unexpected_state"

_MISSING = "resource_missing"
_TOO_MUCH = frozenset({"charge_already_refunded", "refund_disputed_payment", "charge_disputed"})


@contextmanager
def translated(*, missing: str = "intent") -> Iterator[None]:
    """Errors of the SDK leave as ours; `missing` is the parameter or path whose absence is a `NotFound`."""
    try:
        yield
    except stripe.StripeError as error:
        raise _fact(error, missing) from error


def _fact(error: stripe.StripeError, missing: str) -> DomainError:
    if isinstance(error, stripe.CardError):
        return PaymentRefused(details={"reason": _reason(error)})
    if isinstance(error, stripe.IdempotencyError):
        return KeyReused()
    if isinstance(error, stripe.InvalidRequestError):
        return _invalid(error, missing)
    # Connection, 5xx, 429, a key still in use, and our own credentials: none says that it did not happen,
    # and none is the client's business.
    return Unavailable(retry_after=_retry_after(error))


def _invalid(error: stripe.InvalidRequestError, missing: str) -> DomainError:
    if error.code == _MISSING and error.param in {missing, None}:
        return NotFound()
    if error.code in _TOO_MUCH:
        return RefundTooLarge()
    return PaymentRefused(details={"reason": error.code or "invalid_request"})


def _reason(error: stripe.CardError) -> str:
    decline = getattr(error.error, "decline_code", None) if error.error else None
    return decline or error.code or "card_declined"


def _retry_after(error: stripe.StripeError) -> float | None:
    given = (error.headers or {}).get("retry-after", "")
    return float(given) if given.isdigit() else None
