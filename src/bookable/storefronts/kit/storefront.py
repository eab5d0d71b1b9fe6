"""A storefront: its operations under one envelope, answering as an ASGI application, documenting itself."""

import asyncio
from collections.abc import Collection, Iterable
from importlib.metadata import version

from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Scope, Send

from bookable.kernel.errors import NotFound

from .envelopes import Envelope
from .operations import Router
from .paths import Paths
from .routes import Route, failure, request_id
from .shapes import encode

__all__ = ["Storefront"]

_PREFIX = "https://prefix.invalid"
"""What stands in the one kept document where each reader's own prefix will."""


class Storefront:
    """All operations of one kind of product. Every tenant of that kind is served by the same one."""

    def __init__(self, kind: str, title: str, base: str, envelope: Envelope, routers: Iterable[Router]) -> None:
        self.kind = kind
        self.title = title
        self.base = base
        self.envelope = envelope
        self._document: bytes | None = None
        self.routes = [Route(base + o.path, o, envelope) for router in routers for o in router.operations]
        self.paths = Paths(self.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose tenant has been found; `root_path` is the prefix it came by."""
        tail = scope["path"].removeprefix(scope.get("root_path", ""))
        if tail == "/openapi.json":
            document = await asyncio.to_thread(self.document, scope["root_path"])
            await Response(document, 200, media_type="application/json")(scope, receive, send)
        elif tail == "/docs":
            await HTMLResponse(_docs(self.title, scope["root_path"]))(scope, receive, send)
        else:
            await self._operate(tail, scope, receive, send)

    async def _operate(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        found = self.paths.find(path)
        if found is None:
            await failure(scope, self.envelope, NotFound())(scope, receive, send)
            return
        methods, scope["path_params"] = found
        headed = scope["method"] == "HEAD" and "GET" in methods
        route = methods.get("GET" if headed else scope["method"])
        if route is None:
            await self._other_method(methods, scope)(scope, receive, send)
        else:
            await route.serve(scope, receive, _without_body(send) if headed else send)

    def _other_method(self, methods: Collection[str], scope: Scope) -> Response:
        body = self.envelope.failure("METHOD_NOT_ALLOWED", "This path takes another method.", {}, request_id(scope))
        taken = sorted({*methods, "HEAD"} if "GET" in methods else methods)
        return Response(encode(body), 405, {"Allow": ", ".join(taken)}, "application/json")

    def document(self, prefix: str) -> bytes:
        """The OpenAPI document for those who come by this prefix. The first time takes long: ask in a thread."""
        if self._document is None:
            from . import openapi  # late: FastAPI takes 10 MB and 0.2 s, for those who read the documentation

            made = openapi.document(self.title, _PREFIX, self.routes, self.envelope, version=version("bookable"))
            self._document = encode(made)
        return self._document.replace(encode(_PREFIX), encode(prefix or "/"))


def _without_body(send: Send) -> Send:
    """What GET would answer, but for the body (RFC 9110, 9.3.2)."""

    async def headers_only(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return headers_only


def _docs(title: str, prefix: str) -> str:
    """Swagger UI from our own assets: nothing is loaded from anywhere else, and no script stands in the page."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} API</title><link rel="stylesheet" href="/assets/swagger/swagger-ui.css">
<link rel="icon" href="/assets/swagger/favicon.png"></head>
<body><div id="swagger-ui" data-document="{prefix}/openapi.json"></div>
<script src="/assets/swagger/swagger-ui-bundle.js"></script><script src="/assets/docs.js"></script></body></html>"""
