"""Saying how it was: once for each booking, by its customer, after it took place; in the average at once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from bookable.domain import bookings, catalogue, identity
from bookable.kernel import cursors
from bookable.kernel.db import Transaction
from bookable.kernel.errors import ValidationFailed
from bookable.kernel.events import publish
from bookable.kernel.ids import new_id

from . import queries
from .errors import AlreadyReviewed
from .events import ReviewPosted
from .records import Drift, Order, Page, Review

__all__ = ["drift", "export", "forget", "of_listing", "post"]

_NOBODY = "Former member"
_LONGEST = {"title": 120, "comment": 4_000}


async def post(
    tx: Transaction, booking: UUID | str, *, rating: int, title: str | None = None, comment: str | None = None
) -> Review:
    """The transaction's actor says how their booking was, in 1 to 5 stars and words.

    Raises `NoSuchBooking` to all but its customer, `InvalidState` before it is completed, `AlreadyReviewed`,
    `ValidationFailed`.
    """
    _check(rating, title=title, comment=comment)
    about = await bookings.reviewable(tx, booking)
    first_name, initial = await _author(tx, about)
    review = await tx.one(
        queries.add,
        or_raise=AlreadyReviewed,
        id=new_id(),
        booking_id=about.id,
        listing_id=about.listing_id,
        author_id=about.owner_id,
        author_first_name=first_name,
        author_initial=initial,
        rating=rating,
        title=_tidy(title),
        comment=_tidy(comment),
    )
    await catalogue.rate(tx, review.listing_id, rating)
    await publish(tx, ReviewPosted(review_id=review.id, listing_id=review.listing_id, booking_id=review.booking_id))
    return review


async def of_listing(
    tx: Transaction,
    listing: UUID | str,
    *,
    order: Order = Order.NEWEST,
    page: int = 1,
    limit: int = 20,
    cursor: str | None = None,
) -> Page:
    """An active listing's reviews, and what all of them say. Raises `NoSuchListing`, `ValidationFailed` on `cursor`."""
    found = await catalogue.find(tx, listing)
    start = {"offset": (page - 1) * limit} if cursor is None else _behind(cursor, order)
    statement = queries.page(order, continued=cursor is not None)
    rows = await tx.all(statement, listing_id=found.id, limit=limit + 1, **start)
    summary = await tx.one(queries.summary, listing_id=found.id)
    return Page(rows[:limit], summary, _end(order, rows[limit - 1]) if len(rows) > limit else None)


async def export(tx: Transaction, user_id: UUID) -> list[Review]:
    """What somebody has said, for them to see."""
    return await tx.all(queries.by_author, author_id=user_id)


async def forget(tx: Transaction, event: identity.UserDeleted) -> None:
    """What they said stays, under nobody's name."""
    await tx.run(queries.anonymise, author_id=event.user_id, name=_NOBODY)


async def drift(tx: Transaction) -> list[Drift]:
    """Listings whose average is not that of their reviews: none, or something is broken."""
    return await tx.all(queries.drift)


async def _author(tx: Transaction, booking: bookings.Booking) -> tuple[str, str]:
    """First name and initial of the last, as they are now; a guest's are those the booking was made under."""
    if booking.user_id is not None:
        user = await identity.get(tx, booking.user_id)
        return user.first_name, user.last_name[:1].upper()
    first, *others = booking.contact_name.split() or [_NOBODY]
    return first, others[-1][:1].upper() if others else ""


def _check(rating: int, **texts: str | None) -> None:
    wrong = {} if 1 <= rating <= 5 else {"rating": "From 1 to 5."}
    for field, text in texts.items():
        if text is not None and (len(text) > _LONGEST[field] or "\0" in text):
            wrong[field] = f"At most {_LONGEST[field]} characters."
    if wrong:
        raise ValidationFailed(wrong)


def _tidy(text: str | None) -> str | None:
    return (text or "").strip() or None


def _behind(cursor: str, order: Order) -> dict[str, Any]:
    if order is Order.NEWEST:
        moment, review_id = cursors.after(cursor, f"reviews {order}", tuple[datetime, UUID])
        return {"after": moment, "after_id": review_id}
    number, review_id = cursors.after(cursor, f"reviews {order}", tuple[int, UUID])
    if not 0 <= number < 2**31:
        raise cursors.broken()
    return {"after": number, "after_id": review_id}


def _end(order: Order, last: Review) -> str:
    place: datetime | int = last.rating
    if order is Order.NEWEST:
        place = last.created_at
    elif order is Order.HELPFUL:
        place = last.helpful_count
    return cursors.cursor(f"reviews {order}", place, last.id)
