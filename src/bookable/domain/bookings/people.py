"""What becomes of bookings when the people in them register, change places, or leave."""

from bookable.domain import catalogue, identity, payments
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction

from .errors import MeetingsAhead
from .queries import people, reading
from .queries import writing as queries

__all__ = ["adopt", "follow_listing", "forget", "refuse_to_leave"]


async def adopt(db: Database, system: Actor, event: identity.EmailVerified) -> None:
    """Whoever has proven that an address is theirs has the bookings that guests made with it, and their payments."""

    async def work(tx: Transaction) -> None:
        user = await identity.get(tx, event.user_id)
        key = identity.comparable_email(user.email)
        for booking in await tx.all(queries.guests_of, contact_key=key):
            await tx.run(queries.hand_over, id=booking.id, user_id=user.id)
            await payments.hand_over(tx, old_owner=booking.owner_id, new_owner=user.id)

    await db.run(system, work)


async def follow_listing(db: Database, system: Actor, event: catalogue.ListingOwnerChanged) -> None:
    """A listing's bookings are its owner's to see, whoever that is by now."""

    async def work(tx: Transaction) -> None:
        listing = await catalogue.find(tx, event.listing_id, even_inactive=True)
        await tx.run(queries.set_provider, listing_id=listing.id, provider_id=listing.owner_id)

    await db.run(system, work)


async def refuse_to_leave(tx: Transaction, event: identity.UserLeaving) -> None:
    """Nobody leaves with meetings ahead. Raises `MeetingsAhead`, which says which."""
    ahead = await tx.all(reading.ahead_of, user_id=event.user_id)
    if ahead:
        raise MeetingsAhead(details={"bookings": ahead})


async def forget(tx: Transaction, event: identity.UserDeleted) -> None:
    """What somebody left of themselves in their bookings goes; what accounting must keep stays."""
    await tx.run(people.anonymise, user_id=event.user_id)
