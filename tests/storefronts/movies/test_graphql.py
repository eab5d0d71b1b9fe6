"""GraphQL over the wire: the same films, rules, errors and limits as everywhere else on Movies."""

import hashlib
from typing import Any

import httpx
import pytest

FIELDS = "id title year imageUrl notes watched rating shared ownerId createdAt updatedAt"


async def asked(person: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    """What GraphQL answers, whole."""
    answer = await person.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


async def data(person: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    """What it answers where nothing is refused."""
    found = await asked(person, query, **variables)
    assert "errors" not in found, found
    told: dict[str, Any] = found["data"]
    return told


async def refused(person: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    """The only error."""
    errors = (await asked(person, query, **variables))["errors"]
    assert len(errors) == 1, errors
    error: dict[str, Any] = errors[0]
    return error


CREATE = f"mutation ($input: MovieInput!) {{ createMovie(input: $input) {{ {FIELDS} }} }}"
UPDATE = f"mutation ($id: Int!, $input: MovieInput!) {{ updateMovie(id: $id, input: $input) {{ {FIELDS} }} }}"
DELETE = "mutation ($id: Int!) { deleteMovie(id: $id) }"
MOVIE = f"query ($id: Int!) {{ movie(id: $id) {{ {FIELDS} }} }}"


async def created(person: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    movie: dict[str, Any] = (await data(person, CREATE, input={"title": "The Matrix", **given}))["createMovie"]
    return movie


async def test_a_film_lives_in_graphql_as_it_does_in_rest(ada: httpx.AsyncClient) -> None:
    movie = await created(ada, year="1999", rating=8.5, imageUrl="https://example.com/m.jpg")
    assert (await ada.get(f"/movies/{movie['id']}")).json() == movie
    changed = await data(ada, UPDATE, id=movie["id"], input={"watched": True, "year": None})
    assert changed["updateMovie"] == (await ada.get(f"/movies/{movie['id']}")).json()
    assert (changed["updateMovie"]["title"], changed["updateMovie"]["year"]) == ("The Matrix", None)
    assert (await data(ada, MOVIE, id=movie["id"]))["movie"] == changed["updateMovie"]
    assert await data(ada, DELETE, id=movie["id"]) == {"deleteMovie": True}
    assert (await ada.get(f"/movies/{movie['id']}")).status_code == 404


async def test_me_is_whoever_asks(ada: httpx.AsyncClient) -> None:
    assert (await data(ada, "{ me { id name email role createdAt } }"))["me"] == (await ada.get("/me")).json()["user"]


async def test_a_list_has_pages_searches_and_owners(ada: httpx.AsyncClient) -> None:
    for title in ("Alien", "Aliens", "Brazil"):
        await created(ada, title=title)
    query = "query ($p: Int, $l: Int, $s: String) { movies(page: $p, limit: $l, search: $s) { items { title "
    query += "owner { name } } meta { page limit total totalPages nextCursor } } }"
    found = (await data(ada, query, p=1, l=2, s="alien"))["movies"]
    assert [m["title"] for m in found["items"]] == ["Aliens", "Alien"]
    assert found["items"][0]["owner"] == {"name": "Ada Byron"}
    rest = (await ada.get("/movies?limit=2&search=alien")).json()
    assert found["meta"] == rest["meta"]
    continued = "query ($c: String) { movies(limit: 1, cursor: $c) { items { title } meta { nextCursor } } }"
    first = (await data(ada, continued, c=None))["movies"]
    second = (await data(ada, continued, c=first["meta"]["nextCursor"]))["movies"]
    assert (first["items"], second["items"]) == ([{"title": "Brazil"}], [{"title": "Aliens"}])


async def test_a_limit_that_is_not_given_is_ones_page_size(ada: httpx.AsyncClient) -> None:
    await ada.put("/me/preferences", json={"pageSize": 3})
    assert (await data(ada, "{ movies { meta { limit } } }"))["movies"]["meta"]["limit"] == 3


async def test_nobody_is_told_to_sign_in(client: httpx.AsyncClient) -> None:
    for query in (
        "{ me { id } }",
        "{ movies { items { id } } }",
        "{ movie(id: 1) { id } }",
        'mutation { createMovie(input: {title: ""}) { id } }',
        "mutation { deleteMovie(id: 1) }",
    ):
        error = await refused(client, query)
        assert error["extensions"] == {"code": "UNAUTHENTICATED", "details": {}}
    client.headers["Authorization"] = "Bearer nonsense"
    assert (await client.post("/graphql", json={"query": "{ me { id } }"})).status_code == 401


async def test_anothers_film_is_forbidden_and_none_is_not_found(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    movie = await created(ada)
    for query, variables in ((MOVIE, {}), (UPDATE, {"input": {"title": "Mine"}}), (DELETE, {})):
        assert (await refused(bob, query, id=movie["id"], **variables))["extensions"]["code"] == "FORBIDDEN"
        for number in (2_000_000_000, 0, -1):
            error = await refused(bob, query, id=number, **variables)
            assert (error["extensions"]["code"], error["message"]) == ("NOT_FOUND", "There is no such film.")
    assert (await data(bob, "{ movies { items { id } } }"))["movies"]["items"] == []
    assert (await data(ada, MOVIE, id=movie["id"]))["movie"] == movie


async def test_an_error_says_where_and_what_as_rest_does(ada: httpx.AsyncClient) -> None:
    wrong = {"title": "", "year": "1066", "rating": 11, "imageUrl": "ftp://x"}
    error = await refused(ada, CREATE, input=wrong)
    rest = (await ada.post("/movies", json=wrong)).json()["error"]
    assert (error["extensions"]["code"], error["message"]) == (rest["code"], rest["message"])
    assert error["extensions"]["details"] == rest["details"]
    assert (error["path"], error["locations"]) == (["createMovie"], [{"line": 1, "column": 34}])


async def test_what_is_refused_in_a_mutation_is_undone_alone(ada: httpx.AsyncClient) -> None:
    query = 'mutation { a: createMovie(input: {title: "A"}) { id } b: createMovie(input: {title: "B", year: "9999"}) '
    query += '{ id } c: deleteMovie(id: 2000000000) d: createMovie(input: {title: "D"}) { title } }'
    found = await asked(ada, query)
    assert [e["path"] for e in found["errors"]] == [["b"], ["c"]]
    assert (found["data"]["b"], found["data"]["c"], found["data"]["d"]) == (None, None, {"title": "D"})
    assert [m["title"] for m in (await ada.get("/movies")).json()["items"]] == ["D", "A"]


async def test_one_query_sees_many_things_at_once(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    one, two, theirs = await created(ada, title="One"), await created(ada, title="Two"), await created(bob)
    query = "query ($a: Int!, $b: Int!, $c: Int!) { me { name } a: movie(id: $a) { title } b: movie(id: $b) { title } "
    query += "c: movie(id: $c) { title } movies { meta { total } } again: movies { items { owner { name } } } }"
    found = await asked(ada, query, a=one["id"], b=two["id"], c=theirs["id"])
    assert found["data"] == {
        "me": {"name": "Ada Byron"},
        "a": {"title": "One"},
        "b": {"title": "Two"},
        "c": None,
        "movies": {"meta": {"total": 2}},
        "again": {"items": [{"owner": {"name": "Ada Byron"}}] * 2},
    }
    assert [e["extensions"]["code"] for e in found["errors"]] == ["FORBIDDEN"]


async def test_the_answer_to_a_key_is_kept(ada: httpx.AsyncClient) -> None:
    ask = {"query": CREATE, "variables": {"input": {"title": "Once"}}}
    first, again = [await ada.post("/graphql", json=ask, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert (await ada.get("/movies")).json()["meta"]["total"] == 1
    other = {**ask, "variables": {"input": {"title": "Other"}}}
    reused = await ada.post("/graphql", json=other, headers={"Idempotency-Key": "k"})
    assert (reused.status_code, reused.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_a_persisted_query_is_sent_once(ada: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    text = "\n  query Mine { me { name } }  # kept as it is sent\n"
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}
    unknown = (await ada.post("/graphql", json={"extensions": persisted})).json()
    assert unknown == {
        "errors": [
            {
                "message": "PersistedQueryNotFound",
                "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND", "details": {}},
            }
        ]
    }
    assert "errors" in (await client.post("/graphql", json={"query": text, "extensions": persisted})).json()
    assert (await ada.post("/graphql", json={"extensions": persisted})).json() == unknown
    for ask in ({"query": text, "extensions": persisted}, {"extensions": persisted}):
        assert (await ada.post("/graphql", json=ask)).json() == {"data": {"me": {"name": "Ada Byron"}}}
    assert (await refused_ask(ada, {"query": "{ me { id } }", "extensions": persisted})) == "VALIDATION_ERROR"


async def refused_ask(person: httpx.AsyncClient, ask: Any) -> str:
    answer = await person.post("/graphql", json=ask)
    assert answer.status_code == 200, answer.text
    assert not (answer.json().get("data") or {}).keys() - {"movies"}
    code: str = answer.json()["errors"][0]["extensions"]["code"]
    return code


INVALID = [
    "{ nothing }",
    "query A { me { id } } query B { me { id } }",
    "query ($id: Int!) { movie(id: $id) { id } }",
    "{ movies(limit: 101) { items { id } } }",
    "{ movies(page: 0) { items { id } } }",
    '{ movies(cursor: "broken") { items { id } } }',
    "subscription { me { id } }",
    "{ me { " + "movies(limit: 1) { items { owner { " * 4 + "id" + " } } }" * 4 + " } }",
    "{ " + " ".join(f"a{n}: movies(limit: 100) {{ items {{ id }} }}" for n in range(20)) + " }",
    "{ " + " ".join(f"a{n}: me {{ id }}" for n in range(100)) + " }",
    "{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }",
    "{ movies(limit: 100) { items { owner { movies(limit: 100) { items { id } } } } } }",
    "mutation { " + " ".join(f"a{n}: deleteMovie(id: {n})" for n in range(11)) + " }",
]


@pytest.mark.parametrize(
    "ask, code",
    [
        ({}, "VALIDATION_ERROR"),
        ({"query": ""}, "MALFORMED_REQUEST"),
        ({"query": "{ me {"}, "MALFORMED_REQUEST"),
        ({"query": MOVIE, "variables": {"id": "x"}}, "VALIDATION_ERROR"),
        ({"query": MOVIE, "variables": {"id": 2**63}}, "VALIDATION_ERROR"),
        *(({"query": query}, "VALIDATION_ERROR") for query in INVALID),
    ],
)
async def test_what_cannot_be_run_is_refused_before_anything_is_done(
    ada: httpx.AsyncClient, ask: Any, code: str
) -> None:
    assert await refused_ask(ada, ask) == code


async def test_a_request_that_is_none_is_answered_as_everywhere(ada: httpx.AsyncClient) -> None:
    for content, kind, status, code in (
        (b"{", "application/json", 400, "MALFORMED_REQUEST"),
        (b"[" * 5_000, "application/json", 400, "MALFORMED_REQUEST"),
        (b'[{"query": "{ me { id } }"}]', "application/json", 422, "VALIDATION_ERROR"),
        (b'{"query": 5}', "application/json", 422, "VALIDATION_ERROR"),
        (b"{ me { id } }", "application/graphql", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{ me { id } } #' + b"x" * 10_000 + b'"}', "application/json", 413, "PAYLOAD_TOO_LARGE"),
    ):
        answer = await ada.post("/graphql", content=content, headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert (await ada.get("/graphql?query={me{id}}")).status_code == 405
