"""Money goes back: promised in one statement that can't promise too much, sent until it is known what became of it.

A refund is asked for in the caller's transaction, and sent by a job (or at once) with a key made from its own
row. What the provider gave back by itself is booked all the same, once for each of its refunds.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import FieldError, InvalidState, PaymentRefused, Unavailable
from bookable.kernel.jobs import defer
from bookable.kernel.money import Money

from . import queries
from .errors import RefundTooLarge
from .opening import LEASE
from .ports import PaymentGateway
from .records import PAID, Payment, Refund, RefundStatus
from .returning import book, bring_home, fail
from .settling import locked

__all__ = ["SEND_REFUND", "Refunded", "fetch_refunds", "refund", "request_refund", "send_refund"]

SEND_REFUND = "payments.send_refund"

_TRIES_A_KEY = 3


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund and the payment it is of, as they are now."""

    payment: Payment
    refund: Refund


async def request_refund(
    tx: Transaction,
    payment_id: UUID,
    amount_cents: int | None,
    *,
    reason: str | None = None,
    by: UUID | None = None,
    refund_id: UUID | None = None,
) -> Refund:
    """Promise `amount_cents` (None: all that is left) to the payer; it is sent once this transaction commits.

    The transaction must see the payment: its owner's, or the house's. Under a `refund_id` it is promised once only.
    Raises `RefundTooLarge` when it asks for more than is left, `InvalidState` when nothing was paid; all refunds
    together never exceed what was captured.
    """
    if refund_id is not None and (known := await tx.first(queries.refund_by_id, id=refund_id)) is not None:
        return known
    payment = await tx.one(queries.by_id, id=payment_id)
    if not payment.is_paid:
        raise InvalidState(payment.status, sorted(PAID))
    amount = payment.refundable_cents if amount_cents is None else amount_cents
    if amount_cents is not None and amount_cents <= 0:
        raise FieldError("amountCents", "must be more than 0")
    if not 0 < amount <= payment.captured_cents:
        raise RefundTooLarge(details={"refundableCents": payment.refundable_cents})
    payment = await tx.one(queries.promise_refund, id=payment_id, amount=amount, or_raise=RefundTooLarge)
    promised = await book(tx, payment, amount, reason=reason, by=by, refund_id=refund_id)
    defer(tx, SEND_REFUND, refund_id=str(promised.id))
    return promised


async def refund(
    db: Database,
    actor: Actor,
    gateway: PaymentGateway,
    payment_id: UUID,
    amount_cents: int | None = None,
    *,
    reason: str | None = None,
    refund_id: UUID | None = None,
) -> Refunded:
    """Promise and send at once. When the provider does not answer, the refund is `pending` and is sent again.

    Called again with the same `refund_id` it goes on with that refund, wherever it had come to.
    Raises what `request_refund` does, and `RefundTooLarge` as well when the provider will not do it: then nothing
    is promised any more.
    """
    house = actor.widened()

    async def ask(tx: Transaction) -> Refund:
        return await request_refund(tx, payment_id, amount_cents, reason=reason, by=actor.id, refund_id=refund_id)

    promised = await db.run(house, ask)
    with suppress(Unavailable):
        promised = await send_refund(db, house, gateway, promised.id)
    if promised.status is RefundStatus.FAILED:
        raise RefundTooLarge(details={"reason": promised.failure_code})
    async with db.transaction(house) as tx:
        return Refunded(await tx.one(queries.by_id, id=payment_id), promised)


async def send_refund(db: Database, system: Actor, gateway: PaymentGateway, refund_id: UUID) -> Refund:
    """Have the provider do it; once only, however often and by however many this is called.

    Raises `Unavailable` when it is not known whether it happened: the refund stays pending, and a later call
    first looks whether it did.
    """
    house = system.widened()
    async with db.transaction(house) as tx:
        sending = await tx.first(queries.send, id=refund_id, lease=LEASE)
        if sending is None:
            return await tx.one(queries.refund_by_id, id=refund_id)
        payment = await tx.one(queries.by_id, id=sending.payment_id)
    if sending.tries > 1:
        await _find(db, house, gateway, payment, refund_id)
        found = await _read(db, house, refund_id)
        if found.status is not RefundStatus.PENDING or found.provider_refund_id:
            return found
    await _call(db, house, gateway, payment, sending)
    return await _read(db, house, refund_id)


async def fetch_refunds(db: Database, system: Actor, gateway: PaymentGateway, payment: Payment) -> None:
    """Bring home every refund that the provider knows of: ours, and those it made by itself.

    Raises `Unavailable`, when all others are home, for one that has to wait until ours are settled.
    """
    if payment.intent_id is None:
        return
    waits: Unavailable | None = None
    for seen in await gateway.refunds(payment.intent_id):
        try:
            await db.run(system.widened(), partial(bring_home, payment_id=payment.id, seen=seen))
        except Unavailable as no_room:
            waits = no_room
    if waits is not None:
        raise waits


async def _find(db: Database, house: Actor, gateway: PaymentGateway, payment: Payment, refund_id: UUID) -> None:
    """Bring home this refund alone, if it was made: another one may have to wait until this one is settled."""
    assert payment.intent_id is not None
    for seen in await gateway.refunds(payment.intent_id):
        if seen.metadata.get("refund_id") == str(refund_id):
            await db.run(house, partial(bring_home, payment_id=payment.id, seen=seen))


async def _call(db: Database, house: Actor, gateway: PaymentGateway, payment: Payment, sending: Refund) -> None:
    assert payment.intent_id is not None
    try:
        seen = await gateway.refund(
            payment.intent_id,
            Money(sending.amount_cents, payment.currency),
            # A provider may remember a failure under its key: after three tries, and a look each, a new one.
            key=f"refund:{sending.id}:{(sending.tries - 1) // _TRIES_A_KEY}",
            metadata={"refund_id": str(sending.id), "payment_id": str(payment.id)},
            reason=sending.reason,
        )
    except (RefundTooLarge, PaymentRefused, InvalidState) as refused:
        code = str(refused.details.get("reason", refused.code.lower()))
        await db.run(house, partial(_give_up, refund_id=sending.id, code=code))
        return
    await db.run(house, partial(bring_home, payment_id=payment.id, seen=seen, ours=sending.id))


async def _give_up(tx: Transaction, *, refund_id: UUID, code: str) -> None:
    """The provider will not do it: what was promised is given back."""
    pending = await tx.one(queries.refund_by_id, id=refund_id)
    payment = await locked(tx, pending.payment_id)
    pending = await tx.one(queries.refund_locked, id=refund_id)
    if pending.status is RefundStatus.PENDING:
        await fail(tx, payment, pending, code=code)


async def _read(db: Database, house: Actor, refund_id: UUID) -> Refund:
    async with db.transaction(house) as tx:
        return await tx.one(queries.refund_by_id, id=refund_id)
