"""The counter where flights are sold: the provider behind a breaker, what is kept of its answers, and the sealer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from bookable.kernel.answers import Answers
from bookable.kernel.breaker import Breaker
from bookable.kernel.errors import Unavailable
from bookable.kernel.security import Sealer

from . import airports
from .ports import Airport, FlightProvider

__all__ = ["FRESH", "IMPATIENCE", "PATIENCE", "STALE", "Desk"]

FRESH = timedelta(minutes=5)
"""How long an answer to a search is good."""
STALE = timedelta(minutes=20)
"""How long beyond that it is better than none; its offers can still be booked then, if the airline agrees."""
PATIENCE = timedelta(seconds=12)
"""How long a search waits for the provider."""
IMPATIENCE = timedelta(seconds=2)
"""How long it waits where an older answer is at hand."""
_ORDERING = timedelta(seconds=60)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """What every use case of flights works with; made once by `bookable.wiring`."""

    provider: FlightProvider
    answers: Answers
    sealer: Sealer
    breaker: Breaker = field(default_factory=lambda: Breaker("airline"))

    async def ask(self, work: Callable[[], Awaitable[T]]) -> T:
        """Something that can be asked again. Raises `Unavailable` when nobody answers in time."""
        return await self.breaker.call(work, within=PATIENCE)

    async def order(self, work: Callable[[], Awaitable[T]]) -> T:
        """Something with an effect: given more time, and never refused for what others met."""
        try:
            async with asyncio.timeout(_ORDERING.total_seconds()):
                return await work()
        except TimeoutError:
            raise Unavailable(retry_after=5) from None

    async def aclose(self) -> None:
        """Let go of the provider and of what is kept."""
        await self.answers.aclose()
        await self.provider.aclose()

    def airport(self, code: str) -> Airport | None:
        """By its IATA code, or the provider's own."""
        own = next((a for a in self.provider.own_airports if a.iata == code.upper()), None)
        return own or airports.find(code)

    def airports(self, text: str, *, limit: int) -> list[Airport]:
        """As people type them, best first; nothing typed brings the busiest."""
        if text.strip():
            own = [a for a in self.provider.own_airports if a.iata == text.strip().upper()]
            return [*own, *airports.search(text, limit=limit)][:limit]
        busiest = (airports.find(code) for code in airports.BUSIEST[:limit])
        return [a for a in busiest if a is not None]
