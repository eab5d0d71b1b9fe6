"""What someone likes: theirs alone, once, newest first."""

import pytest

from bookable.domain import catalogue
from bookable.domain.catalogue import NoSuchListing
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import Unauthenticated, ValidationFailed
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests import make_catalogue


async def test_liking_twice_is_liking_once(db: Database, tenant: Tenant) -> None:
    person = await make_catalogue.user(db, tenant.id)
    made = await make_catalogue.listing(db, tenant.id)
    for _ in range(2):
        async with db.transaction(person) as tx:
            await catalogue.like(tx, person, made)
    async with db.transaction(person) as tx:
        page = await catalogue.favourites(tx, person)
        assert ([i.id for i in page.items], page.total, page.next_cursor) == ([made], 1, None)
        assert page.items[0].is_favourite
        for _ in range(2):
            await catalogue.unlike(tx, person, made)
        assert (await catalogue.favourites(tx, person)).items == []


async def test_what_is_not_there_can_be_unliked_but_not_liked(db: Database, tenant: Tenant) -> None:
    person = await make_catalogue.user(db, tenant.id)
    system = Actor.system(tenant.id)
    gone = await make_catalogue.listing(db, tenant.id)
    async with db.transaction(system) as tx:
        await catalogue.deactivate(tx, system, gone)
    async with db.transaction(person) as tx:
        for listing_id in (new_id(), gone):
            with pytest.raises(NoSuchListing):
                await catalogue.like(tx, person, listing_id)
            await catalogue.unlike(tx, person, listing_id)


async def test_they_are_ones_own_and_newest_first_over_pages(db: Database, tenant: Tenant) -> None:
    person, other = await make_catalogue.user(db, tenant.id), await make_catalogue.user(db, tenant.id)
    made = [await make_catalogue.listing(db, tenant.id) for _ in range(3)]
    for listing_id in made:
        async with db.transaction(person) as tx:
            await catalogue.like(tx, person, listing_id)
    async with db.transaction(person) as tx:
        first = await catalogue.favourites(tx, person, limit=2)
        second = await catalogue.favourites(tx, person, limit=2, cursor=first.next_cursor)
        paged = await catalogue.favourites(tx, person, limit=2, page=2)
        with pytest.raises(ValidationFailed):
            await catalogue.favourites(tx, person, cursor="x")
    assert [i.id for i in first.items + second.items] == made[::-1]
    assert (paged.items, second.next_cursor, first.total) == (second.items, None, 3)
    async with db.transaction(other) as tx:
        assert (await catalogue.favourites(tx, other)).total == 0
        assert not (await catalogue.find(tx, made[0])).is_favourite


async def test_nobody_likes_nothing(db: Database, tenant: Tenant) -> None:
    made = await make_catalogue.listing(db, tenant.id)
    nobody = Actor.nobody(tenant.id)
    async with db.transaction(nobody) as tx:
        with pytest.raises(Unauthenticated):
            await catalogue.like(tx, nobody, made)
