"""How a booking ends: cancelled with what the policy returns, completed, or missed."""

from datetime import datetime
from uuid import UUID

from bookable.domain import inventory, payments
from bookable.kernel.actors import Scope
from bookable.kernel.db import Transaction
from bookable.kernel.errors import InvalidState
from bookable.kernel.events import publish
from bookable.kernel.money import share_bps

from .events import BookingCancelled, BookingCompleted
from .moving import as_who, lock, move
from .policy import Policy
from .reading import get
from .records import Booking, Cancellation, Cancelled
from .states import TRANSITIONS, By, Status, allowed

__all__ = ["cancel", "cancellation", "complete", "left", "miss"]


async def cancellation(tx: Transaction, name: UUID | str, policy: Policy) -> Cancellation:
    """What cancelling now would return to the customer, and until when that stays so; nothing is committed to.

    Raises `NoSuchBooking`, and `InvalidState` where it can't be cancelled any more.
    """
    booking = await get(tx, name)
    by = as_who(booking, tx.actor, Status.CANCELLED)
    if Status.CANCELLED not in TRANSITIONS[booking.status]:
        raise InvalidState(booking.status.value, allowed(booking.status))
    return _terms(tx, booking, by, policy)


async def cancel(tx: Transaction, name: UUID | str, policy: Policy, *, reason: str | None = None) -> Cancelled:
    """Give the time back, and promise the customer what the policy returns of what was paid.

    Its customer, its provider or an admin; what comes in later goes back in full. Only the customer sees the
    payment by themselves, so others need a widened transaction. Raises `NoSuchBooking`, `InvalidState`.
    """
    booking_id = (await get(tx, name)).id
    await payments.lock(tx, booking_id)
    booking = await lock(tx, booking_id)
    by = as_who(booking, tx.actor, Status.CANCELLED)
    terms = _terms(tx, booking, by, policy)
    await move(tx, booking, Status.CANCELLED, by=by, because=reason)
    await inventory.release(tx, booking.id)
    if terms.refund_cents and booking.payment:
        await payments.request_refund(tx, booking.payment.id, terms.refund_cents, reason=terms.reason, by=tx.actor.id)
    await publish(tx, BookingCancelled(booking_id=booking.id, refund_cents=terms.refund_cents, by=by.value))
    return Cancelled(await get(tx, booking.id), terms.refund_cents)


def _terms(tx: Transaction, booking: Booking, by: By, policy: Policy) -> Cancellation:
    now = tx.clock.now()
    _refuse_what_has_begun(booking, by, now)
    if by is not By.CUSTOMER:
        assert tx.actor.scope is Scope.TENANT, "the payment can't be seen from here"
        who = "provider" if by is By.PROVIDER else "platform"
        return Cancellation(left(booking, 100), 100, f"Cancelled by the {who}: everything goes back.", None)
    tier = policy.tier(booking.starts_at, now)
    return Cancellation(
        left(booking, tier.percent), tier.percent, tier.words, policy.changes_at(booking.starts_at, now)
    )


def _refuse_what_has_begun(booking: Booking, by: By, now: datetime) -> None:
    """A supplier takes nothing back that is in use: a flight in the air can't be cancelled by who sits in it."""
    if by is By.CUSTOMER and booking.supplier and booking.status is Status.CONFIRMED and booking.starts_at <= now:
        others = [state for state in allowed(booking.status) if state != Status.CANCELLED]
        raise InvalidState(booking.status.value, others, "It has begun.")


def left(booking: Booking, percent: int) -> int:
    """That share of what was paid, less what has gone back already; nothing that the payer's bank has taken back."""
    paid = booking.payment
    if paid is None:
        return 0
    gone = paid.refunded_cents + paid.going_back_cents
    due = share_bps(paid.captured_cents, percent * 100) - gone
    return max(0, min(due, paid.captured_cents - gone - paid.disputed_cents))


async def complete(tx: Transaction, name: UUID | str) -> Booking:
    """The meeting took place: its provider or an admin says so, once it has begun."""
    booking = await _after_start(tx, name, Status.COMPLETED)
    await publish(tx, BookingCompleted(booking_id=booking.id))
    return booking


async def miss(tx: Transaction, name: UUID | str) -> Booking:
    """The customer did not come: its provider or an admin says so, once it has begun."""
    return await _after_start(tx, name, Status.NO_SHOW)


async def _after_start(tx: Transaction, name: UUID | str, to: Status) -> Booking:
    booking = await lock(tx, (await get(tx, name)).id)
    by = as_who(booking, tx.actor, to)
    if to in TRANSITIONS[booking.status] and booking.starts_at > tx.clock.now():
        raise InvalidState(booking.status.value, allowed(booking.status), "The meeting has not begun yet.")
    return await move(tx, booking, to, by=by)
