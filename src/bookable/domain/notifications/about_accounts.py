"""What people are told about their accounts: addresses to confirm, passwords, sessions that were ended for them."""

from uuid import UUID

from bookable.domain import identity
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import NotFound
from bookable.kernel.ids import new_id
from bookable.kernel.jobs import defer

from . import reading, telling
from .records import AboutAccount, Kind

__all__ = ["TELL", "forget", "password_changed", "reset_asked", "session_stolen", "tell", "verification_asked"]

TELL = "notifications.tell_about_account"
"""The job that writes down what one of these events asked for."""

_SHOWN_INSIDE = {Kind.PASSWORD_CHANGED, Kind.SESSION_STOLEN}


async def verification_asked(tx: Transaction, event: identity.VerificationAsked) -> None:
    """Within: a mail with a link that proves the address."""
    _later(tx, Kind.VERIFY_EMAIL, event.user_id)


async def reset_asked(tx: Transaction, event: identity.PasswordResetAsked) -> None:
    """Within: a mail with a link to a new password."""
    _later(tx, Kind.RESET_PASSWORD, event.user_id)


async def password_changed(tx: Transaction, event: identity.PasswordChanged) -> None:
    """Within: its owner should know, in case it was not them."""
    _later(tx, Kind.PASSWORD_CHANGED, event.user_id)


async def session_stolen(tx: Transaction, event: identity.SessionStolen) -> None:
    """Within: its owner should know that somebody else may have held their session."""
    _later(tx, Kind.SESSION_STOLEN, event.user_id)


async def forget(tx: Transaction, event: identity.UserDeleted) -> None:
    """Within: what was told to somebody goes with their account."""
    await reading.forget(tx, event.user_id)


async def tell(db: Database, system: Actor, *, notification_id: str, user_id: str, kind: str) -> None:
    """The job: write it down for whoever it is now, once for each event."""

    async def work(tx: Transaction) -> None:
        try:
            user = await identity.get(tx, UUID(user_id))
        except NotFound:  # left in the meantime
            return
        await _write(tx, user, Kind(kind), UUID(notification_id))

    await db.run(system, work)


async def _write(tx: Transaction, user: identity.User, kind: Kind, notification_id: UUID) -> None:
    if kind is Kind.VERIFY_EMAIL and user.email_verified_at is not None:
        return
    facts = AboutAccount(first_name=user.first_name)
    to = telling.Person(address=user.email, user_id=user.id)
    await telling.mail(tx, to, kind, facts, once=str(notification_id), notification_id=notification_id)
    if kind in _SHOWN_INSIDE:
        await telling.note(tx, to, kind, facts, once=str(notification_id))


def _later(tx: Transaction, kind: Kind, user_id: UUID) -> None:
    """The id is given here, where the event is: however often the job runs, it is one notification.

    The publisher may be anyone (a visitor who has forgotten a password); what is theirs to see is not ours to write.
    """
    defer(tx, TELL, notification_id=str(new_id()), user_id=str(user_id), kind=kind.value)
