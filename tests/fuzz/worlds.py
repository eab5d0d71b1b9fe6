"""What a fuzzer meets: a server with people, and with things of theirs in every state."""

import json
import random
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx
import psycopg

__all__ = ["Ids", "World"]

Ids = dict[str, list[Any]]
"""What there is, by the names that paths, queries and bodies have for it."""


@dataclass
class World(ABC):
    """One storefront of a server. `url` is its database's, for its owner; `base` where its operations begin; `roles`
    those that make a difference there."""

    url: str
    address: str
    slug: str

    kind: ClassVar[str]
    below: ClassVar[str] = "/api"
    ends_the_session: ClassVar[tuple[str, ...]]
    roles: ClassVar[tuple[str, ...]] = ("user", "admin")

    @property
    def document(self) -> str:
        return f"{self.address}/{self.slug}/openapi.json"

    @property
    def base(self) -> str:
        return f"{self.address}/{self.slug}{self.below}"

    def signed_in(self, role: str) -> str:
        """The token of somebody with that role."""
        email = f"fuzz-{role}-{random.randrange(10**9)}@example.com"
        self.sign_up(email)
        with psycopg.connect(self.url, autocommit=True) as owner:
            owner.execute("UPDATE users SET role = %s WHERE email = %s", [role, email])
        return self.sign_in(email)

    @abstractmethod
    def sign_up(self, email: str) -> None:
        """Somebody new with this address, with the usual password."""

    @abstractmethod
    def sign_in(self, email: str) -> str:
        """Their token."""

    @abstractmethod
    def ids(self, token: str) -> Ids:
        """What there is of this person's, made now."""

    def stranger_headers(self) -> dict[str, str]:
        """What somebody who has not signed in sends all the same."""
        return {}

    def rows(self, statement: str) -> list[str]:
        """The first column, as text."""
        with psycopg.connect(self.url) as owner:
            return [str(row[0]) for row in owner.execute(statement.encode())]

    def ask(self, token: str | None, method: str, path: str, params: Any = None, **body: Any) -> Any:
        """What a call answers that must succeed."""
        who = {"Authorization": f"Bearer {token}"} if token else {}
        given: dict[str, Any] = {"json": body} if method != "GET" else {}
        answer = httpx.request(method, f"{self.base}{path}", params=params, headers=who, timeout=30, **given)
        assert answer.status_code < 300, answer.text
        return json.loads(answer.content or b"null")
