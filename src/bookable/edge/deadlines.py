"""No request is worked on for ever: one clock looks after all that are under way."""

import asyncio
from time import perf_counter

from bookable.edge.exchange import Exchange

__all__ = ["Deadlines"]


class Deadlines:
    """Ends each exchange that has not begun to answer in its time, to within a tick.

    One timer for all, and none while nothing is under way: a timer for each request costs more than the rest
    of what the edge does to it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._tick_every = min(0.5, seconds / 10)
        self._under_way: set[Exchange] = set()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, exchange: Exchange) -> None:
        """From now on the running task may be cancelled for being late."""
        exchange.task = asyncio.current_task()
        self._under_way.add(exchange)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._tick_every, self._tick)

    def let_be(self, exchange: Exchange) -> None:
        """Nothing is cancelled from here on."""
        self._under_way.discard(exchange)

    def _tick(self) -> None:
        self._timer = None
        now = perf_counter()
        for exchange in tuple(self._under_way):
            exchange.give_up_if_late(now, self._seconds)
        if self._under_way:
            self._timer = asyncio.get_running_loop().call_later(self._tick_every, self._tick)
