"""The double as an HTTP server: authentication, limits, parameters, idempotency, work, events, answer."""

import asyncio
import copy
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus

import stripe
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.doubles.stripe import routes
from tests.doubles.stripe.faults import Fault, Faults, Mode
from tests.doubles.stripe.params import checked
from tests.doubles.stripe.webhooks import Webhooks
from tests.doubles.stripe.wire import Answer, Json, Refusal, parse_form
from tests.doubles.stripe.world import Asked, World

__all__ = ["Api", "Call", "CuttingProtocol"]


class CuttingProtocol(HttpToolsProtocol):
    """Lets a handler cut the connection it answers on: `request.state.transport.abort()`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


@dataclass
class Call:
    """One call as it came in, and what became of it; `status` 0 means that the connection was cut."""

    method: str
    path: str
    params: Json
    key: str | None
    account: str
    request_id: str = field(default_factory=lambda: f"req_{secrets.token_hex(7)}")
    status: int = 0
    replayed: bool = False
    fault: str | None = None


class _Cut(Exception):
    """The connection goes, the answer with it."""


class Api:
    """Answers `/v1/…`; everything it knows is in `world`."""

    def __init__(self, world: World, webhooks: Webhooks, faults: Faults, secret_key: str) -> None:
        self.world = world
        self.webhooks = webhooks
        self.faults = faults
        self.calls: list[Call] = []
        self._secret_key = secret_key

    async def answer(self, request: Request) -> Response:
        """The answer to one call, with Stripe's headers."""
        call = await self._read(request)
        fault = self.faults.take(f"{call.method} {call.path}")
        call.fault = fault.mode if fault else None
        try:
            answer = await self._answer(call, fault, request.headers.get("authorization", ""))
        except Refusal as refusal:
            answer = refusal.answer()
        except _Cut:
            request.state.transport.abort()
            return Response(status_code=HTTPStatus.NO_CONTENT)
        call.status = answer.status
        call.replayed = "idempotent-replayed" in answer.headers
        usual = {"request-id": call.request_id, "stripe-version": str(stripe.api_version)}
        return JSONResponse(answer.body, answer.status, headers={**usual, **answer.headers})

    async def _read(self, request: Request) -> Call:
        text = request.url.query if request.method == "GET" else (await request.body()).decode()
        headers = request.headers
        account = headers.get("stripe-account", "")
        call = Call(request.method, request.url.path, {"": text}, headers.get("idempotency-key"), account)
        self.calls.append(call)
        return call

    async def _answer(self, call: Call, fault: Fault | None, authorization: str) -> Answer:
        mode = fault.mode if fault else None
        if mode is Mode.RESET_BEFORE:
            raise _Cut
        self._admit(call, authorization, mode)
        found = routes.find(call.method, call.path)
        if found is None:
            raise Refusal(404, f"Unrecognized request URL ({call.method}: {call.path}).")
        route, subject = found
        call.params = parse_form(call.params[""])
        params = checked(route.shape, call.params)
        if call.method == "GET":
            with self.world.lock:
                return self._work(route, params, subject)
        return await self._once(call, fault, route, params, subject)

    def _admit(self, call: Call, authorization: str, mode: Mode | None) -> None:
        if authorization != f"Bearer {self._secret_key}":
            raise Refusal(401, "Invalid API Key provided.")
        if mode is Mode.RATE_LIMIT:
            raise Refusal(429, "Too many requests.", code="rate_limit")
        if mode is Mode.DOWN:
            raise Refusal(503, "Stripe is down.", type="api_error")
        if call.account:
            self.world.find("acct", call.account, param="stripe_account")

    async def _once(self, call: Call, fault: Fault | None, route: routes.Route, params: Json, subject: str) -> Answer:
        scope = (call.account, call.key or call.request_id)
        world, now = self.world, self.world.now()
        with world.lock:
            answer = world.keys.claim(scope, call.path, call.params, now=now, request_id=call.request_id)
        if answer is None:
            await _pause(fault, Mode.HANG_BEFORE)
            with world.lock:
                world.asked = Asked(call.account, call.request_id, call.key)
                answer = self._executed(fault, route, params, subject)
                world.keys.keep(scope, answer)
                events = world.take_outbox()
            await self.webhooks.dispatch(events)
        await _pause(fault, Mode.HANG_AFTER)
        if fault and fault.mode is Mode.RESET_AFTER:
            raise _Cut
        return answer

    def _executed(self, fault: Fault | None, route: routes.Route, params: Json, subject: str) -> Answer:
        mode = fault.mode if fault else None
        if mode is Mode.ERROR_BEFORE:
            return _BROKEN
        try:
            answer = self._work(route, params, subject)
        except Refusal as refusal:
            answer = refusal.answer()
        return _BROKEN if mode is Mode.ERROR_AFTER else answer

    def _work(self, route: routes.Route, params: Json, subject: str) -> Answer:
        found = route.work(self.world, params, subject)
        return Answer(200, copy.deepcopy(self.world.expand(found, params.get("expand", []))))


_BROKEN = Answer(
    500,
    {"error": {"type": "api_error", "message": "An error occurred on Stripe's side."}},
    # Stripe says so, because its own stored answer would come again.
    {"stripe-should-retry": "false"},
)


async def _pause(fault: Fault | None, mode: Mode) -> None:
    if fault and fault.mode is mode:
        await asyncio.sleep(fault.seconds)
