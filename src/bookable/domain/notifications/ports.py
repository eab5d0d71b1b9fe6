"""What a mail provider must be able to do for us, and what a mail is: one letter, to one person, on one line each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from .errors import MailRefused

__all__ = ["Attachment", "Mail", "MailRefused", "Mailer", "one_line"]

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_OURS = frozenset({"to", "cc", "bcc", "from", "sender", "reply-to", "subject", "date", "message-id", "received"})


def one_line(text: str, *, most: int = 200) -> str:
    """The text on one line, without control or direction characters, cut to `most` characters."""
    joined = " ".join(_UNSEEN.sub(" ", text).split())
    return joined if len(joined) <= most else joined[: most - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail. `parameters` are of its content type (`method=REQUEST`)."""

    filename: str
    content_type: str
    content: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _FILENAME.fullmatch(self.filename):
            raise ValueError("a plain file name is needed")
        if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", self.content_type):
            raise ValueError("a plain content type is needed")


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter to one person. What people have typed can't become a header or a second recipient:

    the subject and the sender's name are put on one line; raises `MailRefused` when `to` is not one plain address,
    ValueError when a header is not one that a caller may set.
    """

    to: str
    subject: str
    text: str
    html: str
    storefront: str
    sender_name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "to", _one_address(self.to))
        object.__setattr__(self, "subject", _words(self.subject, most=200))
        object.__setattr__(self, "sender_name", _words(self.sender_name, most=80))
        for name, value in self.headers.items():
            known = _HEADER.fullmatch(name) and not name.lower().startswith("content-")
            if not known or name.lower() in _OURS or _words(value, most=990) != value or not value.isascii():
                raise ValueError(f"{name!r} can't be set on a mail")


class Mailer(Protocol):
    """Hands mails over to whoever delivers them. `sender` is the address that they come from."""

    @property
    def sender(self) -> str: ...

    async def send(self, mail: Mail, *, key: str) -> None:
        """Returns when the mail was accepted. The same `key` gives the same Message-ID, so a mail that had to be
        sent twice is shown once. Raises `MailRefused` when this mail will never be accepted, `Unavailable` when it
        may have been or may be later.
        """

    async def aclose(self) -> None:
        """Let go of connections."""


def _words(text: str, *, most: int) -> str:
    """One line that means itself: `=?…?=` would be decoded (RFC 2047), line breaks and all, where it is read."""
    return one_line(text, most=most).replace("=?", "= ?")


def _one_address(text: str) -> str:
    try:
        found: ValidatedEmail = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise MailRefused("This is not one plain mail address.") from None
    return found.ascii_email or found.normalized
