"""A route: from the wire to one call of an endpoint and back, with everything that every operation needs around it.

FastAPI reads the endpoints for the documentation (`openapi.py`); requests go straight through here, because its
general machinery costs more than the whole of a small operation does (see docs/decisions/0003).
"""

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from bookable.kernel import idempotency
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction, TransactionConflict
from bookable.kernel.errors import DomainError, FieldError, Forbidden, Kind, Unauthenticated
from bookable.kernel.limits import OverLimit, Standing, address_key
from bookable.kernel.tenants import Tenant

from .binding import Binding, read_json
from .calls import Call, Ports
from .envelopes import Envelope, status_of
from .operations import Access, Operation, Reply, Tier
from .shapes import Shape, encode

__all__ = ["Route", "failure", "request_id"]

_ATTEMPTS = 6
_PASSING = {Kind.UNAUTHENTICATED, Kind.RATE_LIMITED, Kind.UNAVAILABLE}
"""Refusals that say nothing final about the request: no idempotency key remembers them, nor any that says when to
come again."""


class Route:
    """One operation of a storefront, at its `path` below the storefront's own."""

    def __init__(self, path: str, operation: Operation, envelope: Envelope) -> None:
        self.path = path
        self.path_regex, _, self.param_convertors = compile_path(path)
        self.operation = operation
        self.envelope = envelope
        self.binding = Binding(operation.endpoint)
        self._template = f"{operation.method} {operation.path}"

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The whole way of one request."""
        scope["route"] = self
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except DomainError as error:
            response = failure(scope, self.envelope, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        scope = request.scope
        ports: Ports = scope["bookable.ports"]
        tenant: Tenant = scope["bookable.tenant"]
        operation = self.operation
        call = Call(request, ports, tenant, _caller(request, ports, tenant, operation.access), operation)
        if call.actor.id is not None:
            scope["state"]["user_id"] = str(call.actor.id)
        standing = await _count(call)
        if operation.roles and call.actor.role not in operation.roles:
            raise Forbidden
        key = _header(scope, b"idempotency-key") if operation.keyed else None
        response = await (self._once(call, key) if key is not None else self._work(call, None))
        if standing is not None:
            response.raw_headers.extend((k.lower().encode(), v.encode()) for k, v in standing.headers().items())
        return response

    async def _once(self, call: Call, key: str) -> Response:
        """The first answer under this key, now or again."""
        if not (0 < len(key) <= 255 and key.isprintable()):
            raise FieldError("Idempotency-Key", "Must be 1 to 255 printable characters.")
        body = await read_json(call.request) if self.binding.body else await call.request.body()
        path = call.request.url.path
        claimed = await idempotency.claim(
            call.db,
            call.tenant.id,
            principal=call.principal,
            route=self._template,
            key=key,
            fingerprint=hashlib.sha256(path.encode() + b"\0" + body).digest(),
        )
        if isinstance(claimed, idempotency.Kept):
            assert claimed.status is not None
            headers = {**(claimed.headers or {}), "Idempotency-Replayed": "true"}
            body = idempotency.body_of(call.tenant.id, claimed, call.ports.sealer)
            return Response(body, claimed.status, headers)
        call.work_id = claimed.work_id
        keeping = _Keeping(self, call, claimed)
        call.keeping = keeping.within
        try:
            response = await self._work(call, claimed)
            if self.operation.phases and not keeping.done:
                await self._keep(call, claimed, response)
            return response
        except DomainError as error:
            if error.kind in _PASSING or error.retry_after is not None:
                await idempotency.let_go(call.db, claimed)
                raise
            response = failure(call.request.scope, self.envelope, error)
            await self._keep(call, claimed, response)
            return response
        except Exception:
            await idempotency.let_go(call.db, claimed)
            raise

    async def _work(self, call: Call, claimed: idempotency.Claim | None) -> Response:
        """The endpoint, in a transaction of the caller's or in phases of its own."""
        operation = self.operation
        args = await self.binding.arguments(call.request)
        args[self.binding.call_name] = call
        if operation.admits is not None:
            call.actor = await operation.admits(call, args)
        if operation.phases:
            return self._respond(await operation.endpoint(**args))
        for attempt in range(_ATTEMPTS):
            try:
                return await self._transact(call, args, claimed)
            except TransactionConflict:
                if attempt == _ATTEMPTS - 1:
                    raise
                await Database.pause(attempt)
        raise AssertionError("unreachable")

    async def _transact(self, call: Call, args: dict[str, Any], claimed: idempotency.Claim | None) -> Response:
        async with call.db.transaction(call.actor) as tx:
            call.during(tx)
            try:
                response = self._respond(await self.operation.endpoint(**args))
            finally:
                call.during(None)
            if claimed is not None:
                await idempotency.keep(tx, claimed, call.ports.sealer, **_kept(response))
        return response

    @staticmethod
    async def _keep(call: Call, claimed: idempotency.Claim, response: Response) -> None:
        async with call.db.transaction(call.system) as tx:
            await idempotency.keep(tx, claimed, call.ports.sealer, **_kept(response))

    def _respond(self, answer: Shape | Reply | None) -> Response:
        if isinstance(answer, Reply):
            if answer.stream is not None:
                return StreamingResponse(answer.stream, answer.status, dict(answer.headers or {}), answer.media_type)
            return Response(answer.body, answer.status, dict(answer.headers or {}), answer.media_type)
        if answer is None:
            return Response(b"", self.operation.status)
        body = self.envelope.success(encode(answer))
        return Response(body, self.operation.status, media_type="application/json")


class _Keeping:
    """Keeps an answer in the transaction that does the work, where an endpoint in phases asks for it."""

    def __init__(self, route: Route, call: Call, claimed: idempotency.Claim) -> None:
        self._route = route
        self._call = call
        self._claimed = claimed
        self.done = False

    async def within(self, tx: Transaction, answer: Shape | Reply) -> None:
        response = self._route._respond(answer)
        await idempotency.keep(tx, self._claimed, self._call.ports.sealer, **_kept(response))
        self.done = True


def _caller(request: Request, ports: Ports, tenant: Tenant, access: Access) -> Actor:
    """Who calls, by the bearer token; nobody where none is sent and none is asked for."""
    said = _header(request.scope, b"authorization")
    if said is None:
        if access is Access.USER:
            raise Unauthenticated
        return Actor.nobody(tenant.id)
    try:
        actor = _bearer(said, ports, tenant)
    except Unauthenticated:
        if access is Access.ANYONE:
            return Actor.nobody(tenant.id)
        raise
    return actor.widened() if actor.is_admin else actor


def _bearer(said: str, ports: Ports, tenant: Tenant) -> Actor:
    scheme, _, token = said.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    return ports.credentials.authenticate(token.strip(), audience=tenant.id, now=ports.clock.now())


def _header(scope: Scope, name: bytes) -> str | None:
    """One header's first value; a look through the list costs less than making a mapping of it."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


async def _count(call: Call) -> Standing | None:
    """Count the call against its tier; raises `OverLimit`."""
    tiers = call.ports.tiers
    match call.operation.tier:
        case Tier.READS:
            limit = tiers.reads
        case Tier.WRITES:
            limit = tiers.writes
        case Tier.CREDENTIALS:
            return await call.ports.limiter.hit(tiers.credentials, str(call.tenant.id), address_key(call.address))
        case Tier.NONE:
            return None
    return await call.ports.limiter.hit(limit, str(call.actor.id) if call.actor.id else address_key(call.address))


def _kept(response: Response) -> dict[str, Any]:
    headers = {k: v for k, v in response.headers.items() if k != "content-length"}
    return {"status": response.status_code, "headers": headers, "body": bytes(response.body)}


def request_id(scope: Scope) -> str:
    """The id that the edge gave this request."""
    return str(scope["state"]["request_id"])


def failure(scope: Scope, envelope: Envelope, error: DomainError) -> Response:
    """An error in the storefront's own envelope, with the headers that its kind asks for."""
    headers: dict[str, str] = {}
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    if isinstance(error, OverLimit):
        headers |= error.standing.headers()
    body = envelope.failure(error.code, error.text, error.details, request_id(scope))
    return Response(encode(body), status_of(error), headers, "application/json")
