"""Where races are run: many clients on connections of their own, let go at once; and what became of each."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import asyncpg
import psycopg

from bookable.kernel.clock import Clock
from bookable.kernel.db import Database, TransactionConflict
from bookable.kernel.errors import DomainError
from bookable.kernel.events import Subscriptions
from bookable.migrate import upgrade
from tests import servers

__all__ = ["CLIENTS", "Outcome", "arena", "race", "rows", "scratch", "statement"]

CLIENTS = 50
T = TypeVar("T")


@dataclass(slots=True)
class Outcome(Generic[T]):
    """Who got what they wanted, who was refused and with which code, and what should never have happened."""

    won: list[T] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    deadlocks: int = 0
    broken: list[Exception] = field(default_factory=list)

    def clean(self) -> "Outcome[T]":
        """Every loser was told why, and nobody waited in a circle."""
        assert not self.broken, self.broken[:3]
        assert self.deadlocks == 0
        return self


async def race(clients: Sequence[Callable[[], Awaitable[T]]], *, shuffled: bool = True) -> Outcome[T]:
    """Let them all go at the same moment. None tries again: what would be retried counts as a deadlock or as broken."""
    gate = asyncio.Event()
    outcome: Outcome[T] = Outcome()
    order = list(clients)
    if shuffled:
        random.shuffle(order)

    async def run(client: Callable[[], Awaitable[T]]) -> None:
        await gate.wait()
        try:
            outcome.won.append(await client())
        except TransactionConflict as conflict:
            if isinstance(conflict.__cause__, asyncpg.DeadlockDetectedError):
                outcome.deadlocks += 1
            else:
                outcome.broken.append(conflict)
        except DomainError as refusal:
            outcome.refused[refusal.code] += 1
        except Exception as error:  # noqa: BLE001 - kept, and looked at by `clean`
            outcome.broken.append(error)

    running = [asyncio.create_task(run(c)) for c in order]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*running)
    return outcome


@asynccontextmanager
async def arena(url: str, clock: Clock, subscriptions: Subscriptions) -> AsyncIterator[Database]:
    """The application's way to a database, with a connection for every client, opened beforehand."""
    db = await Database.connect(url, clock, subscriptions, size=CLIENTS, acquire_timeout=60)
    held = [await db.pool.acquire() for _ in range(CLIENTS)]
    for connection in held:
        await db.pool.release(connection)
    try:
        yield db
    finally:
        await db.close()


@asynccontextmanager
async def scratch(name: str, *sabotage: str) -> AsyncIterator[str]:
    """A database of its own at the newest schema, with something taken away that the promise rests on."""
    with psycopg.connect(servers.admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
    url = servers.admin_url().rsplit("/", 1)[0] + f"/{name}"
    upgrade(url)
    with psycopg.connect(url, autocommit=True) as owner:
        for text in sabotage:
            owner.execute(text)
    try:
        yield url
    finally:
        with psycopg.connect(servers.admin_url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def rows(db: Database, text: str, *args: Any) -> list[Any]:
    """What the tables say, read by their owner."""
    owner = await asyncpg.connect(db.url)
    try:
        return list(await owner.fetch(text, *args))
    finally:
        await owner.close()


async def statement(db: Database, text: str, *args: Any) -> Any:
    """One statement of the owner's, for what a race must begin from."""
    return (await rows(db, text, *args) or [None])[0]
