"""The demonstration is what the contract says, looks real, was lived through honestly, and is made once."""

import io
from uuid import UUID

import asyncpg
import pytest
from PIL import Image

from bookable.domain import bookings, catalogue, identity, media, reviews
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.security import PasswordHasher
from bookable.kernel.tenants import Tenant
from bookable.seeding import starrymeet
from bookable.seeding.cast import CAST
from bookable.seeding.crowd import crowd
from bookable.seeding.people import PASSWORD
from bookable.seeding.portraits import cover, portrait
from tests import make


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> media.Store:
    return media.Store(tmp_path_factory.mktemp("media").as_uri())


@pytest.fixture
async def shown(db: Database, tenant: Tenant, pictures: media.Store) -> Tenant:
    """A StarryMeet as a newcomer finds it."""
    assert await starrymeet.demo(make.dsn(db), PasswordHasher(), pictures, tenant) == 12
    return tenant


async def test_it_is_there_once_and_complete(db: Database, shown: Tenant, pictures: media.Store) -> None:
    assert await starrymeet.demo(make.dsn(db), PasswordHasher(), pictures, shown) == 0
    async with db.transaction(Actor.system(shown.id)) as tx:
        page = await catalogue.browse(tx, limit=100)
        categories = await catalogue.categories(tx)
        featured = await catalogue.featured(tx)
        people = {
            name: await identity.find_by_email(tx, f"{name}@starrymeet.example")
            for name in ("admin", "customer", "provider")
        }
        drift = await reviews.drift(tx)
        held = await bookings.list_all(tx, limit=100)
    assert page.total == 12
    assert {c.category: c.count for c in categories} == dict.fromkeys(
        ("Hollywood", "Musicians", "Athletes", "Business"), 3
    )
    assert 0 < len(featured) <= 12
    assert all(item.rating_count > 1 and item.bookings_count == item.rating_count for item in page.items)
    assert drift == []
    assert {b.status for b in held.items} == {bookings.Status.COMPLETED}
    assert all(b.starts_at < db.clock.now() for b in held.items)
    roles = {name: user.role for name, user in people.items() if user and user.email_verified_at}
    assert roles == {"admin": "admin", "customer": "user", "provider": "celebrity"}


async def test_the_provider_owns_the_first_and_the_password_is_the_one_that_is_told(
    db: Database, shown: Tenant
) -> None:
    async with db.transaction(Actor.system(shown.id)) as tx:
        first = await catalogue.find(tx, CAST[0].username)
        provider = await identity.find_by_email(tx, "provider@starrymeet.example")
    assert provider is not None
    assert first.owner_id == provider.id
    assert await PasswordHasher().verify(await stored_hash(db, shown, provider.id), PASSWORD)


async def stored_hash(db: Database, tenant: Tenant, user_id: UUID) -> str:
    """The stored hash, past everything."""
    owner = await asyncpg.connect(make.dsn(db))
    found = await owner.fetchval("SELECT password_hash FROM users WHERE tenant_id = $1 AND id = $2", tenant.id, user_id)
    await owner.close()
    return str(found)


async def test_everyone_has_a_picture_of_their_own(db: Database, shown: Tenant, pictures: media.Store) -> None:
    async with db.transaction(Actor.nobody(shown.id)) as tx:
        page = await catalogue.browse(tx, limit=100)
    seen = set()
    for item in page.items:
        for url, size in ((item.avatar_url, (512, 512)), (item.cover_url, (1200, 400))):
            assert url is not None
            found = await pictures.read(url.removeprefix("/media/"))
            assert found is not None
            assert Image.open(io.BytesIO(found.data)).size == size
            assert len(found.data) < 60_000
            seen.add(found.etag)
    assert len(seen) == 24


async def test_nobody_is_written_to_about_what_never_happened(db: Database, shown: Tenant) -> None:
    owner = await asyncpg.connect(make.dsn(db))
    jobs = await owner.fetchval("SELECT count(*) FROM procrastinate_jobs WHERE args->>'tenant_id' = $1", str(shown.id))
    await owner.close()
    assert jobs == 0


def test_the_same_name_has_the_same_picture() -> None:
    assert portrait("Vesna Calloway") == portrait("Vesna Calloway")
    assert portrait("Vesna Calloway") != portrait("Odessa Quill")
    assert cover("Vesna Calloway") != cover("Odessa Quill")


async def test_a_crowd_comes_in_transactions_and_can_be_found(db: Database, tenant: Tenant) -> None:
    heard: list[int] = []
    assert await crowd(db, tenant, 2_500, progress=heard.append) == 2_500
    assert heard == [2_000, 2_500]
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        page = await catalogue.browse(tx, limit=100)
        chosen = page.items[0]
        found = await catalogue.browse(tx, catalogue.Filters(search=chosen.display_name))
    assert page.total == 2_500
    assert len({item.display_name for item in page.items}) > 50
    assert chosen.id in {item.id for item in found.items}


def test_the_cast_is_three_a_category() -> None:
    assert len({star.username for star in CAST}) == 12
    assert len({star.zone for star in CAST}) == 12
