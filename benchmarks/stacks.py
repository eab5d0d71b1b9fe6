"""A stack under test: a server that speaks the benched part of StarryMeet's contract, and its database."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import asyncpg

from benchmarks.plans import Plan
from benchmarks.processes import Running

__all__ = ["FIRST_DAY", "Person", "Stack", "fetch"]

FIRST_DAY = date.today() + timedelta(days=5)  # noqa: DTZ011 - any day soon will do
_DAYS = 700
_SLOTS = ["morning", "afternoon", "evening"]
_SIGNED_IN = {"Authorization": "Bearer {token}"}
_BODY = (
    '{"celebrityId":"{celebrity}","meetingType":"standard","date":"{day}","timeSlot":"{slot}",'
    '"contactName":"Ada Lovelace","contactEmail":"ada@example.com","specialRequests":"A signed photo, please."}'
)


@dataclass(frozen=True)
class Person:
    """A customer, and an access token of theirs."""

    id: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One of those that are compared. The load comes from many `people`, so that rate limits count as they would.

    `me` and `other` are who the contract check acts as; `celebrities` are the listings that the load books.
    """

    name: str
    server: Running
    base: str
    ping: str
    database_url: str
    me: Person
    other: Person
    people: list[Person]
    celebrities: list[str]

    def pings(self) -> Plan:
        """The least a request can cost here."""
        return Plan(method="GET", path=self.ping, expects=200)

    def lists(self, query: str = "") -> Plan:
        """The first page: 20 rich rows and how many there are."""
        path = f"{self.base}/celebrities?limit=20{query}"
        return Plan(method="GET", path=path, expects=200, headers=_SIGNED_IN, cycled=[self._everyone()])

    def gets(self, bookings: list[dict[str, str]]) -> Plan:
        """One booking of the caller's, each time another: `id` and the caller's `token`."""
        path = self.base + "/bookings/{id}"
        return Plan(method="GET", path=path, expects=200, headers=_SIGNED_IN, cycled=[bookings])

    def books(self) -> Plan:
        """A booking of a slot that nobody has asked for yet."""
        days = [(FIRST_DAY + timedelta(days=n)).isoformat() for n in range(_DAYS)]
        counted = [_choices("celebrity", self.celebrities), _choices("slot", _SLOTS), _choices("day", days)]
        return self._booking(counted, self._everyone())

    def books_only(self, celebrity: str, slot: str, day: date = FIRST_DAY) -> Plan:
        """One and the same slot, asked for by me again and again."""
        one = [{"celebrity": celebrity, "slot": slot, "day": day.isoformat()}]
        return self._booking([one], [{"token": self.me.token}])

    def _booking(self, counted: list[list[dict[str, str]]], by: list[dict[str, str]]) -> Plan:
        path = self.base + "/bookings"
        return Plan(method="POST", path=path, expects=201, headers=_SIGNED_IN, body=_BODY, counted=counted, cycled=[by])

    def _everyone(self) -> list[dict[str, str]]:
        return [{"token": person.token} for person in self.people]


def _choices(name: str, values: list[str]) -> list[dict[str, str]]:
    return [{name: value} for value in values]


def fetch(url: str, sql: str, *args: Any) -> list[Any]:
    """The first column of what a statement finds, asked by the databases' owner."""

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return [row[0] for row in await connection.fetch(sql, *args)]
        finally:
            await connection.close()

    return asyncio.run(ask())
