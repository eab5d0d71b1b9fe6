"""What somebody has written turns up in nobody else's answers, whatever they read and whoever they are (SEC-Z2)."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from .access import Matrix, words
from .conftest import Staged
from .matrices import MATRICES
from .scene import Scene, mark_of
from .stages import Stage

EACH = pytest.mark.parametrize("matrix", MATRICES, ids=lambda matrix: matrix.kind)


def reads(matrix: Matrix) -> list[str]:
    return [operation for operation in matrix.table if operation.startswith("GET ")]


def cursors(part: Any) -> Iterator[str]:
    """Wherever an answer says how it goes on."""
    if isinstance(part, dict):
        if part.get("nextCursor"):
            yield part["nextCursor"]
        for value in part.values():
            yield from cursors(value)


async def asked_onwards(stage: Stage, scene: Scene, operation: str, who: str, id_: str) -> list[httpx.Response]:
    """What somebody reads, also by the cursors that its owner was given."""
    answers = [await stage.asked(scene, operation, who, id_)]
    owners = await stage.asked(scene, operation, "owner", id_, limit="1")
    if owners.headers.get("content-type") == "application/json":
        answers += [await stage.asked(scene, operation, who, id_, cursor=c) for c in cursors(owners.json())]
    return answers


@EACH
async def test_no_read_shows_anybody_else_what_is_the_owners(staged: Staged, matrix: Matrix) -> None:
    stage = await staged(matrix)
    shown: dict[str, set[str]] = {who: set() for who in matrix.actors}
    async with stage.open() as client:
        scene = stage.scene(client)
        await scene.furnish()
        for operation in reads(matrix):
            id_ = await matrix.requests[operation].named(scene)
            for who in matrix.actors:
                answers = await asked_onwards(stage, scene, operation, who, id_)
                if any(scene.private in words(answer) for answer in answers):
                    shown[who].add(operation)
    assert shown["owner"] == matrix.shows
    assert {who for who, what in shown.items() if what} <= matrix.privy, shown


@EACH
async def test_no_read_in_a_tenant_shows_what_was_written_in_another(staged: Staged, matrix: Matrix) -> None:
    stage = await staged(matrix)
    theirs: set[str] = set()
    async with stage.open() as client, stage.open(there=True) as client_there:
        scene, at_home = stage.scene(client), stage.scene(client_there, there=True)
        await scene.furnish()
        await at_home.furnish()
        for operation in reads(matrix):
            id_ = await matrix.requests[operation].named(scene)
            for who in matrix.actors:
                answer = await stage.asked(at_home, operation, who, id_, there=True)
                assert mark_of(stage.here) not in words(answer), (who, operation)
                if mark_of(stage.there) in words(answer):
                    theirs.add(operation)
    assert theirs >= {operation for operation in matrix.shows if "{" not in operation}, "they do read what is theirs"
