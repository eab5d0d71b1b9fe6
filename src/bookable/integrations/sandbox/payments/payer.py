"""The one at the other end: the payer, and the payer's bank. Each act sends signed webhooks to our own endpoint."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from uuid import UUID

from bookable.integrations import signatures
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import NotFound, Unavailable

from . import queries, store
from .intents import Intent
from .store import Told

__all__ = ["ACTS", "Payer", "Send"]

Send = Callable[[UUID, bytes, Mapping[str, str]], Awaitable[int]]
"""`await send(tenant_id, body, headers)` brings a webhook to the tenant's endpoint and answers its status."""

ACTS = {
    "succeed": "payment_intent.succeeded",
    "fail": "payment_intent.payment_failed",
    "authenticate": "payment_intent.succeeded",
    "expire-authorization": "payment_intent.canceled",
    "dispute": "charge.dispute.created",
}
"""What the payer can do, and the event that tells of it."""


class Payer:
    """What is so already stays so, and no new event tells of it; with `duplicate` the old one is sent again."""

    def __init__(self, db: Database, secret: str, send: Send | None = None) -> None:
        self._db = db
        self._secret = secret
        self._send = send

    async def act(self, intent_id: str, act: str, *, duplicate: int = 0, delay_seconds: float = 0) -> str:
        """Answers the intent's state. Raises `NotFound` (also for an act there is not) and `InvalidState`.

        The webhook comes `1 + duplicate` times, after the delay.
        """
        if act not in ACTS:
            raise NotFound
        told = Told(duplicate, timedelta(seconds=delay_seconds))
        return await self._db.run(store.outside, partial(_act, intent_id=intent_id, act=act, told=told))

    async def follow_up(self, db: Database, system: Actor, *, intent_id: str, act: str) -> None:
        """The job behind what comes by itself: a slow bank says yes, a hold lapses. Overtaken: nothing happens."""
        await db.run(store.outside, partial(_act, intent_id=intent_id, act=act, told=Told(), by_itself=True))

    async def deliver(self, db: Database, system: Actor, *, delivery_id: str) -> None:
        """The job behind each webhook. Raises `Unavailable` unless it was answered 2xx: to be tried again."""
        assert self._send is not None
        async with db.transaction(store.outside) as tx:
            found = await tx.one(queries.delivery, delivery_id=UUID(delivery_id))
        signature = signatures.sign(found.body, self._secret, int(db.clock.real().timestamp()))
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json; charset=utf-8"}
        status = await self._send(found.tenant_id, found.body, headers)
        if not 200 <= status < 300:
            raise Unavailable(f"The webhook was answered {status}.", retry_after=1)
        async with db.transaction(store.outside) as tx:
            await tx.run(queries.delivered, delivery_id=found.id)


async def _act(tx: Transaction, *, intent_id: str, act: str, told: Told, by_itself: bool = False) -> str:
    intent = await store.load(tx, intent_id, to_change=True)
    if by_itself and intent.state != _WAITS[act]:
        return intent.state
    events = _deed(intent, act, int(tx.clock.now().timestamp()))
    await store.change(tx, intent, events, told)
    if not events:
        await store.redeliver(tx, intent, ACTS[act], told)
    return intent.state


_WAITS = {"succeed": "processing", "expire-authorization": "requires_capture"}


def _deed(intent: Intent, act: str, now: int) -> list[str]:
    if act == "succeed":
        return intent.succeed(now)
    if act == "fail":
        return intent.fail()
    if act == "authenticate":
        return intent.authenticate(now)
    if act == "dispute":
        return intent.dispute()
    return intent.cancel(lapsed=True)
