"""The root of the server: health, keys, pictures, pages, and outside production the sandbox's doors."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bookable.kernel.errors import NotFound
from bookable.storefronts.kit import failure

from . import clock, faults, health, mail, media, pages, payments
from .ports import RootPorts
from .wire import RootEnvelope

__all__ = ["RootEnvelope", "application"]

_ASSETS = Path(__file__).parent / "assets"


def application(ports: RootPorts) -> ASGIApp:
    """Everything that stands outside the storefronts."""
    routes: list[BaseRoute] = [
        *health.routes(ports),
        *media.routes(ports.pictures),
        *pages.routes(ports),
        Route("/assets/docs.js", _script),
        Mount("/assets/swagger", StaticFiles(packages=[("fastapi_offline", "static")])),
    ]
    if ports.sandbox is not None:
        routes += clock.routes(ports.clock, ports.sandbox)
        routes += mail.routes(ports.sandbox.mailbox)
        routes += payments.routes(ports.sandbox.payer)
        routes += faults.routes(ports.sandbox.faults)
    return Router(routes=routes, redirect_slashes=False, default=_not_here)


async def _script(_: Request) -> Response:
    return Response((_ASSETS / "docs.js").read_bytes(), media_type="text/javascript")


async def _not_here(scope: Scope, receive: Receive, send: Send) -> None:
    await failure(scope, RootEnvelope(), NotFound())(scope, receive, send)
