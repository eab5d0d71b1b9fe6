"""A shared film is open to whoever has its link, and to what signed-in people say of it."""

import pytest

from bookable.domain import films
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import Unauthenticated
from bookable.kernel.tenants import Tenant
from tests import make
from tests.make_films import added, somebody


@pytest.fixture
async def ada(db: Database, tenant: Tenant) -> Actor:
    return await somebody(db, tenant)


@pytest.fixture
async def bob(db: Database, tenant: Tenant) -> Actor:
    return await somebody(db, tenant, "Bob")


async def shared(db: Database, person: Actor, film: films.Film) -> str:
    assert person.id
    async with db.transaction(person) as tx:
        return await films.share(tx, person.id, film.id)


async def test_the_link_is_the_same_until_it_is_taken_back(db: Database, tenant: Tenant, ada: Actor) -> None:
    assert ada.id
    film = await added(db, ada, "Heat")
    token = await shared(db, ada, film)
    assert await shared(db, ada, film) == token
    assert (await films.shared(db, tenant.id, token)).id == film.id
    async with db.transaction(ada) as tx:
        await films.unshare(tx, ada.id, film.id)
    with pytest.raises(films.NoSuchFilm):
        await films.shared(db, tenant.id, token)
    assert await shared(db, ada, film) != token


async def test_a_link_of_one_tenant_opens_nothing_in_another(db: Database, ada: Actor) -> None:
    token = await shared(db, ada, await added(db, ada, "Heat"))
    elsewhere = await make.tenant(db)
    for text in (token, "", "x" * 500, "\0", "é"):
        with pytest.raises(films.NoSuchFilm):
            await films.shared(db, elsewhere.id, text)


async def test_only_shared_films_are_talked_about_by_others(
    db: Database, tenant: Tenant, ada: Actor, bob: Actor
) -> None:
    film = await added(db, ada, "Heat")
    await films.comment(db, ada, film.id, "Mine.")
    with pytest.raises(films.NotYourFilm):
        await films.comment(db, bob, film.id, "Yours?")
    with pytest.raises(films.NotYourFilm):
        await films.comments_on(db, bob, film.id)
    await shared(db, ada, film)
    said, author = await films.comment(db, bob, film.id, "Yours!")
    assert (said.text, author.first_name) == ("Yours!", "Bob")
    page, people = await films.comments_on(db, ada, film.id, limit=1)
    assert ([c.text for c in page.items], page.total) == (["Mine."], 2)
    rest, people = await films.comments_on(db, ada, film.id, limit=1, cursor=page.next_cursor)
    assert ([c.text for c in rest.items], rest.next_cursor) == (["Yours!"], None)
    assert [p.first_name for p in people.values()] == ["Bob"]
    with pytest.raises(films.NoSuchFilm):
        await films.comment(db, bob, 2**40, "Where?")
    with pytest.raises(Unauthenticated):
        await films.comment(db, Actor.nobody(tenant.id), film.id, "Who?")


async def test_what_was_said_goes_with_the_film(db: Database, ada: Actor) -> None:
    assert ada.id
    film = await added(db, ada, "Heat")
    await films.comment(db, ada, film.id, "Gone soon.")
    async with db.transaction(ada) as tx:
        await films.remove(tx, ada.id, film.id)
    with pytest.raises(films.NoSuchFilm):
        await films.comments_on(db, ada, film.id)


async def test_preferences_are_kept_field_by_field(db: Database, ada: Actor) -> None:
    assert ada.id
    async with db.transaction(ada) as tx:
        assert (await films.preferences_of(tx, ada.id)).page_size == 20
        await films.prefer(tx, ada.id, {"theme": "dark"})
        await films.prefer(tx, ada.id, {"page_size": 50})
        assert await films.preferences_of(tx, ada.id) == films.Preferences(theme="dark", language="en", page_size=50)
