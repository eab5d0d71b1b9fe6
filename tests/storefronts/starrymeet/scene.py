"""A small world around one celebrity and one customer, of which only what is asked for is made."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from bookable.domain import bookings, identity
from bookable.domain.identity import SignedIn
from bookable.kernel.actors import Actor
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from bookable.wiring import House
from tests import make_bookings, make_catalogue
from tests.races.arena import rows

__all__ = ["ACTORS", "Scene"]

ACTORS = ("anonymous", "owner", "stranger", "celebrity", "other", "admin", "foreign", "expired")
"""Nobody; the customer; another one; whom the customer meets; another celebrity; an admin here; an admin of another
tenant; the customer, too late."""
_ROLES = {"celebrity": "celebrity", "other": "celebrity", "admin": "admin", "foreign": "admin"}
_LAST_MONTH = """
UPDATE bookings SET starts_at = starts_at - interval '40 days', ends_at = ends_at - interval '40 days', status = $2,
                    day = day - 40
WHERE id = $1
"""


@dataclass
class Scene:
    """One cell's world, in a tenant that cells share."""

    house: House
    tenant: Tenant
    elsewhere: Tenant
    client: httpx.AsyncClient
    _people: dict[str, SignedIn] = field(default_factory=dict)
    _listing: UUID | None = None

    async def person(self, who: str) -> SignedIn:
        """Somebody of the cast, signed in, without a password."""
        if who not in self._people:
            home = self.elsewhere if who == "foreign" else self.tenant
            role = _ROLES.get(who, "user")
            email = f"{secrets.token_hex(8)}@example.com"
            new = identity.NewUser(email=email, first_name="Ada", last_name="Byron", role=role)
            async with self.house.db.transaction(Actor.system(home.id)) as tx:
                user = await identity.enrol(tx, new, password_hash=None)
                self._people[who] = await identity.open_session(tx, self.house.ports.credentials, user)
        return self._people[who]

    async def headers(self, who: str) -> dict[str, str]:
        """How they say who they are."""
        if who == "anonymous":
            return {}
        person = await self.person("owner" if who == "expired" else who)
        token = person.token
        if who == "expired":
            token = await self._expired(person)
        return {"Authorization": f"Bearer {token}"}

    async def _expired(self, person: SignedIn) -> str:
        credentials, before = self.house.ports.credentials, self.house.clock.now() - timedelta(hours=1)
        first = credentials.refresh.make(self.tenant.id, person.session_id, 0)
        return credentials.signed_in(self.tenant.id, person.user, first, before).token

    async def listing(self) -> UUID:
        """The celebrity's own."""
        if self._listing is None:
            owner = (await self.person("celebrity")).user.id
            self._listing = await make_catalogue.listing(self.house.db, self.tenant.id, owner_id=owner)
        return self._listing

    async def booking(self) -> bookings.Booking:
        """The customer's, not paid yet."""
        owner = await self.person("owner")
        actor = Actor(self.tenant.id, owner.user.id, "user")
        return await make_bookings.place(self.house.db, actor, await self.listing())

    async def paid(self) -> bookings.Booking:
        """The customer's, paid and confirmed."""
        booking = await self.booking()
        await self._ask("/payments/confirm", paymentIntentId=await self.intent(booking), paymentMethod="pm_card_visa")
        return booking

    async def payment(self) -> UUID:
        """What was paid for a booking."""
        booking = await self.paid()
        payment: UUID = (await rows(self.house.db, "SELECT id FROM payments WHERE subject_id = $1", booking.id))[0][
            "id"
        ]
        return payment

    async def over(self, status: str = "confirmed") -> bookings.Booking:
        """One whose time was last month."""
        booking = await self.paid()
        await rows(self.house.db, _LAST_MONTH, booking.id, status)
        return booking

    async def intent(self, booking: bookings.Booking | None = None) -> str:
        """The provider's intent for a booking of the customer's."""
        booking = booking or await self.booking()
        name: str = (await self._ask("/payments/create-intent", bookingId=str(booking.id)))["paymentIntentId"]
        return name

    async def _ask(self, path: str, **body: str) -> dict[str, Any]:
        answer = await self.client.post(path, json=body, headers=await self.headers("owner"))
        assert answer.status_code < 300, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    async def second_session(self) -> UUID:
        """The customer's, elsewhere."""
        person = await self.person("owner")
        async with self.house.db.transaction(Actor.system(self.tenant.id)) as tx:
            return (await identity.open_session(tx, self.house.ports.credentials, person.user)).session_id

    @staticmethod
    def nobody() -> UUID:
        """An id that nothing has."""
        return new_id()
