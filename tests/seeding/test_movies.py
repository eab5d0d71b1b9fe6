"""The film collection of the demonstration: there once, and looking real."""

from bookable.domain import films, identity
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.security import PasswordHasher
from bookable.seeding import movies
from tests import make


async def test_the_customer_has_thirty_films_and_is_given_them_once(db: Database) -> None:
    tenant = await make.tenant(db, kind="movies")
    assert await movies.demo(db, PasswordHasher(), tenant) == 30
    assert await movies.demo(db, PasswordHasher(), tenant) == 0
    async with db.transaction(Actor.system(tenant.id)) as tx:
        people = [await identity.find_by_email(tx, f"{n}@movies.example") for n in ("admin", "customer", "provider")]
    assert [person.role for person in people if person] == ["admin", "user", "user"]
    customer = people[1]
    assert customer
    actor = Actor(tenant.id, customer.id, customer.role)
    async with db.transaction(actor) as tx:
        page = await films.list_own(tx, customer.id, limit=100)
    assert page.total == len({film.title for film in page.items}) == 30
    (shared,) = (film for film in page.items if film.share_token)
    assert shared.title == "Spirited Away"
    said, authors = await films.comments_on(db, actor, shared.id)
    assert (said.total, len(authors)) == (2, 2)
