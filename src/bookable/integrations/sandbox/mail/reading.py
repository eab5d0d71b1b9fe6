"""What `/sandbox/mail` shows: every mail that was sent, and the files that went with it."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from bookable.kernel.db import Database
from bookable.kernel.errors import NotFound

from . import queries
from .mailer import outside

__all__ = ["Filed", "SentMail", "attachment", "forget", "sent"]


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that went with a mail."""

    filename: str
    content_type: str
    size: int
    content: bytes


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail that was sent in the sandbox."""

    id: UUID
    storefront: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    attachments: tuple[Filed, ...]
    created_at: datetime


async def sent(db: Database, *, to: str | None = None, limit: int = 500) -> list[SentMail]:
    """The newest mails, newest first; those to one address, without regard to case, when `to` is given."""
    async with db.transaction(outside) as tx:
        rows = await (tx.all(queries.newest_to, to=to, limit=limit) if to else tx.all(queries.newest, limit=limit))
    return [_shown(row) for row in rows]


async def attachment(db: Database, mail_id: UUID, filename: str) -> Filed:
    """One file of one mail. Raises NotFound."""
    async with db.transaction(outside) as tx:
        message = await tx.one(queries.message_of, id=mail_id)
    for found in _files(message):
        if found.filename == filename:
            return found
    raise NotFound


async def forget(db: Database, *, to: str | None = None) -> None:
    """Throw away what was sent, or what was sent to one address."""
    async with db.transaction(outside) as tx:
        await (tx.run(queries.forget_to, to=to) if to else tx.run(queries.forget))


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


def _files(raw: bytes) -> tuple[Filed, ...]:
    message = message_from_bytes(raw, _class=EmailMessage, policy=SMTP)
    files = []
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        files.append(Filed(part.get_filename("file"), part.get_content_type(), len(content), content))
    return tuple(files)
