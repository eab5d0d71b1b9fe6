"""A double that listens on loopback, in a thread of its own: `with Double() as it: …it.url…`."""

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.doubles.loopback import listen

__all__ = ["Threaded"]


class Threaded:
    """What such a double has: an address, and trouble to order."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.down = False
        """Every call is answered with 503 and has no effect."""
        self.losing: set[str] = set()
        """Paths whose next POST takes effect and is answered with 504."""
        self.hanging: set[str] = set()
        """Paths whose next POST takes effect and is answered to nobody: its caller has gone by then."""
        self.calls: list[tuple[str, str]] = []
        """Method and path of every call, oldest first."""
        self.raving: set[str] = set()
        """Paths whose calls take effect and are answered with 200 and nonsense."""
        self._socket = listen()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        app: ASGIApp = _Trouble(Starlette(routes=routes), self)
        config = uvicorn.Config(app, lifespan="off", log_level="error", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve([self._socket])), daemon=True)

    def heal(self) -> None:
        """All is well again."""
        self.down = False
        self.losing.clear()
        self.hanging.clear()
        self.raving.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(5)
        self._socket.close()


class _Trouble:
    """Before the routes: answers with 503, or has the effect and loses the answer."""

    def __init__(self, app: ASGIApp, double: Threaded) -> None:
        self._app = app
        self._double = double

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        path = request.url.path
        self._double.calls.append((request.method, path))
        if self._double.down:
            await Response(status_code=503)(scope, receive, send)
        elif request.method == "POST" and path in self._double.losing:
            self._double.losing.discard(path)
            await self._app(scope, receive, _unheard)
            await Response(status_code=504)(scope, receive, send)
        elif request.method == "POST" and path in self._double.hanging:
            self._double.hanging.discard(path)
            await self._app(scope, receive, _unheard)
            await _gone(receive)
        elif path in self._double.raving:
            await self._app(scope, receive, _unheard)
            await JSONResponse({"hello": [1, None, "?"]})(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _gone(receive: Receive) -> None:
    """Wait until the caller hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _unheard(message: object) -> None:
    """Nobody hears this answer."""
