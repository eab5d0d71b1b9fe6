"""Servers that others run are there before anything is asked of them: waited for a while, and refused in one line."""

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError

from bookable.settings import Settings, WrongSettings

__all__ = ["OLDEST", "reach"]

OLDEST = 15
"""The PostgreSQL that everything is tried with begins here."""
_PATIENCE = 30.0
_PAUSE = 0.5
_NOT_YET = (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError)
Say = Callable[[str], None]


def reach(settings: Settings, say: Say, *, patience: float = _PATIENCE) -> None:
    """Wait for the servers that the settings name, up to `patience` seconds: they may be starting, too.

    Raises `WrongSettings` for a database that does not let us in, is too old, or stays away. A cache that stays away
    is only told of: it may come back, and much works without it.
    """
    asyncio.run(_reach(settings, say, patience))


async def _reach(settings: Settings, say: Say, patience: float) -> None:
    if settings.database_url is not None:
        await _postgres("DATABASE_URL", settings.database_url.get_secret_value(), say, patience)
    if settings.database_migration_url is not None:
        await _postgres("DATABASE_MIGRATION_URL", settings.database_migration_url.get_secret_value(), say, patience)
    if settings.redis_url is not None:
        await _valkey(settings.redis_url.get_secret_value(), say)


async def _postgres(name: str, url: str, say: Say, patience: float) -> None:
    until, told = time.monotonic() + patience, False
    while True:
        try:
            conn = await asyncpg.connect(url, timeout=5)
            break
        except _NOT_YET as away:
            if time.monotonic() > until:
                raise WrongSettings(f"{name}: nobody answers at {_place(url)} ({_reason(away)})") from None
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as refusal:
            raise WrongSettings(f"{name}: {_reason(refusal)}") from None
        if not told:
            say(f"Waiting for PostgreSQL at {_place(url)}")
            told = True
        await asyncio.sleep(_PAUSE)
    version = conn.get_server_version()
    await conn.close()
    if version.major < OLDEST:
        raise WrongSettings(f"{name}: this is PostgreSQL {version.major}, and {OLDEST} or later is needed")


async def _valkey(url: str, say: Say) -> None:
    try:
        cache = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
    except ValueError as wrong:
        raise WrongSettings(f"REDIS_URL: {_reason(wrong)}") from None
    try:
        await cache.ping()
    except AuthenticationError as refusal:
        raise WrongSettings(f"REDIS_URL: {_reason(refusal)}") from None
    except (RedisError, OSError):
        say(f"REDIS_URL: nobody answers at {_place(url)}; starting without it.")
    finally:
        await cache.aclose()


def _place(url: str) -> str:
    """The address without whoever's name and password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _reason(error: Exception) -> str:
    """What went wrong, on one line."""
    return " ".join(str(error).split()) or type(error).__name__
