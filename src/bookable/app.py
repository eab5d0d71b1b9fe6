"""The server process: finds the tenant of each request, and hands it to the storefront of that tenant's kind."""

import asyncio
import gc
import threading
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from starlette.types import ASGIApp, Receive, Scope, Send

from bookable import settings as settings_module
from bookable import wiring
from bookable.domain import flights
from bookable.edge import Edge
from bookable.kernel import late, logs, memory, tracing
from bookable.kernel.errors import DomainError
from bookable.settings import Settings
from bookable.storefronts import root
from bookable.storefronts.kit import Storefront, failure
from bookable.wiring import House

__all__ = ["Application", "create", "create_without_worker"]

_log = logs.get_logger(__name__)
_EVERYWHERE = ("/health", "/ready", "/.well-known/jwks.json")
_SHARED = ("/media/", "/assets/")
_JSON = 1024 * 1024
_PICTURE = 6 * 1024 * 1024
_FILMS = 10 * 1024 * 1024 + 64 * 1024


class Application:
    """The whole server as one ASGI application. `works`: jobs are done in this process too."""

    def __init__(self, settings: Settings, *, works: bool = True) -> None:
        self.settings = settings
        self.works = works
        self.kinds = wiring.storefronts()
        self.house: House | None = None
        self.front: ASGIApp | None = None
        self._root: ASGIApp | None = None
        self._worker: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the server's own start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def open(self) -> None:
        """Connect, then start working."""
        self.house = await wiring.build(self.settings, send=self._to_ourselves)
        await self.house.open()
        self._root = root.application(self.house.root)
        if self.works:
            await self.house.workshop.open()
            self._worker = asyncio.create_task(self.house.workshop.work(), name="worker")
        gc.collect()
        memory.give_back()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        # Ready does not wait for it; the first search for an airport would.
        threading.Thread(target=flights.warm, name="airports", daemon=True).start()

    async def close(self) -> None:
        """Let jobs in hand finish, then let everything go; spans that are not sent yet are."""
        if self._worker is not None:
            self._worker.cancel()
            with suppress(asyncio.CancelledError):
                await self._worker
        if self.house is not None:
            await self.house.close()
        await asyncio.to_thread(tracing.shut_down)

    def render_error(self, scope: Scope, error: DomainError) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """An error that came up outside any route, in the envelope of whoever was asked."""
        storefront = self._find(scope) if self.house else None
        response = failure(scope, storefront.envelope if storefront else root.RootEnvelope(), error)
        return response.status_code, response.raw_headers, bytes(response.body)

    async def _to_ourselves(self, tenant_id: UUID, body: bytes, headers: Mapping[str, str]) -> int:
        """The sandbox's webhooks come in by the front door, without leaving the process."""
        assert self.house is not None
        tenant = self.house.tenants.by_id(tenant_id)
        if tenant is None:
            return 404
        await late.load("httpx")
        import httpx

        path = f"/{tenant.slug}{self.kinds[tenant.kind].base}/webhooks/stripe"
        transport = httpx.ASGITransport(self.front or self, client=("127.0.0.1", 0))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.post(path, content=body, headers=dict(headers))
        return answer.status_code

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.open()
                except Exception as error:  # noqa: BLE001 - told to the server, which ends
                    _log.exception("start_failed", error=type(error).__name__)
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.house is not None
        assert self._root is not None
        storefront = self._find(scope)
        tail = scope["path"].removeprefix(scope["root_path"])
        if storefront is None or tail in _EVERYWHERE or tail.startswith(_SHARED):
            scope["path"] = tail or "/"
            scope["root_path"] = ""
            await self._root(scope, receive, send)
        else:
            scope["bookable.ports"] = self.house.ports
            await storefront(scope, receive, send)

    def _find(self, scope: Scope) -> Storefront | None:
        """The storefront this request is for; notes tenant and prefix in the scope."""
        assert self.house is not None
        tenants = self.house.tenants
        tenant = tenants.by_host.get(_host(scope))
        scope["root_path"] = ""
        if tenant is None:
            slug = scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
            tenant = tenants.by_slug.get(slug)
            if tenant is None:
                return None
            scope["root_path"] = f"/{slug}"
        scope["bookable.tenant"] = tenant
        scope["state"]["storefront"] = tenant.slug
        return self.kinds.get(tenant.kind)


def _host(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"host":
            host: str = value.decode("latin-1").lower()
            return host.rsplit(":", 1)[0] if ":" in host and not host.endswith("]") else host
    return ""


def create(settings: Settings | None = None, *, works: bool = True) -> ASGIApp:
    """The application behind its edge; the factory that uvicorn calls in every process."""
    memory.keep_together()
    if settings is None:
        settings = settings_module.load()
        logs.configure(settings.log_level, json=settings.json_logs)
    tracing.configure(settings.otel_exporter_otlp_endpoint)
    application = Application(settings, works=works)
    application.front = edge = Edge(
        application,
        render_error=application.render_error,
        origins=settings.origins,
        production=settings.production,
        limits_for=_body_limit,
        unhurried=() if settings.production else ("/sandbox/",),
    )
    return edge


def create_without_worker() -> ASGIApp:
    """`create` for processes that leave the jobs to `bookable worker`."""
    return create(works=False)


def _body_limit(path: str) -> int:
    """Pictures may be larger than JSON, and files of films larger still (a form around them included)."""
    if path.endswith("/movies/import"):
        return _FILMS
    return _PICTURE if path.endswith("/avatar") or "/uploads/images/" in path else _JSON
