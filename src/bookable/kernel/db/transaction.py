"""A transaction that belongs to somebody: everything in it happens, or nothing does."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import asyncpg

from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.errors import Conflict, DomainError, NotFound, Unavailable, ValidationFailed
from bookable.kernel.events import Subscriptions

from .queries import Query

if TYPE_CHECKING:
    from bookable.kernel.jobs import Deferred

__all__ = ["CLIENT_ERRORS", "Transaction", "TransactionConflict", "constraint", "translate"]

CLIENT_ERRORS = (asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises by itself, mostly because a connection was lost in the middle."""

R = TypeVar("R")
_CONSTRAINTS: dict[str, Callable[[], DomainError]] = {}


class TransactionConflict(Unavailable):
    """Two transactions met (40001, 40P01, 55P03): nothing happened, and trying again is safe."""

    code = "CONFLICT"
    message = "Too many people are changing this at once; try again."


def constraint(name: str, error: Callable[[], DomainError]) -> None:
    """Say which fact a violated constraint states. Each module does so for its own constraints."""
    _CONSTRAINTS[name] = error


def translate(error: Exception) -> NoReturn:
    """Raise what the database's refusal means to the domain; never a constraint's name."""
    match error:
        case asyncpg.SerializationError() | asyncpg.DeadlockDetectedError() | asyncpg.LockNotAvailableError():
            raise TransactionConflict(retry_after=1) from error
        case asyncpg.IntegrityConstraintViolationError():
            known = _CONSTRAINTS.get(error.constraint_name or "")
            if known is not None:
                raise known() from error
            if isinstance(error, asyncpg.UniqueViolationError | asyncpg.ExclusionViolationError):
                raise Conflict from error
            if isinstance(error, asyncpg.ForeignKeyViolationError):
                raise NotFound from error
        case asyncpg.DataError():
            raise ValidationFailed({"body": "A value can't be stored: it is out of range or malformed."}) from error
        case asyncpg.QueryCanceledError() | asyncpg.TooManyConnectionsError() | OSError() | TimeoutError():
            raise Unavailable(retry_after=1) from error
        case (
            asyncpg.PostgresConnectionError()
            | asyncpg.InterfaceError()
            | asyncpg.InternalClientError()
            | asyncpg.OperatorInterventionError()
            | asyncpg.IdleInTransactionSessionTimeoutError()
        ):
            raise Unavailable(retry_after=1) from error
        case _:
            pass
    raise error


class Transaction:
    """Run statements as `actor`; `tenant_id` is filled in wherever a statement asks for it.

    Made by `Database.transaction`; the only one who commits is there too.
    """

    __slots__ = ("_conn", "actor", "clock", "deferred", "subscriptions")

    def __init__(
        self, conn: "asyncpg.pool.PoolConnectionProxy[Any]", actor: Actor, clock: Clock, subscriptions: Subscriptions
    ) -> None:
        self._conn = conn
        self.actor = actor
        self.clock = clock
        self.subscriptions = subscriptions
        self.deferred: list[Deferred] = []

    def _arguments(self, q: Query[Any], params: dict[str, Any]) -> list[Any]:
        if q.takes_tenant and "tenant_id" not in params:
            params["tenant_id"] = self.actor.tenant_id
        return q.arguments(params)

    async def first(self, q: Query[R], **params: Any) -> R | None:
        """The first row, or None."""
        args = self._arguments(q, params)
        try:
            row = await self._conn.fetchrow(q.sql, *args)
        except Exception as error:  # noqa: BLE001 - translated, never swallowed
            translate(error)
        return None if row is None else q.read(row)

    async def one(self, q: Query[R], *, or_raise: Callable[[], Exception] = NotFound, **params: Any) -> R:
        """The row; raises `or_raise()` when there is none."""
        row = await self.first(q, **params)
        if row is None:
            raise or_raise()
        return row

    async def all(self, q: Query[R], **params: Any) -> list[R]:
        """Every row, in the statement's order."""
        args = self._arguments(q, params)
        try:
            rows = await self._conn.fetch(q.sql, *args)
        except Exception as error:  # noqa: BLE001 - translated, never swallowed
            translate(error)
        read = q.read
        return [read(row) for row in rows]

    async def run(self, q: Query[Any], **params: Any) -> int:
        """Run for its effect; answers how many rows it touched."""
        args = self._arguments(q, params)
        try:
            status = await self._conn.execute(q.sql, *args)
        except Exception as error:  # noqa: BLE001 - translated, never swallowed
            translate(error)
        count = status.rsplit(" ", 1)[-1]
        return int(count) if count.isdigit() else 0

    async def run_many(self, q: Query[Any], rows: list[dict[str, Any]]) -> None:
        """Run once for each set of parameters, in one round trip."""
        try:
            await self._conn.executemany(q.sql, [self._arguments(q, dict(r)) for r in rows])
        except Exception as error:  # noqa: BLE001 - translated, never swallowed
            translate(error)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone alone; the transaction goes on. Jobs deferred inside go with it."""
        mark = len(self.deferred)
        await self._command("SAVEPOINT attempt")
        try:
            yield
        except Exception:
            await self._command("ROLLBACK TO SAVEPOINT attempt")
            del self.deferred[mark:]
            raise
        await self._command("RELEASE SAVEPOINT attempt")

    async def _command(self, text: str) -> None:
        try:
            await self._conn.execute(text)
        except Exception as error:  # noqa: BLE001 - translated, never swallowed
            translate(error)
