"""The one layer around the application: it names, bounds, guards, counts and logs every request."""

import asyncio
import re
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from starlette.requests import ClientDisconnect
from uuid_utils import uuid7

from bookable.edge.cors import Cors, HeaderList
from bookable.edge.deadlines import Deadlines
from bookable.edge.exchange import App, Exchange, Receive, Scope, Send
from bookable.edge.headers import DefaultHeaders
from bookable.edge.readable import why_refused
from bookable.edge.refusals import Failed, NotAnswered, Refusal, TooLarge, TooSlow
from bookable.kernel import error_reports, logs, metrics, tracing
from bookable.kernel.errors import DomainError
from bookable.kernel.redaction import redacted_text

__all__ = ["Edge", "RenderError"]

RenderError = Callable[[Scope, DomainError], tuple[int, Sequence[tuple[bytes, bytes]], bytes]]

_ONE_MB = 1024 * 1024
_CLIENT_GONE = 499
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_ALLOW = (b"allow", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
_CLOSE = (b"connection", b"close")
_FAILED = b'{"error":{"code":"INTERNAL_ERROR","message":"Something went wrong on our side.","details":{}}}'

_log = logs.get_logger(__name__)


class Edge:
    """ASGI middleware, the outermost.

    `scope["state"]` gets `request_id`; the application may put `storefront` and `user_id` there, which are
    then logged and counted. `render_error` gives an error the envelope of the storefront that the scope
    belongs to; for the edge's own refusals their status stands, whatever it says. `limits_for` says how
    many bytes a body may have, by path. `unhurried`: beginnings of paths whose work may take as long as it takes.
    """

    def __init__(
        self,
        app: App,
        *,
        render_error: RenderError,
        origins: Sequence[str] = (),
        production: bool = False,
        limits_for: Callable[[str], int] = lambda path: _ONE_MB,
        timeout: float = 25.0,
        unhurried: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._render_error = render_error
        self._cors = Cors(origins, production=production)
        self._defaults = DefaultHeaders(production=production)
        self._limits_for = limits_for
        self._deadlines = Deadlines(timeout)
        self._unhurried = unhurried

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        headers = dict(scope["headers"])
        request_id = _request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        logs.begin(request_id=request_id)
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        return await self._exchange(scope, headers, receive, send, request_id)

    async def _exchange(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send, request_id: str
    ) -> None:
        extra = (*self._cors.headers(headers.get(b"origin")), (b"x-request-id", request_id.encode()))
        exchange = Exchange(receive, send, self._defaults, extra, self._limits_for(scope["path"]))
        try:
            if tracing.is_on():
                with tracing.span(scope["method"], parent=_trace_parent(headers)):
                    await self._answer(scope, headers, exchange)
                    tracing.rename(f"{scope['method']} {_template(scope) or 'unmatched'}", status=exchange.status)
            else:
                await self._answer(scope, headers, exchange)
        finally:
            _note(scope, exchange)

    async def _answer(self, scope: Scope, headers: dict[bytes, bytes], exchange: Exchange) -> None:
        refusal = why_refused(scope, headers, exchange.body_limit)
        if refusal is not None:
            await self._refuse(scope, exchange, refusal, drain=b"expect" not in headers)
        elif b"access-control-request-method" in headers and scope["method"] == "OPTIONS" and b"origin" in headers:
            await exchange.answer(204, self._cors.preflight(headers), b"")
        else:
            await self._run(scope, exchange)

    async def _run(self, scope: Scope, exchange: Exchange) -> None:
        if not scope["path"].startswith(self._unhurried):
            self._deadlines.watch(exchange)
        error: BaseException | None = None
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError as cancelled:
            if not exchange.timed_out:
                raise
            error = cancelled
        except Exception as failure:  # noqa: BLE001 - the last place where it can be answered
            error = failure
        finally:
            self._deadlines.let_be(exchange)
        await self._conclude(scope, exchange, error)

    async def _conclude(self, scope: Scope, exchange: Exchange, error: BaseException | None) -> None:
        """The answer, where the application did not begin one."""
        if exchange.timed_out:
            _take_back_cancellation()
            await self._refuse(scope, exchange, TooSlow() if exchange.awaits_body else NotAnswered(retry_after=5))
        elif exchange.too_large and not exchange.status:
            await self._refuse(scope, exchange, TooLarge())
        elif error is None:
            await exchange.let_go()
            if not exchange.status and not exchange.disconnected:
                await self._fail(scope, exchange, None)
        elif isinstance(error, DomainError) and not exchange.status:
            await exchange.answer(*self._rendered(scope, error))
        elif not isinstance(error, ClientDisconnect):
            await self._fail(scope, exchange, error)

    async def _fail(self, scope: Scope, exchange: Exchange, error: BaseException | None) -> None:
        _log.error("request failed" if error else "request was not answered", exc_info=error)
        if error is not None and error_reports.is_on():
            _report(scope, error)
        if not exchange.status:
            await self._refuse(scope, exchange, Failed())

    async def _refuse(self, scope: Scope, exchange: Exchange, refusal: Refusal, *, drain: bool = True) -> None:
        _, headers, body = self._rendered(scope, refusal)
        more = {405: (_ALLOW,), 408: (_CLOSE,), 413: (_CLOSE,)}.get(refusal.status, ())
        drain = drain and refusal.status == TooLarge.status
        await exchange.answer(refusal.status, (*headers, *more), body, drain=drain)

    def _rendered(self, scope: Scope, error: DomainError) -> tuple[int, HeaderList, bytes]:
        """In the storefront's envelope; its length is counted anew."""
        try:
            status, headers, body = self._render_error(scope, error)
        except Exception:  # noqa: BLE001 - an error about an error must still be answered
            _log.exception("error could not be rendered")
            return Failed.status, ((b"content-type", b"application/json"),), _FAILED
        return status, tuple(header for header in headers if header[0] != b"content-length"), body


def _request_id(headers: dict[bytes, bytes]) -> str:
    given = headers.get(b"x-request-id", b"")
    return given.decode() if _REQUEST_ID.fullmatch(given) else str(uuid7())


def _trace_parent(headers: dict[bytes, bytes]) -> dict[str, str]:
    return {"traceparent": headers.get(b"traceparent", b"").decode("latin-1")}


def _take_back_cancellation() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


def _note(scope: Scope, exchange: Exchange) -> None:
    """One log line and one count. A path is logged only where no route is known; a query never."""
    seconds = perf_counter() - exchange.began
    state: dict[str, Any] = scope["state"]
    template = _template(scope)
    status = exchange.status or _CLIENT_GONE
    storefront = state.get("storefront") or "none"
    metrics.request_done(storefront, template or "unmatched", scope["method"], status, seconds)
    logs.info_without_secrets(
        "request",
        method=scope["method"],
        route=template or redacted_text(scope["path"][:200]),
        status=status,
        ms=round(seconds * 1000, 2),
        storefront=storefront,
        user_id=_named(state.get("user_id")),
    )


def _report(scope: Scope, error: BaseException) -> None:
    """By the route's template, never by the path."""
    state: dict[str, Any] = scope["state"]
    error_reports.report(
        error,
        transaction=f"{scope['method']} {_template(scope) or 'unmatched'}",
        request_id=state.get("request_id"),
        storefront=state.get("storefront"),
    )


def _template(scope: Scope) -> str | None:
    """The route's path with its parameters' names, below the path where its application is mounted."""
    route = getattr(scope.get("route"), "path", None)
    return None if route is None else f"{scope.get('root_path', '')}{route}"


def _named(value: object) -> str | None:
    return None if value is None else str(value)
