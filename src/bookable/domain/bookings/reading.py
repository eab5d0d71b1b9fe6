"""Looking bookings up, one by one, in lists and in sums, for whoever may see them."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bookable.kernel import cursors
from bookable.kernel.actors import Actor
from bookable.kernel.db import Transaction
from bookable.kernel.errors import InvalidState
from bookable.kernel.security.hashing import token_digest

from .errors import NoSuchBooking
from .policy import Policy
from .queries import reading as queries
from .records import Booking, DayFigures, Page
from .states import Status, allowed

__all__ = ["export", "get", "guest", "list_all", "list_of_listing", "list_own", "reviewable", "stats_by_day"]


async def get(tx: Transaction, name: UUID | str) -> Booking:
    """The booking by id or number, for its customer, its provider, an admin or the house. Raises `NoSuchBooking`."""
    everyone = tx.actor.is_admin or tx.actor.is_system
    as_id = _as_id(name)
    if as_id is not None:
        return await tx.one(queries.by_id, id=as_id, me=tx.actor.id, everyone=everyone, or_raise=NoSuchBooking)
    number = _number(str(name))
    return await tx.one(queries.by_number, number=number, me=tx.actor.id, everyone=everyone, or_raise=NoSuchBooking)


async def guest(tx: Transaction, name: UUID | str, token: str, policy: Policy) -> Actor:
    """Whoever holds the key to this booking, for calls about this booking alone. Raises `NoSuchBooking`.

    Needs a transaction of the house's. The key holds until `policy.guest_access` after the meeting.
    """
    asked = {"digest": token_digest(token), "access": policy.guest_access}
    as_id = _as_id(name)
    if as_id is not None:
        owner = await tx.one(queries.guest, id=as_id, or_raise=NoSuchBooking, **asked)
    else:
        owner = await tx.one(queries.guest_by_number, number=_number(str(name)), or_raise=NoSuchBooking, **asked)
    return Actor.guest(tx.actor.tenant_id, owner)


def _as_id(name: UUID | str) -> UUID | None:
    if isinstance(name, UUID):
        return name
    try:
        return UUID(name)
    except ValueError:
        return None


def _number(name: str) -> str:
    return name.strip().upper()[:40].replace("\0", "")


async def list_own(
    tx: Transaction,
    *,
    statuses: Collection[Status] = (),
    page: int = 1,
    limit: int = 20,
    cursor: str | None = None,
) -> Page:
    """What the transaction's actor has booked, newest first; all of it, or what is in one of `statuses` now."""
    return await _list(tx, {"owner_id": tx.actor.id}, {"owner"}, statuses, page, limit, cursor)


async def list_of_listing(
    tx: Transaction,
    listing_id: UUID,
    *,
    statuses: Collection[Status] = (),
    first: date | None = None,
    last: date | None = None,
    page: int = 1,
    limit: int = 20,
    cursor: str | None = None,
) -> Page:
    """What has been booked of a listing, for days from `first` to `last`; the caller has made sure who asks."""
    given: dict[str, Any] = {"listing_id": listing_id, "first": first, "last": last}
    found = {k: v for k, v in given.items() if v is not None}
    names = {"listing" if k == "listing_id" else k for k in found}
    return await _list(tx, found, names, statuses, page, limit, cursor)


async def list_all(
    tx: Transaction,
    *,
    statuses: Collection[Status] = (),
    page: int = 1,
    limit: int = 20,
    cursor: str | None = None,
) -> Page:
    """Every booking, for admins; the caller has made sure who asks."""
    return await _list(tx, {}, set(), statuses, page, limit, cursor)


async def _list(
    tx: Transaction,
    given: dict[str, Any],
    names: set[str],
    statuses: Collection[Status],
    page: int,
    limit: int,
    cursor: str | None,
) -> Page:
    if statuses:
        given = {**given, "statuses": sorted(s.value for s in statuses)}
        names = names | {"statuses"}
    filters = frozenset(names)
    total = await tx.one(queries.count(filters), **given)
    if cursor is None:
        start: dict[str, Any] = {"offset": (page - 1) * limit}
    else:
        created_at, last_id = cursors.after(cursor, "bookings", tuple[datetime, UUID])
        start = {"after_created_at": created_at, "after_id": last_id}
    rows = await tx.all(queries.page(filters, continued=cursor is not None), **given, **start, limit=limit + 1)
    items = rows[:limit]
    more = cursors.cursor("bookings", items[-1].created_at, items[-1].id) if len(rows) > limit else None
    return Page(items, total, more)


async def reviewable(tx: Transaction, name: UUID | str) -> Booking:
    """The booking, if the transaction's actor is its customer and it took place.

    Raises `NoSuchBooking` to anyone else, `InvalidState` before it is completed.
    """
    booking = await get(tx, name)
    if booking.owner_id != tx.actor.id:
        raise NoSuchBooking
    if booking.status is not Status.COMPLETED:
        raise InvalidState(booking.status.value, allowed(booking.status), "Only a completed meeting can be reviewed.")
    return booking


async def export(tx: Transaction, user_id: UUID) -> list[Booking]:
    """Everything that somebody has booked, oldest first."""
    return await tx.all(queries.of_user, user_id=user_id)


async def stats_by_day(tx: Transaction, days: int = 30) -> list[DayFigures]:
    """The last `days` days (UTC, today included) on which anything was booked, by currency."""
    today = tx.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return await tx.all(queries.by_day, since=today - timedelta(days=days - 1))
