"""A small world around one owner, in a tenant that many share; what is asked for is made, and nothing else.

All that somebody writes into it carries its `mark`, and what only its owner should be shown carries `private`: where
either turns up in anybody else's answers, something has leaked.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import httpx

from bookable.domain import identity
from bookable.domain.identity import SignedIn
from bookable.kernel.actors import Actor
from bookable.kernel.tenants import Tenant
from bookable.wiring import House

__all__ = ["Scene", "mark_of"]


def mark_of(tenant: Tenant) -> str:
    """What every scene in this tenant begins its marks with."""
    return f"mark{tenant.id.hex[-12:]}"


@dataclass
class Scene(ABC):
    """`anonymous` is nobody, `stranger` somebody else, `admin` of this tenant, `foreign` an admin of another one,
    `expired` the owner with a token of an hour ago."""

    house: House
    tenant: Tenant
    elsewhere: Tenant
    client: httpx.AsyncClient
    mark: str = field(init=False)
    _people: dict[str, SignedIn] = field(default_factory=dict, init=False)

    roles: ClassVar[Mapping[str, str]] = {"admin": "admin", "foreign": "admin"}

    def __post_init__(self) -> None:
        self.mark = mark_of(self.tenant) + secrets.token_hex(6)

    @property
    def private(self) -> str:
        """What only the owner should be shown."""
        return f"{self.mark}private"

    async def person(self, who: str) -> SignedIn:
        """Somebody of the cast, signed in, without a password."""
        if who not in self._people:
            home = self.elsewhere if who == "foreign" else self.tenant
            word = {"owner": self.private, "foreign": "Elsewhere"}.get(who, self.mark)
            new = identity.NewUser(
                email=f"{word}-{secrets.token_hex(6)}@example.com",
                first_name="Ada",
                last_name=word,
                role=self.roles.get(who, "user"),
            )
            async with self.house.db.transaction(Actor.system(home.id)) as tx:
                user = await identity.enrol(tx, new, password_hash=None)
                self._people[who] = await identity.open_session(tx, self.house.ports.credentials, user)
        return self._people[who]

    async def headers(self, who: str) -> dict[str, str]:
        """How they say who they are."""
        if who == "anonymous":
            return {}
        person = await self.person("owner" if who == "expired" else who)
        token = self._expired(person) if who == "expired" else person.token
        return {"Authorization": f"Bearer {token}"}

    def _expired(self, person: SignedIn) -> str:
        credentials, before = self.house.ports.credentials, self.house.clock.now() - timedelta(hours=1)
        first = credentials.refresh.make(self.tenant.id, person.session_id, 0)
        return credentials.signed_in(self.tenant.id, person.user, first, before).token

    async def ask(self, method: str, path: str, **request: Any) -> Any:
        """What the owner is answered, who is in the right here."""
        answer = await self.client.request(method, path, headers=await self.headers("owner"), **request)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    @abstractmethod
    async def furnish(self) -> None:
        """Two of everything that is the owner's, for lists to have something in them and to go on."""

    async def refresh_token(self) -> str:
        """Of the owner's session."""
        return (await self.person("owner")).refresh_token
