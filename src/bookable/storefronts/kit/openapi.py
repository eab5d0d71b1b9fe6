"""Each storefront's OpenAPI document: made by FastAPI from the same definitions that serve the requests.

Imported by the first who asks for a document: no request needs FastAPI.
"""

import copy
import inspect
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.responses import Response

from .binding import Binding, Params
from .envelopes import Envelope
from .operations import Access, Operation, Tier
from .routes import Route
from .shapes import schemas

__all__ = ["document"]

_KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body get the first answer again, for 72 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
}
_BYTES = {"type": "string", "format": "binary"}
_FILE: dict[str, dict[str, str]] = {"application/json": {}}
"""What is in a file, by its type; `media_type="text/csv, application/json"` says that it may be either."""


def _documented(route: Route) -> APIRoute:
    """The route as FastAPI knows routes."""
    operation = route.operation
    return APIRoute(
        route.path,
        _endpoint(operation),
        methods=[operation.method],
        status_code=operation.status,
        response_model=None,
        response_class=Response,
        responses=_responses(operation, route.envelope),
        tags=[operation.tag],
        openapi_extra=_additions(operation),
    )


def _endpoint(operation: Operation) -> Callable[..., Any]:
    """The endpoint as FastAPI should read it: without the call, the query's model as parameters."""
    signature = inspect.signature(operation.endpoint, eval_str=True)
    parameters = [
        p.replace(annotation=Annotated[p.annotation, Query()]) if _is_query(p.annotation) else p
        for p in signature.parameters.values()
        if p.name != Binding(operation.endpoint).call_name
    ]

    async def stand_in(**_: Any) -> None:
        raise AssertionError("requests are served by Route.serve")

    stand_in.__signature__ = signature.replace(parameters=parameters, return_annotation=None)  # type: ignore[attr-defined]
    stand_in.__name__ = operation.endpoint.__name__
    stand_in.__doc__ = operation.endpoint.__doc__
    return stand_in


def _is_query(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Params)


def _statuses(operation: Operation, has_body: bool) -> set[int]:
    """Every error status that this operation can answer with."""
    found = {400, 401, 413, 422, 503} | set(operation.errors)
    if operation.tier is not Tier.NONE:
        found.add(429)
    if has_body or operation.keyed:
        found |= {408, 415}
    if operation.roles:
        found.add(403)
    if operation.keyed:
        found.add(409)
    if "{" in operation.path:
        found.add(404)
    return found


def _responses(operation: Operation, envelope: Envelope) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation."""
    binding = Binding(operation.endpoint)
    answers: dict[int | str, dict[str, Any]] = {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
        for status in sorted(_statuses(operation, binding.body is not None))
    }
    success: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.answer is not None:
        schema = envelope.success_schema({"$ref": f"#/components/schemas/{operation.answer.__name__}"})
        success["content"] = {"application/json": {"schema": schema}}
    elif operation.media_type != "application/json":
        success["content"] = {kind: {"schema": _FILE.get(kind, _BYTES)} for kind in operation.media_type.split(", ")}
    return {operation.status: success, **answers}


def _additions(operation: Operation) -> dict[str, Any]:
    """What FastAPI can't know: who may call, and the idempotency key."""
    security: list[dict[str, list[str]]] = [{"bearer": []}]
    if operation.access is not Access.USER:
        security.append({})
    added: dict[str, Any] = {"security": security, **operation.extra}
    if operation.keyed:
        added["parameters"] = [*added.get("parameters", []), _KEY_HEADER]
    return added


def document(title: str, prefix: str, routes: Iterable[Route], envelope: Envelope, *, version: str) -> dict[str, Any]:
    """The OpenAPI document of a storefront that is reached under `prefix`."""
    routes = list(routes)
    documented = [_documented(route) for route in routes]
    made = copy.deepcopy(get_openapi(title=title, version=version, routes=documented, servers=[{"url": prefix}]))
    shapes = [r.operation.answer for r in routes if r.operation.answer is not None]
    _, components = schemas(shapes)
    parts = made.setdefault("components", {})
    parts.setdefault("schemas", {}).update(components | {"Error": envelope.failure_schema()})
    parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    return made
