"""Pools of places that are all alike: never more held than there are, and none lost."""

from datetime import datetime
from uuid import UUID

from bookable.kernel.db import Transaction
from bookable.kernel.errors import NotFound
from bookable.kernel.ids import new_id

from .errors import BelowTaken, SoldOut
from .queries import pools as queries
from .records import Places

__all__ = ["open_pool", "places", "resize", "take_from_pool"]


async def open_pool(tx: Transaction, capacity: int) -> UUID:
    """A new pool of `capacity` places."""
    pool_id = new_id()
    await tx.run(queries.add, id=pool_id, capacity=capacity)
    return pool_id


async def take_from_pool(
    tx: Transaction, pool_id: UUID, quantity: int, *, holder_id: UUID, until: datetime | None
) -> UUID:
    """`quantity` places are `holder_id`'s until `until` (None: for good). Raises `SoldOut` when fewer are left.

    Expired holds give their places back before that is said.
    """
    hold_id = new_id()
    new = {"id": hold_id, "pool_id": pool_id, "quantity": quantity, "holder_id": holder_id, "until": until}
    if await tx.run(queries.take, **new):
        return hold_id
    room = await tx.one(queries.lapse, pool_id=pool_id, quantity=quantity)
    if not room or not await tx.run(queries.take, **new):
        raise SoldOut
    return hold_id


async def resize(tx: Transaction, pool_id: UUID, capacity: int) -> None:
    """A pool may grow, and shrink to what is taken: below that raises `BelowTaken` with the figures."""
    if await tx.run(queries.resize, pool_id=pool_id, capacity=capacity):
        return
    await tx.one(queries.lapse, pool_id=pool_id, quantity=0)
    if not await tx.run(queries.resize, pool_id=pool_id, capacity=capacity):
        now = await places(tx, pool_id)
        raise BelowTaken([{"capacity": capacity, "taken": now.taken}])


async def places(tx: Transaction, pool_id: UUID) -> Places:
    """How many there are and how many are taken. Raises `NotFound`."""
    return await tx.one(queries.figures, or_raise=NotFound, pool_id=pool_id)
