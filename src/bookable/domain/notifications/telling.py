"""Telling somebody something: written down once, in the transaction that knows it, and sent by a job of its own."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from bookable.kernel.db import Transaction
from bookable.kernel.ids import new_id
from bookable.kernel.jobs import defer

from . import queries
from .letters import subject
from .records import AboutAccount, AboutBooking, Channel, Kind

__all__ = ["SEND", "Person", "mail", "note"]

SEND = "notifications.send"
"""The job that sends one mail."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to tell: an address for mail, an account for notices inside the product; either may be missing."""

    address: str | None = None
    user_id: UUID | None = None


async def mail(
    tx: Transaction,
    to: Person,
    kind: Kind,
    facts: AboutAccount | AboutBooking,
    *,
    once: str,
    notification_id: UUID | None = None,
    sealed: bytes | None = None,
) -> UUID | None:
    """Have a letter sent after the commit. The same `once` is told once, ever; None when it had been told before."""
    if to.address is None:
        return None
    told = await _write(tx, Channel.MAIL, to, kind, facts, once=once, notification_id=notification_id)
    if told is not None:
        if sealed is not None:
            await tx.run(queries.seal, notification_id=told, sealed_secret=sealed)
        defer(tx, SEND, notification_id=str(told))
    return told


async def note(
    tx: Transaction, to: Person, kind: Kind, facts: AboutAccount | AboutBooking, *, once: str
) -> UUID | None:
    """Show it to somebody inside the product, under the same promise as `mail`."""
    if to.user_id is None:
        return None
    return await _write(tx, Channel.IN_APP, to, kind, facts, once=once)


async def _write(
    tx: Transaction,
    channel: Channel,
    to: Person,
    kind: Kind,
    facts: AboutAccount | AboutBooking,
    *,
    once: str,
    notification_id: UUID | None = None,
) -> UUID | None:
    return await tx.first(
        queries.add_once,
        id=notification_id or new_id(),
        user_id=to.user_id,
        channel=channel.value,
        kind=kind.value,
        subject_id=facts.booking_id if isinstance(facts, AboutBooking) else None,
        address=to.address if channel is Channel.MAIL else None,
        dedupe_key=f"{channel}:{kind}:{once}",
        title=subject(kind, facts),
        data=msgspec.to_builtins(facts),
    )
