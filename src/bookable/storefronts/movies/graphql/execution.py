"""One operation, in one transaction of the caller's: what a mutation answers is committed before it is heard."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute

from bookable.kernel.db import Transaction
from bookable.kernel.errors import DomainError, Kind

from .documents import Document
from .errors import expected, told

__all__ = ["Turns", "run"]


class Turns:
    """A transaction takes one statement at a time, and GraphQL resolves fields side by side: they take turns."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """The transaction, alone with it."""
        async with self._lock:
            yield self._tx

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[Transaction]:
        """The same; what fails is undone alone, so that what the answer says was done has been done."""
        async with self._lock, self._tx.savepoint():
            yield self._tx


async def run(
    schema: GraphQLSchema, document: Document, context: Any, variables: Mapping[str, Any], name: str | None
) -> dict[str, Any]:
    """`data`, and `errors` where fields were refused; `errors` alone where the variables do not fit.

    Raises what is no refusal: a fault of ours, and whatever says that the same call may succeed when it is made
    again. Nothing of the operation remains then.
    """
    found = execute(
        schema,
        document.node,
        context_value=context,
        variable_values=dict(variables),
        operation_name=name,
        hide_suggestions=True,
    )
    result = await found if isawaitable(found) else found
    assert isinstance(result, ExecutionResult)
    errors = [told(_fact(error), error) for error in result.errors or ()]
    answer: dict[str, Any] = {} if result.data is None else {"data": result.data}
    return answer | {"errors": errors} if errors else answer


def _fact(error: GraphQLError) -> DomainError:
    fact = expected(error)
    if fact is None:
        raise error.original_error or error
    if fact.kind is Kind.UNAVAILABLE:
        raise fact
    return fact
