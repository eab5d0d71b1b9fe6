"""The hash chain: what was sealed can't be changed without showing.

A batch takes the movements that are there and not sealed yet, in the order of their ids; so nobody who writes
ever waits for the chain, and one that commits late is in a later batch. A movement's digest is the SHA-256 of
its canonical JSON; a batch's hash is the SHA-256 of the hash before it, its number, and its digests in order.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction

from . import queries
from .records import Movement

__all__ = ["GENESIS", "digest", "link", "seal"]

GENESIS = bytes(32)
"""What stands before the first batch."""

_BATCH = 1000
_DAY_MS = 86_400_000


def digest(movement: Movement) -> bytes:
    """SHA-256 over the movement as canonical JSON: sorted keys, no spaces, UTC to the microsecond."""
    told = {name: getattr(movement, name) for name in Movement.__struct_fields__}
    told["moved_at"] = movement.moved_at.astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).digest()


def link(previous: bytes, number: int, digests: Iterable[bytes]) -> bytes:
    """The hash of a batch."""
    return hashlib.sha256(previous + number.to_bytes(8, "big") + b"".join(digests)).digest()


async def seal(db: Database, system: Actor) -> int:
    """Seal what is not sealed yet; answers how many movements. Two at once: the second does nothing."""
    sealed = 0
    while True:
        added = await db.run(system, _seal_one)
        sealed += added
        if added < _BATCH:
            return sealed


async def _seal_one(tx: Transaction) -> int:
    if not await tx.one(queries.lock):
        return 0
    found = await tx.all(queries.unsealed, after=await _floor(tx), limit=_BATCH)
    if not found:
        return 0
    last = await tx.first(queries.last_batch)
    number, previous = (last.number + 1, last.hash) if last else (1, GENESIS)
    digests = [digest(m) for m in found]
    made = link(previous, number, digests)
    await tx.run(queries.add_batch, number=number, previous_hash=previous, hash=made, movements=len(found))
    rows = [
        {"movement_id": m.id, "batch": number, "position": i, "digest": d}
        for i, (m, d) in enumerate(zip(found, digests, strict=True))
    ]
    await tx.run_many(queries.add_sealed, rows)
    return len(found)


async def _floor(tx: Transaction) -> UUID:
    """Where to begin looking: a day before the newest that is sealed. No transaction stays open for a day."""
    newest = await tx.first(queries.last_sealed)
    milliseconds = (newest.int >> 80) - _DAY_MS if newest else 0
    return UUID(int=max(milliseconds, 0) << 80)
