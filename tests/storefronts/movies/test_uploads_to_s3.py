"""Posters in a bucket: sent straight to it, refused by it where it can, and by us where it can't."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from bookable.domain import media
from bookable.kernel.actors import Actor
from bookable.kernel.tenants import Tenant
from bookable.wiring import House
from tests.doubles.s3 import Kept, S3Double
from tests.storefronts.movies.test_uploads import announced, completed, picture


@pytest.fixture(scope="session")
def server(s3_server: Any) -> Any:
    """The server that keeps its pictures in a bucket."""
    return s3_server


@pytest.fixture
async def anybody(s3: S3Double) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that knows the bucket's address and nothing else. The bucket is empty, and well."""
    s3.objects.clear()
    async with httpx.AsyncClient(trust_env=False) as one:
        yield one
    s3.clock.ahead = timedelta()
    s3.heal()


async def sent(anybody: httpx.AsyncClient, upload: dict[str, Any], data: bytes) -> httpx.Response:
    return await anybody.put(upload["uploadUrl"], content=data, headers=upload["headers"])


def key_of(upload: dict[str, Any]) -> str:
    return urlsplit(str(upload["uploadUrl"])).path.removeprefix("/pictures/")


async def test_a_picture_goes_to_the_bucket_and_is_seen_in_three_sizes(
    ada: httpx.AsyncClient, root: httpx.AsyncClient, anybody: httpx.AsyncClient, s3: S3Double
) -> None:
    data = picture()
    upload = await announced(ada, data)
    assert upload["uploadUrl"].startswith(f"{s3.url}/pictures/of/people/")
    assert (await sent(anybody, upload, data)).status_code == 200
    assert {k: (o.data, o.content_type) for k, o in s3.objects.items()} == {key_of(upload): (data, "image/jpeg")}
    assert (await anybody.get(upload["uploadUrl"])).status_code == 403, "the address takes, and gives nothing"
    answer = await completed(ada, upload)
    assert answer.status_code == 200, answer.text
    assert (await completed(ada, upload)).json() == answer.json()
    for size, expected in (("small", (200, 150)), ("medium", (500, 375)), ("large", (1000, 750))):
        thumbnail = await root.get(urlsplit(answer.json()["thumbnails"][size]).path)
        assert Image.open(io.BytesIO(thumbnail.content)).size == expected
        shown = await ada.get(upload["imageUrl"], params={"size": size})
        assert (shown.content, shown.headers["content-type"]) == (thumbnail.content, "image/webp")
    assert len(s3.objects) == 3, "what was sent is gone"
    movie = await ada.post("/movies", json={"title": "Red", "imageUrl": upload["imageUrl"]})
    assert movie.status_code == 201


async def test_the_bucket_refuses_what_is_late_or_was_signed_for_something_else(
    ada: httpx.AsyncClient, anybody: httpx.AsyncClient, s3: S3Double
) -> None:
    data = picture(size=(20, 20))
    one, other = await announced(ada, data), await announced(ada, data)
    swapped = {**one, "uploadUrl": one["uploadUrl"].replace(one["id"].replace("-", ""), other["id"].replace("-", ""))}
    longer = {**one, "uploadUrl": one["uploadUrl"].replace("X-Amz-Expires=900", "X-Amz-Expires=90000")}
    bare = {**one, "uploadUrl": one["uploadUrl"].partition("?")[0]}
    public = {**one, "headers": {**one["headers"], "x-amz-acl": "public-read"}}
    for upload in (swapped, longer, bare, public):
        assert (await sent(anybody, upload, data)).status_code == 403
    s3.clock.ahead = timedelta(minutes=15, seconds=5)
    assert (await sent(anybody, one, data)).status_code == 403
    s3.clock.ahead = timedelta()
    assert s3.objects == {}
    assert (await completed(ada, one)).status_code == 409


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (picture("PNG", (20, 20)), 422),
        (b"<svg onload=alert(1)>", 422),
        (picture(size=(200, 200))[:300], 422),
        (b"\xff\xd8\xff" + b"\0" * 300, 415),
    ],
)
async def test_the_bytes_are_looked_at_when_they_are_there(
    ada: httpx.AsyncClient, anybody: httpx.AsyncClient, data: bytes, status: int
) -> None:
    upload = await announced(ada, data)
    assert (await sent(anybody, upload, data)).status_code == 200
    assert (await completed(ada, upload)).status_code == status
    assert (await ada.get(upload["imageUrl"])).status_code == 404


async def test_what_it_is_called_in_the_bucket_is_not_what_it_is(
    ada: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    data = picture(size=(20, 20))
    upload = await announced(ada, data)
    upload["headers"] = {"Content-Type": "text/html"}
    assert (await sent(anybody, upload, data)).status_code == 200
    assert (await completed(ada, upload)).status_code == 200
    assert (await ada.get(upload["imageUrl"])).headers["content-type"] == "image/webp"


async def test_more_or_less_than_was_announced_is_found_at_the_end_and_can_be_sent_again(
    ada: httpx.AsyncClient, anybody: httpx.AsyncClient, s3: S3Double
) -> None:
    data = picture(size=(20, 20))
    upload = await announced(ada, data)
    for wrong in (data + b"x", data[:-1], data + b"x" * 6 * 1024 * 1024):
        assert (await sent(anybody, upload, wrong)).status_code == 200
        assert (await completed(ada, upload)).status_code == 422
    s3.enlarge(key_of(upload), 5 * 1024**4)
    assert (await completed(ada, upload)).status_code == 422
    await sent(anybody, upload, data)
    assert (await completed(ada, upload)).status_code == 200


async def test_what_comes_after_the_end_changes_nothing_and_is_swept_up(
    ada: httpx.AsyncClient, anybody: httpx.AsyncClient, s3: S3Double, house: House, storefront: Tenant
) -> None:
    data = picture(size=(20, 20))
    upload = await announced(ada, data)
    await sent(anybody, upload, data)
    await completed(ada, upload)
    shown = (await ada.get(upload["imageUrl"])).content
    assert (await sent(anybody, upload, picture("PNG", (9, 9)))).status_code == 200
    assert (await completed(ada, upload)).status_code == 200
    assert (await ada.get(upload["imageUrl"])).content == shown
    for key, kept in list(s3.objects.items()):
        s3.objects[key] = Kept(kept.data, kept.content_type, datetime.now(UTC) - timedelta(hours=2))
    assert await media.sweep(house.ports.pictures, house.db, Actor.system(storefront.id)) == 1
    assert len(s3.objects) == 3
    assert (await ada.get(upload["imageUrl"])).content == shown


async def test_a_bucket_that_is_away_keeps_nobody_from_coming_again(
    ada: httpx.AsyncClient, anybody: httpx.AsyncClient, s3: S3Double
) -> None:
    data = picture(size=(20, 20))
    s3.down = True
    upload = await announced(ada, data)
    answer = await completed(ada, upload)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    s3.heal()
    await sent(anybody, upload, data)
    assert (await completed(ada, upload)).status_code == 200
