"""A guest's first mail: the key to their booking, which is written down nowhere but sealed, until it is sent."""

import base64
from uuid import UUID

from bookable.domain import bookings
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.ids import new_id
from bookable.kernel.jobs import defer
from bookable.kernel.security import Sealer

from . import telling
from .delivering import place
from .parties import about, customer
from .records import Kind

__all__ = ["TELL", "key_given", "tell"]

TELL = "notifications.tell_guest"
"""The job that writes down what is mailed to a guest."""


async def key_given(tx: Transaction, event: bookings.GuestKeyGiven, *, sealer: Sealer) -> None:
    """Within: the key leaves this transaction only sealed to the place of the mail that will carry it."""
    notification_id = new_id()
    sealed = sealer.seal(event.token.get_secret_value(), aad=place(tx.actor.tenant_id, notification_id))
    defer(
        tx,
        TELL,
        notification_id=str(notification_id),
        booking_id=str(event.booking_id),
        sealed=base64.b64encode(sealed).decode(),
    )


async def tell(db: Database, system: Actor, *, notification_id: str, booking_id: str, sealed: str) -> None:
    """The job: write the mail down, once."""

    async def work(tx: Transaction) -> None:
        booking = await bookings.get(tx, UUID(booking_id))
        await telling.mail(
            tx,
            customer(booking),
            Kind.BOOKING_RECEIVED,
            about(booking),
            once=booking_id,
            notification_id=UUID(notification_id),
            sealed=base64.b64decode(sealed),
        )

    await db.run(system, work)
