"""An import tells how far it is until it ends; one that falls silent is taken for dead, and nothing of it remains."""

import asyncio
import io
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from bookable.domain import films, identity
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import Malformed
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests.make_films import somebody, titles

FILE = b"title\nHeat\nUp\n"


@pytest.fixture
async def ada(db: Database, tenant: Tenant) -> Actor:
    return await somebody(db, tenant)


async def brought(db: Database, person: Actor, import_id: UUID) -> films.ImportReport:
    async with films.followed(db, person, import_id) as progress:
        return await films.bring_in(db, person, io.BytesIO(FILE), progress)


async def seen(db: Database, person: Actor, import_id: UUID) -> films.Import:
    assert person.id
    async with db.transaction(person) as tx:
        return await films.import_of(tx, person.id, import_id)


async def until(db: Database, person: Actor, import_id: UUID, so: Callable[[films.Import], bool]) -> films.Import:
    """The import, once it is so."""
    async with asyncio.timeout(30):
        while True:
            one = await seen(db, person, import_id)
            if so(one):
                return one
            await asyncio.sleep(0.05)


async def test_one_that_falls_silent_has_failed(db: Database, clock: Clock, ada: Actor) -> None:
    import_id = new_id()
    async with films.followed(db, ada, import_id) as progress:
        progress.imported = 7
        alive = await until(db, ada, import_id, lambda one: one.imported == 7)
        clock.offset = timedelta(seconds=31)
        dead = await seen(db, ada, import_id)
    assert (alive.state, alive.imported, alive.error) == (films.ImportState.RUNNING, 7, None)
    assert (dead.state, dead.imported, dead.error) == (films.ImportState.FAILED, 0, "IMPORT_INTERRUPTED")
    assert dead.finished_at


async def test_one_that_is_only_slow_gives_signs_of_life(db: Database, clock: Clock, ada: Actor) -> None:
    import_id = new_id()
    async with films.followed(db, ada, import_id):
        for silent in (31, 62):
            clock.offset = timedelta(seconds=silent)
            await until(db, ada, import_id, lambda one: one.state is films.ImportState.RUNNING)


async def test_one_that_was_taken_for_dead_and_begun_again_brings_nothing(
    db: Database, clock: Clock, ada: Actor
) -> None:
    import_id = new_id()
    with pytest.raises(films.ImportExists):
        async with films.followed(db, ada, import_id) as slow:
            with pytest.raises(films.ImportExists) as refused:
                await brought(db, ada, import_id)
            assert refused.value.retry_after, "this one may end yet"
            clock.offset = timedelta(seconds=31)
            assert (await brought(db, ada, import_id)).imported == 2
            await films.bring_in(db, ada, io.BytesIO(FILE), slow)
    assert sorted(await titles(db, ada)) == ["Heat", "Up"]
    assert (await seen(db, ada, import_id)).state is films.ImportState.DONE
    with pytest.raises(films.ImportExists) as over:
        await brought(db, ada, import_id)
    assert over.value.retry_after is None


async def test_how_it_failed_is_kept(db: Database, ada: Actor) -> None:
    refused, fallen, cut = new_id(), new_id(), new_id()
    with pytest.raises(Malformed):
        async with films.followed(db, ada, refused):
            raise Malformed
    with pytest.raises(RuntimeError):
        async with films.followed(db, ada, fallen):
            raise RuntimeError
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), films.followed(db, ada, cut):
            await asyncio.sleep(9)
    found = [(one.state, one.error) for one in [await seen(db, ada, i) for i in (refused, fallen, cut)]]
    failed = films.ImportState.FAILED
    assert found == [(failed, "MALFORMED_REQUEST"), (failed, "IMPORT_INTERRUPTED"), (failed, "IMPORT_INTERRUPTED")]


async def test_what_comes_after_the_end_changes_nothing(db: Database, ada: Actor) -> None:
    import_id = new_id()
    with pytest.raises(RuntimeError):
        async with films.followed(db, ada, import_id) as progress:
            await films.bring_in(db, ada, io.BytesIO(FILE), progress)
            raise RuntimeError
    done = await seen(db, ada, import_id)
    assert (done.state, done.imported, done.error) == (films.ImportState.DONE, 2, None)


async def test_they_go_after_a_month_and_with_their_owner(
    db: Database, clock: Clock, system: Actor, tenant: Tenant, ada: Actor
) -> None:
    old, new, bobs = new_id(), new_id(), new_id()
    bob = await somebody(db, tenant, "Bob")
    assert ada.id
    await brought(db, ada, old)
    await brought(db, bob, bobs)
    clock.offset = timedelta(days=29)
    await brought(db, ada, new)
    assert await films.forget_imports(db, system) == 0
    clock.offset = timedelta(days=31)
    assert await films.forget_imports(db, system) == 2
    async with db.transaction(ada) as tx:
        assert [one.id for one in (await films.imports_of(tx, ada.id)).items] == [new]
    async with db.transaction(system) as tx:
        await films.forget(tx, identity.UserDeleted(user_id=ada.id))
    async with db.transaction(ada) as tx:
        assert (await films.imports_of(tx, ada.id)).total == 0
