"""Pictures are there whole, for whoever they belong to, until they are thrown away; nothing is left lying about."""

import asyncio
import hashlib
import io
import os
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from bookable.domain import identity, media
from bookable.domain.media import queries
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import Unauthenticated, Unavailable
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests import make_catalogue


def picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> media.Store:
    return media.Store(f"file://{tmp_path}/pictures%20of%20people")


def files(tmp_path: Path) -> list[Path]:
    return [p for p in tmp_path.rglob("*") if p.is_file()]


async def theirs(db: Database, person: Actor) -> list[media.Media]:
    async with db.transaction(person) as tx:
        assert person.id is not None
        return await media.pictures_of(tx, person.id)


async def test_what_is_kept_is_read_back_under_the_hash_of_its_bytes(
    db: Database, tenant: Tenant, store: media.Store
) -> None:
    person = await make_catalogue.user(db, tenant.id)
    kept = await media.keep_picture(db, person, store, picture(), media.Purpose.AVATAR)
    found = await store.read(kept.path)
    assert found is not None
    assert found.etag == hashlib.sha256(found.data).hexdigest()
    assert (kept.size, kept.width, kept.url) == (len(found.data), 32, f"/media/{kept.path}")
    assert await theirs(db, person) == [kept]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "../secret",
        "..%2fsecret",
        "/etc/passwd",
        "a/b.webp",
        "\0",
        "CON",
        "‮",
        "x" * 4096,
        f"{'0' * 32}/{'0' * 32}-{'0' * 64}.webp/../../x",
    ],
)
async def test_names_that_are_none_of_ours_lead_nowhere(store: media.Store, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    assert await store.read(path) is None


async def test_a_refused_picture_leaves_nothing(
    db: Database, tenant: Tenant, store: media.Store, tmp_path: Path
) -> None:
    person = await make_catalogue.user(db, tenant.id)
    with pytest.raises(media.NotAPicture):
        await media.keep_picture(db, person, store, b"no", media.Purpose.AVATAR)
    with pytest.raises(Unauthenticated):
        await media.keep_picture(db, Actor.nobody(tenant.id), store, picture(), media.Purpose.AVATAR)
    assert files(tmp_path) == []
    assert await theirs(db, person) == []


async def test_when_the_store_is_full_nothing_is_said_to_be_kept(db: Database, tenant: Tenant, tmp_path: Path) -> None:
    person = await make_catalogue.user(db, tenant.id)
    store = media.Store(f"file://{tmp_path}/there")
    (tmp_path / "there" / tenant.id.hex).write_bytes(b"a file where a directory should be")
    with pytest.raises(Unavailable):
        await media.keep_picture(db, person, store, picture(), media.Purpose.AVATAR)
    assert await theirs(db, person) == []


async def test_one_is_thrown_away_by_its_owner_alone(
    db: Database, tenant: Tenant, store: media.Store, tmp_path: Path
) -> None:
    person, other = await make_catalogue.user(db, tenant.id), await make_catalogue.user(db, tenant.id)
    kept = await media.keep_picture(db, person, store, picture(), media.Purpose.AVATAR)
    with pytest.raises(media.NoSuchPicture):
        await media.delete(db, other, store, kept.id)
    await media.delete(db, person, store, kept.id)
    assert await store.read(kept.path) is None
    assert files(tmp_path) == []
    with pytest.raises(media.NoSuchPicture):
        await media.delete(db, person, store, kept.id)


async def test_a_new_avatar_takes_the_place_of_the_old(
    db: Database, tenant: Tenant, store: media.Store, system: Actor
) -> None:
    person = await make_catalogue.user(db, tenant.id)
    first = await media.set_avatar(db, person, store, picture("red"))
    (old,) = await theirs(db, person)
    second = await media.set_avatar(db, person, store, picture("blue"))
    (new,) = await theirs(db, person)
    assert (first.avatar_url, second.avatar_url) == (old.url, new.url)
    assert await store.read(old.path) is not None, "still there until the job has run"
    await media.discard(store, db, system, paths=[old.path, new.path])
    assert await store.read(old.path) is None
    assert await store.read(new.path) is not None, "a row names it"


async def test_with_its_owner_goes_the_picture(db: Database, tenant: Tenant, store: media.Store, system: Actor) -> None:
    person = await make_catalogue.user(db, tenant.id)
    kept = await media.keep_picture(db, person, store, picture(), media.Purpose.AVATAR)
    assert person.id is not None
    async with db.transaction(person.widened()) as tx:
        await media.forget(tx, identity.UserDeleted(user_id=person.id))
        assert [(d.task, d.args["paths"]) for d in tx.deferred] == [(media.DISCARD, [kept.path])]
    await media.discard(store, db, system, paths=[kept.path])
    assert await store.read(kept.path) is None


async def test_one_person_does_not_fill_the_store(db: Database, tenant: Tenant, store: media.Store) -> None:
    person = await make_catalogue.user(db, tenant.id)
    row = {"owner_id": person.id, "purpose": "avatar", "content_type": "image/webp", "size": 1, "width": 1, "height": 1}
    many = [{**row, "media_id": new_id(), "sha256": b"", "path": str(n)} for n in range(queries.MOST_PER_OWNER)]
    async with db.transaction(person) as tx:
        await tx.run_many(queries.add, many)
    with pytest.raises(media.TooManyPictures):
        await media.keep_picture(db, person, store, picture(), media.Purpose.AVATAR)
    assert len(await theirs(db, person)) == queries.MOST_PER_OWNER


async def test_what_never_got_its_row_is_swept_up_after_an_hour(
    db: Database, tenant: Tenant, store: media.Store, system: Actor, tmp_path: Path
) -> None:
    person = await make_catalogue.user(db, tenant.id)
    kept = await media.keep_picture(db, person, store, picture(), media.Purpose.AVATAR)
    orphan, fresh = (path_without_row(tenant.id, n) for n in (b"orphan", b"fresh"))
    for path in (orphan, fresh):
        await store.put(path, b"bytes")
    for file in files(tmp_path):
        if not str(file).endswith(fresh):
            os.utime(file, (0, 0))
    assert await media.sweep(store, db, system) == 1
    assert await store.read(orphan) is None
    assert await store.read(fresh) is not None
    assert await store.read(kept.path) is not None


async def test_a_picture_is_never_seen_in_part(store: media.Store, tenant: Tenant) -> None:
    """It is written over and over while it is read: every answer is whole, or none."""
    data = os.urandom(3_000_000)
    path = path_without_row(tenant.id, data)
    done = asyncio.Event()

    async def write() -> None:
        for _ in range(20):
            await store.put(path, data)
        done.set()

    async def read() -> int:
        seen = 0
        while not done.is_set():
            found = await store.read(path)
            if found is not None:
                assert hashlib.sha256(found.data).hexdigest() == found.etag
                seen += 1
            await asyncio.sleep(0)
        return seen

    _, seen = await asyncio.gather(write(), read())
    assert seen > 0


def path_without_row(tenant_id: UUID, data: bytes) -> str:
    return f"{tenant_id.hex}/{new_id().hex}-{hashlib.sha256(data).hexdigest()}.webp"
