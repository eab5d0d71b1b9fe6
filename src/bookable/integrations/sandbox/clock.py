"""The sandbox's clock: one row, followed by every process, so that tomorrow comes for all of them at once."""

from datetime import timedelta
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database

from . import clock_queries as queries

__all__ = ["follow", "save"]

_NOBODY = Actor.system(UUID(int=0))


async def save(db: Database, offset: timedelta) -> None:
    """Make the offset everyone's."""
    async with db.transaction(_NOBODY) as tx:
        await tx.run(queries.save, offset_seconds=offset.total_seconds())
        await tx.first(queries.tell_everyone)


async def follow(db: Database, clock: Clock) -> None:
    """Set this process's clock as everyone's is."""
    async with db.transaction(_NOBODY) as tx:
        seconds = await tx.first(queries.present)
    clock.offset = timedelta(seconds=seconds or 0)
