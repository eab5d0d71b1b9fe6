"""Where the sandbox's intents live: each change is one transaction with its answer, its events and what comes later."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from bookable.domain.payments.ports import IntentState, KeyReused
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.ids import new_id
from bookable.kernel.jobs import defer

from . import queries, wire
from .intents import Intent, Returned

__all__ = ["ACT", "DELIVER", "NOBODY", "Told", "change", "load", "once", "outside", "redeliver", "save_new"]

DELIVER = "sandbox.deliver"
ACT = "sandbox.act"
NOBODY = UUID(int=0)
"""Whose intents are when no tenant was named: nobody hears of them."""

outside = Actor.nobody(NOBODY)
"""A provider stands outside the tenants; its tables are under no policy."""

_BANK_TAKES = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Told:
    """How webhooks go out: each is sent `1 + duplicate` times, after the delay."""

    duplicate: int = 0
    delay: timedelta = timedelta(0)


async def once(
    db: Database, key: str, question: dict[str, Any], deed: Callable[[Transaction], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    """What `deed` answers; the same answer for the same key and question for a day. Raises `KeyReused`.

    A deed that raises has not happened, and its key is free again.
    """
    text = json.dumps(question, sort_keys=True, default=str)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()

    async def work(tx: Transaction) -> dict[str, Any]:
        await tx.run(queries.forget, used=key)
        if not await tx.run(queries.claim, used=key, fingerprint=fingerprint):
            before = await tx.one(queries.answer, used=key)
            if before.fingerprint != fingerprint:
                raise KeyReused
            return before.answer
        given = await deed(tx)
        await tx.run(queries.keep, used=key, given=given)
        return given

    return await db.run(outside, work)


async def load(tx: Transaction, intent_id: str, *, to_change: bool = False) -> Intent:
    """Raises `NotFound`."""
    found = await tx.one(queries.locked if to_change else queries.intent, intent_id=intent_id)
    return msgspec.convert(found, Intent)


async def save_new(tx: Transaction, intent: Intent) -> None:
    """The intent, and the event that tells of it."""
    owner = _owner(intent)
    await tx.run(queries.add_intent, intent_id=intent.id, owner=owner, state=msgspec.to_builtins(intent))
    await _tell(tx, intent, ["payment_intent.created"], Told())


async def change(
    tx: Transaction, intent: Intent, events: Sequence[str], told: Told | None = None, *, refund: Returned | None = None
) -> None:
    """Keep what the intent has become, send its events, and have come what follows by itself."""
    if not events:
        return
    await tx.run(queries.save, intent_id=intent.id, changed=msgspec.to_builtins(intent))
    await _tell(tx, intent, events, told or Told(), refund=refund)
    if intent.state is IntentState.PROCESSING:
        _later(tx, intent, "succeed", tx.clock.now() + _BANK_TAKES)
    until = intent.charge.capture_before if intent.charge else None
    if intent.state is IntentState.REQUIRES_CAPTURE and until:
        _later(tx, intent, "expire-authorization", datetime.fromtimestamp(until, UTC))


async def redeliver(tx: Transaction, intent: Intent, kind: str, told: Told) -> None:
    """Send the newest event of that kind again, as a duplicate; nothing when there is none."""
    owner = _owner(intent)
    found = await tx.first(queries.latest, owner=owner, about=f'"{intent.id}"', kind=f'"type": "{kind}"')
    for _ in range(told.duplicate if found else 0):
        _send(tx, owner, str(found), told)


async def _tell(
    tx: Transaction, intent: Intent, events: Sequence[str], told: Told, *, refund: Returned | None = None
) -> None:
    owner = _owner(intent)
    for kind in events:
        event_id, body = wire.event(kind, intent, int(tx.clock.now().timestamp()), refund=refund)
        delivery_id = new_id()
        await tx.run(queries.add_delivery, delivery_id=delivery_id, owner=owner, event_id=event_id, body=body)
        for _ in range(1 + told.duplicate):
            _send(tx, owner, str(delivery_id), told)


def _send(tx: Transaction, owner: UUID, delivery_id: str, told: Told) -> None:
    at = tx.clock.now() + told.delay if told.delay else None
    if owner != NOBODY:
        defer(tx, DELIVER, at=at, tenant_id=str(owner), delivery_id=delivery_id)


def _later(tx: Transaction, intent: Intent, act: str, at: datetime) -> None:
    owner = _owner(intent)
    if owner != NOBODY:
        defer(tx, ACT, at=at, tenant_id=str(owner), intent_id=intent.id, act=act)


def _owner(intent: Intent) -> UUID:
    return UUID(intent.tenant_id) if intent.tenant_id else NOBODY
