"""`POST /graphql`: the same films, rules, limits and errors as everywhere else in this storefront."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import UNSET, UnsetType
from pydantic import Field, StringConstraints

from bookable.kernel import late
from bookable.kernel.actors import Actor
from bookable.storefronts.kit import Access, Body, Call, Reply, Router, Shape, Tier, encode

__all__ = ["router"]

router = Router("GraphQL")

_ANSWERING = f"{__package__}.answering"
"""GraphQL and Strawberry take 12 MB and half a second: the first call loads them, beside other requests."""


class PersistedQuery(Body):
    """An Apollo automatic persisted query: the SHA-256 of the text, in hexadecimal."""

    version: int = Field(ge=1, le=1)
    sha256_hash: Annotated[str, Field(alias="sha256Hash", pattern="^[0-9a-fA-F]{64}$", max_length=64)]


class Extensions(Body):
    """What of a call's extensions is read."""

    persisted_query: PersistedQuery | None = None


class Ask(Body):
    """A GraphQL call: one operation, never a batch."""

    query: Annotated[str, StringConstraints(strip_whitespace=False, max_length=900_000)] | None = None
    operation_name: Annotated[str, Field(max_length=200)] | None = None
    variables: dict[str, Any] | None = None
    extensions: Extensions | None = None

    @property
    def digest(self) -> str | None:
        persisted = self.extensions and self.extensions.persisted_query
        return persisted.sha256_hash if persisted else None


class FieldRefusalExtensions(Shape):
    code: str
    details: dict[str, Any]


class FieldRefusalPlace(Shape):
    line: int
    column: int


class FieldRefusal(Shape):
    message: str
    extensions: FieldRefusalExtensions
    path: list[str | int] | UnsetType = UNSET
    locations: list[FieldRefusalPlace] | UnsetType = UNSET


class Answered(Shape):
    """What GraphQL answers; `data` is absent where nothing was run."""

    data: dict[str, Any] | UnsetType | None = UNSET
    errors: list[FieldRefusal] | UnsetType = UNSET


async def admit(call: Call, args: Mapping[str, Any]) -> Actor:
    """Read the document, and count each field of a mutation as the write that it is, before anything is done."""
    await late.load(_ANSWERING)
    from .answering import examine

    ask: Ask = args["ask"]
    call.request.state.asked = await examine(call, ask.query, ask.digest, ask.operation_name, ask.variables or {})
    return call.actor


@router.post("/graphql", Answered, access=Access.PUBLIC, tier=Tier.READS, keyed=True, admits=admit)
async def graphql(call: Call, ask: Ask) -> Reply:
    """Run a GraphQL operation; what a field is refused for stands in `errors`, with our code in `extensions`."""
    from .answering import answer

    answered = await answer(call, call.request.state.asked, ask.operation_name, ask.variables or {})
    return Reply(200, encode(answered), "application/json")
