"""Whether a process is still there: it holds a lock of the database's for as long as it lives.

The lock is a connection's, and a connection ends with its process, however that one ended: the database knows within
milliseconds. So what a process had begun can be taken over at once, and not only when its time is over.
"""

import secrets
from typing import Any

__all__ = ["Presence"]

_HOLD = "SELECT pg_advisory_lock_shared($1)"


class Presence:
    """One process's. `key` is its name for as long as it lives."""

    def __init__(self) -> None:
        self.key = secrets.randbits(63)
        self._shown = False

    @property
    def shown(self) -> int | None:
        """The key while the lock is held; None while nothing could be concluded from its absence."""
        return self.key if self._shown else None

    async def show(self, conn: Any) -> None:
        """Hold the lock on this connection, which must be one that stays."""
        await conn.execute(_HOLD, self.key)
        self._shown = True

    def hide(self) -> None:
        """The connection is lost."""
        self._shown = False
