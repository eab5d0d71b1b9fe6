"""Lists: sorted as asked, found as typed, continued without a gap, and as quick for many films as for few."""

import statistics
import time
from typing import Any

import asyncpg
import pytest

from bookable.domain import films
from bookable.domain.films import Filters, Order
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import ValidationFailed
from bookable.kernel.tenants import Tenant
from tests import make
from tests.make_films import added, somebody, titles


@pytest.fixture
async def ada(db: Database, tenant: Tenant) -> Actor:
    person = await somebody(db, tenant)
    await added(db, person, "Amélie", year=2001, rating=8.3)
    await added(db, person, "It", year=1990)
    await added(db, person, "the matrix", year=1999, rating=8.7)
    await added(db, person, "Matrix 100%", rating=2.5)
    return person


@pytest.mark.parametrize(
    "order, expected",
    [
        (Order.NEWEST, ["Matrix 100%", "the matrix", "It", "Amélie"]),
        (Order.OLDEST, ["Amélie", "It", "the matrix", "Matrix 100%"]),
        (Order.TITLE, ["Amélie", "It", "Matrix 100%", "the matrix"]),
        (Order.TITLE_DESCENDING, ["the matrix", "Matrix 100%", "It", "Amélie"]),
        (Order.YEAR, ["Matrix 100%", "It", "the matrix", "Amélie"]),
        (Order.YEAR_DESCENDING, ["Amélie", "the matrix", "It", "Matrix 100%"]),
        (Order.RATING, ["It", "Matrix 100%", "Amélie", "the matrix"]),
        (Order.RATING_DESCENDING, ["the matrix", "Amélie", "Matrix 100%", "It"]),
    ],
)
async def test_every_order_goes_on_where_its_page_ended(
    db: Database, ada: Actor, order: Order, expected: list[str]
) -> None:
    assert await titles(db, ada, order=order) == expected
    assert await titles(db, ada, order=order, page=2, limit=3) == expected[3:]
    walked, cursor = [], None
    while True:
        assert ada.id
        async with db.transaction(ada) as tx:
            page = await films.list_own(tx, ada.id, order=order, limit=1, cursor=cursor)
        walked += [film.title for film in page.items]
        assert page.total == 4
        if (cursor := page.next_cursor) is None:
            break
    assert walked == expected


async def test_every_piece_of_a_title_finds_what_has_it(db: Database, tenant: Tenant) -> None:
    ada, bob = await somebody(db, tenant), await somebody(db, tenant, "Bob")
    there = ["anna", "banana split", "ananas", "sp", "span 100%", "_nan_", "a\\nan"]
    for title in there:
        await added(db, ada, title)
        await added(db, bob, title)
    pieces = {title[a:b] for title in there for a in range(len(title)) for b in range(a + 1, len(title) + 1)}
    for piece in sorted(piece for piece in pieces if piece.strip()):
        expected = sorted(title for title in there if all(word in title for word in piece.split()))
        for order in (Order.NEWEST, Order.TITLE):
            assert sorted(await titles(db, ada, filters=Filters(search=piece), order=order)) == expected, piece


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({"search": "amelie"}, ["Amélie"]),
        ({"search": "AMÉL"}, ["Amélie"]),
        ({"search": "it"}, ["It"]),
        ({"search": "matrix the"}, ["the matrix"]),
        ({"search": "atri"}, ["Matrix 100%", "the matrix"]),
        ({"search": "0%"}, ["Matrix 100%"]),
        ({"search": "_"}, []),
        ({"search": "  "}, ["Matrix 100%", "the matrix", "It", "Amélie"]),
        ({"search": "matrix", "year": 1999}, ["the matrix"]),
        ({"year": 1990}, ["It"]),
        ({"year_from": 1999}, ["the matrix", "Amélie"]),
        ({"year_to": 1999}, ["the matrix", "It"]),
        ({"year_from": 1991, "year_to": 2000}, ["the matrix"]),
    ],
)
async def test_what_is_asked_for_is_found_and_counted(
    db: Database, ada: Actor, filters: dict[str, Any], expected: list[str]
) -> None:
    assert ada.id
    async with db.transaction(ada) as tx:
        page = await films.list_own(tx, ada.id, Filters(**filters))
    assert [film.title for film in page.items] == expected
    assert page.total == len(expected)


async def test_a_search_is_counted_again_when_something_has_changed(db: Database, ada: Actor) -> None:
    assert ada.id
    assert await titles(db, ada, filters=Filters(search="matrix"), limit=1) == ["Matrix 100%"]
    film = await added(db, ada, "Matrix Reloaded")
    async with db.transaction(ada) as tx:
        assert (await films.list_own(tx, ada.id, Filters(search="matrix"))).total == 3
        await films.change(tx, ada.id, film.id, {"title": "Reloaded"})
        assert (await films.list_own(tx, ada.id, Filters(search="matrix"))).total == 2


async def test_nobody_lists_anothers(db: Database, tenant: Tenant, ada: Actor) -> None:
    bob = await somebody(db, tenant, "Bob")
    assert ada.id
    assert await titles(db, bob) == []
    async with db.transaction(bob) as tx:
        assert (await films.list_own(tx, ada.id)).items == []


@pytest.mark.parametrize("cursor", ["x", "W10", "WyItY3JlYXRlZEF0IixbMSwyXV0"])
async def test_a_cursor_that_is_none_of_ours_is_refused(db: Database, ada: Actor, cursor: str) -> None:
    with pytest.raises(ValidationFailed):
        await titles(db, ada, cursor=cursor)


async def fill(db: Database, person: Actor, count: int) -> None:
    """Many films, laid by the tables' owner in one go."""
    owner = await asyncpg.connect(make.dsn(db))
    await owner.execute(
        "INSERT INTO films (tenant_id, owner_id, title, title_key, year, rating, watched, created_at, updated_at)"
        " SELECT $1, $2, t, lower(t), 1900 + n % 120, n % 100 / 10.0, false, now() - n * interval '1 second', now()"
        " FROM (SELECT n, 'Film ' || md5(n::text) AS t FROM generate_series(1, $3::int) AS n) AS made",
        person.tenant_id,
        person.id,
        count,
    )
    await owner.execute(
        "INSERT INTO film_tallies SELECT tenant_id, owner_id, year, count(*), 1 FROM films WHERE owner_id = $1"
        " GROUP BY 1, 2, 3",
        person.id,
    )
    await owner.close()


async def lasts(db: Database, person: Actor, **asked: Any) -> float:
    """How long a page takes, by the median of many."""
    took = []
    for _ in range(60):
        began = time.perf_counter()
        await titles(db, person, **asked)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


async def test_a_list_of_a_hundred_thousand_is_as_quick_as_one_of_ten_thousand(db: Database, tenant: Tenant) -> None:
    """A tenth of the million that it was measured with, so that the tests stay quick; the plans are the same, also
    while PostgreSQL has not looked at the new films yet."""
    few, many = await somebody(db, tenant), await somebody(db, tenant)
    await fill(db, few, 10_000)
    await fill(db, many, 100_000)
    for asked in ({}, {"order": Order.TITLE}, {"order": Order.RATING_DESCENDING}, {"order": Order.YEAR}):
        await lasts(db, many, **asked)
        short, long = await lasts(db, few, **asked), await lasts(db, many, **asked)
        assert long < 1.5 * short + 0.001, (asked, short, long)
    assert len(await titles(db, many, filters=Filters(search="a1b2"))) > 0
    assert len(await titles(db, many, filters=Filters(year=1950))) == 20
