"""Mail in the tests' hands: a postman, the queue worked off, and what arrived."""

import re
from typing import Any

import asyncpg
import msgspec

from bookable.domain import identity, notifications
from bookable.domain.notifications import Mailer, Postman
from bookable.integrations.sandbox.mail import SENDER, Mailbox, SandboxMailer, SentMail
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.security import Sealer
from bookable.kernel.tenants import Tenant
from tests import make

__all__ = ["FRONTEND", "jobs", "mails", "postman", "subscribe_accounts", "token_in", "work_off"]

FRONTEND = "https://starrymeet.example"
_TAKE = """
DELETE FROM procrastinate_jobs WHERE id = (
    SELECT id FROM procrastinate_jobs WHERE args->>'tenant_id' = $1 AND (scheduled_at IS NULL OR scheduled_at <= $2)
    ORDER BY scheduled_at NULLS FIRST, id LIMIT 1
) RETURNING task_name, args
"""


def postman(db: Database, mailer: Mailer | None = None) -> Postman:
    """What sending takes, with the sandbox's mailer unless the test brings one."""
    return Postman(mailer or SandboxMailer(db), Sealer([b"k" * 32]), FRONTEND, SENDER)


def subscribe_accounts(db: Database, carrier: Postman) -> None:
    """Wired as the house wires it."""
    heard, about = db.subscriptions, notifications.about_accounts

    async def deliver(db: Database, system: Actor, *, notification_id: str) -> None:
        await notifications.deliver(db, system, notification_id=notification_id, postman=carrier)

    heard.within(identity.VerificationAsked, about.verification_asked)
    heard.within(identity.PasswordResetAsked, about.reset_asked)
    heard.within(identity.PasswordChanged, about.password_changed)
    heard.within(identity.SessionStolen, about.session_stolen)
    heard.within(identity.UserDeleted, about.forget)
    heard.job(about.TELL, about.tell)
    heard.job(notifications.SEND, deliver)
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
            await db.subscriptions.jobs[row["task_name"]](db, Actor.system(tenant.id), **args)
            done.append(row["task_name"])
    finally:
        await admin.close()
    return done


async def mails(db: Database, tenant: Tenant, *, to: str | None = None) -> list[SentMail]:
    """The tenant's mails in the sandbox, oldest first."""
    return [mail for mail in reversed(await Mailbox(db).mails(to)) if mail.storefront == tenant.slug]


def token_in(mail: SentMail) -> str:
    """The token of the one link in a mail; the same in text and HTML."""
    found: set[str] = set(re.findall(r"token=([\w-]+)", mail.text)) | set(re.findall(r"token=([\w-]+)", mail.html))
    assert len(found) == 1, found
    return found.pop()
