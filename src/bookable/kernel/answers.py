"""Answers that cost a call to somebody else: asked once however many want them, and kept for a while for everybody.

What is kept is in Valkey, and so is the claim to be the one who asks: equal questions in any number of processes
make one call. Without Valkey each process asks for itself, once for all who wait in it.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from .clock import Clock
from .errors import Unavailable

__all__ = ["Answer", "Answers"]

_PREFIX = "bookable:answers"
_LOOK_AGAIN = 0.03
_FAILURE_HOLDS = timedelta(seconds=1)
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class _Kept(msgspec.Struct):
    made_at: datetime
    body: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON. `cached`: somebody else had asked for it; `stale`: it is old, and nobody answers now."""

    body: bytes
    made_at: datetime
    cached: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True)
class _Terms:
    fresh: timedelta
    stale: timedelta
    patience: timedelta
    impatience: timedelta


class Answers:
    """`get` an answer. `fresh`: how long it is good; `stale`: how long beyond that it is better than none.

    `patience` is how long to wait for a new one, `impatience` how long where an old one is at hand.
    """

    def __init__(
        self,
        redis_url: str,
        clock: Clock,
        *,
        fresh: timedelta,
        stale: timedelta,
        patience: timedelta,
        impatience: timedelta,
    ) -> None:
        self._redis = Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1)
        self._release = self._redis.register_script(_RELEASE)
        self._clock = clock
        self._terms = _Terms(fresh, stale, patience, impatience)
        self._going: dict[str, asyncio.Task[Answer]] = {}

    async def aclose(self) -> None:
        """Give the connections back; nobody is asked any more."""
        for task in list(self._going.values()):
            task.cancel()
        await self._redis.aclose()

    async def get(self, key: str, ask: Callable[[], Awaitable[bytes]]) -> Answer:
        """The answer to `key`, from what is kept or by `ask`. Raises `Unavailable` where neither is to be had."""
        if (going := self._going.get(key)) is not None:
            return replace(await asyncio.shield(going), cached=True)
        task = asyncio.create_task(self._find(key, ask))
        self._going[key] = task
        task.add_done_callback(lambda done: self._done(key, done))
        return await asyncio.shield(task)

    def _done(self, key: str, task: asyncio.Task[Answer]) -> None:
        """Whoever waited may have gone away: what went wrong has been told to those who are still there."""
        self._going.pop(key, None)
        if not task.cancelled():
            task.exception()

    async def _find(self, key: str, ask: Callable[[], Awaitable[bytes]]) -> Answer:
        kept = await self._kept(key)
        if kept is not None and self._is_fresh(kept):
            return Answer(bytes(kept.body), kept.made_at, cached=True)
        usable = kept if kept is not None and self._is_usable(kept) else None
        patience = self._terms.impatience if usable else self._terms.patience
        try:
            async with asyncio.timeout(patience.total_seconds()):
                return await self._renew(key, ask)
        except (Unavailable, TimeoutError) as error:
            if usable is None:
                raise error if isinstance(error, Unavailable) else Unavailable(retry_after=5) from error
            return Answer(bytes(usable.body), usable.made_at, cached=True, stale=True)

    async def _renew(self, key: str, ask: Callable[[], Awaitable[bytes]]) -> Answer:
        """Ask if the claim is ours; else wait for whoever has it."""
        claim = secrets.token_hex(16)
        while not await self._claim(key, claim):
            await asyncio.sleep(_LOOK_AGAIN)
            if (answer := await self._fresh(key)) is not None:
                return answer
            if await self._failed(key):
                raise Unavailable(retry_after=5)
        try:
            return await self._fresh(key) or await self._ask(key, ask)
        finally:
            await asyncio.shield(self._let_go(key, claim))

    async def _ask(self, key: str, ask: Callable[[], Awaitable[bytes]]) -> Answer:
        try:
            body = await ask()
        except (Unavailable, asyncio.CancelledError):
            await asyncio.shield(self._note_failure(key))
            raise
        made_at = self._clock.now()
        await self._keep(key, _Kept(made_at, msgspec.Raw(body)))
        return Answer(body, made_at)

    async def _fresh(self, key: str) -> Answer | None:
        kept = await self._kept(key)
        return Answer(bytes(kept.body), kept.made_at, cached=True) if kept and self._is_fresh(kept) else None

    def _is_fresh(self, kept: _Kept) -> bool:
        return timedelta(0) <= self._clock.now() - kept.made_at < self._terms.fresh

    def _is_usable(self, kept: _Kept) -> bool:
        return timedelta(0) <= self._clock.now() - kept.made_at < self._terms.fresh + self._terms.stale

    async def _kept(self, key: str) -> _Kept | None:
        with contextlib.suppress(RedisError, OSError, msgspec.DecodeError):
            raw = await self._redis.get(f"{_PREFIX}:{key}")
            return msgspec.json.decode(raw, type=_Kept) if raw is not None else None
        return None

    async def _keep(self, key: str, kept: _Kept) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._redis.set(
                f"{_PREFIX}:{key}", msgspec.json.encode(kept), px=self._terms.fresh + self._terms.stale
            )

    async def _claim(self, key: str, claim: str) -> bool:
        try:
            held = self._terms.patience + timedelta(seconds=1)
            return bool(await self._redis.set(f"{_PREFIX}:claim:{key}", claim, nx=True, px=held))
        except (RedisError, OSError):
            return True

    async def _let_go(self, key: str, claim: str) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._release(keys=[f"{_PREFIX}:claim:{key}"], args=[claim])

    async def _note_failure(self, key: str) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._redis.set(f"{_PREFIX}:failed:{key}", b"1", px=_FAILURE_HOLDS)

    async def _failed(self, key: str) -> bool:
        with contextlib.suppress(RedisError, OSError):
            return bool(await self._redis.exists(f"{_PREFIX}:failed:{key}"))
        return False
