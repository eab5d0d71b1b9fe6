"""One's own picture in a bucket: kept there, served by us, and taken away when another takes its place."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.doubles.s3 import S3Double

from .people import bearer, error, register
from .test_avatars import picture, send


@pytest.fixture(scope="session")
def server(s3_server: Any) -> Any:
    """The server that keeps its pictures in a bucket."""
    return s3_server


async def test_it_lies_in_the_bucket_until_another_takes_its_place(
    client: httpx.AsyncClient, root: httpx.AsyncClient, s3: S3Double
) -> None:
    s3.objects.clear()
    me = bearer(await register(client))
    first = (await send(client, me, picture())).json()["data"]["user"]["avatarUrl"]
    assert [f"/media/{key.removeprefix('of/people/')}" for key in s3.objects] == [first]
    seen = await root.get(first)
    assert Image.open(io.BytesIO(seen.content)).size == (64, 64)
    second = (await send(client, me, picture(colour="blue"))).json()["data"]["user"]["avatarUrl"]
    assert (await root.post("/sandbox/jobs/run")).status_code == 200
    assert (await root.get(first)).status_code == 404
    assert (await root.get(second)).status_code == 200
    assert [f"/media/{key.removeprefix('of/people/')}" for key in s3.objects] == [second]


@pytest.mark.parametrize("gone", ["away", "emptied"])
async def test_a_bucket_in_trouble_is_a_moment_s_trouble(client: httpx.AsyncClient, s3: S3Double, gone: str) -> None:
    me = bearer(await register(client))
    bucket, s3.down = s3.bucket, gone == "away"
    s3.bucket = bucket if gone == "away" else "another"
    error(await send(client, me, picture()), 503)
    s3.heal()
    s3.bucket = bucket
    assert (await client.get("/users/me", headers=me)).json()["data"]["user"]["avatarUrl"] is None
    assert (await send(client, me, picture())).status_code == 200
