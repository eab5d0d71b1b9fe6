"""Bookings for tests: a policy, what people ask for, and money that comes, with one call each."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from bookable.domain import bookings, catalogue, identity, payments
from bookable.domain.inventory import DayPart
from bookable.domain.payments.ports import GatewayIntent, IntentState
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.events import Subscriptions
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money

__all__ = ["MORNING", "POLICY", "ask", "guest", "listen", "mailbox", "pay", "place", "see", "soon"]

MORNING = DayPart("morning", time(9), time(12))
POLICY = bookings.Policy(
    fee_bps=1500,
    tax_bps=800,
    parts=(MORNING, DayPart("afternoon", time(12), time(17)), DayPart("evening", time(17), time(21))),
)


def soon(db: Database, days: int = 10) -> date:
    """A day that is far enough ahead to be booked."""
    return (db.clock.now() + timedelta(days=days)).date()


def listen(subscriptions: Subscriptions) -> None:
    """What bookings hear within others' transactions."""
    subscriptions.within(payments.events.PaymentSucceeded, bookings.confirm_paid)
    subscriptions.within(payments.events.PaymentProcessing, bookings.note_processing)
    subscriptions.within(payments.events.PaymentFailed, bookings.note_failed)
    subscriptions.within(payments.events.PaymentRefunded, bookings.note_refunded)
    subscriptions.within(identity.UserLeaving, bookings.refuse_to_leave)
    subscriptions.within(identity.UserDeleted, bookings.forget)
    subscriptions.after(identity.EmailVerified, "bookings.adopt", bookings.adopt)
    subscriptions.after(catalogue.ListingOwnerChanged, "bookings.follow_listing", bookings.follow_listing)


def mailbox() -> str:
    """An address that nobody else has."""
    return f"{new_id().hex}@example.com"


def guest(tenant_id: UUID) -> Actor:
    """Somebody without an account."""
    return Actor.guest(tenant_id, new_id())


def ask(db: Database, listing_id: UUID, **given: Any) -> bookings.Request:
    """A standard meeting on some morning."""
    return bookings.Request(
        **{
            "listing_id": listing_id,
            "offer": "standard",
            "day": soon(db),
            "slot": "morning",
            "contact_name": "Robin Field",
            "contact_email": "robin@example.com",
            **given,
        }
    )


async def place(db: Database, actor: Actor, listing_id: UUID, **given: Any) -> bookings.Booking:
    """A booking of somebody's."""
    asked = ask(db, listing_id, **given)

    async def work(tx: Transaction) -> bookings.Booking:
        return (await bookings.place(tx, asked, POLICY)).booking

    return await db.run(actor, work)


async def see(db: Database, actor: Actor, booking: bookings.Booking | UUID) -> bookings.Booking:
    """The booking as `actor` reads it now."""
    async with db.transaction(actor) as tx:
        return await bookings.get(tx, booking if isinstance(booking, UUID) else booking.id)


async def pay(
    db: Database, house: Actor, booking: bookings.Booking, state: IntentState = IntentState.SUCCEEDED
) -> payments.Payment:
    """The provider has been seen to say this of the booking's intent."""

    async def work(tx: Transaction) -> payments.Payment:
        payment = await payments.open(
            tx,
            subject_id=booking.id,
            owner_id=booking.owner_id,
            payee=f"listing:{booking.listing_id}",
            amount=booking.total,
            fee=Money(booking.platform_fee_cents, booking.currency),
            tax=Money(booking.tax_cents, booking.currency),
        )
        seen = GatewayIntent(
            id=f"pi_{booking.id.hex}",
            state=state,
            amount=booking.total,
            captured=booking.total_cents if state is IntentState.SUCCEEDED else 0,
            refunded=0,
            client_secret="secret",
            metadata={},
            decline_code="card_declined" if state is IntentState.REQUIRES_METHOD else None,
        )
        settled = await payments.settle(tx, payment_id=payment.id, seen=seen, basis=payment.version)
        return settled.payment

    return await db.run(house, work)
