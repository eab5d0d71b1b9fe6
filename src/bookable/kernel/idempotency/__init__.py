"""A write that comes twice under one key happens once: the second gets the first one's answer.

The key is claimed before the work and committed; the answer is kept in the work's own transaction, so there is no
moment at which one is there without the other. Whoever is lost between the two (a killed process) loses the claim at
once, or after `LEASE` where nobody can see that it is lost, and the same key carries on. Semantics:
draft-ietf-httpapi-idempotency-key-header, and Stripe's.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Conflict, DomainError, Kind, Unavailable
from bookable.kernel.ids import new_id
from bookable.kernel.security.sealing import Bound, Sealer

from . import queries
from .queries import Kept

__all__ = [
    "KEPT",
    "LEASE",
    "Claim",
    "InProgress",
    "Kept",
    "KeyReused",
    "body_of",
    "claim",
    "forget_older",
    "keep",
    "let_go",
]

KEPT = timedelta(hours=72)
LEASE = timedelta(seconds=30)
"""Longer than a request usually may take; a key that is claimed longer belongs to nobody any more, and so does one
whose process the database has seen end (`kernel.db.presence`). Somebody who was only slow, or only cut off, can't do
harm: `keep` finds the claim lost, and what they did is undone."""


class KeyReused(DomainError):
    """The key was used before, for something else."""

    kind = Kind.INVALID
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "This Idempotency-Key was used before with a different request."


class InProgress(Conflict):
    """The first request under this key is still being worked on."""

    code = "IDEMPOTENCY_IN_PROGRESS"
    message = "A request with this Idempotency-Key is still in progress."


def _place(tenant_id: UUID, attempt: UUID) -> Bound:
    """Where a kept body is sealed to: answers hold tokens and addresses, and are kept for days."""
    return Bound("idempotency_keys", attempt, "body", tenant_id)


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt's right to answer under a key. `work_id` is the same in every attempt at the same work.

    So what an attempt makes in a transaction of its own, before its answer can be kept, is made under that id: the
    next attempt finds it, and goes on from there.
    """

    tenant_id: UUID
    principal: str
    route: str
    key: str
    attempt: UUID
    work_id: UUID

    def named(self) -> dict[str, object]:
        """The claim as the parameters of a statement."""
        return {
            "tenant_id": self.tenant_id,
            "principal": self.principal,
            "route": self.route,
            "key": self.key,
        }


async def claim(
    db: Database, tenant_id: UUID, *, principal: str, route: str, key: str, fingerprint: bytes
) -> Claim | Kept:
    """The right to do the work, or the answer that it got before.

    Raises `KeyReused` when the key stands for another request, `InProgress` while the first one is under way.
    """
    attempt = new_id()
    mine = Claim(tenant_id, principal, route, key, attempt, attempt)
    try:
        kept = await _claimed(db, mine, fingerprint)
    except Unavailable:  # the claim may be there, though its commit was not acknowledged
        _let_go_later(db, mine)
        raise
    if isinstance(kept, Claim):
        return kept
    if kept is None or (kept.status is None and kept.fingerprint == fingerprint):
        raise InProgress(retry_after=1)
    if kept.fingerprint != fingerprint:
        raise KeyReused
    return kept


async def keep(
    tx: Transaction, mine: Claim, sealer: Sealer, *, status: int, headers: dict[str, str], body: bytes
) -> None:
    """The answer, for whoever comes again with the same key; its body is sealed.

    Raises `InProgress` when the claim was lost meanwhile, to somebody who thought us dead: then this transaction
    must not commit, for theirs will, or has.
    """
    kept = await tx.run(
        queries.keep,
        **mine.named(),
        attempt=mine.attempt,
        answer_status=status,
        answer_headers=headers,
        answer_body=sealer.seal(body, aad=_place(mine.tenant_id, mine.attempt)),
    )
    if not kept:
        raise InProgress(retry_after=1)


def body_of(tenant_id: UUID, kept: Kept, sealer: Sealer) -> bytes:
    """The answer's body as it was. Raises `SealBroken` when it is not what was kept."""
    return sealer.open(kept.body or b"", aad=_place(tenant_id, kept.attempt))


async def _claimed(db: Database, mine: Claim, fingerprint: bytes) -> Claim | Kept | None:
    """The claim itself when it was won, otherwise what is there."""
    async with db.transaction(Actor.system(mine.tenant_id)) as tx:
        won = await tx.first(
            queries.claim,
            **mine.named(),
            fingerprint=fingerprint,
            attempt=mine.attempt,
            holder=db.presence.shown,
            process=db.presence.key,
            lease_seconds=LEASE.total_seconds(),
            kept_seconds=KEPT.total_seconds(),
        )
        if won is not None:
            return replace(mine, work_id=won)
        return await tx.first(queries.present, **mine.named())


async def let_go(db: Database, mine: Claim) -> None:
    """The work did not come to an end that counts: the same key may start again at once.

    Where the database is away, which may be why, the key is let go when it is back.
    """
    try:
        await _let_go(db, mine)
    except Unavailable:
        _let_go_later(db, mine)


async def _let_go(db: Database, mine: Claim) -> None:
    async with db.transaction(Actor.system(mine.tenant_id)) as tx:
        await tx.run(queries.let_go, **mine.named(), attempt=mine.attempt)


_leaving: set[asyncio.Task[None]] = set()


def _let_go_later(db: Database, mine: Claim) -> None:
    task = asyncio.create_task(_until_let_go(db, mine))
    _leaving.add(task)
    task.add_done_callback(_leaving.discard)


async def _until_let_go(db: Database, mine: Claim) -> None:
    """Once a second for as long as the claim holds; after that it is nobody's anyway."""
    for _ in range(int(LEASE.total_seconds())):
        await asyncio.sleep(1)
        with suppress(Unavailable):
            return await _let_go(db, mine)
    return None


async def forget_older(db: Database, system: Actor) -> int:
    """Drop keys whose time is over; run daily."""
    async with db.transaction(system) as tx:
        return await tx.run(queries.forget_older, kept_seconds=KEPT.total_seconds())
