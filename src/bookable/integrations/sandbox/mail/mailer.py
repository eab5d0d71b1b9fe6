"""The mail provider that keeps what it is given, as SMTP does: a mail sent twice is there twice."""

from typing import Any
from uuid import UUID

from bookable.domain.notifications.ports import Mail, Mailer, MailRefused
from bookable.integrations.mail.message import rendered
from bookable.integrations.sandbox.faults import strike
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.ids import new_id

from . import queries

__all__ = ["BOUNCE", "SENDER", "SandboxMailer", "outside"]

SENDER = "no-reply@bookable.example"

BOUNCE = "bounce@simulator.bookable.example"
"""Mail to this address is refused for good."""

outside = Actor.nobody(UUID(int=0))
"""A provider stands outside the tenants; its tables are under no policy."""


class SandboxMailer(Mailer):
    """Our port, with `/sandbox/mail` behind it; goes wrong when `/sandbox/faults` says that `mail` shall."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def sender(self) -> str:
        return SENDER

    async def send(self, mail: Mail, *, key: str) -> None:
        async with strike(self._db, "mail"):
            if mail.to == BOUNCE:
                raise MailRefused("550 5.1.1 No such user here")
            async with self._db.transaction(outside) as tx:
                await tx.run(queries.add, **self._row(mail, key))

    async def aclose(self) -> None:
        """The pool is the application's; there is nothing to let go of."""

    def _row(self, mail: Mail, key: str) -> dict[str, Any]:
        now = self._db.clock.now()
        message = rendered(mail, key=key, sender=SENDER, at=now)
        return {
            "id": new_id(),
            "storefront": mail.storefront,
            "recipient": mail.to,
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
            "headers": {name: str(value) for name, value in message.items()},
            "message": message.as_bytes(),
            "created_at": now,
        }
