"""The one way in which a booking's state changes, and who counts as whom in it."""

from typing import Any
from uuid import UUID

from bookable.domain import catalogue
from bookable.kernel.actors import Actor
from bookable.kernel.db import Transaction
from bookable.kernel.errors import Forbidden, InvalidState

from .errors import NoSuchBooking
from .queries import writing as queries
from .records import Booking, stamp
from .states import TRANSITIONS, By, Status, allowed, may

__all__ = ["as_who", "entry", "lock", "move"]

_COUNTED = {Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW}


def as_who(booking: Booking, actor: Actor, to: Status) -> By:
    """In which capacity `actor` may move this booking there. Raises `NoSuchBooking` to strangers, else `Forbidden`.

    A customer who is also its provider or an admin acts as the customer wherever a customer may act.
    """
    roles = [
        who
        for who, holds in (
            (By.CUSTOMER, actor.id is not None and actor.id == booking.owner_id),
            (By.PROVIDER, actor.id is not None and actor.id == booking.provider_id and actor.role != "guest"),
            (By.ADMIN, actor.is_admin),
            (By.SYSTEM, actor.is_system),
        )
        if holds
    ]
    if not roles:
        raise NoSuchBooking
    for who in roles:
        if may(who, to):
            return who
    raise Forbidden


def entry(tx: Transaction, present: Status | None, to: Status, by: By, because: str | None) -> dict[str, Any]:
    """One move, as the timeline keeps it."""
    return {
        "from": present.value if present else None,
        "to": to.value,
        "at": stamp(tx.clock.now()),
        "by": by.value,
        "reason": because,
    }


async def lock(tx: Transaction, booking_id: UUID) -> Booking:
    """The booking, ours alone until the transaction ends. Raises `NoSuchBooking`.

    A use case that also changes its payments calls `payments.lock` first.
    """
    return await tx.one(queries.lock, id=booking_id, or_raise=NoSuchBooking)


async def move(tx: Transaction, booking: Booking, to: Status, *, by: By, because: str | None = None) -> Booking:
    """The booking in its new state, with the move in its timeline.

    Only along the transition table, and only out of the state in which `booking` was read; otherwise raises
    `InvalidState` with the state that it is in by now. The listing's count of bookings follows.
    """
    if by not in TRANSITIONS[booking.status].get(to, ()):
        raise InvalidState(booking.status.value, allowed(booking.status))
    moved = await tx.first(
        queries.move,
        id=booking.id,
        stored=booking.stored.value,
        to=to.value,
        entries=[*booking.lapse, entry(tx, booking.status, to, by, because)],
    )
    if moved is None:
        present = Status(await tx.one(queries.present, id=booking.id, or_raise=NoSuchBooking))
        raise InvalidState(present.value, allowed(present))
    change = (to in _COUNTED) - (booking.status in _COUNTED)
    if change and booking.supplier is None:
        await catalogue.count_booking(tx, booking.listing_id, by=change)
    return moved
