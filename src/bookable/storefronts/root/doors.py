"""What the root's sandbox doors need of the sandbox providers, in the doors' own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

__all__ = ["Faults", "KeptMail", "Mailbox", "Payer"]


class KeptMail(Protocol):
    """A mail that the sandbox kept. `attachments` are (file name, content type, bytes)."""

    @property
    def id(self) -> UUID: ...

    @property
    def storefront(self) -> str: ...

    @property
    def to(self) -> str: ...

    @property
    def subject(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def html(self) -> str: ...

    @property
    def headers(self) -> dict[str, str]: ...

    @property
    def attachments(self) -> list[tuple[str, str, bytes]]: ...

    @property
    def created_at(self) -> datetime: ...


class Mailbox(Protocol):
    """Every mail that was sent, newest first."""

    async def mails(self, to: str | None) -> Sequence[KeptMail]: ...

    async def mail(self, mail_id: UUID) -> KeptMail | None: ...

    async def clear(self) -> None: ...


class Payer(Protocol):
    """The customer's bank, and the provider behind an intent. Each act brings a signed webhook to our own endpoint.

    Raises NotFound for an intent it does not know, InvalidState for an act that its state does not allow.
    """

    async def act(self, intent_id: str, act: str, *, duplicate: int, delay_seconds: float) -> str: ...


class Faults(Protocol):
    """Trouble to order. `strike` is the adapters' side; this is the tester's."""

    async def order(self, provider: str, mode: str, times: int) -> None: ...

    async def clear(self) -> None: ...
