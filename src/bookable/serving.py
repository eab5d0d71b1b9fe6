"""Starting and stopping everything: databases that nobody named, the newest schema, demo data, the server."""

import asyncio
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import uvicorn
from pydantic import SecretStr

from bookable import migrate
from bookable.settings import Settings, WrongSettings

__all__ = ["owner_url", "prove", "serve", "standing"]

_DRAIN = 15
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


@contextmanager
def standing(settings: Settings, say: Say) -> Iterator[Settings]:
    """The settings with a database and a cache that are up; those that have no address are run here, in DATA_DIR."""
    if settings.database_url is not None and settings.redis_url is not None:
        yield settings
        return
    from bookable import embedded

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    missing: dict[str, SecretStr] = {}
    servers: list[embedded.Running] = []
    try:
        if settings.database_url is None:
            servers.append(postgres := embedded.start_postgres(settings.data_dir, say=say))
            missing["database_url"] = SecretStr(postgres.url)
        if settings.redis_url is None:
            servers.append(valkey := embedded.start_valkey(settings.data_dir, say=say))
            missing["redis_url"] = SecretStr(valkey.url)
        for server in servers:
            server.membership.watch(say)
        yield settings.model_copy(update=missing)
    finally:
        for server in reversed(servers):
            server.stop()


def owner_url(settings: Settings) -> str:
    """The address whose role owns the tables: migrations use it, requests never do."""
    chosen = settings.database_migration_url or settings.database_url
    assert chosen is not None
    return chosen.get_secret_value()


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


def serve(settings: Settings, *, works: bool, first: Callable[[Settings], None], say: Say) -> None:
    """Everything up, until SIGINT or SIGTERM; then everything down, in order. `first` fills an empty house."""
    began = time.perf_counter()
    signal.signal(signal.SIGTERM, _leave)
    # Loading the application takes longer than starting the engines, which are other processes: both at once.
    threading.Thread(target=importlib.import_module, args=("bookable.app",), daemon=True).start()
    with standing(settings, say) as ready:
        if migrate.upgrade(owner_url(ready)):
            say("The database is at the newest schema.")
        first(ready)

        def announce() -> None:
            from bookable.wiring import storefronts

            address = f"http://{settings.host}:{settings.port}"
            say(f"Bookable is ready at {address} ({time.perf_counter() - began:.1f} s)")
            for storefront in storefronts().values():
                say(f"  {storefront.title:<12} {address}/{storefront.kind}/docs")
            if not settings.production:
                say(f"  sandbox      {address}/sandbox   (mail, clock, payments, faults)")
            say("  Ctrl-C ends it.")

        _run(ready, works=works, announce=announce)


def _run(settings: Settings, *, works: bool, announce: Callable[[], None]) -> None:
    options: dict[str, object] = {
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": "httptools",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "proxy_headers": False,
        "server_header": False,
        "timeout_keep_alive": 30,
        "timeout_graceful_shutdown": _DRAIN,
        "backlog": 2048,
    }
    if settings.workers > 1:
        _tell_children(settings)
        announce()
        uvicorn.run("bookable.app:create", factory=True, workers=settings.workers, **options)  # type: ignore[arg-type]
        return
    from bookable.app import create

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: "list[object] | None" = None) -> None:  # type: ignore[override]
            await super().startup(sockets)  # type: ignore[arg-type]
            if self.started:
                announce()

    server = Announcing(uvicorn.Config(create(settings, works=works), **options))  # type: ignore[arg-type]
    server.run()
    if not server.started:
        sys.exit(1)


def _tell_children(settings: Settings) -> None:
    """Worker processes read the environment; the embedded servers' addresses go there."""
    assert settings.database_url is not None
    assert settings.redis_url is not None
    os.environ["DATABASE_URL"] = settings.database_url.get_secret_value()
    os.environ["REDIS_URL"] = settings.redis_url.get_secret_value()


def _leave(_: int, __: FrameType | None) -> NoReturn:
    raise SystemExit(0)
