"""An operation answers refusals, and only those: a fault, or a moment's trouble, ends it as it would any other call."""

from typing import Any

import pytest
import strawberry

from bookable.kernel.db import TransactionConflict
from bookable.kernel.errors import Conflict, Unavailable
from bookable.storefronts.movies.graphql.documents import Documents
from bookable.storefronts.movies.graphql.execution import run


@strawberry.type
class Query:
    @strawberry.field
    def well(self) -> int | None:
        return 1

    @strawberry.field
    async def late(self) -> int | None:
        return 2

    @strawberry.field
    async def refused(self) -> int | None:
        raise Conflict("Not now.", details={"why": "because"})

    @strawberry.field
    async def broken(self) -> int | None:
        raise RuntimeError("the secret is 42")

    @strawberry.field
    async def met(self) -> int | None:
        raise TransactionConflict(retry_after=1)

    @strawberry.field
    async def down(self) -> int | None:
        raise Unavailable

    @strawberry.field
    def twice(self, number: int = 1) -> int | None:
        return 2 * number

    @strawberry.field
    async def not_a_number(self) -> int | None:
        return "the secret is 42"  # type: ignore[return-value] # the fault that is meant


SCHEMA = strawberry.Schema(Query)._schema


async def answer(query: str, **variables: Any) -> dict[str, Any]:
    return await run(SCHEMA, Documents(SCHEMA, hints=True).find(query, None, keep=False), None, variables, None)


async def test_what_is_well_is_answered_beside_what_is_refused() -> None:
    assert await answer("{ well }") == {"data": {"well": 1}}
    found = await answer("{ well refused late }")
    assert found["data"] == {"well": 1, "refused": None, "late": 2}
    assert found["errors"] == [
        {
            "message": "Not now.",
            "locations": [{"line": 1, "column": 8}],
            "path": ["refused"],
            "extensions": {"code": "CONFLICT", "details": {"why": "because"}},
        }
    ]


@pytest.mark.parametrize(
    "field, error", [("broken", RuntimeError), ("met", TransactionConflict), ("down", Unavailable)]
)
async def test_a_fault_and_a_moments_trouble_end_the_operation(field: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await answer(f"{{ well refused {field} }}")


async def test_a_value_of_ours_that_is_not_what_it_must_be_is_a_fault() -> None:
    with pytest.raises(Exception, match="Int cannot represent"):
        await answer("{ notANumber }")


async def test_a_value_of_the_callers_that_is_not_what_it_must_be_is_theirs() -> None:
    assert await answer("query ($n: Int = 4) { twice(number: $n) }") == {"data": {"twice": 8}}
    for wrong in (None, "x", 2**31):
        found = await answer("query ($n: Int = 4) { twice(number: $n) }", n=wrong)
        assert [e["extensions"]["code"] for e in found["errors"]] == ["VALIDATION_ERROR"]
