"""Who may do what: every operation, asked by everybody, answers as access.txt says. A new operation needs a row."""

import pytest

from bookable.wiring import storefronts

from .access import Matrix, another, told, words
from .conftest import Staged
from .matrices import MATRICES

EACH = pytest.mark.parametrize("matrix", MATRICES, ids=lambda matrix: matrix.kind)
EVERY = pytest.mark.parametrize(
    ("matrix", "operation"), [pytest.param(m, o, id=f"{m.kind} {o}") for m in MATRICES for o in m.table]
)
EVERY_NAMING = pytest.mark.parametrize(
    ("matrix", "operation"),
    [pytest.param(m, o, id=f"{m.kind} {o}") for m in MATRICES for o, row in m.table.items() if row["elsewhere"] != "-"],
)


def test_every_storefront_has_a_table() -> None:
    assert {matrix.kind for matrix in MATRICES} == storefronts().keys()


@EACH
def test_every_operation_has_a_row_and_every_row_an_operation(matrix: Matrix) -> None:
    operations = {f"{r.operation.method} {r.operation.path}" for r in storefronts()[matrix.kind].routes}
    assert matrix.table.keys() == operations
    assert matrix.requests.keys() == operations


@EACH
def test_whatever_names_something_says_what_it_is_elsewhere(matrix: Matrix) -> None:
    naming = {operation for operation, request in matrix.requests.items() if request.about}
    assert naming == {operation for operation, row in matrix.table.items() if row["elsewhere"] != "-"}
    assert naming >= {operation for operation in matrix.table if "{" in operation}


@EVERY
async def test_everybody_is_answered_as_the_table_says(staged: Staged, matrix: Matrix, operation: str) -> None:
    stage, row = await staged(matrix), matrix.table[operation]
    answered: dict[str, str] = {}
    async with stage.open() as client:
        scene, id_ = await stage.set_up(client, operation)
        for who in matrix.actors:
            answer = await stage.asked(scene, operation, who, id_)
            answered[who] = str(answer.status_code)
            if answer.status_code == 404:
                unknown = await stage.asked(scene, operation, who, another(id_))
                assert told(unknown) == told(answer), f"{who} can tell what is there from what is not"
            if who not in matrix.privy:
                assert scene.private not in words(answer), f"{who} is shown what is the owner's"
            if answer.is_success and not operation.startswith("GET "):
                scene, id_ = await stage.set_up(client, operation)
        still = await stage.asked(scene, operation, "owner", id_)
    assert answered == {who: row[who] for who in matrix.actors}
    assert str(still.status_code) == row["owner"], "somebody who was refused has done something"


@EVERY_NAMING
async def test_nothing_of_this_tenant_is_there_for_an_admin_of_another(
    staged: Staged, matrix: Matrix, operation: str
) -> None:
    stage = await staged(matrix)
    async with stage.open() as client:
        scene, id_ = await stage.set_up(client, operation)
        answer = await stage.asked(scene, operation, "foreign", id_, there=True)
        assert str(answer.status_code) == matrix.table[operation]["elsewhere"], answer.text
        assert scene.mark not in words(answer)
        if answer.status_code == 404:
            unknown = await stage.asked(scene, operation, "foreign", another(id_), there=True)
            assert told(unknown) == told(answer)
        still = await stage.asked(scene, operation, "owner", id_)
        assert str(still.status_code) == matrix.table[operation]["owner"], "it has done something here"


@EACH
async def test_no_session_is_ended_from_another_tenant(staged: Staged, matrix: Matrix) -> None:
    stage, refresh = await staged(matrix), "POST /auth/refresh"
    token = matrix.requests[refresh].about
    ending = [o for o, request in matrix.requests.items() if request.about is token and o != refresh]
    assert len(ending) == 1
    async with stage.open() as client:
        scene, id_ = await stage.set_up(client, refresh)
        for who in ("foreign", "anonymous"):
            assert (await stage.asked(scene, ending[0], who, id_, there=True)).is_success
        assert (await stage.asked(scene, refresh, "owner", id_)).status_code == 200
