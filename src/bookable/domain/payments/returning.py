"""What became of a refund: brought home from the provider, forwards only, under the payment's lock.

Pending, then succeeded, then perhaps failed: a bank may send money back days later. A failed refund gives its
amount back to what can be refunded.
"""

from contextlib import suppress
from uuid import UUID

from bookable.kernel.db import Transaction
from bookable.kernel.errors import Conflict, Unavailable
from bookable.kernel.events import publish
from bookable.kernel.ids import new_id

from . import accounting, queries
from .events import PaymentRefunded, RefundFailed
from .ports import GatewayRefund, RefundState
from .records import Payment, Refund, RefundStatus, Status
from .settling import locked

__all__ = ["book", "bring_home", "fail"]


async def book(
    tx: Transaction,
    payment: Payment,
    amount: int,
    *,
    reason: str | None = None,
    by: UUID | None = None,
    provider_refund_id: str | None = None,
    refund_id: UUID | None = None,
) -> Refund:
    """The refund's row and its movement in the ledger. `payment` counts it already."""
    made = Refund(
        id=refund_id or new_id(),
        payment_id=payment.id,
        amount_cents=amount,
        status=RefundStatus.PENDING,
        reason=reason,
        provider_refund_id=provider_refund_id,
        requested_by=by,
        tries=0,
        sent_at=None,
        failure_code=None,
        created_at=tx.clock.now(),
        settled_at=None,
    )
    columns = ("id", "payment_id", "amount_cents", "reason", "provider_refund_id", "requested_by", "created_at")
    if not await tx.run(queries.add_refund, **{name: getattr(made, name) for name in columns}):
        raise Conflict
    await accounting.refund_promised(tx, payment, made)
    return made


async def bring_home(tx: Transaction, *, payment_id: UUID, seen: GatewayRefund, ours: UUID | None = None) -> None:
    """Settle one of the provider's refunds; `ours` names ours where that is known. Nothing new: nothing happens.

    Raises `Unavailable` when a refund of the provider's own does not fit beside ours that are on their way: once
    those are settled, it does.
    """
    payment = await locked(tx, payment_id)
    refund = await _known(tx, payment, seen, ours)
    if refund is None and seen.state is RefundState.FAILED:
        return
    if refund is None:
        payment = await tx.one(queries.admit_refund, id=payment.id, amount=seen.amount.amount, or_raise=_no_room)
        refund = await book(tx, payment, seen.amount.amount, provider_refund_id=seen.id)
    await _settle(tx, payment, refund, seen)


async def fail(tx: Transaction, payment: Payment, refund: Refund, *, code: str | None) -> None:
    """The money stayed, or came back: it can be refunded again."""
    was_paid = refund.status is RefundStatus.SUCCEEDED
    await _write(tx, refund, RefundStatus.FAILED, code=code)
    x = refund.amount_cents
    payment = await _count(tx, payment, refunded=-x if was_paid else 0, refunding=0 if was_paid else -x)
    await accounting.refund_failed(tx, payment, refund, was_paid=was_paid)
    told = RefundFailed(
        payment_id=str(payment.id), subject_id=str(payment.subject_id), refund_id=str(refund.id), amount_cents=x
    )
    await publish(tx, told)


async def _known(tx: Transaction, payment: Payment, seen: GatewayRefund, ours: UUID | None) -> Refund | None:
    found = await tx.first(queries.refund_of_provider, provider_refund_id=seen.id)
    if found is not None:
        return found
    named = ours or _named(seen)
    if named is None:
        return None
    refund = await tx.first(queries.refund_locked, id=named)
    # One of ours that is another one at the provider already: this is a second refund, and a fact as well.
    fits = refund is not None and refund.payment_id == payment.id and refund.provider_refund_id is None
    return refund if fits else None


def _named(seen: GatewayRefund) -> UUID | None:
    with suppress(ValueError):
        return UUID(seen.metadata.get("refund_id", ""))
    return None


async def _settle(tx: Transaction, payment: Payment, refund: Refund, seen: GatewayRefund) -> None:
    if refund.status is RefundStatus.FAILED:
        return
    if refund.provider_refund_id is None:
        await _write(tx, refund, refund.status, provider_refund_id=seen.id)
        refund = await tx.one(queries.refund_by_id, id=refund.id)
    if seen.state is RefundState.FAILED:
        await fail(tx, payment, refund, code="failed")
    elif seen.state is RefundState.SUCCEEDED and refund.status is RefundStatus.PENDING:
        await _succeed(tx, payment, refund)


async def _succeed(tx: Transaction, payment: Payment, refund: Refund) -> None:
    x = refund.amount_cents
    await _write(tx, refund, RefundStatus.SUCCEEDED)
    payment = await _count(tx, payment, refunded=x, refunding=-x)
    await accounting.refund_paid(tx, payment, refund)
    told = PaymentRefunded(
        payment_id=str(payment.id),
        subject_id=str(payment.subject_id),
        refund_id=str(refund.id),
        amount_cents=x,
        in_full=payment.status is Status.REFUNDED,
    )
    await publish(tx, told)


async def _count(tx: Transaction, payment: Payment, *, refunded: int, refunding: int) -> Payment:
    back = payment.refunded_cents + refunded
    status = Status.PARTIALLY_REFUNDED if back else Status.SUCCEEDED
    if back == payment.captured_cents:
        status = Status.REFUNDED
    at = (tx.clock.now() if refunded > 0 else payment.refunded_at) if back else None
    return await tx.one(
        queries.count_refund, id=payment.id, refunded=refunded, refunding=refunding, status=status, refunded_at=at
    )


async def _write(
    tx: Transaction,
    refund: Refund,
    status: RefundStatus,
    *,
    code: str | None = None,
    provider_refund_id: str | None = None,
) -> None:
    await tx.run(
        queries.settle_refund,
        id=refund.id,
        status=status,
        provider_refund_id=provider_refund_id or refund.provider_refund_id,
        failure_code=code,
        settled_at=tx.clock.now() if status is not RefundStatus.PENDING else None,
    )


def _no_room() -> Exception:
    return Unavailable(retry_after=60)
