"""Mail over SMTP (RFC 5321): one connection a mail, TLS from the start or by STARTTLS, what went wrong told apart."""

import ssl
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from bookable.domain.notifications.ports import Mail, Mailer, MailRefused, one_line
from bookable.kernel.clock import Clock
from bookable.kernel.errors import Unavailable

from .message import rendered

__all__ = ["SmtpMailer", "SmtpServer"]

_SWITCH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over. `starttls` None uses it wherever the server offers it."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False
    starttls: bool | None = None
    verify: bool = True
    sender: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `SMTP_URL`: `smtp[s]://user:password@host:port?starttls=true|false&verify=false&from=a@b.c`.

        With a password, STARTTLS is required unless `starttls=false` says otherwise. Raises ValueError.
        """
        url = urlsplit(text)
        if url.scheme not in {"smtp", "smtps"} or not url.hostname or url.path not in {"", "/"}:
            raise ValueError("SMTP_URL: smtp://user:password@host:port or smtps://… is needed")
        options = _options(url.query)
        tls = url.scheme == "smtps"
        starttls = _switch(options.get("starttls"), "starttls") if "starttls" in options else None
        return cls(
            host=url.hostname,
            port=url.port or (465 if tls else 587),
            user=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            tls=tls,
            starttls=False if tls else True if starttls is None and url.password else starttls,
            verify=_switch(options.get("verify", "true"), "verify"),
            sender=options.get("from"),
        )

    def trust(self) -> ssl.SSLContext:
        """Certificates are checked against the system's authorities; `verify=false` is for a test server."""
        context = ssl.create_default_context()
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


class SmtpMailer(Mailer):
    """An SMTP server behind our port."""

    def __init__(self, server: SmtpServer, *, sender: str, clock: Clock, timeout: float = 20.0) -> None:
        self._server = server
        self._sender = server.sender or sender
        self._clock = clock
        self._timeout = timeout

    @property
    def sender(self) -> str:
        return self._sender

    async def send(self, mail: Mail, *, key: str) -> None:
        message = rendered(mail, key=key, sender=self._sender, at=self._clock.now())
        server = self._server
        try:
            await aiosmtplib.send(
                message,
                sender=self._sender,
                recipients=[mail.to],
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.tls,
                start_tls=server.starttls,
                tls_context=server.trust(),
                timeout=self._timeout,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _fact(error, mail) from error

    async def aclose(self) -> None:
        """Connections last for one mail; there is nothing to let go of."""


def _fact(error: Exception, mail: Mail) -> MailRefused | Unavailable:
    """A 5xx to this recipient or this content is for good; all else is the road's or our own fault, and may pass."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[first, *_]) if first.code >= 500:
            return MailRefused(one_line(f"{first.code} {first.message}"))
        case aiosmtplib.SMTPDataError() if error.code >= 500:
            return MailRefused(one_line(f"{error.code} {error.message}"))
        case aiosmtplib.SMTPNotSupported() if not mail.to.isascii():
            return MailRefused("The mail server takes no addresses of this script.")
        case _:
            return Unavailable("The mail server does not take mail at present.")


def _options(query: str) -> dict[str, str]:
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    if unknown := set(given) - {"starttls", "verify", "from"}:
        raise ValueError(f"SMTP_URL: {min(unknown)} is not an option")
    return given


def _switch(text: str | None, name: str) -> bool:
    try:
        return _SWITCH[(text or "").lower()]
    except KeyError:
        raise ValueError(f"SMTP_URL: {name} must be true or false") from None
