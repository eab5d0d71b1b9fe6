"""A mail as RFC 5322 and MIME have it: text and HTML side by side, files after them, one recipient."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bookable.domain.notifications.ports import Attachment, Mail

__all__ = ["automatic", "domain_of", "message_id", "rendered"]

automatic = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""RFC 3834 and Microsoft's word for the same: nobody's absence note is wanted in answer."""


def domain_of(address: str) -> str:
    """What stands after the last `@`."""
    return address.rpartition("@")[2]


def message_id(key: str, sender: str) -> str:
    """The same for the same key, so that a mail sent twice is shown once."""
    return f"<{key}@{domain_of(sender)}>"


def rendered(mail: Mail, *, key: str, sender: str, at: datetime) -> EmailMessage:
    """The whole message. The policy refuses line breaks in headers; `Mail` has taken them out before."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(mail.sender_name, sender)
    message["To"] = _address("", mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(key, sender)
    for name, value in {**automatic, **mail.headers}.items():
        message[name] = value
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    for attachment in mail.attachments:
        _attach(message, attachment)
    return message


def _address(name: str, address: str) -> Address:
    user, _, domain = address.rpartition("@")
    return Address(display_name=name, username=user, domain=domain)


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    main, _, sub = attachment.content_type.partition("/")
    parameters = dict(attachment.parameters) | ({"charset": "utf-8"} if main == "text" else {})
    message.add_attachment(
        attachment.content,
        maintype=main,
        subtype=sub,
        filename=attachment.filename,
        params=parameters,
        cte="base64",
    )
