"""What a booking costs, line by line: whole minor units that always add up."""

from bookable.kernel.money import share_bps

from .policy import Policy
from .records import Promo, Quote

__all__ = ["price"]


def price(subtotal: int, currency: str, policy: Policy, promo: Promo | None) -> Quote:
    """The quote for something that costs `subtotal`. Each line is rounded half up, and none is below zero."""
    fee = share_bps(subtotal, policy.fee_bps)
    discount = _discount(subtotal, fee, promo) if promo else 0
    tax = share_bps(subtotal + fee - discount, policy.tax_bps)
    return Quote(
        currency=currency,
        subtotal_cents=subtotal,
        platform_fee_cents=fee,
        discount_cents=discount,
        tax_cents=tax,
        total_cents=subtotal + fee - discount + tax,
    )


def _discount(subtotal: int, fee: int, promo: Promo) -> int:
    """A percentage is of the subtotal, save that 100 % leaves nothing to pay; an amount goes as far as there is."""
    if promo.percent_off == 100:
        return subtotal + fee
    if promo.percent_off is not None:
        return share_bps(subtotal, promo.percent_off * 100)
    return min(promo.amount_off_cents or 0, subtotal + fee)
