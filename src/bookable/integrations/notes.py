"""Notes on calls half done, under our own key, for providers that know none: the first note under a key stands."""

from typing import Any
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database

from . import queries

__all__ = ["Notes"]

_outside = Actor.nobody(UUID(int=0))
"""What is noted belongs to a call, not to a tenant."""


class Notes:
    """One provider's notes, shared by every process and kept when it ends."""

    def __init__(self, db: Database, provider: str) -> None:
        self._db = db
        self._provider = provider

    async def of(self, key: str) -> dict[str, Any] | None:
        """What was noted under the key, or None."""
        async with self._db.transaction(_outside) as tx:
            return await tx.first(queries.note, provider=self._provider, key=key)

    async def keep(self, key: str, noted: dict[str, Any]) -> dict[str, Any]:
        """Note it, unless somebody was faster; answers what is noted."""
        async with self._db.transaction(_outside) as tx:
            await tx.run(queries.add, provider=self._provider, key=key, noted=noted)
            return await tx.one(queries.note, provider=self._provider, key=key)

    async def begin(self, key: str, noted: dict[str, Any]) -> bool:
        """Note it; False where something was noted under the key before."""
        async with self._db.transaction(_outside) as tx:
            return bool(await tx.run(queries.add, provider=self._provider, key=key, noted=noted))
