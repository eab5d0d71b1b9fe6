"""REST and GraphQL never disagree: whatever is done through either is seen, and refused, alike by both."""

from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storefronts.movies.conftest import SignUp

from .test_graphql import CREATE, DELETE, FIELDS, MOVIE, UPDATE, asked

LIST = f"""query ($page: Int, $limit: Int, $search: String) {{ movies(page: $page, limit: $limit, search: $search)
{{ items {{ {FIELDS} }} meta {{ page limit total totalPages nextCursor }} }} }}"""

_texts = st.text(max_size=12) | st.sampled_from(
    ["The Matrix", " Amélie ", "x" * 201, "", "a\0b", "Ünder the \U0001f3ac"]
)
_years = st.sampled_from(["1999", "1887", "1888", "2099", "", "99", "19999", "abcd", " 1999", None])
_urls = st.sampled_from(["https://example.com/a.jpg", "ftp://example.com", "javascript:alert(1)", "", "nothing", None])
_numbers = st.integers(-2, 12) | st.floats(-1, 11, allow_nan=False) | st.none()
_films = st.fixed_dictionaries(
    {},
    optional={
        "title": _texts | st.none(),
        "year": _years,
        "imageUrl": _urls,
        "notes": _texts | st.none(),
        "watched": st.booleans() | st.none(),
        "rating": _numbers,
    },
)
FULL = {
    "title": "The Matrix",
    "year": "1999",
    "imageUrl": "https://example.com/a.jpg",
    "notes": "Good.",
    "watched": True,
    "rating": 9,
}
"""There from the start, so that there is something to take away."""
_which = st.integers(0, 5)
_acts: st.SearchStrategy[tuple[str, int, dict[str, Any]]] = st.one_of(
    st.tuples(st.just("create"), st.just(0), _films),
    st.tuples(st.just("create"), st.just(0), st.builds(lambda f: {**f, "title": "Good"}, _films)),
    st.tuples(st.just("update"), _which, _films),
    st.tuples(st.just("update"), st.just(0), st.builds(lambda f: {**f, "title": "Better"}, _films)),
    st.tuples(st.just("delete"), _which, st.just({})),
    st.tuples(st.just("read"), _which, st.just({})),
)
_asks = st.fixed_dictionaries(
    {"page": st.integers(-1, 4), "limit": st.integers(-1, 5) | st.just(101)},
    optional={"search": st.sampled_from(["", "matrix", "AMELIE", "good x", "%", "x" * 201])},
)
_PATHS = {"create": "POST", "update": "PUT", "delete": "DELETE", "read": "GET"}
_QUERIES = {"create": CREATE, "update": UPDATE, "delete": DELETE, "read": MOVIE}
_VOLATILE = {"id", "ownerId", "createdAt", "updatedAt"}


async def by_rest(person: httpx.AsyncClient, act: str, number: int, given: dict[str, Any]) -> Any:
    """The film without what differs between two films anyway, or the code and details of the refusal."""
    path = "/movies" if act == "create" else f"/movies/{number}"
    answer = await person.request(_PATHS[act], path, json=given if act in ("create", "update") else None)
    if answer.is_error:
        error = answer.json()["error"]
        return error["code"], error["message"], error["details"]
    return _lasting(answer.json()) if answer.content else True


async def by_graphql(person: httpx.AsyncClient, act: str, number: int, given: dict[str, Any]) -> Any:
    """The same, of GraphQL."""
    variables = {} if act == "create" else {"id": number}
    found = await asked(person, _QUERIES[act], **variables, **({"input": given} if act in ("create", "update") else {}))
    if "errors" in found:
        error = found["errors"][0]
        return error["extensions"]["code"], error["message"], error["extensions"]["details"]
    (value,) = found["data"].values()
    return _lasting(value)


def _lasting(value: Any) -> Any:
    return {k: v for k, v in value.items() if k not in _VOLATILE} if isinstance(value, dict) else value


async def ids(person: httpx.AsyncClient) -> list[int]:
    """All of somebody's films, the oldest first."""
    return [m["id"] for m in (await person.get("/movies?limit=100&sort=createdAt")).json()["items"]]


async def number_of(person: httpx.AsyncClient, which: int, theirs: list[int]) -> int:
    """One of their own, or somebody else's, or one that is not there."""
    own = await ids(person)
    return [*own, *theirs, 2_000_000_000][which % (len(own) + len(theirs) + 1)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(_acts, min_size=1, max_size=8), asks=st.lists(_asks, min_size=1, max_size=2))
async def test_two_who_do_the_same_by_different_ways_have_the_same(
    signed_up: SignUp, ada: httpx.AsyncClient, acts: list[Any], asks: list[dict[str, Any]]
) -> None:
    rest, graph = await signed_up("Twin"), await signed_up("Twin")
    theirs = [(await ada.post("/movies", json={"title": "Ada's"})).json()["id"]]
    for act, which, film in [("create", 0, FULL), *acts]:
        done = await by_rest(rest, act, await number_of(rest, which, theirs), film)
        assert await by_graphql(graph, act, await number_of(graph, which, theirs), film) == done
    for ask in asks:
        for person in (rest, graph):
            await lists_agree(person, ask)
    assert len(await ids(rest)) == len(await ids(graph))


async def lists_agree(person: httpx.AsyncClient, ask: dict[str, Any]) -> None:
    answer = await person.get("/movies", params=ask)
    found = await asked(person, LIST, **ask)
    if answer.is_error:
        error = answer.json()["error"]
        assert found["errors"][0]["extensions"] == {"code": error["code"], "details": error["details"]}
    else:
        assert found == {"data": {"movies": answer.json()}}
