"""How a storefront wraps what it says: each has an envelope for answers and one for errors."""

from collections.abc import Mapping
from typing import Any, Protocol

from bookable.kernel.errors import DomainError, Kind

__all__ = ["STATUS", "Envelope", "status_of"]

STATUS: Mapping[Kind, int] = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.PAYMENT: 402,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.TOO_LARGE: 413,
    Kind.UNSUPPORTED_MEDIA: 415,
    Kind.INVALID: 422,
    Kind.RATE_LIMITED: 429,
    Kind.UNAVAILABLE: 503,
}


class Envelope(Protocol):
    """A storefront's wrapping of answers and errors, on the wire and in the documentation."""

    def success(self, body: bytes) -> bytes:
        """The wrapped JSON of an answer."""
        ...

    def success_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema of `success`."""
        ...

    def failure(self, code: str, message: str, details: dict[str, Any], request_id: str) -> dict[str, Any]:
        """The body of an error."""
        ...

    def failure_schema(self) -> dict[str, Any]:
        """The schema of `failure`."""
        ...


def status_of(error: DomainError) -> int:
    """The HTTP status for a kind of error."""
    return STATUS[error.kind]
