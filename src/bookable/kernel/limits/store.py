"""The store that all processes count in, and whether it answers."""

from collections.abc import Sequence
from time import monotonic, time
from typing import Any, cast

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bookable.kernel import metrics
from bookable.kernel.limits.tiers import Limit, Standing
from bookable.kernel.logs import get_logger

__all__ = ["Store", "StoreGone"]

_PREFIX = "bookable:limits"
_ANSWER_WITHIN = 1.0
_TRY_AGAIN_AFTER = 1.0

# For each key: what is counted in this period and in the one before, after adding what is new.
_ADD = """
local found = {}
local function add(key, number, ttl)
  if number ~= '0' then redis.call('INCRBY', key, number); redis.call('EXPIRE', key, ttl) end
  return tonumber(redis.call('GET', key) or '0')
end
for i = 1, #KEYS, 2 do
  local at = (i - 1) / 2 * 3
  found[i] = add(KEYS[i], ARGV[at + 1], ARGV[at + 3])
  found[i + 1] = add(KEYS[i + 1], ARGV[at + 2], ARGV[at + 3])
end
return found
"""


class StoreGone(Exception):
    """The store of rate limits does not answer."""


class Store:
    """Counts in Valkey. After a failure it is left alone for a second; each call until then is `StoreGone`."""

    def __init__(self, redis_url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            redis_url,
            max_connections=16,
            timeout=_ANSWER_WITHIN,
            socket_timeout=_ANSWER_WITHIN,
            socket_connect_timeout=_ANSWER_WITHIN,
            retry=Retry(NoBackoff(), 1),
        )
        self._redis = Redis(connection_pool=pool)
        self._add = self._redis.register_script(_ADD)
        options = cast("dict[str, Any]", {"connection_pool": pool})
        storage = RedisStorage("async+redis://", implementation="redispy", key_prefix=_PREFIX, **options)
        self._windows = MovingWindowRateLimiter(storage)
        self._gone_until = 0.0
        self._up = True
        metrics.limiter_store_up(True)

    @property
    def is_up(self) -> bool:
        """Whether the last call was answered."""
        return self._up

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def take(self, limit: Limit, key: str) -> tuple[bool, Standing]:
        """One call in the moving window: whether it is let in, and the standing after it. Raises `StoreGone`."""
        amount = limit.amount or 0
        item = RateLimitItemPerSecond(amount, limit.seconds, namespace=limit.name)
        self._raise_if_gone()
        try:
            let_in = await self._windows.hit(item, key)
            stats = await self._windows.get_window_stats(item, key)
        except (RedisError, OSError, TimeoutError) as error:
            raise self._gone(error) from None
        self._is_back()
        return let_in, Standing(amount, stats.remaining, max(0.0, stats.reset_time - time()))

    async def add(self, keys: Sequence[str], numbers: Sequence[int]) -> list[int]:
        """For pairs of keys (this period, the one before) and triples (new, late, seconds to keep): the sums."""
        self._raise_if_gone()
        try:
            found = await self._add(keys=[f"{_PREFIX}:{key}" for key in keys], args=list(numbers))
        except (RedisError, OSError, TimeoutError) as error:
            raise self._gone(error) from None
        self._is_back()
        return cast("list[int]", found)

    def _raise_if_gone(self) -> None:
        if monotonic() < self._gone_until:
            raise StoreGone

    def _gone(self, error: Exception) -> StoreGone:
        metrics.limiter_store_failed()
        self._gone_until = monotonic() + _TRY_AGAIN_AFTER
        if self._up:
            self._up = False
            metrics.limiter_store_up(False)
            get_logger(__name__).error("rate limits are counted by each process alone", reason=repr(error))
        return StoreGone()

    def _is_back(self) -> None:
        if not self._up:
            self._up = True
            metrics.limiter_store_up(True)
            get_logger(__name__).warning("rate limits are counted together again")
