"""Counting here and telling the store in batches: cheap enough for every read.

Periods are aligned to the clock, and the one before counts by what is left of it (a sliding window
counter). A process lets in at most a twentieth of the limit between two tellings; beyond that the call
waits for the next one. So with P processes at most `limit × (1 + (P - 1) / 20)` calls of a key are let in
in a period, wherever they arrive: 5 % over on two processes, 10 % on three; and exactly `limit` on one.
"""

import asyncio
from time import time

from bookable.kernel.limits.store import Store, StoreGone
from bookable.kernel.limits.tiers import Limit, Standing

__all__ = ["BatchedCounts", "slack"]

_SHARE = 20
_TELL_EVERY = 0.5
_A_BATCH = 500
_A_GENERATION = 120.0
_MOST_KEYS = 100_000


def slack(limit: Limit) -> int:
    """How many calls a process may let in before it tells the store; 0 means that the limit is too small."""
    return (limit.amount or 0) // _SHARE


class _Count:
    """One key's calls: `told` by everyone in this period, `before` in the last, `new` here since."""

    __slots__ = ("before", "flying", "late", "limit", "name", "new", "period", "told")

    def __init__(self, name: str, limit: Limit, period: int) -> None:
        self.name = name
        self.limit = limit
        self.period = period
        self.told = self.before = self.new = self.flying = self.late = 0

    def move_to(self, period: int) -> None:
        """Into another period; what has not been told of the last is still told, late."""
        follows = period == self.period + 1
        self.before = self.told + self.flying + self.new if follows else 0
        self.late = self.new if follows else 0
        self.period, self.told, self.new, self.flying = period, 0, 0, 0

    def standing(self, now: float) -> Standing:
        amount, seconds = self.limit.amount or 0, self.limit.seconds
        current = self.told + self.flying + self.new
        left = (self.period + 1) * seconds - now
        remaining = max(0, amount - current - int(self.before * left / seconds))
        if remaining or current < amount:
            reset = left if remaining else min(left, seconds / self.before)
        else:
            reset = left + seconds / amount
        return Standing(amount, remaining, reset)


class _Sent:
    """A count on its way to the store."""

    __slots__ = ("count", "keys", "late", "new", "numbers", "period")

    def __init__(self, count: _Count) -> None:
        self.count, self.period, self.new, self.late = count, count.period, count.new, count.late
        self.keys = (f"{count.name}:{count.period}", f"{count.name}:{count.period - 1}")
        self.numbers = (count.new, count.late, count.limit.seconds * 2)
        count.flying, count.new, count.late = count.new, 0, 0

    def arrived(self, told: int, before: int) -> None:
        """The store has it, and says what all processes have told it."""
        count = self.count
        if count.period == self.period:
            count.told, count.before, count.flying = told, before, 0
        elif count.period == self.period + 1:
            count.before = max(count.before, told)

    def came_back(self) -> None:
        """The store did not take it: it is still to be told."""
        count = self.count
        if count.period == self.period:
            count.new, count.late, count.flying = count.new + self.new, self.late, 0
        elif count.period == self.period + 1:
            count.late += self.new


class _Remembered:
    """Counts by name, in two generations: what is not asked for through one whole generation is forgotten.

    Forgetting is harmless: the store knows, and is asked again after a twentieth of the limit.
    """

    def __init__(self) -> None:
        self._young: dict[str, _Count] = {}
        self._old: dict[str, _Count] = {}
        self._turned_at = time()

    def get(self, limit: Limit, key: str, now: float) -> _Count:
        name, period = f"{limit.name}:{key}", int(now // limit.seconds)
        count = self._young.get(name)
        if count is None or count.limit != limit:
            count = self._from_old(name, limit) or _Count(name, limit, period)
            self._young[name] = count
        if count.period != period:
            count.move_to(period)
        return count

    def turn(self) -> None:
        """Begin another generation when it is time."""
        if time() - self._turned_at > _A_GENERATION or len(self._young) > _MOST_KEYS:
            self._young, self._old, self._turned_at = {}, self._young, time()

    def _from_old(self, name: str, limit: Limit) -> _Count | None:
        count = self._old.pop(name, None)
        return count if count is not None and count.limit == limit else None


class BatchedCounts:
    """The counts of one process. While the store is gone they stand alone, and are told when it is back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts = _Remembered()
        self._untold: dict[str, _Count] = {}
        self._telling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, limit: Limit, key: str) -> tuple[bool, Standing]:
        """One call: whether it is let in, and the standing after it. `slack(limit)` must not be 0."""
        while True:
            now = time()
            count = self._counts.get(limit, key, now)
            standing = count.standing(now)
            if not standing.remaining:
                return False, standing
            if count.new + count.flying < slack(limit) or not self._store.is_up:
                break
            await self._tell()
        count.new += 1
        self._untold[count.name] = count
        self._tell_soon()
        return True, Standing(standing.limit, standing.remaining - 1, standing.reset_after)

    async def close(self) -> None:
        """Tell what is untold, if the store listens."""
        if self._untold:
            await self._tell()
        if self._timer is not None:
            self._timer.cancel()

    def _tell_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_TELL_EVERY, self._start_telling)

    async def _tell(self) -> None:
        await asyncio.shield(self._start_telling())

    def _start_telling(self) -> "asyncio.Task[None]":
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_all())
        return self._telling

    async def _tell_all(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        untold, self._untold = list(self._untold.values()), {}
        for start in range(0, len(untold), _A_BATCH):
            await self._tell_some([_Sent(count) for count in untold[start : start + _A_BATCH]])
        self._counts.turn()
        if self._untold:
            self._tell_soon()

    async def _tell_some(self, batch: list[_Sent]) -> None:
        try:
            sums = await self._store.add(
                [k for sent in batch for k in sent.keys], [n for sent in batch for n in sent.numbers]
            )
        except StoreGone:
            for sent in batch:
                sent.came_back()
                self._untold[sent.count.name] = sent.count
            return
        for at, sent in enumerate(batch):
            sent.arrived(sums[2 * at], sums[2 * at + 1])
