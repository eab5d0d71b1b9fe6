"""What `/sandbox/mail` shows: every mail that was sent, and the files that went with it."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from bookable.kernel.db import Database

from . import queries
from .mailer import outside

__all__ = ["Mailbox", "SentMail"]

_MOST = 1_000


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail that was sent in the sandbox. `attachments` are (file name, content type, bytes)."""

    id: UUID
    storefront: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    attachments: list[tuple[str, str, bytes]]
    created_at: datetime


class Mailbox:
    """Every mail that was sent by any process, newest first."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def mails(self, to: str | None = None) -> list[SentMail]:
        """The newest thousand; those to one address, without regard to case, when `to` is given."""
        async with self._db.transaction(outside) as tx:
            found = tx.all(queries.newest_to, to=to, limit=_MOST) if to else tx.all(queries.newest, limit=_MOST)
            rows = await found
        return [_shown(row) for row in rows]

    async def mail(self, mail_id: UUID) -> SentMail | None:
        """One of them."""
        async with self._db.transaction(outside) as tx:
            row = await tx.first(queries.by_id, id=mail_id)
        return _shown(row) if row else None

    async def clear(self) -> None:
        """Throw everything away."""
        async with self._db.transaction(outside) as tx:
            await tx.run(queries.forget)


def _shown(row: queries.Row) -> SentMail:
    return SentMail(
        id=row.id,
        storefront=row.storefront,
        to=row.recipient,
        subject=row.subject,
        text=row.text,
        html=row.html,
        headers=row.headers,
        attachments=_files(row.message),
        created_at=row.created_at,
    )


def _files(raw: bytes) -> list[tuple[str, str, bytes]]:
    message = message_from_bytes(raw, _class=EmailMessage, policy=SMTP)
    files = []
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        files.append((part.get_filename("file"), part.get_content_type(), content))
    return files
