"""A small application behind the edge, on a real server: what the tests of the edge talk to."""

import asyncio
import contextlib
import io
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, File, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse

from bookable.edge import Edge
from bookable.kernel import logs
from bookable.kernel.errors import DomainError, NotFound, RateLimited
from bookable.kernel.logs import get_logger

CANARY = "c4n4ry-internal"


def render_error(scope: Any, error: DomainError) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """As a storefront does it; statuses of the edge's own refusals are the edge's matter."""
    status = {"not_found": 404, "rate_limited": 429}.get(error.kind, 599)
    body = json.dumps({"error": {"code": error.code, "message": error.text, "at": scope["path"][:50]}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if error.retry_after:
        headers.append((b"retry-after", b"%d" % error.retry_after))
    return status, headers, body


def application() -> FastAPI:  # noqa: C901 - a list of small routes
    app, shop = FastAPI(openapi_url=None), FastAPI(openapi_url=None)
    app.mount("/shop", shop)
    app.add_exception_handler(RequestValidationError, lambda *_: Response(status_code=422))
    app.state.cancelled = app.state.finished = 0

    @shop.get("/items/{item}")
    async def item(request: Request, item: str) -> dict[str, Any]:
        request.state.storefront, request.state.user_id = "shop", "user-7"
        get_logger().info("in the route")
        return {"item": item, "requestId": request.state.request_id}

    @app.post("/echo")
    async def echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    @app.post("/raw")
    async def raw(request: Request) -> Response:
        return Response(str(len(await request.body())))

    @app.post("/upload")
    async def upload(file: Annotated[UploadFile, File()]) -> dict[str, int]:
        return {"size": len(await file.read())}

    @app.get("/slow")
    async def slow() -> Response:
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            app.state.cancelled += 1
            raise
        return Response("late")

    @app.get("/doors/slow")
    async def unhurried() -> Response:
        await asyncio.sleep(2.5)
        return Response("at last")

    @app.get("/stubborn")
    async def stubborn() -> Response:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(20)
        return Response("after all")

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            for n in range(8):
                yield b"%d" % n
                await asyncio.sleep(0.2)

        return StreamingResponse(pieces())

    @app.get("/breaks")
    async def breaks() -> None:
        raise RuntimeError(f"{CANARY} password=c4n4ry")

    @app.post("/breaks-with/{what}")
    async def breaks_with(request: Request, what: str) -> None:
        try:
            dict[str, str]()[what]
        except KeyError as error:
            raise RuntimeError(f"{what} {await request.body()!r} {dict(request.headers)}") from error

    @app.get("/breaks-midway")
    async def breaks_midway() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"some"
            raise RuntimeError(CANARY)

        return StreamingResponse(pieces())

    @app.get("/own-500")
    async def own_500() -> JSONResponse:
        return JSONResponse({"mine": True}, 500)

    @app.get("/fact")
    async def fact() -> None:
        raise NotFound

    @app.get("/limited")
    async def limited() -> None:
        raise RateLimited(retry_after=7)

    @app.get("/page")
    async def page() -> HTMLResponse:
        policy = "default-src 'self'; frame-ancestors https://web.telegram.org"
        return HTMLResponse(
            "<p>", headers={"Content-Security-Policy": policy, "Cache-Control": "max-age=60", "Vary": "Accept"}
        )

    @app.get("/number/{number:int}")
    async def number(number: int) -> PlainTextResponse:
        return PlainTextResponse(str(number % 10))

    return app


@dataclass
class Server:
    """Where it listens, and what it has logged."""

    port: int
    app: FastAPI
    log: io.StringIO

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        return [line for line in lines if event is None or line["event"] == event]

    def forget(self) -> None:
        self.log.seek(0)
        self.log.truncate()

    def raw(self, *pieces: bytes, pause: float = 0.0, wait: float = 5.0) -> bytes:
        """What comes back for these very bytes, until the other side hangs up or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            answer = b""
            with contextlib.suppress(OSError):
                for piece in pieces:
                    connection.sendall(piece)
                    threading.Event().wait(pause)
            with contextlib.suppress(OSError):
                while piece := connection.recv(65_536):
                    answer += piece
            return answer


@contextlib.contextmanager
def serving(*, origins: Sequence[str] = (), production: bool = False, timeout: float = 25.0) -> Iterator[Server]:
    """The application behind the edge on a free port, in a thread of its own."""
    app, log = application(), io.StringIO()
    logs.configure("INFO", stream=log)
    edge = Edge(
        app,
        render_error=render_error,
        origins=origins,
        production=production,
        limits_for=lambda path: 3_000_000 if path == "/upload" else 100_000,
        timeout=timeout,
        unhurried=("/doors/",),
    )
    config = uvicorn.Config(
        edge, port=0, log_config=None, access_log=False, proxy_headers=False, server_header=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    yield Server(server.servers[0].sockets[0].getsockname()[1], app, log)
    server.should_exit = True
    thread.join(10)
    logs.configure("WARNING")
