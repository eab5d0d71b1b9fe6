"""Facts that stop a use case: each has a name, a kind (the sort of refusal) and a code for clients."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

__all__ = [
    "Conflict",
    "DomainError",
    "FieldError",
    "Forbidden",
    "Gone",
    "InvalidState",
    "Kind",
    "Malformed",
    "NotFound",
    "PaymentRefused",
    "RateLimited",
    "Unauthenticated",
    "Unavailable",
    "ValidationFailed",
]


class Kind(StrEnum):
    """The sort of refusal; each storefront maps it to its own status and envelope."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    PAYMENT = "payment"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA = "unsupported_media"
    INVALID = "invalid"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


class DomainError(Exception):
    """Something that is so and stops the use case; safe to show to the client in full."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "CONFLICT"
    message: ClassVar[str] = "This conflicts with the present state."

    def __init__(
        self,
        message: str | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.text = message or self.message
        self.details: dict[str, Any] = dict(details or {})
        self.retry_after = retry_after
        super().__init__(self.text)


class Malformed(DomainError):
    """The request can't be read at all."""

    kind = Kind.MALFORMED
    code = "MALFORMED_REQUEST"
    message = "The request could not be read."


class ValidationFailed(DomainError):
    """One or more fields are wrong; `details.fields` lists them as `{field, message}`."""

    kind = Kind.INVALID
    code = "VALIDATION_ERROR"
    message = "Some fields are not valid."

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(details={"fields": [{"field": f, "message": m} for f, m in fields.items()]})


def FieldError(field: str, message: str) -> ValidationFailed:  # noqa: N802 - reads as the error it makes
    """A validation failure of one field."""
    return ValidationFailed({field: message})


class Unauthenticated(DomainError):
    """No credentials, or none that hold."""

    kind = Kind.UNAUTHENTICATED
    code = "UNAUTHENTICATED"
    message = "Sign in to do this."


class Forbidden(DomainError):
    """Known, but not allowed."""

    kind = Kind.FORBIDDEN
    code = "FORBIDDEN"
    message = "You are not allowed to do this."


class NotFound(DomainError):
    """Not there, or not yours."""

    kind = Kind.NOT_FOUND
    code = "NOT_FOUND"
    message = "There is nothing here by that name."


class Gone(DomainError):
    """It was there once; its time is over."""

    kind = Kind.GONE
    code = "TOKEN_EXPIRED"
    message = "This link has been used or has expired."


class Conflict(DomainError):
    """What is asked contradicts what is."""


class InvalidState(DomainError):
    """A move that the transition table does not have; `details` carries `from` and `allowed`."""

    code = "INVALID_STATE"
    message = "This can't be done in the present state."

    def __init__(self, present: str, allowed: list[str], message: str | None = None) -> None:
        super().__init__(message, details={"from": present, "allowed": allowed})


class PaymentRefused(DomainError):
    """The money did not come; `details.reason` is the provider's word for it, safe to show."""

    kind = Kind.PAYMENT
    code = "PAYMENT_DECLINED"
    message = "The payment was declined."


class RateLimited(DomainError):
    """Too many calls; `retry_after` says when to come back, in seconds."""

    kind = Kind.RATE_LIMITED
    code = "RATE_LIMITED"
    message = "Too many requests; try again later."


class Unavailable(DomainError):
    """Something we depend on does not answer; trying again later may work."""

    kind = Kind.UNAVAILABLE
    code = "PROVIDER_UNAVAILABLE"
    message = "A service we depend on is not available; try again shortly."
