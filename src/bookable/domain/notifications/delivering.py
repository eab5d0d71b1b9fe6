"""Sending what was written down: at least once over any crash, with one Message-ID, so that it is shown once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import msgspec

from bookable.domain import identity
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.security import Bound, Sealer

from . import queries
from .calendar import Entry, calendar_attachment
from .errors import MailRefused
from .letters import as_html, as_text, write
from .ports import Attachment, Mail, Mailer
from .records import AboutBooking, Kind, Pending, Site

__all__ = ["Postman", "deliver", "place"]

_PURPOSES = {
    Kind.VERIFY_EMAIL: identity.Purpose.VERIFY_EMAIL,
    Kind.RESET_PASSWORD: identity.Purpose.RESET_PASSWORD,
}
_WITH_FILE = {
    Kind.BOOKING_CONFIRMED,
    Kind.BOOKING_RESCHEDULED,
    Kind.BOOKING_CANCELLED,
    Kind.PROVIDER_BOOKED,
    Kind.PROVIDER_RESCHEDULED,
    Kind.PROVIDER_CANCELLED,
}
_CANCELLED = {Kind.BOOKING_CANCELLED, Kind.PROVIDER_CANCELLED}


@dataclass(frozen=True, slots=True)
class Postman:
    """What sending takes: who delivers, who seals, and where the front end's pages are."""

    mailer: Mailer
    sealer: Sealer
    frontend_url: str


def place(tenant_id: UUID, notification_id: UUID) -> Bound:
    """Where the secret that a mail carries is sealed to."""
    return Bound("notifications", notification_id, "sealed", tenant_id)


async def deliver(db: Database, system: Actor, *, notification_id: str, postman: Postman) -> None:
    """Send one mail, unless it was sent or refused before. Raises `Unavailable` when it is to be tried again.

    A secret is made and sealed before the first try, so that every try carries the same one.
    """
    known = UUID(notification_id)

    async def prepare(tx: Transaction) -> tuple[Pending, Site, str | None] | None:
        pending = await tx.first(queries.pending, notification_id=known)
        if pending is None:
            return None
        from_whom = await tx.one(queries.storefront)
        secret = await _secret(tx, pending, postman.sealer)
        return pending, Site(from_whom.name, from_whom.slug, postman.frontend_url), secret

    prepared = await db.run(system, prepare)
    if prepared is None:
        return
    try:
        await postman.mailer.send(_mail(*prepared, sender=postman.mailer.sender), key=notification_id)
    except MailRefused as refused:
        await db.run(system, _refused(known, refused.text))
    else:
        await db.run(system, _sent(known))


async def _secret(tx: Transaction, pending: Pending, sealer: Sealer) -> str | None:
    bound = place(tx.actor.tenant_id, pending.id)
    if pending.sealed is not None:
        return sealer.open_text(pending.sealed, aad=bound)
    purpose = _PURPOSES.get(pending.kind)
    if purpose is None or pending.user_id is None:
        return None
    secret = await identity.issue_token(tx, pending.user_id, purpose)
    await tx.run(queries.seal, notification_id=pending.id, sealed_secret=sealer.seal(secret, aad=bound))
    return secret


def _mail(pending: Pending, site: Site, secret: str | None, *, sender: str) -> Mail:
    letter = write(pending.kind, pending.data, site, secret)
    return Mail(
        to=pending.address or "",
        subject=pending.title,
        text=as_text(letter, site),
        html=as_html(letter, site, pending.title),
        storefront=site.slug,
        sender_name=site.name,
        attachments=_files(pending, site, sender),
    )


def _files(pending: Pending, site: Site, sender: str) -> tuple[Attachment, ...]:
    if pending.kind not in _WITH_FILE:
        return ()
    facts = msgspec.convert(pending.data, AboutBooking)
    if not facts.was_confirmed or facts.supplied:
        return ()
    return (calendar_attachment(_entry(pending, facts, site, sender)),)


def _entry(pending: Pending, facts: AboutBooking, site: Site, sender: str) -> Entry:
    """Each side finds the other one in their calendar."""
    customers = pending.kind.value.startswith("booking_")
    other, reader = facts.provider, facts.contact_name
    if not customers:
        other, reader = reader, other
    return Entry(
        booking_id=facts.booking_id,
        sequence=facts.sequence,
        title=f"{other} ({site.name})",
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        stamp=pending.created_at,
        organizer_name=site.name,
        organizer_email=sender,
        attendee_name=reader,
        attendee_email=pending.address or "",
        description=f"Booking {facts.number}",
        url=site.page(f"bookings/{facts.number}"),
        status="CANCELLED" if pending.kind in _CANCELLED else "CONFIRMED",
    )


def _sent(notification_id: UUID) -> Callable[[Transaction], Awaitable[int]]:
    return lambda tx: tx.run(queries.sent, notification_id=notification_id)


def _refused(notification_id: UUID, why: str) -> Callable[[Transaction], Awaitable[int]]:
    return lambda tx: tx.run(queries.refused, notification_id=notification_id, why=why)
