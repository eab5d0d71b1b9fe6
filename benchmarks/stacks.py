"""A stack under test: a server that speaks the benched part of StarryMeet's contract, and its database."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import asyncpg

from benchmarks.plans import Plan
from benchmarks.processes import Running

__all__ = ["FIRST_DAY", "Stack", "fetch"]

FIRST_DAY = date.today() + timedelta(days=5)  # noqa: DTZ011 - any day soon will do
_DAYS = 700
_BODY = (
    '{"celebrityId":"{celebrity}","meetingType":"standard","date":"{day}","timeSlot":"{slot}",'
    '"contactName":"Ada Lovelace","contactEmail":"ada@example.com","specialRequests":"A signed photo, please."}'
)


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One of those that are compared. `me` and `other` are the access tokens of two customers."""

    name: str
    server: Running
    base: str
    ping: str
    database_url: str
    me: str
    other: str
    my_id: str
    celebrities: list[str]
    """Listings that the load books, never those that the contract check books."""

    def pings(self) -> Plan:
        """The least a request can cost here."""
        return Plan(method="GET", path=self.ping, expects=200)

    def lists(self) -> Plan:
        """The first page: 20 rich rows and how many there are."""
        return Plan(method="GET", path=f"{self.base}/celebrities?limit=20", expects=200, headers=self._signed_in())

    def gets(self, booking_ids: list[str]) -> Plan:
        """One booking of the caller's, each time another."""
        path = self.base + "/bookings/{id}"
        return Plan(method="GET", path=path, expects=200, headers=self._signed_in(), values={"id": booking_ids})

    def books(self) -> Plan:
        """A booking of a slot that nobody has asked for yet."""
        values = {
            "celebrity": self.celebrities,
            "slot": ["morning", "afternoon", "evening"],
            "day": [(FIRST_DAY + timedelta(days=n)).isoformat() for n in range(_DAYS)],
        }
        return Plan(
            method="POST",
            path=self.base + "/bookings",
            expects=201,
            headers=self._signed_in(),
            body=_BODY,
            values=values,
        )

    def books_only(self, celebrity: str, slot: str) -> Plan:
        """One and the same slot, asked for again and again."""
        one = {"celebrity": [celebrity], "slot": [slot], "day": [FIRST_DAY.isoformat()]}
        return Plan(
            method="POST",
            path=self.base + "/bookings",
            expects=201,
            headers=self._signed_in(),
            body=_BODY,
            values=one,
        )

    def as_other(self) -> "Stack":
        """The same, as the other customer."""
        return replace(self, me=self.other)

    def _signed_in(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.me}"}


def fetch(url: str, sql: str, *args: Any) -> list[Any]:
    """The first column of what a statement finds, asked by the databases' owner."""

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return [row[0] for row in await connection.fetch(sql, *args)]
        finally:
            await connection.close()

    return asyncio.run(ask())
