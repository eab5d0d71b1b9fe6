"""Who may do what by GraphQL: every field of the schema, asked by everybody, answers as graphql.txt says."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from bookable.storefronts.movies.graphql.schema import schema

from ..access import another, read, words
from ..conftest import Staged
from ..scene import Scene
from ..stages import Stage
from .requests import MOVIES
from .scene import Collection

TABLE = read(Path(__file__).with_name("graphql.txt"))
_FILM = "id title notes imageUrl ownerId owner { id name email movies { items { title notes } } }"
DOCUMENTS = {
    "me": "query { me { id name email role } }",
    "movies": f"query {{ movies {{ items {{ {_FILM} }} meta {{ total }} }} }}",
    "movie": f"query ($id: Int!) {{ movie(id: $id) {{ {_FILM} }} }}",
    "createMovie": 'mutation { createMovie(input: {title: "Heat"}) { id } }',
    "updateMovie": f'mutation ($id: Int!) {{ updateMovie(id: $id, input: {{title: "Heat"}}) {{ {_FILM} }} }}',
    "deleteMovie": "mutation ($id: Int!) { deleteMovie(id: $id) }",
}
EVERY = pytest.mark.parametrize("field", TABLE)


async def asked(
    stage: Stage, scene: Scene, field: str, who: str, film: int, *, there: bool = False
) -> tuple[str, httpx.Response]:
    """What the field says to somebody: OK, or its code."""
    address, document = stage.address("/graphql", there=there), DOCUMENTS[field]
    body = {"query": document, "variables": {"id": film} if "$id" in document else {}}
    answer = await scene.client.post(address, json=body, headers=await scene.headers(who))
    told: dict[str, Any] = answer.json()
    if answer.status_code != 200:
        return told["error"]["code"], answer
    errors = told.get("errors", [])
    assert [error["path"] for error in errors] in ([], [[field]])
    assert (told["data"][field] is None) == bool(errors)
    return (errors[0]["extensions"]["code"] if errors else "OK"), answer


def test_every_field_has_a_row_and_every_row_a_field() -> None:
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    assert TABLE.keys() == {*schema.query_type.fields, *schema.mutation_type.fields}
    assert {field for field, row in TABLE.items() if row["elsewhere"] != "-"} == {
        field for field, document in DOCUMENTS.items() if "$id" in document
    }


@EVERY
async def test_everybody_is_told_by_a_field_what_the_table_says(staged: Staged, field: str) -> None:
    stage, row = await staged(MOVIES), TABLE[field]
    said: dict[str, str] = {}
    async with stage.open() as client:
        for who in MOVIES.actors:
            scene = stage.scene(client)
            assert isinstance(scene, Collection)
            film = await scene.film()
            said[who], answer = await asked(stage, scene, field, who, film)
            if who not in MOVIES.privy:
                assert scene.private not in words(answer)
                assert (await scene.ask("GET", f"/movies/{film}"))["title"] == scene.private
    assert said == {who: row[who] for who in MOVIES.actors}


@pytest.mark.parametrize("field", [field for field, row in TABLE.items() if row["elsewhere"] != "-"])
async def test_no_field_knows_a_film_of_another_tenant(staged: Staged, field: str) -> None:
    stage = await staged(MOVIES)
    async with stage.open() as client:
        scene = stage.scene(client)
        assert isinstance(scene, Collection)
        film = await scene.film()
        code, answer = await asked(stage, scene, field, "foreign", film, there=True)
        _, unknown = await asked(stage, scene, field, "foreign", int(another(str(film))), there=True)
        assert code == TABLE[field]["elsewhere"]
        assert unknown.content == answer.content
        assert (await scene.ask("GET", f"/movies/{film}"))["title"] == scene.private
