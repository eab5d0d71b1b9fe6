"""What every store of pictures does: whole or not there, under its name, until it is taken away."""

import asyncio
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from bookable.domain.media import Store, WrongBytes
from bookable.domain.media.store import path_of
from bookable.kernel.errors import Unavailable
from tests.contracts.picture_stores import FilesProvider, PictureStore, S3Provider
from tests.doubles.s3 import S3Double

TENANT = UUID(int=7)


@pytest.fixture
def s3() -> Iterator[S3Double]:
    with S3Double() as double:
        yield double


@pytest.fixture
def s3_pictures(s3: S3Double) -> PictureStore:
    return S3Provider(s3, "kept/pictures of people")


@pytest.fixture
def files_pictures(tmp_path: Path) -> PictureStore:
    return FilesProvider(tmp_path / "pictures of people")


@pytest.fixture(params=["files", "s3"])
def pictures(request: pytest.FixtureRequest) -> PictureStore:
    """Each store in turn."""
    found: PictureStore = request.getfixturevalue(f"{request.param}_pictures")
    return found


@pytest.fixture
def store(pictures: PictureStore) -> Store:
    return pictures.store


def named(data: bytes, tenant: UUID = TENANT) -> str:
    return path_of(tenant, uuid4(), Store.digest(data))


async def test_what_was_put_is_read_back(pictures: PictureStore) -> None:
    path = named(b"picture")
    await pictures.store.put(path, b"picture")
    found = await pictures.store.read(path)
    assert found is not None
    assert (found.data, found.etag) == (b"picture", hashlib.sha256(b"picture").hexdigest())
    assert pictures.names() == {path}


async def test_there_is_nothing_behind_other_names(store: Store) -> None:
    await store.put("passwords", b"secret")
    assert await store.read(named(b"picture")) is None
    for path in ("passwords", "../passwords", "", "\0", f"{named(b'x')}/../../passwords"):
        assert await store.read(path) is None
    assert await store.received(f"{TENANT.hex}/nothing.upload", 1) is None


async def test_taking_away_twice_is_taking_away(pictures: PictureStore) -> None:
    path, other = named(b"picture"), named(b"other")
    for one in (path, other):
        await pictures.store.put(one, b"picture")
    await pictures.store.delete(path)
    await pictures.store.delete(path)
    assert await pictures.store.read(path) is None
    assert pictures.names() == {other}


async def test_a_tenants_old_ones_are_found_in_batches(pictures: PictureStore) -> None:
    now = datetime.now(UTC)
    old = {named(n.to_bytes(4)) for n in range(1_203)}
    fresh, strange = named(b"fresh"), named(b"strange", UUID(int=8))
    await asyncio.gather(*(pictures.store.put(path, b"x") for path in (*old, fresh, strange)))
    for path in (*old, strange):
        pictures.date(path, now - timedelta(hours=2))
    batches = [batch async for batch in pictures.store.older_than(TENANT, now - timedelta(hours=1))]
    assert {path for batch in batches for path in batch} == old
    assert sum(map(len, batches)) == len(old)
    assert all(len(batch) <= 1_000 for batch in batches)
    assert [path async for path in pictures.store.older_than(UUID(int=9), now) if path] == []


async def test_what_was_sent_is_taken_at_the_length_that_was_said(store: Store) -> None:
    path = f"{TENANT.hex}/sent.upload"
    await store.put(path, b"picture")
    assert await store.received(path, 7) == b"picture"
    for size in (6, 8):
        with pytest.raises(WrongBytes):
            await store.received(path, size)


async def test_one_is_never_seen_in_part(store: Store) -> None:
    data = os.urandom(3_000_000)
    path = named(data)
    seen = 0
    async with asyncio.TaskGroup() as both:
        writing = both.create_task(_over_and_over(store, path, data))
        while not writing.done():
            found = await store.read(path)
            assert found is None or hashlib.sha256(found.data).hexdigest() == found.etag
            seen += found is not None
    assert seen > 0


async def _over_and_over(store: Store, path: str, data: bytes) -> None:
    for _ in range(10):
        await store.put(path, data)


async def test_a_store_that_is_gone_is_not_a_picture_that_is_gone(pictures: PictureStore) -> None:
    path = named(b"picture")
    await pictures.store.put(path, b"picture")
    pictures.break_down()
    with pytest.raises(Unavailable):
        await pictures.store.put(path, b"picture")


async def test_a_directory_has_no_door_of_its_own(tmp_path: Path) -> None:
    assert await FilesProvider(tmp_path / "x").store.address_to_send("a.upload", timedelta(minutes=15)) is None


async def test_the_door_of_a_bucket_takes_what_it_was_signed_for(s3: S3Double, s3_pictures: PictureStore) -> None:
    path = f"{TENANT.hex}/sent.upload"
    address = await s3_pictures.store.address_to_send(path, timedelta(minutes=15))
    assert address is not None
    async with httpx.AsyncClient(trust_env=False) as anybody:
        sent = await anybody.put(address, content=b"picture", headers={"Content-Type": "image/jpeg"})
        assert (await anybody.get(address)).status_code == 403
        assert (await anybody.put(address.replace("sent", "other"), content=b"x")).status_code == 403
        assert (await anybody.put(address.partition("?")[0], content=b"x")).status_code == 403
        s3.clock.ahead = timedelta(minutes=15, seconds=5)
        late = await anybody.put(address, content=b"late")
    assert sent.status_code == 200
    assert (late.status_code, "Request has expired" in late.text) == (403, True)
    s3.clock.ahead = timedelta()
    assert await s3_pictures.store.received(path, 7) == b"picture"
    assert s3_pictures.names() == {path}


async def test_a_bucket_that_will_not_have_us_says_why(s3: S3Double) -> None:
    good = {"region": s3.keys.region, "access_key_id": s3.keys.access_key_id, "secret_access_key": s3.keys.secret}
    for bucket, wrong, said in (
        ("pictures", {}, None),
        ("elsewhere", {}, "NoSuchBucket"),
        ("pictures", {"region": "eu-west-3"}, "AuthorizationHeaderMalformed"),
        ("pictures", {"access_key_id": "AKIDNOBODY"}, "InvalidAccessKeyId"),
        ("pictures", {"secret_access_key": "wrong"}, "SignatureDoesNotMatch"),
    ):
        store = Store(f"s3://{bucket}/kept", {**good, **wrong, "endpoint": s3.url})
        assert await store.refusal() == said
    s3.moved = True
    assert await Store("s3://pictures", {**good, "endpoint": s3.url}).refusal() == "PermanentRedirect"
    s3.moved, s3.clock.ahead = False, timedelta(hours=1)
    assert await Store("s3://pictures", {**good, "endpoint": s3.url}).refusal() == "RequestTimeTooSkewed"


async def test_a_bucket_that_is_away_has_not_refused_us(s3: S3Double, s3_pictures: PictureStore) -> None:
    s3.down = True
    with pytest.raises(Unavailable):
        await s3_pictures.store.refusal()
    for call in (s3_pictures.store.put(named(b"x"), b"x"), s3_pictures.store.read(named(b"x"))):
        with pytest.raises(Unavailable):
            await call
    s3.heal()
    assert await s3_pictures.store.refusal() is None


async def test_more_than_was_said_is_not_read_to_find_out(s3: S3Double, s3_pictures: PictureStore) -> None:
    path = f"{TENANT.hex}/endless.upload"
    await s3_pictures.store.put(path, b"picture")
    (key,) = s3.objects
    s3.enlarge(key, 5 * 1024**4)
    with pytest.raises(WrongBytes):
        await asyncio.wait_for(s3_pictures.store.received(path, 7), 2)
