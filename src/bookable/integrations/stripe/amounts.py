"""Amounts as Stripe counts them: our minor units, but for three currencies.

Source: docs.stripe.com/currencies. ISK and UGX have no decimals by ISO 4217 and two at Stripe (always 00);
MGA has two by ISO 4217 and none at Stripe.
"""

from bookable.domain.payments.ports import PaymentRefused
from bookable.kernel.money import Money

__all__ = ["from_wire", "to_wire"]

_TWO_AT_STRIPE = frozenset({"ISK", "UGX"})
_NONE_AT_STRIPE = frozenset({"MGA"})


def to_wire(amount: int, currency: str) -> int:
    """Our minor units as Stripe's; raises `PaymentRefused` for what Stripe can't express."""
    if currency in _TWO_AT_STRIPE:
        return amount * 100
    if currency in _NONE_AT_STRIPE:
        whole, rest = divmod(amount, 100)
        if rest:
            raise PaymentRefused(details={"reason": "amount_not_whole"})
        return whole
    return amount


def from_wire(amount: int, currency: str) -> Money:
    """Stripe's amount and currency as our money."""
    code = currency.upper()
    if code in _TWO_AT_STRIPE:
        return Money(amount // 100, code)
    return Money(amount * 100 if code in _NONE_AT_STRIPE else amount, code)
