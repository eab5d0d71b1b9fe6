"""GraphQL counts what it does as REST does, asks the database once for what many want, and gives nothing away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from bookable.app import Application, create
from bookable.edge import Edge
from bookable.kernel.tenants import Tenant
from bookable.settings import Settings
from bookable.wiring import House
from tests import make
from tests.make_identity import PASSWORD, email

from .test_graphql import created, data


@contextmanager
def listening(house: House) -> Iterator[list[str]]:
    """What is asked of films and people meanwhile, on the connections that are open now.

    The process asks for news of its own once a second (tenants, revocations, the clock); that is nobody's call.
    """
    heard: list[str] = []

    def hear(record: Any) -> None:
        if "film" in record.query or "users" in record.query:
            heard.append(record.query)

    pool: Any = house.db.pool
    holders = [h for h in pool._holders if h._con is not None]
    for holder in holders:
        holder._con.add_query_logger(hear)
    yield heard
    for holder in holders:
        holder._con.remove_query_logger(hear)


@pytest.fixture(scope="module")
async def strict(settings: Settings) -> AsyncIterator[tuple[Edge, Application]]:
    """A server in production, with few calls a minute."""
    given = {"app_env": "production", "rate_limit_writes": "6/minute", "rate_limit_reads": "15/minute"}
    edge = create(settings.model_copy(update=given), works=False)
    assert isinstance(edge, Edge)
    application = edge._app
    assert isinstance(application, Application)
    await application.open()
    yield edge, application
    await application.close()


@pytest.fixture
async def eve(strict: tuple[Edge, Application]) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has signed up there."""
    house = strict[1].house
    assert house is not None
    made: Tenant = await make.tenant(house.db, kind="movies")
    await house.tenants.refresh(house.db)
    transport = httpx.ASGITransport(strict[0], client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://bookable.test/{made.slug}") as one:
        answer = await one.post("/auth/signup", json={"name": "Eve", "email": email(), "password": PASSWORD})
        one.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"
        yield one


async def test_a_list_of_owners_is_one_query(ada: httpx.AsyncClient, house: House) -> None:
    for n in range(12):
        await created(ada, title=f"Film {n}")
    query = "query ($n: Int) { movies(limit: $n) { items { title owner { name movies { meta { total } } } } } }"
    counts = []
    await data(ada, query, n=1)
    for number in (1, 12):
        with listening(house) as heard:
            found = await data(ada, query, n=number)
        assert len(found["movies"]["items"]) == number
        counts.append(len(heard))
    assert counts[0] == counts[1] > 0


async def test_many_films_by_number_are_one_query(ada: httpx.AsyncClient, house: House) -> None:
    ids = [(await created(ada, title=f"Film {n}"))["id"] for n in range(12)]
    counts = []
    for some in (ids[:1], ids):
        query = "{ " + " ".join(f"f{i}: movie(id: {i}) {{ title owner {{ name }} }}" for i in some) + " }"
        await data(ada, query)
        with listening(house) as heard:
            assert len(await data(ada, query)) == len(some)
        counts.append(len(heard))
    assert counts[0] == counts[1] > 0


async def test_in_production_the_schema_is_not_told(eve: httpx.AsyncClient) -> None:
    for query in (get_introspection_query(), '{ __type(name: "User") { fields { name } } }'):
        found = (await eve.post("/graphql", json={"query": query})).json()
        assert "data" not in found
        assert found["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    found = (await eve.post("/graphql", json={"query": "{ movie { idd } }"})).json()
    assert "Did you mean" not in str(found)
    assert (await eve.post("/graphql", json={"query": "{ __typename }"})).json() == {"data": {"__typename": "Query"}}


async def test_elsewhere_tools_can_read_the_schema(ada: httpx.AsyncClient) -> None:
    assert (await data(ada, get_introspection_query()))["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}


async def test_each_change_counts_as_a_write_however_they_are_sent(eve: httpx.AsyncClient) -> None:
    four = "mutation { " + " ".join(f'a{n}: createMovie(input: {{title: "T"}}) {{ id }}' for n in range(4)) + " }"
    assert (await eve.post("/graphql", json={"query": four})).status_code == 200
    over = await eve.post("/graphql", json={"query": four})
    assert (over.status_code, over.json()["error"]["code"]) == (429, "RATE_LIMITED")
    assert int(over.headers["Retry-After"]) > 0
    assert (await eve.get("/movies")).json()["meta"]["total"] == 4
    assert (await eve.post("/movies", json={"title": "T"})).status_code == 429
    assert (await eve.post("/graphql", json={"query": "{ me { id } }"})).status_code == 200


async def test_queries_count_as_reads_together_with_rests(eve: httpx.AsyncClient) -> None:
    answers = [await eve.post("/graphql", json={"query": "{ me { id } }"}) for _ in range(10)]
    answers += [await eve.get("/movies") for _ in range(10)]
    assert [a.status_code for a in answers] == [200] * 15 + [429] * 5
    assert answers[0].headers["RateLimit-Limit"] == "15"
    assert (await eve.post("/graphql", json={"query": "{ broken"})).status_code == 429


async def test_many_who_change_the_same_film_at_once_are_all_answered(ada: httpx.AsyncClient) -> None:
    movie = await created(ada)
    query = "mutation ($id: Int!, $t: String) { updateMovie(id: $id, input: {title: $t}) { title } movie: "
    query += 'createMovie(input: {title: "More"}) { title } }'
    answers = await asyncio.gather(*(data(ada, query, id=movie["id"], t=f"T{n}") for n in range(20)))
    assert {a["updateMovie"]["title"] for a in answers} == {f"T{n}" for n in range(20)}
    assert (await ada.get("/movies")).json()["meta"]["total"] == 21
