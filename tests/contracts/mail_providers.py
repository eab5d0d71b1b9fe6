"""The providers that the mail contract runs over: each with a mailer, and what arrived at the other end."""

import base64
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from bookable.domain.notifications.ports import Mailer
from bookable.integrations.sandbox import Faults, Mailbox, SandboxMailer
from bookable.kernel.db import Database
from tests.doubles.sendgrid import SendGridDouble
from tests.doubles.smtp import SmtpDouble

__all__ = [
    "REFUSED",
    "SENDER",
    "Arrived",
    "MailProvider",
    "SandboxProvider",
    "SendGridProvider",
    "SmtpProvider",
    "read",
]

REFUSED = "bounce@simulator.bookable.example"
SENDER = "no-reply@bookable.example"


@dataclass(frozen=True)
class Arrived:
    """A mail as its reader has it. `recipients` is everyone whom the provider was told to send it to."""

    recipients: list[str]
    sender: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    attachments: dict[str, tuple[str, bytes]]

    @property
    def message_id(self) -> str:
        return self.headers["Message-ID"]


class MailProvider(Protocol):
    """A mail provider in the hand of a test; it refuses `REFUSED` for good."""

    mailer: Mailer

    async def arrived(self) -> list[Arrived]:
        """Oldest first."""
        ...

    async def break_down(self) -> None:
        """The next mail is not taken, and may be later."""
        ...


class SmtpProvider:
    """The SMTP adapter, with a real SMTP server at the other end."""

    def __init__(self, mailer: Mailer, double: SmtpDouble) -> None:
        self.mailer = mailer
        self.double = double

    async def arrived(self) -> list[Arrived]:
        return [read(taken.message, taken.recipients) for taken in self.double.taken]

    async def break_down(self) -> None:
        self.double.answers.append("451 4.3.0 Try again later")


class SendGridProvider:
    """The SendGrid adapter, with SendGrid's double at the other end."""

    def __init__(self, mailer: Mailer, double: SendGridDouble) -> None:
        self.mailer = mailer
        self.double = double

    async def arrived(self) -> list[Arrived]:
        return [
            Arrived(
                recipients=[
                    p["email"] for e in body["personalizations"] for k in ("to", "cc", "bcc") for p in e.get(k, [])
                ],
                sender=f"{body['from']['name']} <{body['from']['email']}>",
                subject=body["subject"],
                text=next(c["value"] for c in body["content"] if c["type"] == "text/plain"),
                html=next(c["value"] for c in body["content"] if c["type"] == "text/html"),
                headers=body["headers"],
                attachments={
                    a["filename"]: (a["type"], base64.b64decode(a["content"])) for a in body.get("attachments", [])
                },
            )
            for body in self.double.taken
        ]

    async def break_down(self) -> None:
        self.double.answers.append((503, {}))


class SandboxProvider:
    """The sandbox, with what it keeps at the other end."""

    def __init__(self, db: Database) -> None:
        self.mailer: Mailer = SandboxMailer(db)
        self._mailbox = Mailbox(db)
        self._faults = Faults(db)

    async def arrived(self) -> list[Arrived]:
        return [
            Arrived(
                recipients=[mail.to],
                sender=mail.headers["From"],
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                headers=mail.headers,
                attachments={name: (kind, content) for name, kind, content in mail.attachments},
            )
            for mail in reversed(await self._mailbox.mails())
        ]

    async def break_down(self) -> None:
        await self._faults.order("mail", "down", 1)


def read(message: EmailMessage, recipients: list[str]) -> Arrived:
    """A MIME message as a mail program shows it."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    files = {}
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        files[part.get_filename("")] = (part.get_content_type(), content)
    return Arrived(
        recipients=recipients,
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        text=text.get_content(),
        html=html.get_content(),
        headers={name: str(value) for name, value in message.items()},
        attachments=files,
    )
