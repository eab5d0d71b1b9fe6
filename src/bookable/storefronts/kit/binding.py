"""From a request to an endpoint's arguments: path, query and body, each checked once."""

import inspect
import typing
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import ClientDisconnect, Request

from bookable.kernel.errors import DomainError, Kind, Malformed, NotFound, ValidationFailed

from .calls import Call

__all__ = ["Binding", "Body", "Params", "checked", "read_json"]

Model = TypeVar("Model", bound=BaseModel)


class Body(BaseModel):
    """A JSON body: camelCase on the wire, unknown fields ignored, no number from a text and no text from a number."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        extra="ignore",
        frozen=True,
        strict=True,
        str_strip_whitespace=True,
    )


class Params(BaseModel):
    """A query string: camelCase on the wire, unknown and empty parameters ignored."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="ignore", frozen=True)


class NotJson(DomainError):
    """The body is of a type that this operation does not read."""

    kind = Kind.UNSUPPORTED_MEDIA
    code = "UNSUPPORTED_MEDIA_TYPE"
    message = "Send the body as application/json."


class Binding:
    """How one endpoint's parameters are filled. Path parameters that can't be what they must be are 404."""

    def __init__(self, endpoint: Callable[..., Any]) -> None:
        self.body: tuple[str, type[Body]] | None = None
        self.query: tuple[str, type[Params]] | None = None
        self.path: list[tuple[str, Callable[[str], Any]]] = []
        self.call_name = "call"
        hints = typing.get_type_hints(endpoint)
        for name in inspect.signature(endpoint).parameters:
            self._place(name, hints[name])

    def _place(self, name: str, hint: Any) -> None:
        if hint is Call:
            self.call_name = name
        elif isinstance(hint, type) and issubclass(hint, Body):
            self.body = (name, hint)
        elif isinstance(hint, type) and issubclass(hint, Params):
            self.query = (name, hint)
        elif hint in (UUID, str, int):
            self.path.append((name, hint))
        else:
            raise TypeError(f"no place for the parameter {name}: {hint}")

    async def arguments(self, request: Request) -> dict[str, Any]:
        """Keyword arguments but for the call. Raises `ValidationFailed`, `Malformed`, `NotFound`."""
        args: dict[str, Any] = {}
        for name, kind in self.path:
            try:
                args[name] = kind(request.path_params[name])
            except ValueError:
                raise NotFound from None
        if self.query is not None:
            name, params = self.query
            args[name] = checked(params.model_validate, _query(request))
        if self.body is not None:
            name, body = self.body
            args[name] = checked(body.model_validate_json, await read_json(request) or b"{}")
        return args


async def read_json(request: Request) -> bytes:
    """The body's bytes; raises `NotJson` when they are said to be something else."""
    try:
        raw = await request.body()
    except ClientDisconnect:
        raise Malformed("The body did not arrive whole.") from None
    if raw and (said := request.headers.get("content-type")) is not None:
        kind = said.partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise NotJson
    return raw


def _query(request: Request) -> dict[str, str]:
    raw = request.scope["query_string"]
    return dict(parse_qsl(raw.decode("latin-1"))) if raw else {}


def checked(validate: Callable[[Any], Model], raw: Any) -> Model:
    """What Pydantic makes of it; raises `ValidationFailed` with a line a field, or `Malformed` for what is no JSON."""
    try:
        return validate(raw)
    except ValidationError as wrong:
        problems = wrong.errors(include_url=False, include_context=False, include_input=False)
        if problems[0]["type"] == "json_invalid":
            raise Malformed("The body is not valid JSON.") from None
        fields = {".".join(map(str, p["loc"])) or "body": p["msg"].removeprefix("Value error, ") for p in problems}
        raise ValidationFailed(fields) from None
