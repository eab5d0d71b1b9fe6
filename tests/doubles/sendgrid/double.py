"""SendGrid in the hand of a test: start it, read what it took, let it go wrong."""

import asyncio
import json
import threading
import time
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.loopback import listen
from tests.doubles.sendgrid.document import faults

__all__ = ["SendGridDouble"]

Json = dict[str, Any]
_LARGEST = 30 * 1024 * 1024


class SendGridDouble:
    """SendGrid on loopback, in a thread of its own. `with SendGridDouble() as sendgrid: …sendgrid.url…`."""

    def __init__(self, api_key: str = "SG.double", *, sender: str = "no-reply@bookable.example") -> None:
        self.api_key = api_key
        self.taken: list[Json] = []
        """The bodies that were answered with 202, oldest first."""
        self.refusing: set[str] = set()
        """Recipients that are answered with 400."""
        self.answers: list[tuple[int, dict[str, str]]] = []
        """Answers that come first, whatever is asked; with status 202 only the mail gets lost on the way back."""
        self._sender = sender
        self._socket = listen()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        app = Starlette(routes=[Route("/v3/mail/send", self._answer, methods=["POST"])])
        config = uvicorn.Config(app, lifespan="off", log_level="error", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve([self._socket])), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(5)
        self._socket.close()

    async def _answer(self, request: Request) -> Response:
        if self.answers:
            status, headers = self.answers.pop(0)
            return _problem(status, "as the test asked", headers=headers)
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            return _problem(401, "The provided authorization grant is invalid, expired, or revoked")
        raw = await request.body()
        if len(raw) > _LARGEST:
            return _problem(413, "Payload too large")
        if request.headers.get("content-type") != "application/json":
            return _problem(415, "Content-Type should be application/json.")
        return self._take(raw)

    def _take(self, raw: bytes) -> Response:
        try:
            body = json.loads(raw)
        except ValueError:
            return _problem(400, "Bad Request")
        if wrong := faults(body):
            return JSONResponse({"errors": [{"message": m, "field": f, "help": None} for f, m in wrong]}, 400)
        if body["from"]["email"] != self._sender:
            return _problem(403, "The from address does not match a verified Sender Identity.", field="from")
        if any(p["email"] in self.refusing for e in body["personalizations"] for p in e["to"]):
            return _problem(400, "Does not contain a valid address.", field="personalizations.0.to.0.email")
        self.taken.append(body)
        return Response(status_code=202, headers={"X-Message-Id": f"double-{len(self.taken)}"})


def _problem(status: int, message: str, *, field: str | None = None, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"errors": [{"message": message, "field": field, "help": None}]}, status, headers)
