"""What a holder has, of whatever sort: made theirs for good, given back, or taken again after it lapsed."""

from datetime import datetime
from uuid import UUID

from bookable.kernel.db import Transaction

from .calendars import take
from .days import Window
from .pools import take_from_pool
from .queries import holders, pools, slots
from .records import Claim, Mismatch
from .slots import take_in_slot

__all__ = ["firm_up", "mismatches", "release", "retake"]


async def firm_up(tx: Transaction, holder_id: UUID) -> bool:
    """What `holder_id` holds is theirs for good; False when some of it has meanwhile gone to others.

    A hold that is over by the clock still counts while nobody has taken what it held.
    """
    return await tx.one(holders.firm_up, holders=[holder_id])


async def release(tx: Transaction, *holder_ids: UUID) -> int:
    """Everything these hold goes back where it came from, once only; answers how many claims."""
    return await tx.one(holders.release, holders=sorted(set(holder_ids)))


async def retake(tx: Transaction, holder_id: UUID, *, until: datetime | None = None) -> None:
    """Exactly what `holder_id` had until it lapsed is theirs again, all of it; raises `SlotTaken` or `SoldOut`.

    Where that raises, nothing has changed.
    """
    time = await tx.all(holders.lapsed_time, holder_id=holder_id)
    places = await tx.all(holders.lapsed_places, holder_id=holder_id)
    async with tx.savepoint():
        await tx.run(holders.forget_time, holder_id=holder_id)
        await tx.run(holders.forget_places, holder_id=holder_id)
        for claim in time:
            await _take_again(tx, claim, holder_id, until)
        for place in places:
            await take_from_pool(tx, place.pool_id, place.quantity, holder_id=holder_id, until=until)


async def _take_again(tx: Transaction, claim: Claim, holder_id: UUID, until: datetime | None) -> None:
    start, end = claim.starts_at, claim.ends_at
    if claim.slot_day is None or claim.slot is None:
        await take(tx, claim.calendar_id, start, end, holder_id=holder_id, until=until, time_zone=claim.time_zone)
    else:
        exactly = Window(claim.calendar_id, claim.time_zone, claim.slot_day, claim.slot, start, end)
        await take_in_slot(tx, exactly, end - start, holder_id=holder_id, until=until)


async def mismatches(tx: Transaction) -> list[Mismatch]:
    """Every counter that differs from a recount of the rows behind it: always none."""
    return [*await tx.all(slots.mismatches), *await tx.all(pools.mismatches)]
