"""The money is taken: by a method the payer has named, from a hold, or not at all.

Each attempt has a number, and its calls a key made from it: whoever asks again while an attempt is under way
joins it, and a new attempt begins only when the provider says that the last one came to nothing.
"""

from functools import partial
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import InvalidState, PaymentRefused

from . import queries
from .errors import KeyReused, UnderWay
from .opening import LEASE
from .ports import GatewayIntent, IntentState, PaymentGateway
from .records import UNPAID, Payment, Status
from .settling import Settled, advance, locked, refuse, settle

__all__ = ["cancel", "capture", "confirm"]

_WAITING = {Status.PROCESSING, Status.AUTHORIZED}
_OPEN = {IntentState.REQUIRES_METHOD, IntentState.REQUIRES_CONFIRMATION}


async def confirm(
    db: Database, actor: Actor, gateway: PaymentGateway, intent_id: str, method: str | None = None
) -> Payment:
    """Pay with `method`. Paid already: nothing happens. Waiting for the payer or the bank: `processing`.

    Raises `PaymentRefused` when the card is declined (it can be paid again), `InvalidState` when the intent was
    cancelled, `Unavailable` when it is not known what happened: asking again, or the completer, finds out.
    """
    async with db.transaction(actor) as tx:
        payment = await tx.one(queries.by_intent, intent_id=intent_id)
    if payment.status not in UNPAID:
        return _final(payment)
    if payment.working_until or payment.status in _WAITING:
        looked = await advance(db, actor, gateway, payment.id)
        if not _can_be_tried(looked, method):
            return _final(looked.payment)
    begun = await db.run(actor.widened(), partial(_begin, payment_id=payment.id))
    if begun.status not in UNPAID:
        return _final(begun)
    return await _attempt(db, actor, gateway, begun, method)


async def capture(db: Database, actor: Actor, gateway: PaymentGateway, payment_id: UUID) -> Payment:
    """Take what is held on the card. Raises `PaymentRefused` when the bank won't, `InvalidState` when nothing is."""
    payment = await db.run(actor.widened(), partial(_begin, payment_id=payment_id))
    if payment.is_paid:
        return payment
    if payment.status is not Status.AUTHORIZED or payment.intent_id is None:
        raise InvalidState(payment.status, [Status.AUTHORIZED])
    try:
        seen = await gateway.capture(payment.intent_id, key=f"{payment.id}:capture:{payment.attempt}")
    except PaymentRefused as refused:
        await _refused(db, actor, payment, refused)
        raise
    return await _home(db, actor, gateway, payment, seen)


async def cancel(db: Database, actor: Actor, gateway: PaymentGateway, payment_id: UUID) -> Payment:
    """Give the intent up, and what it holds back to the card. Raises `InvalidState` when the money came."""
    payment = await db.run(actor.widened(), partial(_begin, payment_id=payment_id))
    if payment.status not in UNPAID:
        return _final(payment, wanted=Status.CANCELLED)
    if payment.intent_id is None:
        raise InvalidState(payment.status, [Status.AUTHORIZED])
    seen = await gateway.cancel(payment.intent_id, key=f"{payment.id}:cancel:{payment.attempt}")
    return await _home(db, actor, gateway, payment, seen)


async def _begin(tx: Transaction, *, payment_id: UUID) -> Payment:
    """A new attempt, or the one that is under way. Its calls may be repeated until the lease ends."""
    payment = await locked(tx, payment_id)
    if payment.status not in UNPAID:
        return payment
    if payment.working_until and payment.working_until > tx.clock.now():
        return await tx.one(queries.extend, id=payment.id, lease=LEASE)
    return await tx.one(queries.lease, id=payment.id, lease=LEASE, attempt=payment.attempt + 1)


async def _attempt(
    db: Database, actor: Actor, gateway: PaymentGateway, payment: Payment, method: str | None
) -> Payment:
    assert payment.intent_id is not None
    try:
        seen = await gateway.confirm(payment.intent_id, key=f"{payment.id}:confirm:{payment.attempt}", method=method)
    except PaymentRefused as refused:
        await _refused(db, actor, payment, refused)
        raise
    except KeyReused as error:
        raise UnderWay from error
    except InvalidState:
        return _final((await advance(db, actor, gateway, payment.id, attempt=payment.attempt)).payment)
    return await _home(db, actor, gateway, payment, seen)


async def _home(db: Database, actor: Actor, gateway: PaymentGateway, payment: Payment, seen: GatewayIntent) -> Payment:
    work = partial(settle, payment_id=payment.id, seen=seen, basis=payment.version, attempt=payment.attempt)
    settled = await db.run(actor.widened(), work)
    if settled.stale:
        settled = await advance(db, actor, gateway, payment.id, attempt=payment.attempt)
    return settled.payment


async def _refused(db: Database, actor: Actor, payment: Payment, refused: PaymentRefused) -> None:
    code = str(refused.details.get("reason", "declined"))
    work = partial(refuse, payment_id=payment.id, attempt=payment.attempt, code=code)
    await db.run(actor.widened(), work)


def _can_be_tried(looked: Settled, method: str | None) -> bool:
    if looked.payment.status not in UNPAID:
        return False
    asks_for_another = looked.seen.state is IntentState.REQUIRES_ACTION and method is not None
    return looked.seen.state in _OPEN or asks_for_another


def _final(payment: Payment, *, wanted: Status | None = None) -> Payment:
    if payment.status is Status.CANCELLED and wanted is not Status.CANCELLED:
        raise InvalidState(payment.status, [Status.PENDING])
    if payment.is_paid and wanted is Status.CANCELLED:
        raise InvalidState(payment.status, sorted(UNPAID))
    return payment
