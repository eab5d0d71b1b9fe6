"""What the C library does with memory: kept together for all threads, handed back to the system when it is free."""

import ctypes

__all__ = ["give_back", "keep_together"]

_library = ctypes.CDLL(None)
_M_ARENA_MAX = -8  # malloc.h of glibc


def keep_together() -> None:
    """One arena for all threads, before there are any: what one of them frees is there for the others, and only the
    first arena is ever handed back whole. Python's own lock leaves them little to contend for.
    """
    if hasattr(_library, "mallopt"):
        _library.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Some milliseconds, during which other threads go on. Does nothing where the C library has no such verb."""
    if hasattr(_library, "malloc_trim"):
        _library.malloc_trim(0)
