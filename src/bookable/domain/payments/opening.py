"""A payment begins: one row for what is owed, one intent at the provider for the row."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Conflict, InvalidState, NotFound, Unavailable
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money

from . import queries
from .errors import AmountChanged
from .ports import GatewayIntent, PaymentGateway
from .records import Payment, Status
from .settling import advance, settle

__all__ = ["LEASE", "Presented", "hand_over", "keep", "open", "present"]

LEASE = timedelta(seconds=40)
"""How long a call to the provider can be under way; longer than any gateway's timeouts and retries together."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A payment and what the payer's browser needs to pay it."""

    payment: Payment
    client_secret: str


async def open(  # noqa: A001 - the verb people use
    tx: Transaction,
    *,
    subject_id: UUID,
    owner_id: UUID,
    payee: str,
    amount: Money,
    fee: Money,
    tax: Money,
    purpose: str = "total",
    manual_capture: bool = False,
) -> Payment:
    """The payment for this subject and purpose: a new one, or the one there is, however often and by whomever asked.

    `fee` and `tax` are the parts of `amount` that are not the payee's. A cancelled payment makes room for
    another. Raises `AmountChanged` when the one there is asks for another amount.
    """
    terms = {"amount_cents": amount.amount, "fee_cents": fee.amount, "tax_cents": tax.amount}
    await tx.run(
        queries.add,
        id=new_id(),
        subject_id=subject_id,
        purpose=purpose,
        owner_id=owner_id,
        payee=payee,
        currency=amount.currency,
        manual_capture=manual_capture,
        **terms,
    )
    payment = await tx.one(queries.for_purpose, subject_id=subject_id, purpose=purpose, or_raise=Conflict)
    if payment.amount != amount:
        raise AmountChanged(details={"amountCents": payment.amount_cents, "currency": payment.currency})
    return payment


async def hand_over(tx: Transaction, *, old_owner: UUID, new_owner: UUID) -> int:
    """What a guest paid belongs to the user they have become. Needs a transaction that sees the whole tenant."""
    return await tx.run(queries.hand_over, old_owner=old_owner, new_owner=new_owner)


async def present(db: Database, actor: Actor, gateway: PaymentGateway, payment_id: UUID) -> Presented:
    """The provider's intent for the payment, the same one however often this is asked, and also after a crash.

    Raises `InvalidState` when the payment was cancelled, `Unavailable` when the provider does not answer.
    """
    async with db.transaction(actor) as tx:
        payment = await tx.one(queries.by_id, id=payment_id)
        if payment.status is Status.CANCELLED:
            raise InvalidState(payment.status, [Status.PENDING])
        if payment.intent_id is None:
            payment = await tx.one(queries.extend, id=payment.id, lease=LEASE)
    if payment.intent_id is None:
        return await _create(db, actor, gateway, payment)
    settled = await advance(db, actor, gateway, payment.id)
    return Presented(settled.payment, settled.seen.client_secret)


async def _create(db: Database, actor: Actor, gateway: PaymentGateway, payment: Payment) -> Presented:
    # An intent nobody was told of takes no money, so a second one does no harm; still the key stays the same
    # for the first two tries, in case the first did work. After a failure that the provider remembers, it changes.
    try:
        made = await gateway.create_intent(
            payment.amount,
            key=f"{payment.id}:create:{payment.attempt // 2}",
            metadata={"payment_id": str(payment.id), "subject_id": str(payment.subject_id)},
            manual_capture=payment.manual_capture,
            tenant_id=actor.tenant_id,
        )
    except Unavailable:
        async with db.transaction(actor) as tx:
            await tx.run(queries.failed_to_create, id=payment.id)
        raise
    return await keep(db, actor, gateway, payment.id, made)


async def keep(db: Database, actor: Actor, gateway: PaymentGateway, payment_id: UUID, made: GatewayIntent) -> Presented:
    """Remember the intent as the payment's own; when another one was first, answer that one."""
    async with db.transaction(actor.widened()) as tx:
        await tx.run(queries.keep_intent, id=payment_id, provider=gateway.name, intent=made.id)
        payment = await tx.one(queries.by_id, id=payment_id, or_raise=NotFound)
    if payment.intent_id == made.id:
        work = partial(settle, payment_id=payment_id, seen=made, basis=payment.version)
        settled = await db.run(actor.widened(), work)
    else:
        settled = await advance(db, actor, gateway, payment_id)
    return Presented(settled.payment, settled.seen.client_secret)
