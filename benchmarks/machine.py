"""What a process has used so far, as the kernel counts it."""

import os
import socket
from pathlib import Path

__all__ = ["cpu_seconds", "family", "free_port", "own_cpu_seconds", "resident_mb"]

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def family(pid: int) -> list[int]:
    """The process and everyone below it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in _text(task).split()]
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of the process and its children, those that have ended too."""
    return sum(_cpu_of(each) for each in family(pid))


def own_cpu_seconds(pid: int) -> float:
    """User and system time of the process, and of those of its children that have ended."""
    return _cpu_of(pid)


def resident_mb(pid: int) -> float:
    """Memory that the process holds, its children apart."""
    return int(_text(Path(f"/proc/{pid}/statm")).split()[1]) * _PAGE / 1e6


def _cpu_of(pid: int) -> float:
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICK if fields else 0.0


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
