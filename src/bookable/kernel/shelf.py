"""Texts that any process may need again, by name: kept in Valkey, those used last the longest.

Without Valkey nothing is kept and nothing is found, and for a second after it failed nobody waits for it again.
"""

from datetime import timedelta
from time import monotonic
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

__all__ = ["Shelf"]

_PREFIX = "bookable:shelf"
_ANSWER_WITHIN = 1.0
_TRY_AGAIN_AFTER = 1.0

# Both keys: the texts by name, and when each was used last, in µs of the store's own clock.
_NOW = """
local texts, used, lasts = KEYS[1], KEYS[2], tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local function use(name)
  redis.call('ZADD', used, string.format('%.0f', now), name)
  redis.call('PEXPIRE', used, math.ceil(lasts / 1000))
  redis.call('PEXPIRE', texts, math.ceil(lasts / 1000))
end
"""
_FIND = f"""{_NOW}
local last = redis.call('ZSCORE', used, ARGV[1])
if not last or tonumber(last) < now - lasts then return false end
use(ARGV[1])
return redis.call('HGET', texts, ARGV[1])
"""
_KEEP = f"""{_NOW}
redis.call('HSET', texts, ARGV[1], ARGV[3])
use(ARGV[1])
for _, name in ipairs(redis.call('ZRANGEBYSCORE', used, '-inf', string.format('%.0f', now - lasts))) do
  redis.call('ZREM', used, name)
  redis.call('HDEL', texts, name)
end
local over = redis.call('ZCARD', used) - tonumber(ARGV[4])
if over > 0 then
  local gone = redis.call('ZPOPMIN', used, over)
  for at = 1, #gone, 2 do redis.call('HDEL', texts, gone[at]) end
end
"""


class Shelf:
    """`keep` a text under a name and `find` it again, at most `most` of them, for `lasts` after it was used last."""

    def __init__(self, redis_url: str, name: str, *, most: int, lasts: timedelta) -> None:
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=_ANSWER_WITHIN,
            socket_connect_timeout=_ANSWER_WITHIN,
            retry=Retry(NoBackoff(), 1),
        )
        self._find = self._redis.register_script(_FIND)
        self._keep = self._redis.register_script(_KEEP)
        self._keys = [f"{_PREFIX}:{{{name}}}:texts", f"{_PREFIX}:{{{name}}}:used"]
        self._most, self._lasts = most, lasts // timedelta(microseconds=1)
        self._gone_until = 0.0

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()

    async def find(self, name: str) -> bytes | None:
        """The text, or None: nobody kept it, it made room for others, its time is over, or Valkey is away."""
        return cast("bytes | None", await self._ask(self._find, name, self._lasts))

    async def keep(self, name: str, text: bytes) -> None:
        """Keep it, if Valkey is there."""
        await self._ask(self._keep, name, self._lasts, text, self._most)

    async def _ask(self, script: AsyncScript, *args: Any) -> Any:
        if monotonic() < self._gone_until:
            return None
        try:
            return await script(keys=self._keys, args=list(args))
        except (RedisError, OSError):
            self._gone_until = monotonic() + _TRY_AGAIN_AFTER
            return None
