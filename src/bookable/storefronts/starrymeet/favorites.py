"""What somebody likes, over the wire."""

from uuid import UUID

from bookable.domain import catalogue
from bookable.storefronts.kit import Call, Paging, Router

from .celebrities import CelebritiesData, listed

__all__ = ["router"]

router = Router("Users")


@router.get("/users/me/favorites", CelebritiesData)
async def favorites(call: Call, query: Paging) -> CelebritiesData:
    """The celebrities one likes, the latest first."""
    found = await catalogue.favourites(call.tx, call.actor, page=query.page, limit=query.limit, cursor=query.cursor)
    return listed(found.items, query, found.total, found.next_cursor)


@router.put("/users/me/favorites/{celebrity_id}")
async def like(call: Call, celebrity_id: UUID) -> None:
    """Like a celebrity; twice is once."""
    await catalogue.like(call.tx, call.actor, celebrity_id)


@router.delete("/users/me/favorites/{celebrity_id}")
async def unlike(call: Call, celebrity_id: UUID) -> None:
    """Like a celebrity no more."""
    await catalogue.unlike(call.tx, call.actor, celebrity_id)
