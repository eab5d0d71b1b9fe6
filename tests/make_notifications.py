"""Mail in the tests' hands: a postman, the queue worked off, and what arrived."""

import re
from datetime import datetime
from functools import partial
from typing import Any

import asyncpg
import msgspec

from bookable.domain import bookings, identity, notifications, payments
from bookable.domain.notifications import Mailer, Postman
from bookable.integrations.sandbox.mail import Mailbox, SandboxMailer, SentMail
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.security import Sealer
from bookable.kernel.tenants import Tenant
from tests import make

__all__ = ["FRONTEND", "jobs", "mails", "postman", "subscribe", "subscribe_accounts", "token_in", "turn_to", "work_off"]

FRONTEND = "https://starrymeet.example"
_TAKE = """
DELETE FROM procrastinate_jobs WHERE id = (
    SELECT id FROM procrastinate_jobs WHERE args->>'tenant_id' = $1 AND (scheduled_at IS NULL OR scheduled_at <= $2)
    ORDER BY scheduled_at NULLS FIRST, id LIMIT 1
) RETURNING task_name, args
"""


def postman(db: Database, mailer: Mailer | None = None) -> Postman:
    """What sending takes, with the sandbox's mailer unless the test brings one."""
    return Postman(mailer or SandboxMailer(db), Sealer([b"k" * 32]), FRONTEND)


def subscribe(db: Database, carrier: Postman) -> None:
    """Wired as the house wires it."""
    subscribe_accounts(db, carrier)
    heard, about = db.subscriptions, notifications.about_bookings
    heard.within(bookings.GuestKeyGiven, partial(notifications.guests.key_given, sealer=carrier.sealer))
    heard.job(notifications.guests.TELL, notifications.guests.tell)
    heard.job(notifications.reminders.REMIND, notifications.reminders.remind)
    heard.after(bookings.BookingConfirmed, "notifications.booking_confirmed", about.confirmed)
    heard.after(bookings.BookingRescheduled, "notifications.booking_rescheduled", about.rescheduled)
    heard.after(bookings.BookingCancelled, "notifications.booking_cancelled", about.cancelled)
    heard.after(bookings.BookingExpired, "notifications.booking_expired", about.expired)
    heard.after(bookings.BookingCompleted, "notifications.booking_completed", about.completed)
    heard.after(bookings.BookingUnplaceable, "notifications.booking_unplaceable", about.unplaceable)
    heard.after(payments.events.PaymentRefunded, "notifications.payment_refunded", notifications.about_money.refunded)


def subscribe_accounts(db: Database, carrier: Postman) -> None:
    """The part of it that is about accounts."""
    heard, about = db.subscriptions, notifications.about_accounts
    heard.within(identity.VerificationAsked, about.verification_asked)
    heard.within(identity.PasswordResetAsked, about.reset_asked)
    heard.within(identity.PasswordChanged, about.password_changed)
    heard.within(identity.SessionStolen, about.session_stolen)
    heard.within(identity.UserDeleted, about.forget)
    heard.job(about.TELL, about.tell)
    heard.job(notifications.SEND, partial(notifications.deliver, postman=carrier))
    heard.job(identity.FORGOTTEN, identity.look_for_forgetful)


async def jobs(db: Database, tenant: Tenant) -> list[tuple[str, dict[str, Any]]]:
    """The tenant's jobs as they stand in the queue: name and arguments."""
    admin = await asyncpg.connect(make.dsn(db))
    rows = await admin.fetch(
        "SELECT task_name, args FROM procrastinate_jobs WHERE args->>'tenant_id' = $1 ORDER BY id", str(tenant.id)
    )
    await admin.close()
    return [(row["task_name"], msgspec.json.decode(row["args"])) for row in rows]


async def work_off(db: Database, tenant: Tenant) -> list[str]:
    """Do the tenant's jobs that are due by the application's clock, also what they bring about; their names."""
    done = []
    admin = await asyncpg.connect(make.dsn(db))
    try:
        while row := await admin.fetchrow(_TAKE, str(tenant.id), db.clock.real()):
            args = msgspec.json.decode(row["args"])
            del args["tenant_id"]
            job = db.subscriptions.jobs.get(row["task_name"])
            if job is not None:  # other modules' jobs are not what these tests are about
                await job(db, Actor.system(tenant.id), **args)
                done.append(row["task_name"])
    finally:
        await admin.close()
    return done


async def turn_to(db: Database, tenant: Tenant, at: datetime) -> list[str]:
    """Move the clock on, as the sandbox's door does: the jobs' own times with it; then do what has fallen due."""
    by = at - db.clock.now()
    db.clock.offset += by
    admin = await asyncpg.connect(make.dsn(db))
    await admin.execute(
        "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - $2::interval WHERE args->>'tenant_id' = $1",
        str(tenant.id),
        by,
    )
    await admin.close()
    return await work_off(db, tenant)


async def mails(db: Database, tenant: Tenant, *, to: str | None = None) -> list[SentMail]:
    """The tenant's mails in the sandbox, oldest first."""
    return [mail for mail in reversed(await Mailbox(db).mails(to)) if mail.storefront == tenant.slug]


def token_in(mail: SentMail) -> str:
    """The token of the one link in a mail; the same in text and HTML."""
    found: set[str] = set(re.findall(r"token=([\w-]+)", mail.text)) | set(re.findall(r"token=([\w-]+)", mail.html))
    assert len(found) == 1, found
    return found.pop()
