"""People who book, pay and cancel over HTTP, and who ask again until they are answered, as good clients do."""

import asyncio
import random
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

__all__ = ["Customer", "Line", "Story", "Wishes", "tomorrow"]

PASSWORD = "Correct-horse-7"
_SLOTS = ("morning", "afternoon", "evening")


def tomorrow(days: int = 1) -> str:
    """The day after today, or a later one, as the wire writes it."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


@dataclass
class Line:
    """A client's line to a server that may go away in the middle of anything.

    `ask` repeats a request until its answer is final; what came in between is counted in `seen`, and `longest` is how
    long somebody had to ask.
    """

    client: httpx.AsyncClient
    patience: float = 120.0
    seen: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0

    @classmethod
    @asynccontextmanager
    async def open(cls, address: str, **given: Any) -> AsyncIterator["Line"]:
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
        async with httpx.AsyncClient(base_url=address, timeout=35, limits=limits) as client:
            yield cls(client, **given)

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The final answer. Raises `TimeoutError` when there is none for as long as we are patient."""
        began = time.monotonic()
        async with asyncio.timeout(self.patience):
            while True:
                answer = await self._once(method, path, **request)
                if answer is not None:
                    self.longest = max(self.longest, time.monotonic() - began)
                    return answer
                await asyncio.sleep(random.uniform(0.2, 0.8))

    async def _once(self, method: str, path: str, **request: Any) -> httpx.Response | None:
        try:
            answer = await self.client.request(method, path, **request)
        except httpx.TransportError as error:
            self.seen[type(error).__name__] += 1
            return None
        self.seen[str(answer.status_code)] += 1
        self.seen["replayed"] += answer.headers.get("idempotency-replayed") == "true"
        if answer.status_code >= 500:
            self.seen["without retry-after"] += "retry-after" not in answer.headers
            return None
        in_progress = answer.status_code == 409 and answer.json()["error"]["code"] == "IDEMPOTENCY_IN_PROGRESS"
        return None if in_progress else answer


@dataclass
class Wishes:
    """What customers of this run choose from, and how they choose: by a seed."""

    celebrities: list[UUID]
    days: int
    cancelling: float = 0.2
    thinking: float = 0.0
    """At most this many seconds before each step."""

    def meeting(self, dice: random.Random) -> dict[str, Any]:
        return {
            "celebrityId": str(dice.choice(self.celebrities)),
            "meetingType": dice.choice(["quick", "standard", "premium"]),
            "date": tomorrow(4 + dice.randrange(self.days)),
            "timeSlot": dice.choice(_SLOTS),
            "contactName": "Robin Field",
        }


@dataclass
class Story:
    """What one customer was told about one booking, in final answers."""

    booking_id: UUID
    number: str
    total_cents: int
    email: str
    payment: str | None = None
    cancelled: bool = False
    refund_cents: int = 0


@dataclass
class Customer:
    """Somebody with an account, who books until they have as many meetings as they want."""

    line: Line
    wishes: Wishes
    dice: random.Random
    email: str = field(default_factory=lambda: f"c{secrets.token_hex(8)}@example.com")
    stories: list[Story] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    token: str = ""

    async def sign_up(self) -> None:
        """Registered, or registered already by a try whose answer was lost."""
        person = {"email": self.email, "password": PASSWORD, "firstName": "Robin", "lastName": "Field"}
        answer = await self.line.ask("POST", "/auth/register", json=person)
        if answer.status_code == 409:
            answer = await self.line.ask("POST", "/auth/login", json=person)
        assert answer.status_code in (200, 201), answer.text
        self.token = answer.json()["data"]["token"]

    async def live(self, bookings: int) -> None:
        """The whole journey, that many times."""
        await self.sign_up()
        while len(self.stories) < bookings:
            story = await self.book()
            if story is not None:
                await self.pay(story)
                if self.dice.random() < self.wishes.cancelling:
                    await self.cancel(story)

    async def book(self) -> Story | None:
        """A booking, or None where somebody else was first."""
        email = f"b{secrets.token_hex(8)}@example.com"
        answer = await self._post("/bookings", {**self.wishes.meeting(self.dice), "contactEmail": email})
        if answer.status_code == 409:
            self.refused[answer.json()["error"]["code"]] += 1
            return None
        assert answer.status_code == 201, answer.text
        made = answer.json()["data"]["booking"]
        self.stories.append(Story(UUID(made["id"]), made["bookingNumber"], made["totalCents"], email))
        return self.stories[-1]

    async def pay(self, story: Story) -> None:
        answer = await self._post("/payments/create-intent", {"bookingId": str(story.booking_id)})
        assert answer.status_code == 201, answer.text
        intent = answer.json()["data"]
        assert intent["amountCents"] == story.total_cents
        method = self.dice.choice(["pm_card_visa", "pm_card_visa", "pm_card_visa_delayed"])
        wish = {"paymentIntentId": intent["paymentIntentId"], "paymentMethod": method}
        answer = await self._post("/payments/confirm", wish)
        assert answer.status_code == 200, answer.text
        story.payment = answer.json()["data"]["payment"]["status"]

    async def cancel(self, story: Story) -> None:
        """Cancelled by this try, or by one whose answer was lost."""
        path = f"/bookings/{story.booking_id}/cancel"
        answer = await self.line.ask("PATCH", path, json={"reason": "Ill"}, headers=self.who())
        if answer.status_code == 409:
            assert answer.json()["error"]["details"]["from"] == "cancelled", answer.text
        else:
            assert answer.status_code == 200, answer.text
            refund = answer.json()["data"]["refund"]
            story.refund_cents = refund["amountCents"] if refund else 0
        story.cancelled = True

    async def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        await asyncio.sleep(self.dice.uniform(0, self.wishes.thinking))
        headers = {**self.who(), "Idempotency-Key": secrets.token_hex(16)}
        return await self.line.ask("POST", path, json=body, headers=headers)

    def who(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
