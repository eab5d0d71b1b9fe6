"""What a provider has to do with their own listing: when it can be booked, what was booked, what it earned."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bookable.domain import catalogue, inventory, payments
from bookable.kernel.actors import Actor
from bookable.kernel.db import Transaction
from bookable.kernel.errors import FieldError, Forbidden

from .policy import Policy
from .reading import list_of_listing
from .records import Booking, Page
from .states import Status

__all__ = ["availability", "booked", "earnings", "payee", "payee_of", "set_availability"]

_DAYS_SHOWN = 30
_SHOWN = (date(2000, 1, 1), date(2200, 1, 1))
"""No calendar is asked for a day outside of these: at both ends of time, days have no instants in UTC."""


def payee_of(booking: Booking) -> str:
    """Under which name the ledger keeps what a booking earns: its listing's, or its supplier's."""
    return f"supplier:{booking.supplier}" if booking.supplier else payee(booking.listing_id)


def payee(listing_id: UUID) -> str:
    """Under which name the ledger keeps what a listing has earned."""
    return f"listing:{listing_id}"


async def availability(
    tx: Transaction, listing: UUID | str, first: date | None, last: date | None, policy: Policy
) -> list[inventory.Availability]:
    """Each part of each day, from today and for 30 days unless said otherwise; at most 92. Raises `NoSuchListing`."""
    found = await catalogue.find(tx, listing)
    if first is None:
        first = tx.clock.now().astimezone(ZoneInfo(found.time_zone)).date()
    _within_reach("from", first)
    if last is None:
        last = first + timedelta(days=_DAYS_SHOWN - 1)
    _within_reach("to", last)
    return await inventory.availability(tx, found.id, found.time_zone, policy.parts, first, last)


async def set_availability(
    tx: Transaction, listing: UUID | str, rules: Sequence[inventory.SlotRule], policy: Policy
) -> list[inventory.Availability]:
    """When the listing can be booked, by its owner or an admin; answers the days that were spoken of.

    Raises `NoSuchListing`, `Forbidden`, `ValidationFailed`, `BelowTaken`.
    """
    found = await _own(tx, listing)
    last = policy.last_day(tx.clock.now().date()) + timedelta(days=1)
    for rule in rules:
        if policy.part(rule.part) is None:
            raise FieldError("items", f"There is no part of the day called {rule.part}.")
        _within_reach("items", rule.day)
        if rule.day > last:
            raise FieldError("items", f"{rule.day} is further ahead than anyone can book.")
    await inventory.set_rules(tx, found.id, found.time_zone, rules)
    seen: list[inventory.Availability] = []
    for day in sorted({r.day for r in rules}):
        of_day = await inventory.availability(tx, found.id, found.time_zone, policy.parts, day, day)
        seen += [a for a in of_day if any(r.day == day and r.part == a.part for r in rules)]
    return seen


async def booked(
    tx: Transaction,
    listing: UUID | str,
    *,
    statuses: Collection[Status] = (),
    first: date | None = None,
    last: date | None = None,
    **paging: Any,
) -> Page:
    """What was booked of the listing, for its owner or an admin. Raises `NoSuchListing`, `Forbidden`."""
    found = await _own(tx, listing)
    return await list_of_listing(tx, found.id, statuses=statuses, first=first, last=last, **paging)


async def earnings(tx: Transaction, listing: UUID | str) -> tuple[str, payments.Earnings]:
    """The listing's currency, and what it earned in it, for its owner or an admin.

    Only a widened transaction sees the ledger. Raises `NoSuchListing`, `Forbidden`.
    """
    found = await _own(tx, listing)
    by_currency = await payments.earnings(tx, payee(found.id))
    return found.currency, by_currency.get(found.currency, payments.Earnings())


def _within_reach(field: str, day: date) -> None:
    earliest, latest = _SHOWN
    if not earliest <= day <= latest:
        raise FieldError(field, f"Must be between {earliest} and {latest}.")


async def _own(tx: Transaction, listing: UUID | str) -> catalogue.Listing:
    actor: Actor = tx.actor
    found = await catalogue.find(tx, listing, even_inactive=True)
    if actor.is_admin or (actor.id is not None and actor.id == found.owner_id):
        return found
    if not found.is_active:
        raise catalogue.NoSuchListing
    raise Forbidden
