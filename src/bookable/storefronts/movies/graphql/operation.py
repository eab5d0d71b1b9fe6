"""`POST /graphql`: the same films, rules, limits and errors as everywhere else in this storefront."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from graphql import OperationDefinitionNode
from msgspec import UNSET, UnsetType
from pydantic import Field, StringConstraints

from bookable.kernel.actors import Actor
from bookable.kernel.errors import DomainError, Forbidden
from bookable.storefronts.kit import Access, Body, Call, Reply, Router, Shape, Tier, encode

from .context import Context
from .documents import Document, Documents
from .errors import NoSuchDocument, Refused, Unreadable, told
from .execution import run
from .limits import changes, measure
from .schema import schema

__all__ = ["router"]

router = Router("GraphQL")


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


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found out before the transaction: what to run or why not, and how the caller stands."""

    document: Document | None
    operation: OperationDefinitionNode | None
    refusal: DomainError | None


@cache
def documents(production: bool) -> Documents:
    """The documents of this process; in production nothing tells what the schema has."""
    return Documents(schema, hints=not production)


async def admit(call: Call, args: Mapping[str, Any]) -> Actor:
    """Read the document, and count each field of a mutation as the write that it is, before anything is done."""
    ask: Ask = args["ask"]
    document, operation = None, None
    refusal: DomainError | None = None
    try:
        document = await _document(call, ask)
        operation = document.operation(ask.operation_name)
        size = measure(schema, document.node, operation, ask.variables or {})
        if size.introspection and call.ports.production:
            refusal = Forbidden("The schema is not told here.")
    except (NoSuchDocument, Refused, Unreadable) as error:
        refusal = error
    call.request.state.asked = Asked(document, operation, refusal)
    if document and operation and not refusal and call.actor.id is not None:
        for _ in range(changes(document.node, operation)):
            await call.ports.limiter.hit(call.ports.tiers.writes, str(call.actor.id))
    return call.actor


async def _document(call: Call, ask: Ask) -> Document:
    """What this process keeps, or another one has kept; whoever has signed in has it kept for all under its hash."""
    here, trusted = documents(call.ports.production), call.actor.id is not None
    digest = ask.digest and ask.digest.lower()
    try:
        document = here.find(ask.query, digest, keep=trusted)
    except NoSuchDocument:
        text = await call.ports.shelf.find(digest) if digest else None
        if text is None:
            raise
        return here.find(text.decode(errors="surrogatepass"), digest, keep=True)
    if trusted and digest and ask.query is not None:
        await call.ports.shelf.keep(digest, ask.query.encode(errors="surrogatepass"))
    return document


@router.post("/graphql", Answered, access=Access.PUBLIC, tier=Tier.READS, keyed=True, admits=admit)
async def graphql(call: Call, ask: Ask) -> Reply:
    """Run a GraphQL operation; what a field is refused for stands in `errors`, with our code in `extensions`."""
    return Reply(200, encode(await _answer(call, ask, call.request.state.asked)), "application/json")


async def _answer(call: Call, ask: Ask, asked: Asked) -> dict[str, Any]:
    if asked.refusal is not None:
        errors = getattr(asked.refusal, "errors", ()) or (None,)
        return {"errors": [told(_one(asked.refusal, error), error) for error in errors]}
    assert asked.document is not None
    context = Context(call)
    return await run(schema, asked.document, context, ask.variables or {}, ask.operation_name)


def _one(refusal: DomainError, error: Any) -> DomainError:
    """Of several things wrong with a document, this one."""
    return refusal if error is None or isinstance(refusal, Unreadable) else Refused(error.message)
