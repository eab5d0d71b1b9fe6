"""How payments read in the ledger (the chart of accounts stands in `ledger`).

The payee's share, our fee and the tax are split over what was kept of a payment, by `_kept`: whatever was
captured, refunded or given back, the accounts always come to the split of the sum that is left, to the cent.
"""

from uuid import UUID

from bookable.domain import ledger
from bookable.kernel.db import Transaction
from bookable.kernel.money import Money

from .records import Payment, Refund

__all__ = [
    "charged",
    "disputed",
    "paid_out",
    "payable",
    "refund_failed",
    "refund_paid",
    "refund_promised",
]

FEES = "platform:fees"


def payable(payee: str) -> str:
    """The account of what a payee has earned."""
    return f"payable:{payee}"


async def charged(tx: Transaction, payment: Payment) -> None:
    """The customer owed it, and paid it."""
    kept = _kept(payment, payment.captured_cents)
    customer = f"customer:{payment.owner_id}"
    owed = {account: -amount for account, amount in kept.items()}
    await _move(tx, payment, "charge", f"payment:{payment.id}", {customer: payment.captured_cents, **owed})
    paid = {_gateway(payment): payment.captured_cents, customer: -payment.captured_cents}
    await _move(tx, payment, "capture", f"payment:{payment.id}:captured", paid)


async def refund_promised(tx: Transaction, payment: Payment, refund: Refund) -> None:
    """What was earned is taken back and stands ready for the customer. `payment` counts the refund already."""
    left = payment.captured_cents - payment.refunded_cents - payment.refunding_cents
    legs = _between(payment, left, left + refund.amount_cents)
    await _move(tx, payment, "refund", f"refund:{refund.id}", {**legs, "refunds": -refund.amount_cents})


async def refund_paid(tx: Transaction, payment: Payment, refund: Refund) -> None:
    """The money went back."""
    legs = {"refunds": refund.amount_cents, _gateway(payment): -refund.amount_cents}
    await _move(tx, payment, "refund_paid", f"refund:{refund.id}:paid", legs)


async def refund_failed(tx: Transaction, payment: Payment, refund: Refund, *, was_paid: bool) -> None:
    """The money stayed or came back, and is earned again. `payment` counts the refund no more."""
    if was_paid:
        legs = {"refunds": -refund.amount_cents, _gateway(payment): refund.amount_cents}
        await _move(tx, payment, "refund_returned", f"refund:{refund.id}:returned", legs)
    left = payment.captured_cents - payment.refunded_cents - payment.refunding_cents
    legs = {account: -amount for account, amount in _between(payment, left - refund.amount_cents, left).items()}
    await _move(tx, payment, "refund_failed", f"refund:{refund.id}:failed", {**legs, "refunds": refund.amount_cents})


async def disputed(tx: Transaction, payment: Payment, dispute_id: str, amount: int, *, won: bool) -> bool:
    """The payer's bank took the money, or gave it back; False when that is booked already."""
    kind, sign = ("dispute_won", -1) if won else ("dispute", 1)
    legs = {"disputes": sign * amount, _gateway(payment): -sign * amount}
    return await _move(tx, payment, kind, f"{kind}:{dispute_id}", legs)


async def paid_out(
    tx: Transaction, provider: str, payout_id: str, subject_id: UUID, amount: Money, payee: str | None
) -> bool:
    """Money left the provider: to a payee's bank, or to our own; False when that is booked already."""
    to = payable(payee) if payee else f"payouts:{provider}"
    return await ledger.move(
        tx,
        "payout",
        source=f"payout:{payout_id}",
        subject_id=subject_id,
        unit=amount.currency,
        amounts={to: amount.amount, f"gateway:{provider}": -amount.amount},
    )


def _gateway(payment: Payment) -> str:
    return f"gateway:{payment.provider}"


def _kept(payment: Payment, kept: int) -> dict[str, int]:
    """Whose it is when `kept` of the whole amount was kept. The payee's share takes what rounding leaves."""
    fee = payment.fee_cents * kept // payment.amount_cents
    tax = payment.tax_cents * kept // payment.amount_cents
    return {payable(payment.payee): kept - fee - tax, FEES: fee, "tax": tax}


def _between(payment: Payment, less: int, more: int) -> dict[str, int]:
    """Whose it is, that is kept with `more` and not with `less`."""
    small, large = _kept(payment, less), _kept(payment, more)
    return {account: large[account] - small[account] for account in large}


async def _move(tx: Transaction, payment: Payment, kind: str, source: str, legs: dict[str, int]) -> bool:
    return await ledger.move(
        tx,
        kind,
        source=source,
        subject_id=payment.subject_id,
        unit=payment.currency,
        amounts=legs,
        memo={"payment": str(payment.id)},
    )
