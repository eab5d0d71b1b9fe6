"""A Sentry that keeps the envelopes that come to it; told to, it takes its time or is out of order."""

import asyncio
import gzip
import json
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.threaded import Threaded

__all__ = ["SentryDouble"]


class SentryDouble(Threaded):
    """`with SentryDouble() as sentry: …sentry.dsn…`; every byte that came is in `envelopes`."""

    def __init__(self) -> None:
        super().__init__([Route("/api/{project}/envelope/", self._take, methods=["POST"])])
        self.dsn = f"{self.url.replace('://', '://0123456789abcdef@')}/42"
        self.delay = 0.0
        self.envelopes: list[bytes] = []
        self.keys: list[str] = []

    @property
    def events(self) -> list[dict[str, Any]]:
        """The errors among them: an envelope is a header, then for each item its header and the item, a line each."""
        lines = [line for envelope in self.envelopes for line in envelope.splitlines()]
        return [one for one in (json.loads(line) for line in lines if line) if "exception" in one]

    def wait_for_events(self, number: int, patience: float = 10.0) -> list[dict[str, Any]]:
        """Those that came, once there are so many."""
        until = time.monotonic() + patience
        while len(self.events) < number and time.monotonic() < until:
            time.sleep(0.02)
        return self.events

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        await asyncio.sleep(self.delay)
        self.keys.append(request.headers["x-sentry-auth"])
        packed = request.headers.get("content-encoding") == "gzip"
        self.envelopes.append(gzip.decompress(body) if packed else body)
        return JSONResponse({"id": "0" * 32})
