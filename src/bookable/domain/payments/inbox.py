"""Webhooks: stored before they are answered, one row an event, and then worked off in any order.

An event is only a reason to look: what counts is what the provider says when it is asked.
"""

from functools import partial
from uuid import UUID

import msgspec

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import NotFound
from bookable.kernel.jobs import defer

from . import accounting, queries
from .opening import keep
from .ports import GatewayEvent, PaymentGateway
from .records import Payment
from .refunding import fetch_refunds
from .settling import advance, locked

__all__ = ["HANDLE_EVENT", "handle_event", "receive"]

HANDLE_EVENT = "payments.handle_event"

_DISPUTE = "charge.dispute."
_DISPUTES_OPENED = ("charge.dispute.created", "charge.dispute.funds_withdrawn")


async def receive(
    db: Database, gateway: PaymentGateway, tenant_id: UUID, body: bytes, signature: str | None, *, secret: str
) -> bool:
    """Keep the event and have it handled; when this returns it is kept for good. False: it was there already.

    Raises `InvalidSignature` (nothing is stored) or `Malformed`.
    """
    event = gateway.verify(body, signature, secret=secret)
    async with db.transaction(Actor.system(tenant_id)) as tx:
        added = await tx.run(
            queries.store_event,
            provider=gateway.name,
            event_id=event.id,
            type=event.type,
            intent_id=event.intent_id,
            event=msgspec.to_builtins(event),
        )
        if added:
            defer(tx, HANDLE_EVENT, event_id=event.id)
    return added == 1


async def handle_event(db: Database, system: Actor, gateway: PaymentGateway, event_id: str) -> str:
    """Do what the event asks for; answers the outcome in a word. Handled before: nothing happens.

    Raises `Unavailable` when the provider can't be asked: to be tried again.
    """
    async with db.transaction(system) as tx:
        row = await tx.one(queries.event, provider=gateway.name, event_id=event_id)
    if row.handled_at is not None:
        return "handled before"
    outcome = await _handle(db, system, gateway, msgspec.convert(row.event, GatewayEvent))
    async with db.transaction(system) as tx:
        await tx.run(queries.handled, provider=gateway.name, event_id=event_id, outcome=outcome)
    return outcome


async def _handle(db: Database, system: Actor, gateway: PaymentGateway, event: GatewayEvent) -> str:
    if event.account is not None:
        return await _account(db, system, gateway, event)
    if event.type == "payout.paid":
        return await _payout(db, system, gateway, event)
    if event.intent_id is None:
        return "nothing to do"
    payment_id = await _payment_of(db, system, gateway, event)
    if payment_id is None:
        return "not ours"
    settled = await advance(db, system, gateway, payment_id)
    if settled.seen.refunded != settled.payment.refunded_cents or "refund" in event.type:
        await fetch_refunds(db, system, gateway, settled.payment)
    if event.type.startswith(_DISPUTE):
        await db.run(system, partial(_dispute, payment_id=payment_id, event=event))
    return "settled"


async def _payment_of(db: Database, system: Actor, gateway: PaymentGateway, event: GatewayEvent) -> UUID | None:
    async with db.transaction(system) as tx:
        found = await tx.first(queries.of_provider, provider=gateway.name, intent_id=event.intent_id)
    return found or await _adopted(db, system, gateway, event)


async def _adopted(db: Database, system: Actor, gateway: PaymentGateway, event: GatewayEvent) -> UUID | None:
    """The payment whose intent this is, although we never learnt so: the answer to its creation was lost."""
    named = _uuid(event.metadata.get("payment_id"))
    if named is None or event.intent_id is None:
        return None
    async with db.transaction(system) as tx:
        payment: Payment | None = await tx.first(queries.by_id, id=named)
    if payment is None or payment.intent_id is not None:
        return None
    try:
        made = await gateway.intent(event.intent_id)
    except NotFound:
        return None
    if made.metadata.get("payment_id") != str(named) or made.amount != payment.amount:
        return None
    kept = await keep(db, system, gateway, named, made)
    return named if kept.payment.intent_id == made.id else None


async def _dispute(tx: Transaction, *, payment_id: UUID, event: GatewayEvent) -> None:
    """The debit when it is opened, its reverse when it is won; each once, whichever is heard of first."""
    won = event.status == "won"
    if event.amount is None or not (won or event.type in _DISPUTES_OPENED):
        return
    payment = await locked(tx, payment_id)
    amount = event.amount.amount
    if await accounting.disputed(tx, payment, event.object_id, amount, won=won):
        await tx.run(queries.count_disputed, id=payment.id, amount=-amount if won else amount)


async def _account(db: Database, system: Actor, gateway: PaymentGateway, event: GatewayEvent) -> str:
    account = event.account
    assert account is not None
    async with db.transaction(system) as tx:
        told = await tx.run(
            queries.tell_account,
            provider=gateway.name,
            account_id=account.id,
            payee=event.metadata.get("payee"),
            charges_enabled=account.charges_enabled,
            payouts_enabled=account.payouts_enabled,
            told_at=event.created,
        )
    return "told" if told else "old news"


async def _payout(db: Database, system: Actor, gateway: PaymentGateway, event: GatewayEvent) -> str:
    if event.amount is None:
        return "nothing to do"
    async with db.transaction(system) as tx:
        payee = event.metadata.get("payee")
        if payee is None and event.account_id is not None:
            payee = await tx.first(queries.payee_of, provider=gateway.name, account_id=event.account_id)
            if payee is None:
                return "not ours"
        booked = await accounting.paid_out(tx, gateway.name, event.object_id, system.tenant_id, event.amount, payee)
    return "booked" if booked else "booked before"


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
