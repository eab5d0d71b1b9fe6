"""What every process must hear at once: revoked sessions, new tenants, a moved clock.

Whoever changes such a thing says `NOTIFY bookable` in the same transaction. Every process listens, and looks again
once a second besides, so that a lost connection delays the news by a second and loses none.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg

from bookable.kernel.db.presence import Presence
from bookable.kernel.logs import get_logger

__all__ = ["CHANNEL", "Broadcast"]

CHANNEL = "bookable"
_PERIOD = 1.0
_PATIENCE = 5.0
_log = get_logger(__name__)
Refresh = Callable[[], Awaitable[None]]


class Broadcast:
    """Keeps this process's copies fresh. `follow` before `start`; `stop` at the end."""

    def __init__(self, url: str, presence: Presence) -> None:
        """The connection that listens is also the one by which others see that this process lives."""
        self._url = url
        self._presence = presence
        self._followers: list[Refresh] = []
        self._news = asyncio.Event()
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def follow(self, refresh: Refresh) -> None:
        """Have `refresh` called now, on every notice, and once a second."""
        self._followers.append(refresh)

    async def start(self) -> None:
        """Listen, then refresh everything: nothing that comes after this is missed."""
        self._task = asyncio.create_task(self._listen(), name="broadcast")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), _PATIENCE)
        await self._refresh_all()

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _refresh_all(self) -> None:
        for refresh in self._followers:
            await refresh()

    async def _listen(self) -> None:
        while True:
            conn = None
            try:
                conn = await asyncpg.connect(self._url, timeout=5)
                await self._presence.show(conn)
                await conn.add_listener(CHANNEL, lambda *_: self._news.set())
                self._listening.set()
                await self._follow_until_closed(conn)
            except Exception as error:  # noqa: BLE001 - whatever it was, listen again
                _log.warning("broadcast_lost", error=type(error).__name__)
                await asyncio.sleep(_PERIOD)
            finally:
                self._presence.hide()
                if conn is not None:
                    conn.terminate()

    async def _follow_until_closed(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        while not conn.is_closed():
            with suppress(TimeoutError):  # not wait_for, which loses a cancellation that comes together with the news
                async with asyncio.timeout(_PERIOD):
                    await self._news.wait()
            self._news.clear()
            await self._refresh_all()
        raise ConnectionError
