"""An operation: an endpoint with everything its route must know, said where it is defined."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bookable.kernel.actors import Actor

from .shapes import Shape

if TYPE_CHECKING:
    from .calls import Call

__all__ = ["Access", "Admission", "Operation", "Reply", "Router", "Tier"]

Endpoint = Callable[..., Awaitable["Shape | Reply | None"]]
Admission = Callable[["Call", Mapping[str, Any]], Awaitable[Actor]]


class Access(StrEnum):
    """Who may call. A token that is sent must hold, even where none is asked for; but for `ANYONE`, to whom one that
    doesn't counts as none: they come to get a new one, or to be rid of it."""

    PUBLIC = "public"
    ANYONE = "anyone"
    USER = "user"


class Tier(StrEnum):
    """By which rate limit a call is counted."""

    READS = "reads"
    WRITES = "writes"
    CREDENTIALS = "credentials"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not the storefront's JSON: a file, or nothing at all.

    `stream`, in place of `body`, is for what need not be in memory at once; not for keyed operations.
    """

    status: int
    body: bytes = b""
    media_type: str | None = None
    headers: Mapping[str, str] | None = None
    stream: AsyncIterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A method and path, the shape of its answer, and the rules of its route.

    `roles`: callers with another role get 403. `keyed`: takes an Idempotency-Key. `phases`: opens its own
    transactions, because it calls a provider between them. `admits`: finds out who acts before the transaction
    begins, for guests who hold a key to one booking. `errors`: statuses beyond those every operation has.
    """

    method: str
    path: str
    endpoint: Endpoint
    answer: type[Shape] | None
    status: int
    access: Access
    roles: frozenset[str]
    tier: Tier
    keyed: bool
    phases: bool
    admits: Admission | None
    errors: frozenset[int]
    tag: str
    media_type: str
    extra: Mapping[str, Any]


class Router:
    """Collects the operations of one resource. `get`, `post`, `put`, `patch`, `delete` decorate endpoints."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def add(
        self,
        method: str,
        path: str,
        answer: type[Shape] | None = None,
        *,
        status: int | None = None,
        access: Access = Access.USER,
        roles: tuple[str, ...] = (),
        tier: Tier | None = None,
        keyed: bool | None = None,
        phases: bool = False,
        admits: Admission | None = None,
        errors: tuple[int, ...] = (),
        media_type: str = "application/json",
        extra: Mapping[str, Any] | None = None,
    ) -> Callable[[Endpoint], Endpoint]:
        """Register the decorated endpoint. Without `answer` it replies 204, or whatever `Reply` it returns."""
        tier = tier or (Tier.READS if method == "GET" else Tier.WRITES)

        def register(endpoint: Endpoint) -> Endpoint:
            self.operations.append(
                Operation(
                    method,
                    path,
                    endpoint,
                    answer,
                    status or (200 if answer or media_type != "application/json" else 204),
                    access,
                    frozenset(roles),
                    tier,
                    (method == "POST" and tier is Tier.WRITES) if keyed is None else keyed,
                    phases,
                    admits,
                    frozenset(errors),
                    self.tag,
                    media_type,
                    extra or {},
                )
            )
            return endpoint

        return register

    def get(self, path: str, answer: type[Shape] | None = None, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self.add("GET", path, answer, **options)

    def post(self, path: str, answer: type[Shape] | None = None, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self.add("POST", path, answer, **options)

    def put(self, path: str, answer: type[Shape] | None = None, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self.add("PUT", path, answer, **options)

    def patch(self, path: str, answer: type[Shape] | None = None, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self.add("PATCH", path, answer, **options)

    def delete(self, path: str, answer: type[Shape] | None = None, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self.add("DELETE", path, answer, **options)
