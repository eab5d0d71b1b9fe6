"""Trouble to order: the next calls to a sandbox provider go wrong in the way that was asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import DomainError, FieldError, Unavailable

from . import fault_queries as queries

__all__ = ["PROVIDERS", "Faults", "Mode", "strike"]

PROVIDERS = frozenset({"stripe", "plaid", "oauth", "airline", "mail", "push", "telegram", "objects"})

_SLOW = 3.0
_PATIENCE = 2.0
_outside = Actor.nobody(UUID(int=0))


class Mode(StrEnum):
    """How a call goes wrong."""

    DOWN = "down"  # refused at once, nothing happened
    TIMEOUT = "timeout"  # no answer for a while, nothing happened
    SLOW = "slow"  # all is well, three seconds later
    ERROR_AFTER_EFFECT = "error-after-effect"  # it happened, and its answer is an error


class Faults:
    """The tester's side: what is ordered for a provider replaces what was ordered before."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def order(self, provider: str, mode: str, times: int) -> None:
        """The next `times` calls to `provider` go wrong. Raises `ValidationFailed` for one that there is not."""
        if provider not in PROVIDERS:
            raise FieldError("provider", f"must be one of {', '.join(sorted(PROVIDERS))}")
        if mode not in set(Mode):
            raise FieldError("mode", f"must be one of {', '.join(Mode)}")
        async with self._db.transaction(_outside) as tx:
            await tx.run(queries.order, provider=provider, mode=mode, times=times)

    async def clear(self) -> None:
        """All is well again."""
        async with self._db.transaction(_outside) as tx:
            await tx.run(queries.clear)


@asynccontextmanager
async def strike(db: Database, provider: str) -> AsyncIterator[None]:
    """The provider's side: `async with strike(db, "mail"): …the effect, committed inside…`.

    Raises `Unavailable` before the effect, or after it, as ordered. Each call uses up one.
    """
    async with db.transaction(_outside) as tx:
        mode = await tx.first(queries.take, provider=provider)
    if mode == Mode.DOWN:
        raise Unavailable(retry_after=1)
    if mode == Mode.TIMEOUT:
        await asyncio.sleep(_PATIENCE)
        raise Unavailable(retry_after=1)
    if mode == Mode.SLOW:
        await asyncio.sleep(_SLOW)
    try:
        yield
    except DomainError as refused:
        if mode == Mode.ERROR_AFTER_EFFECT:
            raise Unavailable(retry_after=1) from refused
        raise
    if mode == Mode.ERROR_AFTER_EFFECT:
        raise Unavailable(retry_after=1)
