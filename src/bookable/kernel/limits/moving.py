"""A moving window kept in this process alone: what stands in for the store while it is gone."""

from collections import OrderedDict, deque
from time import monotonic

from bookable.kernel.limits.tiers import Limit, Standing

__all__ = ["LocalWindows"]

_Key = tuple[str, str]


class LocalWindows:
    """The moments of the calls let in, by key; of so many keys, the ones least used are forgotten first."""

    def __init__(self, keys: int = 50_000) -> None:
        self._most = keys
        self._calls: OrderedDict[_Key, deque[float]] = OrderedDict()

    def standing(self, limit: Limit, key: str) -> Standing:
        """As it is now, with nothing counted; `remaining` 0 is over."""
        calls = self._recent(limit, key)
        amount = limit.amount or 0
        if not calls:
            return Standing(amount, amount, 0)
        return Standing(amount, max(0, amount - len(calls)), calls[0] + limit.seconds - monotonic())

    def add(self, limit: Limit, key: str) -> None:
        """Count one call that was let in."""
        calls = self._calls.setdefault((limit.name, key), deque(maxlen=limit.amount))
        self._calls.move_to_end((limit.name, key))
        calls.append(monotonic())
        if len(self._calls) > self._most:
            self._calls.popitem(last=False)

    def _recent(self, limit: Limit, key: str) -> deque[float]:
        calls = self._calls.get((limit.name, key), deque())
        since = monotonic() - limit.seconds
        while calls and calls[0] <= since:
            calls.popleft()
        return calls
