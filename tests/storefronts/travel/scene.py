"""A traveller and the flights they book, of which only what is asked for is made."""

from dataclasses import dataclass
from typing import Any

from ..scene import Scene
from .trips import adult, day

__all__ = ["Journey"]


@dataclass
class Journey(Scene):
    """The owner is the traveller."""

    async def flight(self) -> str:
        """One that a search has found; on a day and of a price that are this scene's own, for seats run out."""
        chosen = int(self.mark[-8:], 16)
        asked = {"origin": "LHR", "destination": "JFK", "departureDate": day(self.house, 20 + chosen % 300)}
        flights = (await self.ask("GET", "/flights/search", params=asked))["flights"]
        found: str = flights[chosen // 300 % len(flights)]["id"]
        return found

    def party(self) -> dict[str, Any]:
        """Who flies, and whom to tell."""
        contact = {"email": f"{self.private}@example.com", "phone": "+44 20 7946 0123"}
        return {"travelers": [adult(lastName=self.private)], "contact": contact}

    async def booking(self) -> str:
        """The traveller's, not paid yet."""
        body = {"flightId": await self.flight(), **self.party()}
        booking_id: str = (await self.ask("POST", "/bookings", json=body))["booking"]["id"]
        return booking_id

    async def paid(self) -> str:
        """The traveller's, paid and ordered from the airline."""
        booking_id = await self.booking()
        body = {"paymentIntentId": await self._intent(booking_id), "paymentMethod": "pm_card_visa"}
        await self.ask("POST", "/payments/confirm", json=body)
        assert (await self.client.post("http://bookable.test/sandbox/jobs/run")).is_success
        return booking_id

    async def intent(self) -> str:
        """The provider's, for a booking of the traveller's."""
        return await self._intent(await self.booking())

    async def _intent(self, booking_id: str) -> str:
        name: str = (await self.ask("POST", "/payments/create-intent", json={"bookingId": booking_id}))[
            "paymentIntentId"
        ]
        return name

    async def furnish(self) -> None:
        await self.paid()
        await self.booking()
