"""A collection is its owner's: what comes in is checked, what is another's is told from what is not there."""

import asyncio
import math
from typing import Any

import pytest

from bookable.domain import films, identity
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import ValidationFailed
from bookable.kernel.tenants import Tenant
from tests import make
from tests.make_films import added, somebody


@pytest.fixture
async def ada(db: Database, tenant: Tenant) -> Actor:
    return await somebody(db, tenant)


@pytest.fixture
async def bob(db: Database, tenant: Tenant) -> Actor:
    return await somebody(db, tenant, "Bob")


async def total(db: Database, person: Actor, **filters: Any) -> int:
    assert person.id
    async with db.transaction(person) as tx:
        return (await films.list_own(tx, person.id, films.Filters(**filters))).total


async def test_a_film_comes_changes_and_goes(db: Database, ada: Actor) -> None:
    assert ada.id
    film = await added(db, ada, "The Matrix", year=1999, rating=8.7)
    assert (film.title, film.year, film.rating, film.watched, film.owner_id) == ("The Matrix", 1999, 8.7, False, ada.id)
    async with db.transaction(ada) as tx:
        changed = await films.change(tx, ada.id, film.id, {"year": None, "notes": "again", "watched": True})
    assert (changed.title, changed.year, changed.notes, changed.watched) == ("The Matrix", None, "again", True)
    async with db.transaction(ada) as tx:
        assert await films.get(tx, ada.id, film.id) == changed
        await films.remove(tx, ada.id, film.id)
    async with db.transaction(ada) as tx:
        with pytest.raises(films.NoSuchFilm):
            await films.get(tx, ada.id, film.id)


async def test_anothers_film_is_forbidden_and_none_is_not_found(db: Database, ada: Actor, bob: Actor) -> None:
    assert bob.id
    film = await added(db, ada, "Heat")
    for number, refusal in ((film.id, films.NotYourFilm), (2**62, films.NoSuchFilm), (2**70, films.NoSuchFilm)):
        for work in (
            lambda tx, n=number: films.get(tx, bob.id, n),
            lambda tx, n=number: films.change(tx, bob.id, n, {"title": "Mine"}),
            lambda tx, n=number: films.remove(tx, bob.id, n),
            lambda tx, n=number: films.share(tx, bob.id, n),
            lambda tx, n=number: films.unshare(tx, bob.id, n),
        ):
            # An admin's transaction sees the whole tenant: the statements themselves keep to the owner.
            for scope in (bob, bob.widened()):
                async with db.transaction(scope) as tx:
                    with pytest.raises(refusal):
                        await work(tx)


async def test_a_film_of_another_tenant_is_not_there(db: Database, ada: Actor) -> None:
    film = await added(db, ada, "Heat")
    stranger = await somebody(db, await make.tenant(db))
    assert stranger.id
    async with db.transaction(stranger) as tx:
        with pytest.raises(films.NoSuchFilm):
            await films.get(tx, stranger.id, film.id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": " "},
        {"title": "x" * 201},
        {"title": "a\0b"},
        {"year": 1887},
        {"year": 3000},
        {"rating": -0.1},
        {"rating": 10.5},
        {"rating": math.nan},
        {"image_url": "ftp://example.com/a.jpg"},
        {"image_url": "javascript:alert(1)"},
        {"image_url": "https://"},
        {"image_url": "https://example.com/a b"},
        {"image_url": "https://[::1"},
        {"notes": "x" * 5001},
    ],
)
async def test_what_is_wrong_is_named(db: Database, ada: Actor, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await added(db, ada, **{"title": "Heat", **wrong})
    named = {field["field"] for field in refused.value.details["fields"]}
    assert named == {"imageUrl" if n == "image_url" else n for n in wrong}


async def test_the_latest_year_moves_with_the_clock(db: Database, ada: Actor) -> None:
    latest = db.clock.now().year + 10
    assert (await added(db, ada, "Soon", year=latest)).year == latest
    with pytest.raises(ValidationFailed):
        await added(db, ada, "Too soon", year=latest + 1)


async def test_films_are_counted_as_they_come_move_and_go(db: Database, ada: Actor) -> None:
    assert ada.id
    kept = [await added(db, ada, f"Film {n}", year=year) for n, year in enumerate((1999, 1999, 2001, None))]
    assert [await total(db, ada), await total(db, ada, year=1999), await total(db, ada, year_to=2000)] == [4, 2, 2]
    async with db.transaction(ada) as tx:
        await films.change(tx, ada.id, kept[0].id, {"year": 2001})
        await films.change(tx, ada.id, kept[3].id, {"year": 2002})
        await films.remove(tx, ada.id, kept[2].id)
    assert [await total(db, ada, year=y) for y in (1999, 2001, 2002)] == [1, 1, 1]
    assert [await total(db, ada), await total(db, ada, year_from=2001)] == [3, 2]


async def test_the_count_holds_however_many_change_it_at_once(db: Database, ada: Actor) -> None:
    assert ada.id
    moved = [await added(db, ada, f"Film {n}", year=1999) for n in range(8)]

    async def busy(film: films.Film, year: int) -> None:
        assert ada.id
        owner = ada.id
        await db.run(ada, lambda tx: films.add(tx, owner, films.Draft(title="New", year=year)))
        await db.run(ada, lambda tx: films.change(tx, owner, film.id, {"year": year}))

    await asyncio.gather(*(busy(film, 2000 + n % 2) for n, film in enumerate(moved)))
    assert [await total(db, ada, year=y) for y in (1999, 2000, 2001)] == [0, 8, 8]


async def test_a_film_changed_by_two_at_once_is_counted_once(db: Database, ada: Actor) -> None:
    assert ada.id
    owner = ada.id
    film = await added(db, ada, "Heat", year=1990)

    async def dated(year: int) -> None:
        await db.run(ada, lambda tx: films.change(tx, owner, film.id, {"year": year}))

    await asyncio.gather(*map(dated, range(1991, 1999)))
    assert await total(db, ada, year_from=1888) == 1


async def test_whoever_leaves_takes_their_films_along(db: Database, ada: Actor, bob: Actor, system: Actor) -> None:
    assert ada.id
    assert bob.id
    mine, theirs = await added(db, ada, "Heat"), await added(db, bob, "Alien")
    async with db.transaction(bob) as tx:
        await films.share(tx, bob.id, theirs.id)
    await films.comment(db, ada, theirs.id, "Fine.")
    await films.comment(db, ada, mine.id, "Finer.")
    async with db.transaction(system) as tx:
        await films.forget(tx, identity.UserDeleted(user_id=ada.id))
    assert await total(db, ada) == 0
    assert (await films.comments_on(db, bob, theirs.id))[0].total == 0
    async with db.transaction(bob) as tx:
        assert (await films.get(tx, bob.id, theirs.id)).title == "Alien"
        with pytest.raises(films.NoSuchFilm):
            await films.get(tx, bob.id, mine.id)
