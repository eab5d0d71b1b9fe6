"""What the keeper hears: its last user leaving, its server dying; a terminal or a shutdown only wake it."""

import os
import signal
from collections.abc import Callable

__all__ = ["LAST_USER_LEAVES", "drain", "wake_up_pipe"]

LAST_USER_LEAVES = signal.SIGUSR1


def wake_up_pipe(leave: Callable[[], None]) -> int:
    """A file that becomes readable at every signal; a terminal's or a shutdown's signals don't end us."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(LAST_USER_LEAVES, lambda *_: leave())
    for each in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, lambda *_: None)
    return read


def drain(wake: int) -> None:
    """Forget the signals that came so far."""
    try:
        os.read(wake, 4096)
    except BlockingIOError:
        return
