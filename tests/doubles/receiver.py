"""An endpoint for webhooks: keeps what comes, answers as told. For events of providers and for our own going out."""

import asyncio
import threading
import time
from dataclasses import dataclass
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.doubles.loopback import listen

__all__ = ["Received", "Receiver"]


@dataclass(frozen=True)
class Received:
    """One request as it came; header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """An HTTP server on loopback in a thread of its own: `with Receiver() as endpoint: …endpoint.url…`."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._statuses: list[int] = []
        self._delay = 0.0
        self._socket = listen()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST", "PUT"])])
        self._server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error", access_log=False))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def answer_with(self, *statuses: int, delay: float = 0.0) -> None:
        """The next requests are answered with these, each `delay` seconds late; those after them with 200."""
        self._statuses = list(statuses)
        self._delay = delay

    def take(self) -> list[Received]:
        """What came since the last time, oldest first."""
        taken, self.received = self.received, []
        return taken

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(5)
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        self.received.append(Received(request.url.path, dict(request.headers), body))
        status = self._statuses.pop(0) if self._statuses else 200
        await asyncio.sleep(self._delay)
        return Response(status_code=status)
