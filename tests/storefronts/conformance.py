"""Every answer of a storefront is what its OpenAPI document says: the status, the media type, the shape.

Hooked into the clients of the wire tests, so that whatever any of them asks is checked on the way.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bookable.storefronts.kit import Storefront
from bookable.storefronts.kit.routes import Route

__all__ = ["Conformance", "NotDocumented"]

_BEFORE_ANY_OPERATION = {404, 405, 414}
"""What the server may answer without any operation having been asked."""
_formats = FormatChecker(formats=())


class NotDocumented(AssertionError):
    """An answer that the OpenAPI document does not have, or has otherwise."""


@_formats.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    """UTC with `Z`, as every instant on the wire."""
    return not isinstance(value, str) or (value.endswith("Z") and datetime.fromisoformat(value).tzinfo is UTC)


@_formats.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


@_formats.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


class Conformance:
    """One storefront's document, and answers held against it."""

    def __init__(self, storefront: Storefront) -> None:
        self._storefront = storefront
        self.document = json.loads(storefront.document(""))
        resource: Resource[object] = DRAFT202012.create_resource(self.document)
        self._registry = Registry().with_resource("urn:document", resource)
        self._validators: dict[tuple[str, str, str], Draft202012Validator] = {}

    def hooks(self, prefix: str) -> dict[str, list[Callable[..., Any]]]:
        """The `event_hooks` of a client that calls the tenant at `prefix`."""

        async def hook(response: httpx.Response) -> None:
            await response.aread()
            self.check(response, prefix)

        return {"response": [hook]}

    def check(self, response: httpx.Response, prefix: str = "") -> None:
        """Raises `NotDocumented`; answers from outside the storefront's base are left alone."""
        asked = response.request.url.path
        path = asked.removeprefix(prefix)
        if not asked.startswith(f"{prefix}{self._storefront.base}/"):
            return
        status, method = response.status_code, response.request.method
        if status >= 500 and status != 503:
            raise NotDocumented(f"{method} {path} answered {status}: {response.text[:500]}")
        route = self._route(method, path)
        if route is None:
            self._error(response, f"{method} {path}", known=status in _BEFORE_ANY_OPERATION)
        else:
            self._operation(response, route.path, route.operation.method.lower())

    def _route(self, method: str, path: str) -> Route | None:
        found = self._storefront.paths.find(path)
        return found[0].get("GET" if method == "HEAD" else method) if found else None

    def _operation(self, response: httpx.Response, path: str, method: str) -> None:
        named, status = f"{method.upper()} {path}", str(response.status_code)
        documented = self.document["paths"][path][method]["responses"]
        if status not in documented:
            raise NotDocumented(f"{named} answered {status}, which its document does not have: {response.text[:500]}")
        contents = documented[status].get("content", {})
        said = response.headers.get("content-type", "").partition(";")[0]
        if response.request.method == "HEAD" or (not contents and not response.content):
            return
        if said not in contents:
            raise NotDocumented(f"{named} answered {status} with {said!r}, documented: {sorted(contents)}")
        if said == "application/json":
            self._shape(response, f"{named} {status}", path, method, status)

    def _shape(self, response: httpx.Response, named: str, *at: str) -> None:
        path, method, status = at
        if at not in self._validators:
            pointer = f"/paths/{_escaped(path)}/{method}/responses/{status}/content/application~1json/schema"
            self._validators[path, method, status] = self._validator(pointer)
        _must_be(response, self._validators[path, method, status], named)

    def _error(self, response: httpx.Response, named: str, *, known: bool) -> None:
        if not known:
            raise NotDocumented(f"{named} is no operation, and was answered {response.status_code}")
        if response.request.method != "HEAD":
            _must_be(response, self._validator("/components/schemas/Error"), named)

    def _validator(self, pointer: str) -> Draft202012Validator:
        schema = {"$ref": f"urn:document#{pointer}"}
        return Draft202012Validator(schema, registry=self._registry, format_checker=_formats)


def _escaped(segment: str) -> str:
    return segment.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _must_be(response: httpx.Response, validator: Draft202012Validator, named: str) -> None:
    wrong = [f"{e.json_path}: {e.message[:300]}" for e in validator.iter_errors(response.json())]
    if wrong:
        raise NotDocumented(f"{named} does not have its documented shape: {'; '.join(wrong)}")
