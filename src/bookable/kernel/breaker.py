"""Somebody else's service, asked with limited patience, and left alone for a while when it keeps failing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from typing import TypeVar

from .errors import Unavailable
from .logs import get_logger

__all__ = ["Breaker"]

T = TypeVar("T")


class Breaker:
    """After `failures` calls in a row that found nobody there, the next ones are refused at once for `rest`.

    Then one call is let through to see: it decides. A refusal that is an answer (any other error) is no failure.
    """

    def __init__(self, name: str, *, failures: int = 5, rest: timedelta = timedelta(seconds=10)) -> None:
        self._name = name
        self._most = failures
        self._rest = rest.total_seconds()
        self._failed = 0
        self._closed_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls are refused now."""
        return self._failed >= self._most and monotonic() < self._closed_until

    async def call(self, work: Callable[[], Awaitable[T]], *, within: timedelta) -> T:
        """`work`'s answer. Raises `Unavailable` when it is late, when it says so, or when it is not asked at all."""
        if self.is_open:
            raise Unavailable(retry_after=max(1.0, self._closed_until - monotonic()))
        if self._failed >= self._most:  # let this one through; those beside it wait for what it finds
            self._closed_until = monotonic() + within.total_seconds()
        try:
            async with asyncio.timeout(within.total_seconds()):
                answer = await work()
        except TimeoutError:
            self._note_failure()
            raise Unavailable(retry_after=5) from None
        except Unavailable:
            self._note_failure()
            raise
        except Exception:
            self._failed = 0
            raise
        self._failed = 0
        return answer

    def _note_failure(self) -> None:
        self._failed += 1
        if self._failed >= self._most:
            self._closed_until = monotonic() + self._rest
            get_logger(__name__).warning("a provider is left alone for a while", provider=self._name)
