"""A password is hard to guess before it is accepted, and useless to whoever steals its hash.

Argon2id by the parameters of OWASP's password storage guidance (19 MiB, two passes, one lane), made in a
few threads of their own: Argon2 lets go of the interpreter, so other requests go on meanwhile.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import Argon2Error, InvalidHashError

from bookable.kernel import memory, metrics
from bookable.kernel.errors import Unavailable
from bookable.kernel.security import legacy_hashes

__all__ = ["LONGEST", "PasswordHasher", "parameters"]

LONGEST = 1024
"""Characters; anything longer is no password of anyone's and costs nothing to refuse."""

_argon2 = Argon2(time_cost=2, memory_cost=19_456, parallelism=1)
_nobody = _argon2.hash("nobody has this password")
T = TypeVar("T")


def parameters() -> str:
    """How passwords are hashed, for people."""
    return f"argon2id m={_argon2.memory_cost},t={_argon2.time_cost},p={_argon2.parallelism}"


class PasswordHasher:
    """Hashes and checks passwords, so many at a time; raises `Unavailable` when too many are waiting.

    By default on half of the cores (19 ms of one of them each), so that the other half serves meanwhile. Each thread
    works in 19 MiB, which it keeps from one password to the next, because asking for them anew costs half as much
    again as the hash itself; after `idle` seconds without any password they are given back.
    """

    def __init__(self, *, threads: int | None = None, waiting: int = 128, idle: float = 5.0) -> None:
        threads = threads or max(1, (os.cpu_count() or 2) // 2)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._room = threads + waiting
        self._inside = 0
        self._idle = idle
        self._closed = False
        self._giving_back: asyncio.TimerHandle | None = None

    async def hash(self, password: str) -> str:
        """A new hash, to be stored. The password has been through a policy."""
        return await self._elsewhere(lambda: _argon2.hash(_as_bytes(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one. With None (no such account) it is False, in the same time."""
        if len(password) > LONGEST:
            return False
        right = await self._elsewhere(lambda: _matches(stored or _nobody, _as_bytes(password)))
        return right and stored is not None

    def needs_upgrade(self, stored: str) -> bool:
        """Whether this hash should be replaced, now that the password is known to be right."""
        try:
            return not stored.startswith("$argon2id$") or _argon2.check_needs_rehash(stored)
        except InvalidHashError:
            return True

    def close(self) -> None:
        """Let the threads go; what waits is dropped."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _elsewhere(self, work: Callable[[], T]) -> T:
        if self._inside >= self._room:
            metrics.hash_refused()
            raise Unavailable("Too many people are signing in at this moment; try again shortly.", retry_after=2)
        loop = asyncio.get_running_loop()
        future = self._pool.submit(work)
        self._count(+1)
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._done, loop))
        return await asyncio.wrap_future(future)

    def _count(self, change: int) -> None:
        self._inside += change
        metrics.hashing_waits(self._inside)

    def _done(self, loop: asyncio.AbstractEventLoop) -> None:
        self._count(-1)
        if self._giving_back is not None:
            self._giving_back.cancel()
        self._giving_back = loop.call_later(self._idle, self._give_back)

    def _give_back(self) -> None:
        if not self._inside and not self._closed:
            self._pool.submit(memory.give_back)


def _matches(stored: str, password: bytes) -> bool:
    if not stored.startswith("$argon2"):
        return legacy_hashes.matches(stored, password)
    try:
        return _argon2.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def _as_bytes(password: str) -> bytes:
    """Half a surrogate pair can be sent in JSON; it is a wrong password, not an accident."""
    return password.encode("utf-8", "surrogatepass")
