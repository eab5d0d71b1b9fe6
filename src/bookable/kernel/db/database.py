"""The pool, and the only place where a transaction begins, commits, is given up or tried again."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import asyncpg
import msgspec

from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.errors import Unavailable
from bookable.kernel.events import Subscriptions
from bookable.kernel.jobs import flush

from .presence import Presence
from .transaction import CLIENT_ERRORS, Transaction, TransactionConflict, translate

__all__ = ["APP_ROLE", "Database"]

APP_ROLE = "bookable_app"
"""The role that requests and jobs act as: not the tables' owner, and without BYPASSRLS."""

_ATTEMPTS = 6
_SETTINGS = {
    "role": APP_ROLE,
    "timezone": "UTC",
    "jit": "off",
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "application_name": "bookable",
}
_TAKE_TURN = "SELECT pg_advisory_lock(hashtextextended($1, 0))"
_PATIENT = {"statement_timeout": "0", "lock_timeout": "0"}
T = TypeVar("T")


class Database:
    """PostgreSQL as the application sees it. Made by `connect`; `transaction` and `run` are its verbs."""

    def __init__(
        self, pool: "asyncpg.Pool[Any]", url: str, clock: Clock, subscriptions: Subscriptions, *, acquire_timeout: float
    ) -> None:
        self.pool = pool
        self.url = url
        self.clock = clock
        self.subscriptions = subscriptions
        self.presence = Presence()
        self._acquire_timeout = acquire_timeout
        self._turns = asyncio.Semaphore(pool.get_max_size())

    @classmethod
    async def connect(
        cls,
        url: str,
        clock: Clock,
        subscriptions: Subscriptions,
        *,
        size: int = 16,
        acquire_timeout: float = 5.0,
        role: str = APP_ROLE,
    ) -> Self:
        """Open a pool of at most `size` connections, each acting as the application's role."""
        pool = await asyncpg.create_pool(
            url,
            min_size=min(2, size),
            max_size=size,
            max_inactive_connection_lifetime=300,
            statement_cache_size=512,
            command_timeout=30,
            server_settings={**_SETTINGS, "role": role},
            init=_codecs,
            reset=_nothing_to_reset,
        )
        return cls(pool, url, clock, subscriptions, acquire_timeout=acquire_timeout)

    async def close(self) -> None:
        """Wait a little for what is running, then close every connection."""
        try:
            await asyncio.wait_for(self.pool.close(), 10)
        except TimeoutError:
            self.pool.terminate()

    @asynccontextmanager
    async def transaction(self, actor: Actor) -> AsyncIterator[Transaction]:
        """A transaction of `actor`'s: committed when the block ends well, undone when it doesn't.

        The database is told the tenant and the principal in the same round trip as BEGIN. A caller that is
        cancelled in the middle costs the connection, never the next caller's context. Raises
        `TransactionConflict` where trying the whole block again is safe (`run` does), `Unavailable` when
        the database can't be reached or every connection stays busy.
        """
        conn = await self._acquire()
        tx = Transaction(conn, actor, self.clock, self.subscriptions)
        sound = False
        try:
            await _guarded(conn.execute(self._begin(actor)))
            try:
                yield tx
            except Exception:
                sound = await _rolled_back(conn)
                raise
            if tx.deferred:
                await _guarded(flush(tx, conn))
            await _guarded(conn.execute("COMMIT"))
            sound = True
        finally:
            await self._give_back(conn, sound=sound)

    async def run(self, actor: Actor, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """`work` in a transaction, again with jitter when it met another one."""
        for attempt in range(_ATTEMPTS):
            try:
                async with self.transaction(actor) as tx:
                    return await work(tx)
            except TransactionConflict:
                if attempt == _ATTEMPTS - 1:
                    raise
                await self.pause(attempt)
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def alone(self, task: str) -> AsyncIterator[None]:
        """One at a time, of all processes on this database: who comes later waits. For work that takes a while and
        several transactions; it ends with the block, or with the process. Raises `Unavailable`."""
        try:
            conn = await asyncpg.connect(self.url, server_settings=_SETTINGS | _PATIENT)
        except (TimeoutError, OSError, asyncpg.PostgresError, *CLIENT_ERRORS) as error:
            raise Unavailable(retry_after=1) from error
        try:
            await _guarded(conn.execute(_TAKE_TURN, task))
            yield
        finally:
            conn.terminate()

    @staticmethod
    async def pause(attempt: int) -> None:
        """How long to stand back before trying a transaction again: full jitter, 10 ms doubling."""
        await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter, no secret

    async def _acquire(self) -> "asyncpg.pool.PoolConnectionProxy[Any]":
        """In the order of asking: by itself the pool lets newcomers go before those whom it has kept waiting."""
        try:
            async with asyncio.timeout(self._acquire_timeout):
                await self._turns.acquire()
                try:
                    return await self.pool.acquire()
                except BaseException:
                    self._turns.release()
                    raise
        except (TimeoutError, OSError, asyncpg.PostgresError, *CLIENT_ERRORS) as error:
            raise Unavailable(retry_after=1) from error

    async def _give_back(self, conn: "asyncpg.pool.PoolConnectionProxy[Any]", *, sound: bool) -> None:
        """Whoever is cancelled meanwhile gives it back all the same: the pool sees to that."""
        try:
            if not sound:
                conn.terminate()
            await self.pool.release(conn)
        except CLIENT_ERRORS:
            pass  # the connection was lost, and is out of the pool already
        finally:
            self._turns.release()

    def _begin(self, actor: Actor) -> str:
        """UUIDs and enum members only: nothing here can carry a quote."""
        text = f"BEGIN;SET LOCAL app.tenant_id='{actor.tenant_id}';SET LOCAL app.scope='{actor.scope.value}'"
        if actor.id is not None:
            text += f";SET LOCAL app.user_id='{actor.id}'"
        if self.clock.offset:
            text += f";SET LOCAL app.clock_offset='{self.clock.offset.total_seconds():.6f} seconds'"
        return text


async def _guarded(call: Awaitable[T]) -> T:
    try:
        return await call
    except Exception as error:  # noqa: BLE001 - translated, never swallowed
        translate(error)


async def _rolled_back(conn: "asyncpg.pool.PoolConnectionProxy[Any]") -> bool:
    """Whether the connection can be used again; why it can't is of no interest beside why we roll back."""
    try:
        await conn.execute("ROLLBACK")
    except Exception:  # noqa: BLE001 - the server undoes what a lost connection had begun
        return False
    return True


async def _nothing_to_reset(_: Any) -> None:
    """Transactions leave nothing behind (SET LOCAL alone, no LISTEN, no cursors), so nothing is reset."""


async def _codecs(conn: Any) -> None:
    await conn.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda v: msgspec.json.encode(v).decode(),
        decoder=msgspec.json.decode,
    )
