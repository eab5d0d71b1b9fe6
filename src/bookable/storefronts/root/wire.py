"""The root's plain JSON: answers as they are, errors as `{"error": {code, message, details, requestId}}`."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from bookable.kernel.errors import DomainError
from bookable.storefronts.kit import checked, encode, failure

__all__ = ["RootEnvelope", "answer", "endpoint", "read"]

Model = TypeVar("Model", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]


class RootEnvelope:
    """No wrapping of answers."""

    def success(self, body: bytes) -> bytes:
        return body

    def success_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema

    def failure(self, code: str, message: str, details: dict[str, Any], request_id: str) -> dict[str, Any]:
        return {"error": {"code": code, "message": message, "details": details, "requestId": request_id}}

    def failure_schema(self) -> dict[str, Any]:
        return {"type": "object", "properties": {"error": {"type": "object"}}, "required": ["error"]}


def answer(body: Any, status: int = 200) -> Response:
    """JSON."""
    return Response(encode(body), status, media_type="application/json")


def endpoint(serve: Endpoint) -> Endpoint:
    """A plain endpoint whose DomainErrors become the root's errors."""

    @functools.wraps(serve)
    async def guarded(request: Request) -> Response:
        try:
            return await serve(request)
        except DomainError as error:
            return failure(request.scope, RootEnvelope(), error)

    return guarded


async def read(request: Request, model: type[Model]) -> Model:
    """The JSON body as the model; raises `ValidationFailed` or `Malformed`. No body is an empty object."""
    return checked(model.model_validate_json, await request.body() or b"{}")
