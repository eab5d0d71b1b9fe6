"""A celebrity and a customer who meets them, of which only what is asked for is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from bookable.domain import bookings, identity
from bookable.kernel.actors import Actor
from tests import make_bookings, make_catalogue
from tests.races.arena import rows

from ..scene import Scene

__all__ = ["Meeting"]

_LAST_MONTH = """
UPDATE bookings SET starts_at = starts_at - interval '40 days', ends_at = ends_at - interval '40 days', status = $2,
                    day = day - 40
WHERE id = $1
"""


@dataclass
class Meeting(Scene):
    """The owner is the customer; `celebrity` is whom they meet, `other` another celebrity."""

    _listing: UUID | None = field(default=None, init=False)
    _booked: int = field(default=0, init=False)

    roles: ClassVar[Mapping[str, str]] = {**Scene.roles, "celebrity": "celebrity", "other": "celebrity"}

    async def listing(self) -> UUID:
        """The celebrity's own."""
        if self._listing is None:
            owner = (await self.person("celebrity")).user.id
            said = {"owner_id": owner, "display_name": self.mark, "bio": self.mark}
            self._listing = await make_catalogue.listing(self.house.db, self.tenant.id, rated=(), **said)
        return self._listing

    async def booking(self) -> UUID:
        """The customer's, not paid yet."""
        actor = Actor(self.tenant.id, (await self.person("owner")).user.id, "user")
        self._booked += 1
        asked = {
            "contact_name": self.private,
            "contact_email": f"{self.private}@example.com",
            "day": make_bookings.soon(self.house.db, 10 + self._booked),
        }
        return (await make_bookings.place(self.house.db, actor, await self.listing(), **asked)).id

    async def paid(self) -> UUID:
        """The customer's, paid and confirmed."""
        booking_id = await self.booking()
        body = {"paymentIntentId": await self._intent(booking_id), "paymentMethod": "pm_card_visa"}
        await self.ask("POST", "/payments/confirm", json=body)
        return booking_id

    async def payment(self) -> UUID:
        """What was paid for a booking."""
        found = await rows(self.house.db, "SELECT id FROM payments WHERE subject_id = $1", await self.paid())
        payment_id: UUID = found[0]["id"]
        return payment_id

    async def past(self, status: bookings.Status = bookings.Status.CONFIRMED) -> UUID:
        """One whose time was last month."""
        booking_id = await self.paid()
        await rows(self.house.db, _LAST_MONTH, booking_id, status)
        return booking_id

    async def completed(self) -> UUID:
        """One that was met at, last month."""
        return await self.past(bookings.Status.COMPLETED)

    async def reviewed(self) -> UUID:
        """The celebrity of whom a review is to be read."""
        review = {"rating": 5, "title": self.mark, "comment": self.mark}
        await self.ask("POST", f"/bookings/{await self.completed()}/review", json=review)
        return await self.listing()

    async def intent(self) -> str:
        """The provider's, for a booking of the customer's."""
        return await self._intent(await self.booking())

    async def _intent(self, booking_id: UUID) -> str:
        asked = {"bookingId": str(booking_id)}
        name: str = (await self.ask("POST", "/payments/create-intent", json=asked))["paymentIntentId"]
        return name

    async def ask(self, method: str, path: str, **request: Any) -> Any:
        """Without the envelope."""
        answer = await super().ask(method, path, **request)
        return answer["data"] if answer else None

    async def furnish(self) -> None:
        await self.paid()
        await self.booking()
        await self.reviewed()
        await self.ask("PUT", f"/users/me/favorites/{await self.listing()}")

    async def second_session(self) -> UUID:
        """The customer's, elsewhere."""
        person = await self.person("owner")
        async with self.house.db.transaction(Actor.system(self.tenant.id)) as tx:
            return (await identity.open_session(tx, self.house.ports.credentials, person.user)).session_id

    async def somebody(self) -> UUID:
        """A customer, for an admin to look at."""
        return (await self.person("owner")).user.id
