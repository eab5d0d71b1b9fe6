"""A real SMTP server (aiosmtpd) on loopback that keeps what it takes, envelope and message apart."""

import asyncio
import ssl
import warnings
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult

from tests.doubles.loopback import listen

__all__ = ["SmtpDouble", "Taken"]


@dataclass(frozen=True)
class Taken:
    """One mail as it came over the wire."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, _class=EmailMessage, policy=POLICY)


@dataclass
class SmtpDouble:
    """`async with SmtpDouble() as smtp: …smtp.url…`. `answers` come first, whatever is asked, at DATA."""

    user: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None
    taken: list[Taken] = field(default_factory=list)
    refusing: set[str] = field(default_factory=set)
    answers: list[str] = field(default_factory=list)
    losing: int = 0
    """So many mails are taken, and answered as if they were not."""
    greeting_tls: bool = False
    url: str = ""

    async def __aenter__(self) -> Self:
        made = listen()
        self._server = await asyncio.get_running_loop().create_server(
            self._session, sock=made, ssl=self.tls if self.greeting_tls else None
        )
        self.port = made.getsockname()[1]
        scheme = "smtps" if self.greeting_tls else "smtp"
        login = f"{self.user}:{self.password}@" if self.user else ""
        self.url = f"{scheme}://{login}127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()

    def _session(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a password in the clear is what some tests are about
            return SMTP(
                self,
                hostname="double",
                tls_context=None if self.greeting_tls else self.tls,
                require_starttls=bool(self.tls) and not self.greeting_tls,
                auth_required=self.user is not None,
                auth_require_tls=False,
                authenticator=self._authenticate,
                loop=asyncio.get_running_loop(),
            )

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == ((self.user or "").encode(), (self.password or "").encode())
        return AuthResult(success=right, handled=right)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refusing:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(Taken(envelope.mail_from, list(envelope.rcpt_tos), bytes(envelope.content)))
        if self.losing:
            self.losing -= 1
            return "451 4.3.0 Try again later"
        return "250 OK"
