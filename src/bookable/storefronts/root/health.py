"""Is it alive, is it ready, what does it count."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bookable.kernel import metrics

from .ports import RootPorts
from .wire import answer, endpoint

__all__ = ["routes"]

_PATIENCE = 2.0
_VERSION = version("bookable")  # reads the package's files: once is enough


def routes(ports: RootPorts) -> list[Route]:
    """`/health`, `/ready`, `/metrics`, and the public keys of our tokens."""

    async def health(_: Request) -> Response:
        return answer({"status": "ok", "version": _VERSION, "time": ports.clock.now()})

    async def ready(_: Request) -> Response:
        names = ("database", "cache", "queue")
        checks = await asyncio.gather(
            _works(_database), _works(ports.cache_answers), _works(_queue), return_exceptions=False
        )
        parts = dict(zip(names, ("ok" if works else "down" for works in checks), strict=True))
        good = all(checks)
        return answer({"status": "ready" if good else "unavailable", **parts}, 200 if good else 503)

    async def _database() -> None:
        async with ports.db.pool.acquire(timeout=_PATIENCE) as conn:
            await conn.execute("SELECT 1")

    async def _queue() -> None:
        async with ports.db.pool.acquire(timeout=_PATIENCE) as conn:
            await conn.execute("SELECT 1 FROM procrastinate_jobs LIMIT 1")

    async def counted(_: Request) -> Response:
        return Response(metrics.render(), media_type="text/plain; version=0.0.4")

    async def keys(_: Request) -> Response:
        return answer(ports.access.jwks())

    return [
        Route("/health", endpoint(health)),
        Route("/ready", endpoint(ready)),
        Route("/metrics", endpoint(counted)),
        Route("/.well-known/jwks.json", endpoint(keys)),
    ]


async def _works(check: Callable[[], Awaitable[None]]) -> bool:
    try:
        await asyncio.wait_for(check(), _PATIENCE)
    except Exception:  # noqa: BLE001 - whatever it is, it is not ready
        return False
    return True
