"""The store that all processes count in, and whether it answers."""

from collections.abc import Sequence
from time import monotonic
from typing import cast

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

# The moments of the calls let in, newest first, by the store's own clock; those out of the window are let go.
# Answers whether this call is let in, how many are in the window then, and in how many µs the oldest leaves it.
_TAKE = """
local amount, window = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000000
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local number = redis.call('LLEN', KEYS[1])
while number > 0 and now - redis.call('LINDEX', KEYS[1], -1) > window do
  redis.call('RPOP', KEYS[1])
  number = number - 1
end
local let_in = number < amount
if let_in then
  redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  number = number + 1
end
return {let_in and 1 or 0, number, redis.call('LINDEX', KEYS[1], -1) + window - now}
"""

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
        self._take = self._redis.register_script(_TAKE)
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
        self._raise_if_gone()
        try:
            found = await self._take(
                keys=[f"{_PREFIX}:window:{limit.name}/{amount}/{limit.seconds}:{key}"], args=[amount, limit.seconds]
            )
        except (RedisError, OSError, TimeoutError) as error:
            raise self._gone(error) from None
        self._is_back()
        let_in, number, microseconds = cast("list[int]", found)
        return bool(let_in), Standing(amount, max(0, amount - number), max(0.0, microseconds / 1e6))

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
