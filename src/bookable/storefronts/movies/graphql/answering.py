"""From a GraphQL document to its answer: read and measured before the transaction, run in it. Loaded late."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import OperationDefinitionNode

from bookable.kernel.errors import DomainError, Forbidden
from bookable.storefronts.kit import Call

from .context import Context
from .documents import Document, Documents
from .errors import NoSuchDocument, Refused, Unreadable, told
from .execution import run
from .limits import changes, measure
from .schema import schema

__all__ = ["Asked", "answer", "examine"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found out before the transaction: what to run, or why not."""

    document: Document | None
    refusal: DomainError | None


@cache
def _documents(production: bool) -> Documents:
    """The documents of this process; in production nothing tells what the schema has."""
    return Documents(schema, hints=not production)


async def examine(
    call: Call, text: str | None, digest: str | None, name: str | None, variables: Mapping[str, Any]
) -> Asked:
    """Find, check and measure what is asked; each field of a mutation counts as a write. Raises `OverLimit`."""
    document: Document | None = None
    try:
        document = await _document(call, text, digest)
        operation = document.operation(name)
        size = measure(schema, document.node, operation, variables)
        if size.introspection and call.ports.production:
            return Asked(document, Forbidden("The schema is not told here."))
    except (NoSuchDocument, Refused, Unreadable) as refusal:
        return Asked(document, refusal)
    await _count(call, document, operation)
    return Asked(document, None)


async def _document(call: Call, query: str | None, said: str | None) -> Document:
    """What this process keeps, or another one has kept; whoever has signed in has it kept for all under its hash."""
    here, trusted = _documents(call.ports.production), call.actor.id is not None
    digest = said and said.lower()
    try:
        document = here.find(query, digest, keep=trusted)
    except NoSuchDocument:
        text = await call.ports.shelf.find(digest) if digest else None
        if text is None:
            raise
        return here.find(text.decode(errors="surrogatepass"), digest, keep=True)
    if trusted and digest and query is not None:
        await call.ports.shelf.keep(digest, query.encode(errors="surrogatepass"))
    return document


async def _count(call: Call, document: Document, operation: OperationDefinitionNode) -> None:
    if call.actor.id is not None:
        for _ in range(changes(document.node, operation)):
            await call.ports.limiter.hit(call.ports.tiers.writes, str(call.actor.id))


async def answer(call: Call, asked: Asked, name: str | None, variables: Mapping[str, Any]) -> dict[str, Any]:
    """`data` and `errors`, or why nothing was run."""
    if asked.refusal is not None:
        errors = getattr(asked.refusal, "errors", ()) or (None,)
        return {"errors": [told(_one(asked.refusal, error), error) for error in errors]}
    assert asked.document is not None
    return await run(schema, asked.document, Context(call), variables, name)


def _one(refusal: DomainError, error: Any) -> DomainError:
    """Of several things wrong with a document, this one."""
    return refusal if error is None or isinstance(refusal, Unreadable) else Refused(error.message)
