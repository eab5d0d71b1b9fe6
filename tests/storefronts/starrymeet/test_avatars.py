"""One's own picture: sent in a form, seen at its address, and nothing but a picture."""

import io

import httpx
import pytest
from PIL import Image

from .people import bearer, error, register


def picture(kind: str = "PNG", colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(out, kind)
    return out.getvalue()


async def send(client: httpx.AsyncClient, headers: dict[str, str], data: bytes, name: str = "me.png") -> httpx.Response:
    return await client.post("/users/me/avatar", files={"file": (name, data)}, headers=headers)


async def test_it_is_seen_where_the_profile_says(client: httpx.AsyncClient, root: httpx.AsyncClient) -> None:
    me = bearer(await register(client))
    answer = await send(client, me, picture(), "../../etc/passwd\r\nX: y.svg")
    assert answer.status_code == 200, answer.text
    url = answer.json()["data"]["user"]["avatarUrl"]
    assert (await client.get("/users/me", headers=me)).json()["data"]["user"]["avatarUrl"] == url
    seen = await root.get(url)
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(seen.content)).size == (64, 64)


async def test_a_new_one_takes_its_place(client: httpx.AsyncClient, root: httpx.AsyncClient) -> None:
    me = bearer(await register(client))
    first = (await send(client, me, picture())).json()["data"]["user"]["avatarUrl"]
    second = (await send(client, me, picture(colour="blue"))).json()["data"]["user"]["avatarUrl"]
    assert (await root.post("/sandbox/jobs/run")).status_code == 200
    assert (await root.get(first)).status_code == 404
    assert (await root.get(second)).status_code == 200


async def test_what_is_no_picture_is_refused(client: httpx.AsyncClient) -> None:
    me = bearer(await register(client))
    assert error(await send(client, me, b"<svg onload=alert(1)>", "x.svg"), 415)["code"] == "UNSUPPORTED_MEDIA_TYPE"
    error(await send(client, me, picture("GIF"), "x.png"), 415)
    error(await send(client, me, picture()[:60]), 422)
    error(await send(client, me, picture() + b"\0" * 5 * 1024 * 1024), 413)
    error(await send(client, me, b"\0" * 7 * 1024 * 1024), 413)
    assert (await client.get("/users/me", headers=me)).json()["data"]["user"]["avatarUrl"] is None


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("", b"", 415),
        ("image/png", picture(), 415),
        ("multipart/form-data", b"--x\r\n", 400),
        ("multipart/form-data; boundary=x", b"no boundary at all", 400),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 422),
        ("multipart/form-data; boundary=" + "x" * 5000, b"--x--\r\n", 400),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--\r\n',
            422,
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 11 + b"--x--\r\n",
            400,
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"1" * 70_000 + b"\r\n--x--\r\n",
            400,
        ),
    ],
)
async def test_a_form_that_is_none_is_refused(client: httpx.AsyncClient, kind: str, body: bytes, status: int) -> None:
    me = bearer(await register(client))
    headers = {**me, "content-type": kind} if kind else me
    error(await client.post("/users/me/avatar", content=body, headers=headers), status)


@pytest.mark.parametrize("mode", ["down", "error-after-effect"])
async def test_when_the_store_is_in_trouble_the_picture_is_the_one_it_was(
    client: httpx.AsyncClient, root: httpx.AsyncClient, mode: str
) -> None:
    me = bearer(await register(client))
    before = (await send(client, me, picture())).json()["data"]["user"]["avatarUrl"]
    ordered = await root.post("/sandbox/faults", json={"provider": "objects", "mode": mode, "times": 1})
    assert ordered.status_code < 300
    error(await send(client, me, picture(colour="blue")), 503)
    assert (await client.get("/users/me", headers=me)).json()["data"]["user"]["avatarUrl"] == before
    assert (await root.get(before)).status_code == 200
    after = (await send(client, me, picture(colour="blue"))).json()["data"]["user"]["avatarUrl"]
    assert (await root.get(after)).status_code == 200


async def test_nobody_has_none(client: httpx.AsyncClient) -> None:
    error(await send(client, {}, picture()), 401)
