"""Servers that others run are there before anything is asked of them: waited for a while, and refused in one line."""

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError

from bookable.settings import Settings, WrongSettings

__all__ = ["OLDEST", "prove", "reach"]

OLDEST = 15
"""The PostgreSQL that everything is tried with begins here."""
_PATIENCE = 30.0
_PAUSE = 0.5
_NOT_YET = (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError)
_REFUSALS = {
    "NoSuchBucket": ("S3_BUCKET_NAME", "there is no such bucket"),
    "AuthorizationHeaderMalformed": ("AWS_REGION", "the bucket is in another region"),
    "PermanentRedirect": ("AWS_REGION", "the bucket is in another region"),
    "InvalidAccessKeyId": ("AWS_ACCESS_KEY_ID", "nobody has this key"),
    "SignatureDoesNotMatch": ("AWS_SECRET_ACCESS_KEY", "this is not the secret of AWS_ACCESS_KEY_ID"),
    "InvalidToken": ("AWS_SESSION_TOKEN", "this is not the token of AWS_ACCESS_KEY_ID"),
    "ExpiredToken": ("AWS_SESSION_TOKEN", "its time is over"),
    "RequestTimeTooSkewed": ("The clock", "it is not the store's"),
}
"""What S3 refuses us for, as the setting that is to blame and what is wrong with it."""
_NOT_ALLOWED = ("AWS_ACCESS_KEY_ID", "whoever this is may not list the bucket")
Say = Callable[[str], None]


def reach(settings: Settings, say: Say, *, patience: float = _PATIENCE) -> None:
    """Wait for the servers that the settings name, up to `patience` seconds: they may be starting, too.

    Raises `WrongSettings` for a database that does not let us in, is too old, or stays away. A cache that stays away
    is only told of: it may come back, and much works without it.
    """
    asyncio.run(_reach(settings, say, patience))


def prove(settings: Settings, say: Say) -> None:
    """Ask the store of pictures whether it would have us. Raises `WrongSettings`; one that is away may come back."""
    if settings.pictures is None or settings.pictures.startswith("file:"):
        return
    from bookable.domain.media import Store
    from bookable.kernel.errors import Unavailable

    try:
        refusal = asyncio.run(Store(settings.pictures, settings.aws).refusal())
    except Unavailable:
        say("The store of pictures does not answer; starting without it.")
        return
    if refusal is not None:
        name, wrong = _REFUSALS.get(refusal, _NOT_ALLOWED)
        name = "MEDIA_URL" if name == "S3_BUCKET_NAME" and settings.media_url else name
        raise WrongSettings(f"{name}: {wrong} ({refusal})")


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
