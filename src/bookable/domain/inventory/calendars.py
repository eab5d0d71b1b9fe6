"""Time taken freely from a calendar: two takings never overlap, and what only touches does not."""

from datetime import datetime
from typing import Any
from uuid import UUID

from bookable.kernel.db import Transaction
from bookable.kernel.ids import new_id

from .errors import SlotTaken
from .queries import calendars as queries
from .queries import holders

__all__ = ["move", "take"]


async def take(
    tx: Transaction,
    calendar_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    *,
    holder_id: UUID,
    until: datetime | None,
    time_zone: str = "UTC",
) -> UUID:
    """`[starts_at, ends_at)` is `holder_id`'s until `until` (None: for good). Raises `SlotTaken`.

    Holds that have lapsed are no hindrance, whether or not anyone has written that down.
    """
    asked: dict[str, Any] = {"calendar_id": calendar_id, "starts_at": starts_at, "ends_at": ends_at}
    new = {**asked, "id": new_id(), "holder_id": holder_id, "until": until, "time_zone": time_zone}
    taken = await tx.first(queries.take, **new)
    if taken is None and await tx.one(queries.lapse, **asked):
        taken = await tx.first(queries.take, **new)
    if taken is None:
        raise SlotTaken
    return taken


async def move(
    tx: Transaction,
    calendar_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    *,
    holder_id: UUID,
    until: datetime | None,
) -> UUID:
    """The one time that `holder_id` has in this calendar becomes another, or stays when that raises `SlotTaken`."""
    await tx.one(queries.lock, calendar_id=calendar_id)
    async with tx.savepoint():
        await tx.run(holders.vacate, holder_id=holder_id)
        return await take(tx, calendar_id, starts_at, ends_at, holder_id=holder_id, until=until)
