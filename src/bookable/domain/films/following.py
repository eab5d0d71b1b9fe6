"""Imports that can be watched: how far each one is, and how those before it ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from uuid import UUID

from bookable.kernel import cursors
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import DomainError, Unauthenticated, Unavailable
from bookable.kernel.ids import new_id

from .errors import INTERRUPTED, ImportExists, NoSuchImport
from .queries import importing as queries
from .records import Import, ImportPage, ImportState

__all__ = ["Progress", "followed", "forget_imports", "import_of", "imports_of"]

_EVERY = 0.25
_SIGN_OF_LIFE = 20
"""After so many looks without anything new it is said that the import is still alive: every five seconds."""
_COME_AGAIN = 5.0
_KEPT = timedelta(days=30)
_LATEST = "latest imports"
_telling: set[asyncio.Task[None]] = set()


class Progress:
    """How far an import is. Whoever does the work sets the numbers; they are told to others four times a second."""

    __slots__ = ("attempt", "failed", "import_id", "imported", "over", "read", "received", "total", "why")

    def __init__(self, import_id: UUID, *, total: int | None) -> None:
        self.import_id = import_id
        self.attempt = new_id()
        self.total = total
        self.received = self.read = self.imported = self.failed = 0
        self.over = asyncio.Event()
        self.why: str | None = None

    async def done(self, tx: Transaction) -> None:
        """The import is done when `tx` commits. Raises `ImportExists` when it was taken for dead and begun again."""
        if not await tx.run(queries.end, **self._named(tx.actor), **self.numbers(), how=ImportState.DONE, why=None):
            raise ImportExists

    async def failed_for(self, tx: Transaction, why: str) -> None:
        """The import has failed, unless it is done: nothing was brought in."""
        self.imported = 0
        await tx.run(queries.end, **self._named(tx.actor), **self.numbers(), how=ImportState.FAILED, why=why)

    async def tell(self, tx: Transaction) -> None:
        """So far it is; a sign of life besides."""
        await tx.run(queries.tell, **self._named(tx.actor), **self.numbers())

    def numbers(self) -> dict[str, int | None]:
        """As statements take them."""
        return {
            "now_bytes_total": self.total,
            "now_bytes_received": self.received,
            "now_bytes_read": self.read,
            "now_imported": self.imported,
            "now_failed": self.failed,
        }

    def _named(self, actor: Actor) -> dict[str, UUID | None]:
        return {"owner_id": actor.id, "import_id": self.import_id, "attempt": self.attempt}


@asynccontextmanager
async def followed(
    db: Database, actor: Actor, import_id: UUID | None = None, *, announced: int | None = None
) -> AsyncIterator[Progress]:
    """An import under this id or a new one, which its owner can watch while the block lasts; how it fails is kept.

    `announced`: how many bytes are said to come. Raises `ImportExists` for the id of one that is done, and, to come
    again, of one that is under way; one that has failed begins anew.
    """
    if actor.id is None:
        raise Unauthenticated
    progress = Progress(import_id or new_id(), total=announced)
    async with db.transaction(actor) as tx:
        begun = {"import_id": progress.import_id, "attempt": progress.attempt, "announced": announced}
        if await tx.first(queries.begin, owner_id=actor.id, **begun) is None:
            there = await import_of(tx, actor.id, progress.import_id)
            raise ImportExists(retry_after=_COME_AGAIN if there.state is ImportState.RUNNING else None)
    telling = asyncio.create_task(_tell(db, actor, progress))
    _telling.add(telling)
    telling.add_done_callback(_telling.discard)
    try:
        yield progress
    except BaseException as error:
        progress.why = error.code if isinstance(error, DomainError) else INTERRUPTED
        raise
    finally:
        progress.over.set()
        await asyncio.wait({telling})


async def _tell(db: Database, actor: Actor, progress: Progress) -> None:
    """Until it is over, whatever is new. What can't be told is told next time: the import does not wait for it."""
    told: dict[str, int | None] = {}
    silent = 0
    while not await _waited(progress.over):
        now = progress.numbers()
        silent = 0 if now != told else silent + 1
        if now != told or silent == _SIGN_OF_LIFE:
            told, silent = now, 0
            with suppress(Unavailable):
                async with db.transaction(actor) as tx:
                    await progress.tell(tx)
    if progress.why is not None:
        with suppress(Unavailable):
            async with db.transaction(actor) as tx:
                await progress.failed_for(tx, progress.why)


async def _waited(over: asyncio.Event) -> bool:
    """Whether it is over, at once when it is, and after a while when not."""
    with suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), _EVERY)
    return over.is_set()


async def import_of(tx: Transaction, owner_id: UUID, import_id: UUID) -> Import:
    """One of the owner's imports. Raises `NoSuchImport`."""
    return await tx.one(queries.one, owner_id=owner_id, import_id=import_id, or_raise=NoSuchImport)


async def imports_of(
    tx: Transaction, owner_id: UUID, *, page: int = 1, limit: int = 20, cursor: str | None = None
) -> ImportPage:
    """The owner's imports of the last month, the newest first. Raises `ValidationFailed` on `cursor`."""
    if cursor is None:
        found = await tx.all(queries.latest, owner_id=owner_id, limit=limit + 1, offset=(page - 1) * limit)
    else:
        after, after_id = cursors.after(cursor, _LATEST, tuple[datetime, UUID])
        found = await tx.all(queries.latest_after, owner_id=owner_id, limit=limit + 1, after=after, after_id=after_id)
    last = found[limit - 1] if len(found) > limit else None
    total = await tx.one(queries.count, owner_id=owner_id)
    return ImportPage(found[:limit], total, cursors.cursor(_LATEST, last.started_at, last.id) if last else None)


async def forget_imports(db: Database, system: Actor) -> int:
    """Drop what is older than a month; run daily."""
    async with db.transaction(system) as tx:
        return await tx.run(queries.forget_older, kept=_KEPT)
