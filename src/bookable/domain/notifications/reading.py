"""What somebody finds when they look at their notices, and how these are read, exported and forgotten."""

from datetime import datetime
from uuid import UUID

from bookable.domain import bookings
from bookable.kernel.actors import Actor
from bookable.kernel.db import Transaction
from bookable.kernel.errors import NotFound, Unauthenticated

from . import queries
from .records import Notice

__all__ = ["export", "forget", "inbox", "mark_all_read", "mark_read", "unread_count"]


async def inbox(
    tx: Transaction,
    actor: Actor,
    *,
    unread_only: bool = False,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 20,
) -> list[Notice]:
    """The actor's notices, newest first; `before` is `created_at` and `id` of the last one of the page before."""
    at, last = before or (None, None)
    return await tx.all(
        queries.in_app_of, user_id=_person(actor), unread_only=unread_only, before=at, before_id=last, limit=limit
    )


async def unread_count(tx: Transaction, actor: Actor) -> int:
    """How many of the actor's notices are unread."""
    return await tx.one(queries.unread, user_id=_person(actor))


async def mark_read(tx: Transaction, actor: Actor, notice_id: UUID) -> None:
    """Once read, it stays so. Raises NotFound when it is not there or not theirs."""
    if not await tx.run(queries.mark_read, user_id=_person(actor), notification_id=notice_id):
        raise NotFound


async def mark_all_read(tx: Transaction, actor: Actor) -> int:
    """How many were unread until now."""
    return await tx.run(queries.mark_all_read, user_id=_person(actor))


async def export(tx: Transaction, user_id: UUID) -> list[Notice]:
    """All that somebody was told, by whichever channel, oldest first."""
    return await tx.all(queries.everything_of, user_id=user_id)


async def forget(tx: Transaction, user_id: UUID) -> None:
    """Throw away all that was told to somebody; mails that wait are not sent any more.

    What others were told of their bookings stays, without their name and words.
    """
    booked = [booking.id for booking in await bookings.export(tx, user_id)]
    await tx.run(queries.forget, user_id=user_id)
    await tx.run(queries.forget_guest, booking_ids=booked)
    await tx.run(queries.blank, booking_ids=booked)


def _person(actor: Actor) -> UUID:
    if actor.id is None:
        raise Unauthenticated
    return actor.id
