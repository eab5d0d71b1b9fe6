"""The workshop: takes jobs off the queue, hands them to their handlers, and keeps the timetable."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bookable.kernel import error_reports, late, metrics
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.events import Chore, Subscriptions
from bookable.kernel.logs import get_logger
from bookable.kernel.tenants import Directory

from . import queries

if TYPE_CHECKING:
    import procrastinate

__all__ = ["Done", "Workshop"]

_HEARTBEAT = 3.0
_SILENCE = 12.0
"""Seconds without a heartbeat after which a worker is taken for dead, and its jobs for free."""
_PAUSE = 0.5
_AGAIN = (0.0, 0.5, 2.0)
"""Seconds before each try of a turn; after the last one it is for the next turn."""
_QUEUE = f"{__package__}.queue"
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """A job that this process has worked off."""

    task: str
    outcome: str
    seconds: float


class Workshop:
    """Works for one process. `work` runs until it is cancelled; `run_due` empties the queue and comes back.

    It opens itself when it is first needed: Procrastinate and psycopg take 10 MB, and a server beside a worker of its
    own has no use for them.
    """

    def __init__(
        self, url: str, db: Database, clock: Clock, subscriptions: Subscriptions, tenants: Directory, *, hands: int = 8
    ) -> None:
        self._db = db
        self._clock = clock
        self._subscriptions = subscriptions
        self._tenants = tenants
        self._hands = hands
        self._url = url
        self._opening = asyncio.Lock()
        self._app: procrastinate.App | None = None
        self._done: deque[Done] = deque(maxlen=10_000)
        self._finished = 0

    async def open(self) -> "procrastinate.App":
        """The queue, with the worker's own connections to it; opened once."""
        async with self._opening:
            if self._app is None:
                await late.load(_QUEUE)
                from .queue import queue

                tasks = {name: self._task(name, handler) for name, handler in self._subscriptions.jobs.items()}
                turns = [(timed, self._turn(timed.task)) for timed in self._subscriptions.timetable]
                chores = [(chore, self._chore(chore)) for chore in self._subscriptions.chores]
                app = queue(self._url, tasks, turns, chores)
                try:
                    await app.open_async()
                except BaseException:
                    await app.close_async()
                    raise
                self._app = app
            return self._app

    async def close(self) -> None:
        """Close them."""
        if self._app is not None:
            await self._app.close_async()
            self._app = None

    async def work(self) -> None:
        """Work until cancelled, also when the database goes away and comes back; what is being done when the end
        comes has ten seconds to finish."""
        rescue = asyncio.create_task(self._rescue_the_stalled(), name="rescue")
        try:
            while True:
                await self._work_while_connected()
                await asyncio.sleep(_PAUSE)
        finally:
            rescue.cancel()
            with suppress(asyncio.CancelledError):
                await rescue

    async def _work_while_connected(self) -> None:
        """Procrastinate's worker, which ends when it loses the database."""
        try:
            app = await self.open()
            await app.run_worker_async(
                concurrency=self._hands,
                install_signal_handlers=False,
                delete_jobs="successful",
                fetch_job_polling_interval=2.0,
                shutdown_graceful_timeout=10,
                update_heartbeat_interval=_HEARTBEAT,
                stalled_worker_timeout=_SILENCE,
            )
        except Exception as error:  # noqa: BLE001 - told, and begun anew
            _log.warning("worker_lost", error=type(error).__name__)

    async def run_due(self) -> list[Done]:
        """Work off everything that is due, also what that brings about; answers what this process has done."""
        before, app = self._finished, await self.open()
        for _ in range(100):
            await app.run_worker_async(
                wait=False,
                concurrency=1,
                install_signal_handlers=False,
                listen_notify=False,
                delete_jobs="successful",
                update_heartbeat_interval=_HEARTBEAT,
                stalled_worker_timeout=_SILENCE,
            )
            if not await self._fetch(queries.DOING):
                break
            await asyncio.sleep(0.05)
        return list(self._done)[before - self._finished :] if self._finished > before else []

    async def run_timetable(self) -> None:
        """Everybody's turn, now, whatever the time; chores go by the machine's own clock."""
        for timed in self._subscriptions.timetable:
            await self._turn(timed.task)(0)

    async def move_clock(self, offset: timedelta, save: Callable[[timedelta], Awaitable[None]]) -> None:
        """Set the application's clock. Forward, all timed work that falls due is done on the way, in its order;
        `save` makes each step known to the other processes."""
        target = self._clock.real() + offset
        while offset > self._clock.offset and (due := await self._fetch(queries.NEXT_DUE)):
            at = due + self._clock.offset
            if at > target:
                break
            await self._shift(at - self._clock.real(), save)
            await self.run_due()
        await self._shift(offset, save)
        await self.run_timetable()
        await self.run_due()

    async def _shift(self, offset: timedelta, save: Callable[[timedelta], Awaitable[None]]) -> None:
        by = (offset - self._clock.offset).total_seconds()
        await save(offset)
        self._clock.offset = offset
        async with self._db.pool.acquire() as conn:
            await conn.execute(queries.SHIFT, by)

    async def dead_letters(self, limit: int = 100) -> list[dict[str, Any]]:
        """Jobs that have failed for good, newest first."""
        async with self._db.pool.acquire() as conn:
            return [dict(row) for row in await conn.fetch(queries.FAILED, limit)]

    async def retry(self, job_id: int | None = None) -> int:
        """Put one dead letter, or all of them, back on the queue; answers how many. One of which the next waits there
        already stays a letter."""
        async with self._db.pool.acquire() as conn:
            ids = [row["id"] for row in await conn.fetch(queries.RETRY, job_id)]
        app = await self.open()
        from .queue import put_back

        return [await put_back(app, one, self._clock.real()) for one in ids].count(True)

    async def _fetch(self, sql: str) -> Any:
        async with self._db.pool.acquire() as conn:
            return await conn.fetchval(sql)

    async def _rescue_the_stalled(self) -> None:
        """Jobs of workers that died in the middle go back on the queue."""
        while True:
            try:
                app = await self.open()
                from .queue import rescue

                await rescue(app, silence=_SILENCE)
            except Exception as error:  # noqa: BLE001 - the next round may work
                _log.warning("rescue_failed", error=type(error).__name__)
            await asyncio.sleep(_HEARTBEAT)

    def _task(self, name: str, handler: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[None]]:
        async def task(tenant_id: str, **args: Any) -> None:
            await self._observed(name, handler(self._db, Actor.system(UUID(tenant_id)), **args))

        return task

    def _turn(self, name: str) -> Callable[[int], Awaitable[None]]:
        handler = self._subscriptions.jobs[name]

        async def turn(timestamp: int) -> None:
            """Never fails: what goes wrong for a tenant, and for it alone, is tried again a few times. It leaves no
            dead letter, for it comes round anyway."""
            left = [tenant.id for tenant in self._tenants.all]
            for pause in _AGAIN:
                await asyncio.sleep(pause)
                left = [one for one in left if not await self._had(name, handler(self._db, Actor.system(one)))]
                if not left:
                    return
            _log.error("turn_left_to_the_next", task=name, tenants=len(left))

        return turn

    def _chore(self, chore: Chore) -> Callable[[int], Awaitable[None]]:
        async def done(timestamp: int) -> None:
            await self._observed(chore.task, chore.handler(self._db))

        return done

    async def _had(self, name: str, work: Awaitable[object]) -> bool:
        """Whether it went well; what went wrong is told and counted."""
        with suppress(Exception):
            await self._observed(name, work)
            return True
        return False

    async def _observed(self, name: str, work: Awaitable[object]) -> None:
        began = time.perf_counter()
        outcome = "failed"
        try:
            await work
            outcome = "done"
        except Exception as error:
            _log.warning("job_failed", task=name, error=type(error).__name__, exc_info=True)
            error_reports.report(error, transaction=f"job {name}")
            raise
        finally:
            seconds = time.perf_counter() - began
            metrics.job_done(name, outcome, seconds)
            self._done.append(Done(name, outcome, seconds))
            self._finished += 1
