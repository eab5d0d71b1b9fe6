"""Looking listings up, and what others tell the catalogue about them."""

from uuid import UUID

from bookable.kernel.db import Transaction

from .errors import NoSuchListing, NoSuchOffer
from .queries import listings as queries
from .records import Bookable, Category, Listing

__all__ = ["bookable", "categories", "count_booking", "featured", "find", "owned_by", "rate"]


async def find(tx: Transaction, name: UUID | str, *, even_inactive: bool = False) -> Listing:
    """The listing by id or by username. Raises `NoSuchListing`, also for one that is not active any more."""
    if isinstance(name, UUID):
        found = await tx.first(queries.by_id, listing_id=name, user_id=tx.actor.id)
    else:
        found = await tx.first(queries.by_username, username=_named(name), user_id=tx.actor.id)
    if found is None or not (found.is_active or even_inactive):
        raise NoSuchListing
    return found


async def bookable(tx: Transaction, listing_id: UUID, offer: str) -> Bookable:
    """One offer of an active listing, with what a booking freezes. Raises `NoSuchListing`, `NoSuchOffer`."""
    found = await tx.first(queries.bookable, listing_id=listing_id, offer=offer)
    if found is None:
        await find(tx, listing_id)
        raise NoSuchOffer
    return found


async def featured(tx: Transaction) -> list[Listing]:
    """Up to 12 that the house shows first, the best rated of them."""
    return await tx.all(queries.featured, user_id=tx.actor.id)


async def categories(tx: Transaction) -> list[Category]:
    """Every category with active listings, by name."""
    return await tx.all(queries.categories)


async def owned_by(tx: Transaction, user_id: UUID) -> list[Listing]:
    """What somebody acts for, active or not."""
    return await tx.all(queries.by_owner, owner_id=user_id, user_id=tx.actor.id)


async def rate(tx: Transaction, listing_id: UUID, stars: int) -> None:
    """One more rating: in the listing's average from this transaction on. Raises `NoSuchListing`."""
    if not await tx.run(queries.rate, listing_id=listing_id, stars=stars):
        raise NoSuchListing


async def count_booking(tx: Transaction, listing_id: UUID, *, by: int = 1) -> None:
    """One more booking, or with `by=-1` one fewer: what `popular` sorts by."""
    await tx.run(queries.count_booking, listing_id=listing_id, by=by)


def _named(name: str) -> str:
    return name.strip().lower()[:64].replace("\0", "")
