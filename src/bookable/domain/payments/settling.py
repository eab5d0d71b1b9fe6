"""The one way in which a payment moves: what was seen at the provider is brought home, forwards only.

Confirmations, webhooks, the completer and the reconciler all come through here, after their call to the
provider, and decide under the row's lock. Money that came is always believed. Anything less is believed only
when nothing has changed since the provider was asked (`basis`), and a refusal only when no attempt is under
way, or from the one whose attempt it was. Whoever loses a race changes nothing.
"""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import NotFound, Unavailable
from bookable.kernel.events import Event, publish

from . import accounting, queries
from .events import PaymentAuthorized, PaymentDisputed, PaymentFailed, PaymentProcessing, PaymentSucceeded
from .ports import GatewayIntent, IntentState, PaymentGateway
from .records import UNPAID, Payment, Status

__all__ = ["Settled", "advance", "lock", "locked", "refuse", "settle"]

_LOOKS = 6

_LEADS_TO = {
    IntentState.SUCCEEDED: (Status.SUCCEEDED, UNPAID),
    IntentState.CANCELLED: (Status.CANCELLED, UNPAID),
    IntentState.REQUIRES_CAPTURE: (Status.AUTHORIZED, UNPAID - {Status.AUTHORIZED}),
    IntentState.PROCESSING: (Status.PROCESSING, {Status.PENDING, Status.FAILED}),
    IntentState.REQUIRES_ACTION: (Status.PROCESSING, {Status.PENDING, Status.FAILED}),
    IntentState.REQUIRES_METHOD: (Status.FAILED, {Status.PENDING, Status.PROCESSING}),
    IntentState.REQUIRES_CONFIRMATION: (Status.FAILED, {Status.PENDING, Status.PROCESSING}),
}
_LAST_WORDS = {Status.SUCCEEDED, Status.CANCELLED}


@dataclass(frozen=True, slots=True)
class Settled:
    """The payment as it is now. `stale`: what was seen was too old to say anything; look again."""

    payment: Payment
    seen: GatewayIntent
    stale: bool = False


async def lock(tx: Transaction, subject_id: UUID) -> None:
    """Be alone with the subject and its payments until the transaction ends.

    Settling does this before anything else. A use case that changes the subject *and* its payments does so too,
    first of all: then the two wait for each other here, and never in a deadlock.
    """
    await tx.run(queries.lock_subject, subject_id=subject_id)


async def advance(
    db: Database, actor: Actor, gateway: PaymentGateway, payment_id: UUID, *, attempt: int | None = None
) -> Settled:
    """Ask the provider and settle what it says, until what it says is no older than what we know."""
    house = actor.widened()
    for _ in range(_LOOKS):
        async with db.transaction(house) as tx:
            payment = await tx.one(queries.by_id, id=payment_id)
        if payment.intent_id is None:
            raise NotFound
        seen = await gateway.intent(payment.intent_id)
        work = partial(settle, payment_id=payment_id, seen=seen, basis=payment.version, attempt=attempt)
        settled = await db.run(house, work)
        if not settled.stale:
            return settled
    raise Unavailable(retry_after=1)


async def settle(
    tx: Transaction, *, payment_id: UUID, seen: GatewayIntent, basis: int, attempt: int | None = None
) -> Settled:
    """Bring home what was seen. `basis` is the payment's version from before the provider was asked; `attempt`
    the attempt that the caller itself has just made. Needs a transaction that sees the whole tenant."""
    payment = await locked(tx, payment_id)
    to, leaves = _LEADS_TO[seen.state]
    mine = attempt is not None and attempt == payment.attempt
    moves = payment.status in leaves
    if to is Status.FAILED:
        moves = moves and seen.decline_code is not None and (mine or not _busy(tx, payment))
    if moves and to not in _LAST_WORDS and payment.version != basis:
        return Settled(payment, seen, stale=True)
    if moves:
        payment = await _move(tx, payment, to, seen, ends_attempt=mine)
    elif mine and payment.working_until:
        await tx.run(queries.release, id=payment.id, attempt_was=attempt)
    return Settled(await _note_dispute(tx, payment, seen), seen)


async def refuse(tx: Transaction, *, payment_id: UUID, attempt: int, code: str) -> Payment:
    """This attempt was refused, as its own caller was told. Another one's outcome is not touched."""
    payment = await locked(tx, payment_id)
    if payment.attempt != attempt or payment.status not in UNPAID:
        return payment
    if payment.status is Status.AUTHORIZED:
        await tx.run(queries.release, id=payment.id, attempt_was=attempt)
        return payment
    before = payment.status
    payment = await _write(tx, payment, Status.FAILED, None, code=code, ends_attempt=True)
    if before is not Status.FAILED:
        await publish(tx, _event(payment))
    return payment


async def locked(tx: Transaction, payment_id: UUID) -> Payment:
    """The payment, ours alone until the transaction ends; its subject is locked first."""
    found = await tx.one(queries.by_id, id=payment_id)
    await lock(tx, found.subject_id)
    return await tx.one(queries.locked, id=payment_id)


def _busy(tx: Transaction, payment: Payment) -> bool:
    return payment.working_until is not None and payment.working_until > tx.clock.now()


async def _move(tx: Transaction, payment: Payment, to: Status, seen: GatewayIntent, *, ends_attempt: bool) -> Payment:
    code = {Status.FAILED: seen.decline_code, Status.CANCELLED: "canceled"}.get(to)
    ends = ends_attempt or to in _LAST_WORDS
    payment = await _write(tx, payment, to, seen, code=code, ends_attempt=ends)
    if to is Status.SUCCEEDED:
        await accounting.charged(tx, payment)
    await publish(tx, _event(payment))
    return payment


async def _write(
    tx: Transaction, payment: Payment, to: Status, seen: GatewayIntent | None, *, code: str | None, ends_attempt: bool
) -> Payment:
    paid = to is Status.SUCCEEDED
    return await tx.one(
        queries.move,
        id=payment.id,
        status=to,
        failure_code=code,
        captured_cents=seen.captured if seen and paid else payment.captured_cents,
        method_type=(seen and seen.method_type) or payment.method_type,
        card_brand=(seen and seen.card_brand) or payment.card_brand,
        last4=(seen and seen.last4) or payment.last4,
        paid_at=tx.clock.now() if paid else payment.paid_at,
        working_until=None if ends_attempt else payment.working_until,
    )


async def _note_dispute(tx: Transaction, payment: Payment, seen: GatewayIntent) -> Payment:
    if not seen.disputed or payment.disputed_at:
        return payment
    payment = await tx.one(queries.mark_disputed, id=payment.id)
    await publish(tx, PaymentDisputed(payment_id=str(payment.id), subject_id=str(payment.subject_id)))
    return payment


def _event(payment: Payment) -> Event:
    payment_id, subject_id = str(payment.id), str(payment.subject_id)
    if payment.status is Status.SUCCEEDED:
        return PaymentSucceeded(payment_id=payment_id, subject_id=subject_id, amount_cents=payment.captured_cents)
    if payment.status is Status.PROCESSING:
        return PaymentProcessing(payment_id=payment_id, subject_id=subject_id)
    if payment.status is Status.AUTHORIZED:
        return PaymentAuthorized(payment_id=payment_id, subject_id=subject_id)
    return PaymentFailed(payment_id=payment_id, subject_id=subject_id, code=payment.failure_code or "declined")
