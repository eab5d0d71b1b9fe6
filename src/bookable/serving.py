"""Starting and stopping everything: databases that nobody named, the newest schema, demo data, the server."""

import asyncio
import importlib
import os
import signal
import subprocess
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
from bookable.kernel import memory
from bookable.reaching import reach
from bookable.settings import Settings

__all__ = ["serve", "standing"]

_DRAIN = 15
Say = Callable[[str], None]


@contextmanager
def standing(settings: Settings, say: Say) -> Iterator[Settings]:
    """The settings with a database and a cache that are up; those that have no address are run here, in DATA_DIR.

    Raises `WrongSettings` when one that has an address can't be used.
    """
    reach(settings, say)
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


def serve(settings: Settings, *, works: bool, demo: bool, say: Say) -> None:
    """Everything up, until SIGINT or SIGTERM; then everything down, in order. `demo`: an empty house gets demo data."""
    began = time.perf_counter()
    memory.keep_together()
    signal.signal(signal.SIGTERM, _leave)
    # Loading the application takes longer than starting the engines, which are other processes: both at once.
    threading.Thread(target=_load, args=(works,), daemon=True).start()
    with standing(settings, say) as ready:
        _prepare(ready, demo=demo, say=say)

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


def _load(works: bool) -> None:
    importlib.import_module("bookable.app")
    if works:
        importlib.import_module("bookable.kernel.jobs.queue")


def _prepare(settings: Settings, *, demo: bool, say: Say) -> None:
    """The newest schema, the storefronts, and demo data where it is missing.

    A house that is behind is brought up by a process of its own: what migrations, hashing and drawing pictures take
    would never be given back by this one, which may run for months.
    """
    if asyncio.run(migrate.is_newest(settings.owner_url)):
        from bookable.seeding.starting import prepare

        asyncio.run(prepare(settings, demo=demo, say=say))
        return
    command = [sys.executable, "-m", "bookable.seeding", *(["--demo"] if demo else [])]
    code = subprocess.run(  # noqa: S603 - our own module
        command, env={**os.environ, **_addresses(settings)}, check=False
    ).returncode
    if code:
        raise SystemExit(code)


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
        os.environ.update(_addresses(settings))
        announce()
        factory = "bookable.app:create" if works else "bookable.app:create_without_worker"
        uvicorn.run(factory, factory=True, workers=settings.workers, **options)  # type: ignore[arg-type]
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


def _addresses(settings: Settings) -> dict[str, str]:
    """Other processes read the environment; where the embedded servers are goes there."""
    assert settings.database_url is not None
    assert settings.redis_url is not None
    return {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
    }


def _leave(_: int, __: FrameType | None) -> NoReturn:
    raise SystemExit(0)
