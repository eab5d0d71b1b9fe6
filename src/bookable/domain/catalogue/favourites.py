"""What someone likes. Liking twice, or no longer liking what one never did, changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bookable.kernel import cursors
from bookable.kernel.actors import Actor
from bookable.kernel.db import Transaction
from bookable.kernel.errors import Unauthenticated

from .errors import NoSuchListing
from .queries import favourites as queries
from .queries.favourites import Mark

__all__ = ["Favourites", "favourites", "like", "likes_of", "unlike"]


@dataclass(frozen=True, slots=True)
class Favourites:
    """Some of what someone likes, the latest first; how many in all; where the next page begins."""

    items: list[queries.Kept]
    total: int
    next_cursor: str | None


async def like(tx: Transaction, actor: Actor, listing_id: UUID) -> None:
    """Raises `NoSuchListing`."""
    await tx.one(queries.add, user_id=_me(actor), listing_id=listing_id, or_raise=NoSuchListing)


async def unlike(tx: Transaction, actor: Actor, listing_id: UUID) -> None:
    """Of anything, liked or not, there or not."""
    await tx.run(queries.remove, user_id=_me(actor), listing_id=listing_id)


async def favourites(
    tx: Transaction, actor: Actor, *, page: int = 1, limit: int = 20, cursor: str | None = None
) -> Favourites:
    """The active listings that the caller likes."""
    me = _me(actor)
    if cursor is None:
        rows = await tx.all(queries.page(continued=False), user_id=me, limit=limit + 1, offset=(page - 1) * limit)
    else:
        liked_at, listing_id = cursors.after(cursor, "favourites", tuple[datetime, UUID])
        rows = await tx.all(
            queries.page(continued=True), user_id=me, limit=limit + 1, liked_at=liked_at, listing_id=listing_id
        )
    total = await tx.one(queries.count, user_id=me)
    last = rows[limit - 1] if len(rows) > limit else None
    return Favourites(rows[:limit], total, cursors.cursor("favourites", last.liked_at, last.id) if last else None)


async def likes_of(tx: Transaction, user_id: UUID) -> list[Mark]:
    """Everything somebody likes, for their export."""
    return await tx.all(queries.every, user_id=user_id)


def _me(actor: Actor) -> UUID:
    if actor.id is None:
        raise Unauthenticated
    return actor.id
