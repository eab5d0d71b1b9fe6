"""One place to ask whether a call may go on; it never lets more in because the store is gone."""

from bookable.kernel import metrics
from bookable.kernel.limits.batched import BatchedCounts, slack
from bookable.kernel.limits.moving import LocalWindows
from bookable.kernel.limits.store import Store, StoreGone
from bookable.kernel.limits.tiers import Limit, OverLimit, Standing
from bookable.kernel.security.hashing import token_digest

__all__ = ["RateLimiter"]

_LONGEST = 120
_UNLIMITED = Standing(None, 0, 0.0)


class RateLimiter:
    """Counts calls in Valkey, together with all other processes.

    Exact limits (and any under 20) ask the store each time: never more than `amount` in any period, in
    whatever race. Others are counted here and told in batches: at most 5 % over for each further process
    (`batched`). While the store is gone each process counts alone, to the same amounts: what it let in
    before stays counted, so credentials stay closed and reads go on. It comes back by itself.
    """

    def __init__(self, redis_url: str) -> None:
        self._store = Store(redis_url)
        self._batched = BatchedCounts(self._store)
        self._local = LocalWindows()

    async def hit(self, limit: Limit, *keys: str) -> Standing:
        """Count one call under the keys joined; raises `OverLimit` when it is one too many.

        A call that is refused is not counted.
        """
        if limit.amount is None:
            return _UNLIMITED
        key = _name(keys)
        exactly = limit.exact or not slack(limit)
        let_in, standing = await (self._exactly(limit, key) if exactly else self._batched.take(limit, key))
        if not let_in:
            metrics.rate_limited(limit.name)
            raise OverLimit(standing)
        return standing

    async def close(self) -> None:
        """Tell the store what is untold, and let go of it."""
        await self._batched.close()
        await self._store.close()

    async def _exactly(self, limit: Limit, key: str) -> tuple[bool, Standing]:
        """What is over here is over everywhere, so a flood is refused without asking the store."""
        here = self._local.standing(limit, key)
        if not here.remaining:
            return False, here
        try:
            let_in, standing = await self._store.take(limit, key)
        except StoreGone:
            return self._alone(limit, key)
        if let_in:
            self._local.add(limit, key)
        return let_in, standing

    def _alone(self, limit: Limit, key: str) -> tuple[bool, Standing]:
        here = self._local.standing(limit, key)
        if not here.remaining:
            return False, here
        self._local.add(limit, key)
        return True, self._local.standing(limit, key)


def _name(keys: tuple[str, ...]) -> str:
    """Short and plain whatever a client put into it."""
    name = "/".join(keys)
    return name if len(name) <= _LONGEST and name.isascii() else token_digest(name).hex()
