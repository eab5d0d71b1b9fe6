"""Who uses a server and who keeps it, told by file locks: the kernel gives them back however a process ends."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from bookable.embedded.places import EmbeddedError

__all__ = ["Lock", "is_held"]


class Lock:
    """An advisory lock on a file, held by this process until `release`, its end, or its death."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, *, shared: bool = False, wait: float = 0) -> bool:
        """Whether it was had within `wait` seconds; a lock held already is turned into the other sort."""
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(self._file, how | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() >= until:
                    return False
                time.sleep(0.02)

    def release(self) -> None:
        """Give it back; safe to say twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> "Lock":
        if not self.take(wait=120):
            self.release()
            raise EmbeddedError(f"Another start has been under way for two minutes: it holds {self.path}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def is_held(path: Path) -> bool:
    """Whether some living process holds the lock on this file exclusively."""
    lock = Lock(path)
    try:
        return not lock.take(shared=True)
    finally:
        lock.release()
