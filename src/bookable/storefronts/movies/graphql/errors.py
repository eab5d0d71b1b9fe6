"""What went wrong, as GraphQL says it: the message, where, and in `extensions` our own code and details."""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from bookable.kernel.errors import DomainError, Kind, Malformed, ValidationFailed

__all__ = ["NoSuchDocument", "Refused", "TooLong", "Unreadable", "expected", "told"]


class Refused(DomainError):
    """A document that is understood and not run: against the schema, or above a limit."""

    kind = Kind.INVALID
    code = "VALIDATION_ERROR"

    def __init__(self, message: str, errors: Sequence[GraphQLError] = ()) -> None:
        super().__init__(message, details={"fields": [{"field": "query", "message": message}]})
        self.errors = list(errors)


class Unreadable(Malformed):
    """Not GraphQL."""

    message = "The query is not valid GraphQL."

    def __init__(self, error: GraphQLError) -> None:
        super().__init__(error.message)
        self.errors = [error]


class NoSuchDocument(DomainError):
    """No document is kept under this hash: send it again with its text."""

    kind = Kind.NOT_FOUND
    code = "PERSISTED_QUERY_NOT_FOUND"
    message = "PersistedQueryNotFound"


class TooLong(DomainError):
    """A document longer than any that is read."""

    kind = Kind.TOO_LARGE
    code = "PAYLOAD_TOO_LARGE"
    message = "The query is too long."


def expected(error: GraphQLError) -> DomainError | None:
    """The fact that stopped a field; the caller's own mistake where GraphQL found it.

    None for anything else, a value of ours that does not fit its type too (GraphQL blames no part of the document for
    it): that is a fault, and nothing of it may be shown.
    """
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, DomainError):
        return cause
    if isinstance(cause, GraphQLError) and (cause.nodes or not error.path):
        return ValidationFailed({_where(error): error.message})
    return None


def told(fact: DomainError, error: GraphQLError | None = None) -> dict[str, Any]:
    """An element of `errors`."""
    said: dict[str, Any] = {"message": fact.text}
    if error is not None and error.locations:
        said["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error is not None and error.path:
        said["path"] = list(error.path)
    said["extensions"] = {"code": fact.code, "details": fact.details}
    return said


def _where(error: GraphQLError) -> str:
    return str(error.path[-1]) if error.path else "query"
