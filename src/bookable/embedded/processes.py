"""Processes that an earlier life left behind are found by their tag and ended before a new life begins."""

import os
import signal
import time
from pathlib import Path

from bookable.embedded.places import EmbeddedError

__all__ = ["end_left_overs", "tagged"]

_PROC = Path("/proc")
_PROGRAMS = {"postgres", "valkey-server"}


def tagged(tag: str) -> list[int]:
    """The living processes with this word in their command line, ourselves left out."""
    found = []
    for entry in _PROC.iterdir() if _PROC.is_dir() else ():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            program = (entry / "comm").read_text().strip()
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if program in _PROGRAMS and tag.encode() in words:
            found.append(int(entry.name))
    return found


def end_left_overs(tag: str, *, gently: signal.Signals, patience: float) -> bool:
    """End every tagged process: asked first, killed when `patience` (seconds) is over. Whether there was any."""
    if not (left := tagged(tag)):
        return False
    _signal(left, gently)
    until = time.monotonic() + patience
    while time.monotonic() < until and (left := tagged(tag)):
        time.sleep(0.02)
    while left := tagged(tag):
        _signal(left, signal.SIGKILL)
        time.sleep(0.02)
    return True


def _signal(pids: list[int], what: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, what)
        except ProcessLookupError:
            continue
        except PermissionError as error:
            raise EmbeddedError(f"Process {pid} still serves this DATA_DIR and belongs to another user") from error
